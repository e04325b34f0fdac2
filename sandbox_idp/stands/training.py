"""Whether rows that come from outside are a training stand's: numbers of its ranges, systems that can be registered.

A look-alike must not hold real people's data (S-71), nor send a browser to an address that is none (S-18).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox_idp.accounts import ranges
from sandbox_idp.oauth import redirects, scopes, systems

Rows = list[dict[str, Any]]


class NotTrainingError(ValueError):
    """A row that no training stand may hold; `place` and `reason` (Russian) say which and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


_NUMBERS: Mapping[tuple[str, str], Mapping[str, Callable[[str], Any]]] = {
    ("sandbox", "person"): {"snils": ranges.snils, "inn": ranges.inn},
    ("sandbox", "child"): {"snils": ranges.snils},
    ("portal", "patient"): {"snils": ranges.snils, "inn": ranges.inn},
    ("portal", "child"): {"snils": ranges.snils, "policy_number": ranges.policy},
}
_CONTACTS: Mapping[str, Callable[[str], Any]] = {"MBT": ranges.phone, "PHN": ranges.phone, "EML": ranges.mail}


def check(tables: Mapping[str, Mapping[str, Rows]]) -> None:
    """Look at every row of both programs (`sandbox`, `portal`). Raises NotTrainingError."""
    for (program, name), columns in _NUMBERS.items():
        for number, row in enumerate(tables[program][name], start=1):
            for column, fits in columns.items():
                _number(f"{program}/{name}, строка {number}", row[column], fits)
    for number, row in enumerate(tables["sandbox"]["contact"], start=1):
        if row["type"] in _CONTACTS:
            _number(f"sandbox/contact, строка {number}", row["value"], _CONTACTS[row["type"]])
    for number, row in enumerate(tables["sandbox"]["document"], start=1):
        _document(f"sandbox/document, строка {number}", row)
    for number, row in enumerate(tables["sandbox"]["information_system"], start=1):
        _system(f"sandbox/information_system, строка {number}", row)
    for number, row in enumerate(tables["sandbox"]["system_certificate"], start=1):
        _certificate(f"sandbox/system_certificate, строка {number}", row)


def _number(place: str, value: str | None, fits: Callable[[str], Any]) -> None:
    if value is None:
        return
    try:
        fits(value)
    except ranges.NumberError as error:
        raise NotTrainingError(place, error.text) from None


def _document(place: str, row: dict[str, Any]) -> None:
    if row["type"] == "RF_PASSPORT":
        _number(place, f"{row['series'] or ''}{row['number']}", ranges.passport)
    elif row["type"] == "MDCL_PLCY":
        _number(place, row["number"], ranges.policy)
    elif row["type"] == "RF_BRTH_CERT":
        _number(place, row["number"], lambda number: ranges.birth_certificate(row["series"] or "", number))


def _system(place: str, row: dict[str, Any]) -> None:
    try:
        systems.check_mnemonic(row["mnemonic"])
    except systems.CardError as error:
        raise NotTrainingError(place, error.reason) from None
    wrong = [address for address in row["redirect_hosts"] if redirects.place_of(address) is None]
    if wrong:
        raise NotTrainingError(place, f"«{wrong[0][:80]}» — не адрес вида https://clinic.example.")
    if scopes.unknown(row["scopes"]):
        raise NotTrainingError(place, "Таких областей доступа нет.")


def _certificate(place: str, row: dict[str, Any]) -> None:
    try:
        loaded = x509.load_pem_x509_certificate(row["pem"].encode("ascii"))
    except ValueError:
        raise NotTrainingError(place, "Это не сертификат.") from None
    if hashlib.sha256(loaded.public_bytes(Encoding.DER)).hexdigest() != row["fingerprint"]:
        raise NotTrainingError(place, "Отпечаток не этого сертификата.")
