"""Standard claims of a person (OpenID Connect Core 5.1), read strictly into the portal's own small values.

`snils`, `inn` and `trusted` are not standard; a provider that knows Russian documents may send them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from portal.esia.errors import Malformed, MissingPersonName, SubjectMismatch
from portal.esia.person import Address, Contact, PersonData
from portal.esia.shapes import boolean, digits_or_none, mapping, text_or_none

CALL = "person"
_PARTIAL = re.compile(r"\d{4}|0000-\d\d-\d\d", re.ASCII)


def own_claims(answer: Any, subject: str) -> dict[str, Any]:
    """The claims, if they are of the person whom the id token speaks of (S-09); SubjectMismatch otherwise."""
    item = mapping(answer, CALL)
    if item.get("sub") != subject:
        raise SubjectMismatch(call=CALL)
    return item


def person_of(item: dict[str, Any]) -> PersonData:
    """The person; MissingPersonName without surname or name."""
    surname, name = text_or_none(item, "family_name", CALL), text_or_none(item, "given_name", CALL)
    if surname is None or name is None:
        raise MissingPersonName(call=CALL)
    return PersonData(
        surname=surname,
        name=name,
        patronymic=text_or_none(item, "middle_name", CALL),
        birth_date=_birth_date(item),
        snils=digits_or_none(item, "snils", CALL, count=11),
        inn=digits_or_none(item, "inn", CALL, count=12),
        trusted=boolean(item, "trusted", CALL),
    )


def contacts_of(item: dict[str, Any]) -> list[Contact]:
    """Phone and e-mail address, as far as they were told."""
    found = []
    for name, kind in (("phone_number", "MBT"), ("email", "EML")):
        value = text_or_none(item, name, CALL)
        if value is not None:
            found.append(Contact(kind=kind, value=value, verified=boolean(item, f"{name}_verified", CALL)))
    return found


def addresses_of(item: dict[str, Any]) -> list[Address]:
    """The address in one line; its parts are not needed apart."""
    if item.get("address") is None:
        return []
    address = mapping(item["address"], CALL)
    line = text_or_none(address, "formatted", CALL)
    if line is None:
        return []
    return [Address(kind="PLV", text=line, flat=None, house=None, postcode=text_or_none(address, "postal_code", CALL))]


def _birth_date(item: dict[str, Any]) -> date | None:
    """ISO 8601; a year alone or a day without its year, which the standard allows, is no birth date."""
    value = text_or_none(item, "birthdate", CALL)
    if value is None or _PARTIAL.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed(call=CALL, detail="birthdate") from None
