"""The stand's certificate authority: made with the stand, self-signed, and believed by this stand alone (R-063).

Every stand's authority has the same name. What tells one from another is the key, as it is with a forger's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificateIssuerPublicKeyTypes,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlmodel import col, select

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.keys import load_private_key
from sandbox_idp.signature.models import SignatureAuthority, SignatureCertificate

LIST_PATH = "/signature/revoked.crl"
"""Where a stand publishes what its authority has taken back."""
COMMON_NAME = "Учебный удостоверяющий центр"
NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "RU"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Учебный стенд (все данные вымышлены)"),
        x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME),
    ]
)
BEFORE = timedelta(days=3 * 365)
"""So much older than the stand is its authority: specimens have certificates that expired long ago."""
LIFE = timedelta(days=30 * 365)
LIST_LIFE = timedelta(days=1)
LARGEST_SERIAL = 2**126


@dataclass(frozen=True)
class Authority:
    """An authority that can issue."""

    key: CertificateIssuerPrivateKeyTypes
    certificate: x509.Certificate

    @property
    def key_identifier(self) -> x509.SubjectKeyIdentifier:
        """What certificates of this authority name as their issuer's key."""
        return self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


def establish(session: Session, private_pem: str, *, now: datetime, ids: Ids) -> None:
    """Give the stand its authority, with the key `private_pem` that no other stand has."""
    key = load_private_key(private_pem)
    session.add(
        SignatureAuthority(
            private_pem=private_pem,
            certificate_pem=self_signed(key, now=now, ids=ids).public_bytes(Encoding.PEM).decode("ascii"),
            created_at=now,
        )
    )
    session.flush()


def self_signed(key: CertificateIssuerPrivateKeyTypes, *, now: datetime, ids: Ids) -> x509.Certificate:
    """The certificate of an authority of that key."""
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(public)
        .serial_number(ids.number(1, LARGEST_SERIAL))
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(sign_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def current(session: Session) -> Authority:
    """The stand's authority, able to issue; a stand always has one."""
    row = session.get_one(SignatureAuthority, 1)
    return Authority(load_private_key(row.private_pem), x509.load_pem_x509_certificate(row.certificate_pem.encode()))


def certificate(session: Session) -> x509.Certificate:
    """What the stand trusts."""
    row = session.get_one(SignatureAuthority, 1)
    return x509.load_pem_x509_certificate(row.certificate_pem.encode())


def revoked_at(session: Session, serial: int) -> datetime | None:
    """When the authority took the certificate of that serial number back; None if it did not."""
    row = session.get(SignatureCertificate, f"{serial:x}")
    return row.revoked_at if row is not None else None


def revocation_list(session: Session, now: datetime) -> bytes:
    """Everything that was taken back, as a signed list (DER, RFC 5280 section 5)."""
    authority = current(session)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(NAME)
        .last_update(now)
        .next_update(now + LIST_LIFE)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority.key_identifier), False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), False)
    )
    revoked = select(SignatureCertificate).where(col(SignatureCertificate.revoked_at).is_not(None))
    for row in session.exec(revoked.order_by(col(SignatureCertificate.serial))):
        assert row.revoked_at is not None
        entry = x509.RevokedCertificateBuilder().serial_number(int(row.serial, 16)).revocation_date(row.revoked_at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(_rsa(authority), hashes.SHA256()).public_bytes(Encoding.DER)


def _rsa(authority: Authority) -> rsa.RSAPrivateKey:
    assert isinstance(authority.key, rsa.RSAPrivateKey), "a stand's own authority has a key from the pool"
    return authority.key


def issue(
    authority: Authority,
    subject: x509.Name,
    public: CertificateIssuerPublicKeyTypes,
    *,
    not_before: datetime,
    not_after: datetime,
    list_address: str,
    ids: Ids,
) -> x509.Certificate:
    """A certificate of the shape that qualified ones have, for signing in."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject)
        .public_key(public)
        .serial_number(ids.number(1, LARGEST_SERIAL))
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(sign_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority.key_identifier), critical=False
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(list_address)], None, None, None)]
            ),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )


def key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    """What a key may do: sign certificates and lists, or sign for a person."""
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=not sign_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
