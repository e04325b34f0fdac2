"""Files that the stand hands out: a person's signature, and a specimen for every way in which one fails.

Key and certificate are made at the moment of the download and exist in the file alone; the register keeps the serial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.accounts import people, ranges
from sandbox_idp.accounts.models import Person
from sandbox_idp.signature import authority
from sandbox_idp.signature.authority import LIST_PATH, Authority
from sandbox_idp.signature.models import SignatureCertificate

PIN = "24681357"
"""Of every file of every stand, like the one password of the personas; it is printed beside the files."""
SNILS, INN = NameOID.SNILS, NameOID.INN
"""1.2.643.100.3 and 1.2.643.3.131.1.1."""
LIFE = timedelta(days=365)
NOBODY = "000199999"
"""First nine digits of a SNILS that neither a persona nor the account factory gets."""
LONGEST_NAME = 64
"""Bytes of a common name that every program reads (RFC 5280, A.1). Surname and given names have no such limit."""
_DAY = timedelta(days=1)
SignatureKind = Literal[
    "valid",
    "expired",
    "not-yet-valid",
    "revoked",
    "untrusted",
    "no-account",
    "other-name",
    "unknown-pin",
    "no-key",
    "not-p12",
]


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    id: SignatureKind
    title: str
    """What the button says."""
    valid_from: timedelta = -_DAY
    """Counted from the stand's now."""
    valid_for: timedelta = LIFE


VALID: SignatureKind = "valid"
KINDS: dict[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind(VALID, "Файл подписи"),
        Kind("expired", "Срок истёк", valid_from=-400 * _DAY),
        Kind("not-yet-valid", "Ещё не действует", valid_from=7 * _DAY),
        Kind("revoked", "Отозван"),
        Kind("untrusted", "Чужой удостоверяющий центр"),
        Kind("no-account", "Владелец без учётной записи"),
        Kind("other-name", "Другое имя при том же СНИЛС"),
        Kind("unknown-pin", "ПИН-код никто не знает"),
        Kind("no-key", "Без закрытого ключа"),
        Kind("not-p12", "Не PKCS#12, один сертификат"),
    )
}
"""The honest file first, then the specimens in the order in which the phone page offers them."""


@dataclass(frozen=True)
class IssuedFile:
    """A file ready to be downloaded."""

    data: bytes
    name: str
    pin: str
    mimetype: str = "application/x-pkcs12"


def has_signature(level: str) -> bool:
    """Whether somebody of that level has a signature: the level says so itself («подтверждённая (КЭП)»)."""
    return level == "confirmed-signature"


def make_file(session: Session, person: Person, kind: Kind, *, idp_url: str, now: datetime, ids: Ids) -> IssuedFile:
    """Issue a certificate of that kind to `person` and put it into a file; the person needs a SNILS, else ValueError.

    `idp_url`: the stand's address, which the certificate names for its list of what was taken back.
    """
    if person.snils is None:
        raise ValueError("a signature is found by its SNILS")
    issuer = _stranger(now, ids) if kind.id == "untrusted" else authority.current(session)
    key = ec.generate_private_key(ec.SECP256R1())
    not_before = (now + kind.valid_from).replace(microsecond=0)
    certificate = authority.issue(
        issuer,
        _subject(person, kind),
        key.public_key(),
        not_before=not_before,
        not_after=not_before + kind.valid_for,
        list_address=idp_url + LIST_PATH,
        ids=ids,
    )
    if kind.id != "untrusted":
        _register(session, certificate, person, kind, now)
    name = f"{person.persona or person.oid}{'' if kind.id == VALID else f'-{kind.id}'}"
    if kind.id == "not-p12":
        return IssuedFile(certificate.public_bytes(Encoding.DER), f"{name}.cer", PIN, "application/pkix-cert")
    pin = ids.digits(12) if kind.id == "unknown-pin" else PIN
    data = pkcs12.serialize_key_and_certificates(
        name=people.full_name(person).encode(),
        key=None if kind.id == "no-key" else key,
        cert=certificate,
        cas=[issuer.certificate],
        encryption_algorithm=BestAvailableEncryption(pin.encode("ascii")),
    )
    return IssuedFile(data, f"{name}.p12", PIN)


def _stranger(now: datetime, ids: Ids) -> Authority:
    """Another authority that bears the same names; nobody keeps its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key, authority.self_signed(key, now=now, ids=ids))


def _register(session: Session, certificate: x509.Certificate, person: Person, kind: Kind, now: datetime) -> None:
    session.add(
        SignatureCertificate(
            serial=f"{certificate.serial_number:x}",
            person_oid=person.oid,
            kind=kind.id,
            issued_at=now,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            revoked_at=now if kind.id == "revoked" else None,
        )
    )
    session.flush()


def _subject(person: Person, kind: Kind) -> x509.Name:
    names = [person.surname, person.name, person.patronymic]
    snils, inn = person.snils, person.inn
    if kind.id == "no-account":
        names, inn = ["Заречная", "Полина", "Фёдоровна"], None
        snils = NOBODY + ranges.snils_check_digits(NOBODY)
    elif kind.id == "other-name":
        names[0] = "Заречная" if person.sex == "F" else "Заречный"
    parts = [
        (NameOID.COUNTRY_NAME, "RU"),
        (NameOID.COMMON_NAME, _cut(" ".join(name for name in names if name))),
        (NameOID.SURNAME, names[0]),
        (NameOID.GIVEN_NAME, " ".join(name for name in names[1:] if name)),
        (SNILS, snils),
        (INN, inn),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _cut(name: str) -> str:
    return name.encode()[:LONGEST_NAME].decode(errors="ignore").strip()
