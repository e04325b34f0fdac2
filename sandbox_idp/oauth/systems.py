"""Information systems: the cards of the technological portal and their certificates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import col, delete, select, update

from foundation.database import Session
from sandbox_idp.accounts.models import Consent
from sandbox_idp.oauth import redirects
from sandbox_idp.oauth import scopes as catalogue
from sandbox_idp.oauth.models import (
    AuthorizationCode,
    AuthorizationRequest,
    InformationSystem,
    IssuedToken,
    SystemCertificate,
)

_MNEMONIC = re.compile(r"[A-Z0-9_-]+", re.ASCII)
_SECRET = re.compile(r"[\x21-\x7e]{32,256}", re.ASCII)
_FORBIDDEN_WORDS = ("ESIA", "EPGU", "GOSUSLUGI", "SMEV")


class CardError(Exception):
    """A card cannot be registered like that; `field` and `reason` (Russian) say what to change."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class MnemonicError(CardError):
    """The mnemonic breaks the rule of the technological portal."""


class MnemonicTakenError(MnemonicError):
    """Another system has this mnemonic."""


class AddressError(CardError):
    """An address is not one that a browser can be sent back to."""


class ScopeError(CardError):
    """A scope does not exist."""


class CertificateError(CardError):
    """A certificate cannot be read, is not RSA, or belongs to another system."""


class SecretError(CardError):
    """A secret for the OpenID paths could be guessed, or cannot be sent."""


@dataclass(frozen=True)
class Card:
    """What a system's owner fills in."""

    mnemonic: str
    name: str
    short_name: str
    redirect_hosts: Sequence[str]
    scopes: Sequence[str]
    purpose: str = ""
    strict_redirect: bool = False
    integer_sub: bool = True
    require_pkce: bool = False
    required_scopes: Sequence[str] = (catalogue.OPENID,)
    strict: bool = True
    algorithm: str = "RS256"
    client_secret: str | None = field(default=None, repr=False)
    """For the OpenID paths, kept as a hash; None: the system is no OpenID client."""
    pkce_required: bool = True
    """On the OpenID paths (S-02)."""
    backchannel_logout_uri: str | None = None
    """Where an OpenID client is told that a session at Gosuslugi has ended; None: it does not want to know."""


def register(session: Session, card: Card, certificates: Sequence[str | bytes] = ()) -> InformationSystem:
    """Put a new system with its certificates (PEM or DER) in place; raises a CardError that names the field."""
    check_mnemonic(card.mnemonic)
    if session.get(InformationSystem, card.mnemonic) is not None:
        raise MnemonicTakenError("mnemonic", "Такая мнемоника уже занята.")
    _check(card.redirect_hosts, card.scopes)
    system = InformationSystem(
        mnemonic=card.mnemonic,
        name=card.name,
        short_name=card.short_name,
        purpose=card.purpose,
        redirect_hosts=list(card.redirect_hosts),
        strict_redirect=card.strict_redirect,
        integer_sub=card.integer_sub,
        require_pkce=card.require_pkce,
        strict=card.strict,
        algorithm=card.algorithm,
        openid_secret_hash=None if card.client_secret is None else secret_hash(card.client_secret),
        scopes=list(card.scopes),
        required_scopes=[scope for scope in card.required_scopes if scope in card.scopes],
        pkce_required=card.pkce_required,
        backchannel_logout_uri=card.backchannel_logout_uri,
    )
    session.add(system)
    session.flush()
    for certificate in certificates:
        add_certificate(session, card.mnemonic, certificate)
    return system


def secret_hash(secret: str) -> str:
    """What is stored of a secret for the OpenID paths; SecretError unless it is long enough to be stored so.

    A plain hash is right for what nobody can guess: long random values, not passwords.
    """
    if _SECRET.fullmatch(secret) is None:
        raise SecretError("client_secret", "Секрет — от 32 до 256 латинских букв, цифр и знаков, без пробелов.")
    return hashlib.sha256(secret.encode()).hexdigest()


def change(
    session: Session,
    system: InformationSystem,
    given: Mapping[str, Any],
    certificates: Sequence[str | bytes] | None = None,
) -> None:
    """Replace what is given, by the names of `Card`, and the certificates if there are some. Raises CardError."""
    scopes = given.get("scopes", system.scopes)
    _check(given.get("redirect_hosts", ()), scopes)
    for name, value in given.items():
        if name == "client_secret":
            system.openid_secret_hash = None if value is None else secret_hash(value)
        else:
            setattr(system, name, value)
    # Lists are put anew, so that the session sees that they changed.
    system.required_scopes = [scope for scope in system.required_scopes if scope in scopes]
    session.add(system)
    session.flush()
    if certificates is not None:
        kept = {add_certificate(session, system.mnemonic, each).fingerprint for each in certificates}
        for row in certificates_of(session, system.mnemonic):
            if row.fingerprint not in kept:
                session.delete(row)
        session.flush()


def remove(session: Session, system: InformationSystem, now: datetime) -> None:
    """Take a system away with its certificates and pending sign-ins; what it was given no longer holds."""
    mine = system.mnemonic
    for table in (SystemCertificate, AuthorizationRequest, AuthorizationCode):
        session.execute(delete(table).where(col(table.mnemonic) == mine))
    session.execute(
        update(IssuedToken)
        .where(col(IssuedToken.mnemonic) == mine, col(IssuedToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    session.execute(
        update(Consent).where(col(Consent.system) == mine, col(Consent.revoked_at).is_(None)).values(revoked_at=now)
    )
    session.delete(system)
    session.flush()


def _check(redirect_hosts: Sequence[str], scopes: Sequence[str]) -> None:
    for address in redirect_hosts:
        if redirects.place_of(address) is None:
            raise AddressError("redirect_hosts", f"«{address}» — не адрес вида https://clinic.example.")
    missing = catalogue.unknown(scopes)
    if missing:
        raise ScopeError("scopes", f"Таких областей доступа нет: {' '.join(missing)}.")


def check_mnemonic(mnemonic: str) -> None:
    """MnemonicError unless it is made of A-Z, 0-9, _ and -, without the reserved words (guide to the portal, 3.1.1)."""
    if _MNEMONIC.fullmatch(mnemonic) is None:
        raise MnemonicError("mnemonic", "Мнемоника состоит из латинских заглавных букв, цифр, «_» и «-».")
    word = next((word for word in _FORBIDDEN_WORDS if word in mnemonic), None)
    if word is not None:
        raise MnemonicError("mnemonic", f"В мнемонике не может быть «{word}».")
    if mnemonic.startswith("PGU"):
        raise MnemonicError("mnemonic", "Мнемоника не может начинаться с «PGU».")


def add_certificate(session: Session, mnemonic: str, certificate: str | bytes) -> SystemCertificate:
    """Register a certificate (PEM or DER) for a system; the same one twice for the same system changes nothing."""
    loaded = _load(certificate)
    if not isinstance(_key(loaded), rsa.RSAPublicKey):
        raise CertificateError("certificates", "Первая версия принимает только сертификаты с ключом RSA.")
    fingerprint = hashlib.sha256(loaded.public_bytes(Encoding.DER)).hexdigest()
    known = session.get(SystemCertificate, fingerprint)
    if known is not None:
        if known.mnemonic != mnemonic:
            raise CertificateError("certificates", f"Этот сертификат уже загружен для системы {known.mnemonic}.")
        return known
    row = SystemCertificate(
        fingerprint=fingerprint,
        mnemonic=mnemonic,
        pem=loaded.public_bytes(Encoding.PEM).decode("ascii"),
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
    )
    session.add(row)
    return row


def certificates_of(session: Session, mnemonic: str) -> list[SystemCertificate]:
    """The certificates registered for a system."""
    mine = select(SystemCertificate).where(SystemCertificate.mnemonic == mnemonic)
    return list(session.exec(mine.order_by(col(SystemCertificate.fingerprint))))


def _key(certificate: x509.Certificate) -> object:
    """Its key; None if it is of a kind that nobody here knows."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _load(certificate: str | bytes) -> x509.Certificate:
    data = certificate.encode("utf-8") if isinstance(certificate, str) else certificate
    try:
        return x509.load_pem_x509_certificate(data) if b"-----BEGIN" in data else x509.load_der_x509_certificate(data)
    except ValueError:
        raise CertificateError("certificates", "Это не сертификат в виде PEM или DER.") from None
