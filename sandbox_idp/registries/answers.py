"""What the registries know: rules over the training ranges, and the stand's own people (`docs/personas.md`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, func, select

from foundation.database import Session
from sandbox_idp.accounts import people, ranges
from sandbox_idp.accounts.models import Child, Document, Person
from sandbox_idp.registries.models import RegistryCheck

Registry = Literal["passport", "snils", "insured"]
Answer = Literal["found", "not-found", "mismatch", "taken", "refused"]

KIND: dict[Registry, str] = {"passport": "RF_PASSPORT", "snils": "SNILS", "insured": "MDCL_PLCY"}
"""The kind of document that each registry knows. A SNILS is one only until the registry has found it."""
TOLD_A_DAY = 3
"""How often in a day a person is told that a SNILS has another account: not often enough to try many (S-32)."""


def answer(session: Session, person: Person, registry: Registry, number: str, now: datetime) -> Answer:
    """What the registry says of this number of this person."""
    if registry == "passport":
        taken = _has_other(session, person.oid, KIND["passport"], number[:4], number[4:])
        return "found" if ranges.number_in_registry(number[4:]) and not taken else "not-found"
    if registry == "insured":
        taken = _has_other(session, person.oid, KIND["insured"], None, number)
        return "found" if ranges.policy_in_registry(number) and not taken else "not-found"
    return _snils(session, person, number, now)


def proven_passport(session: Session, oid: int) -> Document | None:
    """The person's passport that the registry has found."""
    mine = select(Document).where(Document.person_oid == oid, Document.type == KIND["passport"])
    return session.exec(mine.where(col(Document.verified).is_(True))).first()


def _snils(session: Session, person: Person, number: str, now: datetime) -> Answer:
    if not ranges.snils_in_registry(number):
        return "mismatch"
    of_children = select(Child).where(Child.snils == number)
    if any((each.name, each.birth_date) != (person.name, person.birth_date) for each in session.exec(of_children)):
        return "mismatch"
    owner = session.exec(select(Person.oid).where(Person.snils == number, Person.state != "deleted")).first()
    if owner is None or owner == person.oid:
        return "found"
    return "taken" if _may_be_told(session, person, now) else "mismatch"


def _may_be_told(session: Session, person: Person, now: datetime) -> bool:
    """Only somebody who confirmed phone and passport is told that a SNILS has another account, and not often."""
    told = session.exec(
        select(func.count())
        .select_from(RegistryCheck)
        .where(
            col(RegistryCheck.person_oid) == person.oid,
            col(RegistryCheck.answer) == "taken",
            col(RegistryCheck.answered_at) > now - timedelta(days=1),
        )
    ).one()
    phone = people.confirmed_phone(session, person.oid)
    return phone is not None and proven_passport(session, person.oid) is not None and told < TOLD_A_DAY


def _has_other(session: Session, oid: int, kind: str, series: str | None, number: str) -> bool:
    """Whether the number is a proven one of somebody else, or of a child."""
    same = select(Document.id).where(Document.type == kind, Document.number == number)
    if series is not None:
        same = same.where(Document.series == series)
    others = col(Document.person_oid).is_(None) | (col(Document.person_oid) != oid)
    return session.exec(same.where(others, col(Document.verified).is_(True))).first() is not None
