"""Questions to the registries: asked at once, answered some seconds later on the stand's clock, looked at in passing.

Nothing runs in the background. Whoever opens a page that depends on the answer, or signs in somewhere, looks at what is
due by then; a registry that is slow or out of order moves the moment at which the next one looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.policy import RegistryRules
from sandbox_idp.registries import answers
from sandbox_idp.registries.answers import Registry
from sandbox_idp.registries.models import RegistryCheck
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point, RegistryDraft

ORDER: tuple[Registry, ...] = ("passport", "snils", "insured")
"""The passport comes first: what may be told of a SNILS depends on it."""


@dataclass(frozen=True)
class Answered:
    """A question, and the registry that answers it."""

    check: RegistryCheck
    registry: Registry


def ask(
    session: Session, person: Person, registry: Registry, number: str, *, rules: RegistryRules, now: datetime
) -> RegistryCheck:
    """Ask a registry. The caller holds the person. An open question about another number is withdrawn."""
    before = open_check(session, person.oid, registry)
    if before is not None:
        if before.number == number:
            return before
        before.answer, before.answered_at = "withdrawn", now
        session.add(before)
        session.flush()
    check = RegistryCheck(
        person_oid=person.oid, asked_of=registry, number=number, asked_at=now, due_at=now + rules.answers_after
    )
    session.add(check)
    session.flush()
    return check


def answers_due(session: Session, person: Person, *, rules: RegistryRules, now: datetime) -> Iterator[Answered]:
    """Take every answer that is due by now, one after the other: the next may depend on what the caller does with one.

    The caller holds the person.
    """
    for registry in ORDER:
        check = open_check(session, person.oid, registry)
        if check is None or check.due_at > now:
            continue
        due = Answered(check, registry)
        if _look(session, person, due, rules=rules, now=now):
            yield due


def is_due(session: Session, oid: int, now: datetime) -> bool:
    """Whether there is anything to take: asked before a transaction that writes is begun."""
    due = select(RegistryCheck.id).where(
        RegistryCheck.person_oid == oid, col(RegistryCheck.answered_at).is_(None), RegistryCheck.due_at <= now
    )
    return session.exec(due).first() is not None


def look_now(session: Session, oid: int, now: datetime) -> None:
    """«Проверить сейчас»: what a registry had put off is looked at right away."""
    for registry in ORDER:
        check = open_check(session, oid, registry)
        if check is not None and (check.slow or check.postponed_at is not None):
            check.due_at = min(check.due_at, now)
            session.add(check)
    session.flush()


def open_check(session: Session, oid: int, registry: Registry) -> RegistryCheck | None:
    """The question that waits for an answer."""
    mine = select(RegistryCheck).where(RegistryCheck.person_oid == oid, RegistryCheck.asked_of == registry)
    return session.exec(mine.where(col(RegistryCheck.answered_at).is_(None))).first()


def newest(session: Session, oid: int, registry: Registry, number: str) -> RegistryCheck | None:
    """The last question about that number, answered or not."""
    mine = select(RegistryCheck).where(RegistryCheck.person_oid == oid, RegistryCheck.asked_of == registry)
    return session.exec(mine.where(RegistryCheck.number == number).order_by(col(RegistryCheck.id).desc())).first()


def _look(session: Session, person: Person, due: Answered, *, rules: RegistryRules, now: datetime) -> bool:
    """Whether the registry has answered; if not, its question says when to look again."""
    check = due.check
    draft = engine.transform(Point.REGISTRY, RegistryDraft(due.registry, person.oid, now - check.asked_at))
    check.slow = draft.needs > now - check.asked_at
    check.postponed_at = now if draft.down else None
    if draft.down:
        check.due_at = now + rules.again_after
    elif check.slow:
        check.due_at = check.asked_at + draft.needs
    else:
        said = "refused" if draft.refuses else answers.answer(session, person, due.registry, check.number, now)
        check.answered_at, check.answer = now, said
    session.add(check)
    session.flush()
    return check.answered_at is not None
