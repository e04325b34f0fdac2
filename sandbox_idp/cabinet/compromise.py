"""«Мой аккаунт взломали»: what has to be done, what of it is done, and the case by whose number support knows it
(R-142)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import EarlierPassword, Person
from sandbox_idp.cabinet import access, notices
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.models import Compromise, SignInRecord
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in.secrecy import token_hash


@dataclass(frozen=True)
class Steps:
    """What of the six steps is done, since the case was opened."""

    password: bool
    sessions: bool
    consents: bool
    contacts: bool
    factors: bool

    @property
    def all_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.password and self.sessions and self.consents and self.contacts and self.factors


class LinkOverError(Exception):
    """The link of «это не я» is unknown, used or too old."""


def open_case(session: Session, person_oid: int, *, hold: bool = False) -> Compromise | None:
    """The person's case that is not closed; `hold` keeps its row for this transaction."""
    mine = select(Compromise).where(Compromise.person_oid == person_oid, col(Compromise.closed_at).is_(None))
    return session.exec(mine.with_for_update() if hold else mine).first()


def begin(session: Session, person: Person, now: datetime) -> Compromise:
    """The person's open case, or a new one. The person's row is held, so that two clicks make one case."""
    session.get_one(Person, person.oid, with_for_update=True, populate_existing=True)
    found = open_case(session, person.oid)
    if found is not None:
        return found
    case = Compromise(number=current_stand().ids.reference(), person_oid=person.oid, opened_at=now)
    session.add(case)
    session.flush()
    notices.notify(
        session,
        person,
        f"Обращение {case.number} открыто",
        "Поддержка знает, что в учётную запись могли войти без вас. Пройдите все шаги на странице обращения.",
        link=Link("/cabinet/security/stolen", "Что сделать"),
    )
    return case


def steps(session: Session, here: SignedIn, case: Compromise, now: datetime) -> Steps:
    """What is done by now."""
    oid = here.person.oid
    changed = select(EarlierPassword.id).where(
        EarlierPassword.person_oid == oid, col(EarlierPassword.replaced_at) >= case.opened_at
    )
    return Steps(
        password=session.exec(changed.limit(1)).first() is not None,
        sessions=all(each.sid == here.session.sid for each in access.living(session, oid, now)),
        consents=not any(each.granted_at < case.opened_at for each in access.consents_in_force(session, oid, now)),
        contacts=case.contacts_checked_at is not None,
        factors=case.factors_checked_at is not None and bool(people.usable_factors(session, here.person)),
    )


def disown(session: Session, token: str, now: datetime) -> Compromise:
    """«Это не я» by the link of a notice: nobody stays signed in, the password is due, and a case is open.

    Whoever has the link learns nothing of the person and gets in nowhere. It works once. Raises LinkOverError.
    """
    statement = select(SignInRecord).where(SignInRecord.link_hash == token_hash(token)).with_for_update()
    line = session.exec(statement).first()
    if not is_good(line, now):
        raise LinkOverError
    assert line is not None
    line.disowned_at = now
    session.add(line)
    person = session.get_one(Person, line.person_oid, with_for_update=True, populate_existing=True)
    person.must_change_password = True
    person.updated_at = now
    session.add(person)
    access.lock_everybody_out(session, person.oid, now)
    return begin(session, person, now)


def find_link(session: Session, token: str) -> SignInRecord | None:
    """The sign-in that a link of «это не я» was made for."""
    return session.exec(select(SignInRecord).where(SignInRecord.link_hash == token_hash(token))).first()


def is_good(line: SignInRecord | None, now: datetime) -> bool:
    """Whether the link of that sign-in still works."""
    return line is not None and line.disowned_at is None and line.link_until is not None and line.link_until > now
