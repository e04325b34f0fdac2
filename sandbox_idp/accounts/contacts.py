"""Giving a phone or an address to whoever has just proved that it is theirs."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts.models import Contact, Person

ContactKind = Literal["phone", "mail"]
TYPES: dict[ContactKind, str] = {"phone": "MBT", "mail": "EML"}


class ContactTakenError(Exception):
    """Another account has proved it; told only to somebody who has just proved it too."""


def replace(session: Session, person: Person, kind: ContactKind, value: str) -> None:
    """Make `value` the person's one phone (or address). Raises ContactTakenError.

    What a deleted account, or one that never proved it, says about it does not stand in the way.
    """
    of_type = TYPES[kind]
    for row in session.exec(select(Contact).where(Contact.type == of_type, Contact.value == value)):
        if row.verified and row.person_oid != person.oid:
            owner = session.get_one(Person, row.person_oid)
            if owner.state != "deleted":
                raise ContactTakenError
        session.delete(row)
    session.flush()
    session.execute(delete(Contact).where(col(Contact.person_oid) == person.oid, col(Contact.type) == of_type))
    row_of = {"person_oid": person.oid, "type": of_type, "value": value, "verified": True}
    try:
        session.execute(insert(Contact), [row_of])
    except IntegrityError:
        raise ContactTakenError from None
