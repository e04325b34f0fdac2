"""Whose a phone or an address is, and giving it to whoever has just proved that it is theirs."""

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


def owner(session: Session, kind: ContactKind, value: str) -> Person | None:
    """Whose confirmed phone or address it is; a deleted account owns nothing any more."""
    found = _holder(session, kind, value)
    return found if found is not None and found.state != "deleted" else None


def was_deleted(session: Session, kind: ContactKind, value: str) -> bool:
    """Whether there was an account with it that has been deleted."""
    found = _holder(session, kind, value)
    return found is not None and found.state == "deleted"


def claim(session: Session, person_oid: int, kind: ContactKind, value: str) -> None:
    """Give it to the person, beside what else they have. Raises ContactTakenError, also if two do so at once.

    What an account that was deleted, or one that never proved it, says about it does not stand in the way.
    """
    held_by = owner(session, kind, value)
    if held_by is not None and held_by.oid != person_oid:
        raise ContactTakenError
    if held_by is not None:
        return
    session.exec(delete(Contact).where(col(Contact.type) == TYPES[kind], col(Contact.value) == value))
    row = {"person_oid": person_oid, "type": TYPES[kind], "value": value, "verified": True}
    try:
        session.execute(insert(Contact), [row])
    except IntegrityError:
        raise ContactTakenError from None


def replace(session: Session, person_oid: int, kind: ContactKind, value: str) -> None:
    """Make it the person's one phone (or address). Raises ContactTakenError."""
    claim(session, person_oid, kind, value)
    others = col(Contact.person_oid) == person_oid, col(Contact.type) == TYPES[kind], col(Contact.value) != value
    session.exec(delete(Contact).where(*others))


def _holder(session: Session, kind: ContactKind, value: str) -> Person | None:
    return session.exec(
        select(Person)
        .join(Contact, col(Contact.person_oid) == col(Person.oid))
        .where(Contact.type == TYPES[kind], Contact.value == value, col(Contact.verified).is_(True))
    ).first()
