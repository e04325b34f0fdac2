"""`/oauth2/userinfo`: standard claims of the person, opened by the same rights as ESIA's data (S-66)."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from foundation import russian
from foundation.database import Session
from sandbox_idp.accounts.models import Address, Contact, Person
from sandbox_idp.oauth.disclosure import CONTACT_TYPES, PERSON_FIELDS, Disclosure
from sandbox_idp.oauth.models import IssuedToken

CLAIMS = (
    "sub",
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "birthdate",
    "gender",
    "snils",
    "inn",
    "trusted",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
)
"""Everything that may come. `snils`, `inn` and `trusted` are Gosuslugi's own: the standard has no words for them."""


def claims(session: Session, token: IssuedToken) -> dict[str, Any]:
    """The claims of the token's person that its scopes open; what is not there is absent, never null."""
    row = session.get_one(Person, token.person_oid)
    disclosure = Disclosure.of(token.scopes)
    fields = disclosure.of_table(PERSON_FIELDS)
    known: dict[str, Any] = {"sub": str(row.oid)}
    if "lastName" in fields:
        names = (row.surname, row.name, row.patronymic)
        known["name"] = " ".join(part for part in names if part)
        known.update(family_name=row.surname, given_name=row.name, middle_name=row.patronymic)
    if "birthDate" in fields:
        known["birthdate"] = row.birth_date.isoformat()
    if "gender" in fields:
        known["gender"] = {"F": "female", "M": "male"}[row.sex]
    if "snils" in fields:
        known["snils"] = russian.snils(row.snils) if row.snils else None
    if "inn" in fields:
        known["inn"] = row.inn
    known["trusted"] = row.level.startswith("confirmed")
    known["updated_at"] = int(row.updated_at.timestamp())
    known.update(_contacts(session, row.oid, disclosure))
    if disclosure.opens("addrs"):
        known["address"] = _address(session, row.oid)
    return {name: value for name, value in known.items() if value is not None}


def _contacts(session: Session, oid: int, disclosure: Disclosure) -> dict[str, Any]:
    types = disclosure.of_table(CONTACT_TYPES)
    rows = session.exec(select(Contact).where(Contact.person_oid == oid).order_by(col(Contact.id).desc()))
    first = {row.type: row for row in rows if row.type in types}
    found: dict[str, Any] = {}
    for kind, name in (("EML", "email"), ("MBT", "phone_number")):
        if kind in first:
            found[name] = first[kind].value
            found[f"{name}_verified"] = first[kind].verified
    return found


def _address(session: Session, oid: int) -> dict[str, str] | None:
    """Where the person lives, else is registered (OpenID Connect Core 5.1.1)."""
    rows = list(session.exec(select(Address).where(Address.person_oid == oid).order_by(col(Address.type))))
    if not rows:
        return None
    row = rows[0]
    street = ", ".join(part for part in (row.street, row.house, row.flat) if part)
    return {
        "formatted": f"{row.zip_code}, {row.region}, {row.city}, {street}",
        "street_address": street,
        "locality": row.city,
        "region": row.region,
        "postal_code": row.zip_code,
        "country": "RU",
    }
