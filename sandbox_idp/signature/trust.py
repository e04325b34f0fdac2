"""Whose certificate it is, and whether this stand believes it (R-063): one type of error for each reason not to.

    CertificateError
    ├── UntrustedError    not issued by the stand's authority, whatever names it bears
    ├── UsageError        issued by it, but not for signing in
    ├── NotYetValidError  its time has not come
    ├── ExpiredError      its time is over
    ├── RevokedError      taken back; carries when
    ├── StrangerError     its owner has no account
    └── OtherNameError    the account of that SNILS belongs to somebody of another name

All of them carry the certificate: whoever has proved that they hold its key may see what stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID, NameOID
from sqlmodel import select

from foundation.database import Session
from sandbox_idp.accounts import people, ranges
from sandbox_idp.accounts.models import Person
from sandbox_idp.signature import authority
from sandbox_idp.signature.issuing import SNILS

_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_UNDERSTOOD = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE})
"""Critical extensions that are checked here; a certificate with any other one must be refused (RFC 5280, 4.2)."""
_LONGEST = 120
_LAST = datetime(9999, 12, 30, tzinfo=UTC)
"""RFC 5280 has 31 December 9999 for a certificate without an end; in Moscow that is no date any more."""


class CertificateError(Exception):
    """The certificate does not open anything here."""

    def __init__(self, certificate: x509.Certificate) -> None:
        super().__init__(type(self).__name__)
        self.certificate = certificate


class UntrustedError(CertificateError):
    """The stand's authority did not issue it."""


class UsageError(CertificateError):
    """It was issued for something else than signing."""


class NotYetValidError(CertificateError):
    """Its time has not come by the stand's clock."""


class ExpiredError(CertificateError):
    """Its time is over by the stand's clock."""


class RevokedError(CertificateError):
    """The authority took it back at `at`."""

    def __init__(self, certificate: x509.Certificate, at: datetime) -> None:
        super().__init__(certificate)
        self.at = at


class StrangerError(CertificateError):
    """Nobody with an account has its SNILS."""


class OtherNameError(CertificateError):
    """Somebody of another name has its SNILS."""


def owner(session: Session, certificate: x509.Certificate, now: datetime) -> Person:
    """The person whom the certificate belongs to, at `now` of the stand's clock. Raises CertificateError."""
    _check_issuer(session, certificate, now)
    if now < certificate.not_valid_before_utc:
        raise NotYetValidError(certificate)
    if now > certificate.not_valid_after_utc:
        raise ExpiredError(certificate)
    at = authority.revoked_at(session, certificate.serial_number)
    if at is not None:
        raise RevokedError(certificate, at)
    _check_usage(certificate)
    numbers = [part.value for part in certificate.subject.get_attributes_for_oid(SNILS)]
    found = session.exec(select(Person).where(Person.snils == numbers[0])).first() if len(numbers) == 1 else None
    if found is None or found.state == "deleted":
        raise StrangerError(certificate)
    if _letters(_full_name(certificate.subject)) != _letters(people.full_name(found)):
        raise OtherNameError(certificate)
    return found


@dataclass(frozen=True)
class Shown:
    """What of a certificate is put on a screen. It may come from anybody, so nothing in it need make sense."""

    owner: str
    """Empty if there is no name in it that can be read."""
    issuer: str
    since: datetime
    until: datetime


def shown(certificate: x509.Certificate) -> Shown:
    """The names (cut where nobody's is that long) and the dates (none so late that no zone can show it)."""
    return Shown(
        owner=_named(certificate, "subject"),
        issuer=_named(certificate, "issuer"),
        since=min(certificate.not_valid_before_utc, _LAST),
        until=min(certificate.not_valid_after_utc, _LAST),
    )


def _named(certificate: x509.Certificate, part: Literal["subject", "issuer"]) -> str:
    try:
        return _common_name(certificate.subject if part == "subject" else certificate.issuer)[:_LONGEST]
    except ValueError:
        return ""


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _full_name(name: x509.Name) -> str:
    """Surname and given names where there are both, else the common name, which has no room for long ones."""
    parts = [name.get_attributes_for_oid(oid) for oid in (NameOID.SURNAME, NameOID.GIVEN_NAME)]
    return " ".join(str(part[0].value) for part in parts) if all(parts) else _common_name(name)


def _check_issuer(session: Session, certificate: x509.Certificate, now: datetime) -> None:
    """Name, identifier of the key, and signature: a name alone proves nothing."""
    trusted = authority.certificate(session)
    try:
        identifier = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        own = trusted.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate.verify_directly_issued_by(trusted)
        known = identifier.key_identifier == own.digest and isinstance(certificate.signature_hash_algorithm, _HASHES)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        raise UntrustedError(certificate) from None
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        raise UntrustedError(certificate) from None
    if not known or not trusted.not_valid_before_utc <= now <= trusted.not_valid_after_utc:
        raise UntrustedError(certificate)


def _check_usage(certificate: x509.Certificate) -> None:
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise UsageError(certificate) from None
    strange = any(extension.critical and extension.oid not in _UNDERSTOOD for extension in extensions)
    if strange or not usage.digital_signature or _is_authority(extensions):
        raise UsageError(certificate)


def _is_authority(extensions: x509.Extensions) -> bool:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _letters(name: str) -> str:
    return " ".join(ranges.clean(name).casefold().replace("ё", "е").split())
