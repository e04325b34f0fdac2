"""An information system of ESIA v1 for tests: signs `client_secret` in every form real clients use, builds requests.

It shares no code with the sandbox: signatures are made by cryptography's PKCS#7 builder, or put together by hand where
a test needs a message no builder would make.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

Sign = Callable[["Identity", str], bytes]


@dataclass(frozen=True)
class Identity:
    """A key and a certificate for it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def from_pem(cls, key: str, certificate: str) -> Identity:
        loaded = load_pem_private_key(key.encode(), None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        return cls(loaded, x509.load_pem_x509_certificate(certificate.encode()))

    @classmethod
    def make(cls, key: rsa.RSAPrivateKey, *, since: datetime, until: datetime, name: str = "client") -> Identity:
        """A self-signed certificate for `key`."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(subject, subject, key.public_key(), uuid4().int >> 1, since, until)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def detached(identity: Identity, text: str) -> bytes:
    """CMS as `openssl smime -sign` makes it: detached, with signed attributes."""
    return _built(identity, text, PKCS7Options.DetachedSignature)


def attached(identity: Identity, text: str) -> bytes:
    """With the content inside, and signed attributes."""
    return _built(identity, text)


def detached_plain(identity: Identity, text: str) -> bytes:
    """Detached, the signature straight over the content."""
    return by_hand(identity, text)


def attached_plain(identity: Identity, text: str) -> bytes:
    """With the content inside and without signed attributes, as node's `esia` signs (quirk 1)."""
    return by_hand(identity, text, content=text)


def without_certificate(identity: Identity, text: str) -> bytes:
    """Nothing but issuer and serial number say whose it is."""
    return _built(identity, text, PKCS7Options.DetachedSignature, PKCS7Options.NoCerts)


def by_key_identifier(identity: Identity, text: str) -> bytes:
    """The signer is named by the certificate's key identifier, and the certificate is not inside."""
    return by_hand(identity, text, named_by_key=True, certificate=False)


FORMS: tuple[Sign, ...] = (
    detached,
    attached,
    detached_plain,
    attached_plain,
    without_certificate,
    by_key_identifier,
)
"""Every form of message that must be accepted."""


def _built(identity: Identity, text: str, *options: PKCS7Options) -> bytes:
    builder = PKCS7SignatureBuilder().set_data(text.encode())
    builder = builder.add_signer(identity.certificate, identity.key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, *options])


def by_hand(
    identity: Identity,
    text: str,
    *,
    content: str | None = None,
    attributes: list[tuple[str, Any]] | None = None,
    algorithm: hashes.HashAlgorithm | None = None,
    certificate: bool = True,
    named_by_key: bool = False,
) -> bytes:
    """A SignedData put together member by member. `attributes`: signed ones instead of the content itself."""
    digest = algorithm or hashes.SHA256()
    signed_attributes = None
    data = text.encode()
    if attributes is not None:
        members = [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in attributes]
        signed_attributes = cms.CMSAttributes(members)
        data = signed_attributes.dump()
    loaded = asn1_x509.Certificate.load(identity.der)
    if named_by_key:
        sid = cms.SignerIdentifier("subject_key_identifier", loaded.key_identifier_value)
    else:
        issued = {"issuer": loaded.issuer, "serial_number": loaded.serial_number}
        sid = cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(issued))
    signer = {
        "version": "v3" if named_by_key else "v1",
        "sid": sid,
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest.name}),
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}),
        "signature": identity.key.sign(data, padding.PKCS1v15(), digest),
    }
    if signed_attributes is not None:
        signer["signed_attrs"] = signed_attributes
    inner: dict[str, Any] = {"content_type": "data"}
    if content is not None:
        inner["content"] = content.encode()
    signed: dict[str, Any] = {
        "version": "v1",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": digest.name})],
        "encap_content_info": inner,
        "signer_infos": [signer],
    }
    if certificate:
        signed["certificates"] = [cms.CertificateChoices("certificate", loaded)]
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump())


def attributes_for(text: str, *, digest_of: str | None = None) -> list[tuple[str, Any]]:
    """The two signed attributes that must be there; `digest_of`: another text than the one signed."""
    digest = hashlib.sha256((text if digest_of is None else digest_of).encode()).digest()
    return [("content_type", "data"), ("message_digest", digest)]


def base64url(data: bytes, *, padded: bool = True) -> str:
    text = base64.urlsafe_b64encode(data).decode()
    return text if padded else text.rstrip("=")


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y.%m.%d %H:%M:%S %z")


@dataclass
class V1Client:
    """One information system."""

    mnemonic: str
    identity: Identity
    redirect_uri: str
    scope: str = "openid fullname snils"
    form: Sign = detached

    def authorization(self, now: datetime, **changes: str | None) -> dict[str, str]:
        """Parameters of `/ac`. `changes` are made before signing; None takes a parameter out afterwards."""
        params = {
            "client_id": self.mnemonic,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "response_type": "code",
            "state": str(uuid4()),
            "timestamp": timestamp(now),
            "access_type": "offline",
        }
        return self._signed(params, changes)

    def exchange(self, code: str, now: datetime, /, **changes: str | None) -> dict[str, str]:
        """Parameters of `/te` for a code."""
        return self._signed({**self._call(now), "grant_type": "authorization_code", "code": code}, changes)

    def refresh(self, refresh_token: str, now: datetime, /, **changes: str | None) -> dict[str, str]:
        """Parameters of `/te` for a refresh token."""
        return self._signed({**self._call(now), "grant_type": "refresh_token", "refresh_token": refresh_token}, changes)

    def _call(self, now: datetime) -> dict[str, str]:
        return {
            "client_id": self.mnemonic,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": str(uuid4()),
            "timestamp": timestamp(now),
            "token_type": "Bearer",
        }

    def _signed(self, params: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
        params |= {name: value for name, value in changes.items() if value is not None}
        if "client_secret" not in params:
            params["client_secret"] = base64url(self.form(self.identity, signed_string(params)))
        return {name: value for name, value in params.items() if name not in changes or changes[name] is not None}


def signed_string(params: dict[str, str]) -> str:
    """What a v1 client signs."""
    return params["scope"] + params["timestamp"] + params["client_id"] + params["state"]


def address(path: str, params: dict[str, str]) -> str:
    return f"{path}?{urlencode(params)}"


def jwt_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, in the order of the wire and without any check."""
    header, claims, _ = token.split(".")
    return _part(header), _part(claims)


def _part(text: str) -> dict[str, Any]:
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(found, dict)
    return found


def a_year_around(now: datetime) -> tuple[datetime, datetime]:
    """A validity for certificates of tests."""
    day = now.astimezone(UTC).replace(microsecond=0)
    return day - timedelta(days=1), day + timedelta(days=365)
