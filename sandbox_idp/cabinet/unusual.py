"""Unusual activity, and the hours after it in which nothing that protects the account is changed (account-restricted).

Two things count (`docs/policy.md`): a sign-in from a browser that does not know this person and from a network that
they never signed in from, and a change of phone and password soon after each other, which is what a thief does first.
A first sign-in never counts, nor does an address of this machine or of its own network: a class sits in one of them.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from flask import has_request_context, request
from sqlmodel import col, select

from foundation import log
from foundation.database import Session
from foundation.russian import span, until
from sandbox_idp.accounts.models import EarlierPassword, Person
from sandbox_idp.cabinet import history, notices
from sandbox_idp.cabinet.models import SignInRecord
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.secrecy import subject

RESTRICTED = "Часть действий ограничена"
NEW_NETWORK = "Вход с нового устройства из новой сети"
PHONE_AND_PASSWORD = "Телефон и пароль сменились один за другим"  # noqa: S105 - words, not a password
_log = log.get_log("sandbox_idp.cabinet")


def signing_in(session: Session, person: Person, *, known_device: bool, now: datetime) -> bool:
    """Look at a sign-in that is about to be noted in the history; says whether it has restricted the account."""
    if known_device or not _is_far() or not current_policy().unusual.new_network:
        return False
    mine = select(SignInRecord.address).where(
        SignInRecord.person_oid == person.oid,
        SignInRecord.event == history.SIGN_IN,
        col(SignInRecord.refused).is_(None),
    )
    known = set(session.exec(mine.distinct()))
    if not known or history.masked_address() in known:
        return False
    return restrict(session, person, NEW_NETWORK, now)


def changed(session: Session, person: Person, now: datetime) -> bool:
    """Look at the account after its phone or its password was changed; says whether that has restricted it."""
    since = now - current_policy().unusual.phone_and_password_within
    if phone_changed(session, person.oid, since) is None:
        return False
    password = select(EarlierPassword.id).where(
        EarlierPassword.person_oid == person.oid, col(EarlierPassword.replaced_at) > since
    )
    if session.exec(password.limit(1)).first() is None:
        return False
    return restrict(session, person, PHONE_AND_PASSWORD, now)


def phone_changed(session: Session, oid: int, since: datetime) -> datetime | None:
    """When the phone was changed last, if that was after `since`."""
    mine = select(SignInRecord.at).where(
        SignInRecord.person_oid == oid, SignInRecord.event == history.PHONE_CHANGED, col(SignInRecord.at) > since
    )
    return session.exec(mine.order_by(col(SignInRecord.id).desc()).limit(1)).first()


def restrict(session: Session, person: Person, why: str, now: datetime) -> bool:
    """Restrict the account and tell the person; what is restricted already is not prolonged (False)."""
    if person.restricted_until is not None and person.restricted_until > now:
        return False
    rules = current_policy().unusual
    person.restricted_until = now + rules.restrict_for
    person.updated_at = now
    session.add(person)
    history.note(session, person, RESTRICTED, method=why)
    session.flush()
    notices.notify(
        session,
        person,
        f"{RESTRICTED} на {span(rules.restrict_for)}",
        f"{why}. До {until(person.restricted_until)} нельзя менять телефон, почту и способы подтверждения. "
        "Если это были не вы, сразу смените пароль.",
        ways=["sms", "mail"],
        link=Link("/cabinet/security/restricted", "Что ограничено"),
    )
    engine.act("unusual-activity", person_oid=person.oid)
    _log.info("account_restricted", subject=subject(person.oid))
    return True


def restricted(session: Session, now: datetime) -> list[Person]:
    """Everybody whose account is restricted, whose restriction ends first before the others."""
    mine = select(Person).where(col(Person.restricted_until) > now)
    return list(session.exec(mine.order_by(col(Person.restricted_until), col(Person.oid))))


def lift(session: Session, person: Person, text: str, now: datetime) -> None:
    """Take the restriction away before its time, and tell the person."""
    person.restricted_until = None
    person.updated_at = now
    session.add(person)
    notices.notify(session, person, "Ограничения сняты", text, ways=["sms", "mail"])


def why(session: Session, oid: int, end: datetime) -> str | None:
    """What the restriction that ends then came from; None if nothing here has made it."""
    begun = end - current_policy().unusual.restrict_for - timedelta(seconds=1)
    mine = select(SignInRecord.method).where(
        SignInRecord.person_oid == oid, SignInRecord.event == RESTRICTED, col(SignInRecord.at) >= begun
    )
    return session.exec(mine.order_by(col(SignInRecord.id).desc()).limit(1)).first()


def can_lift_by_phone(session: Session, oid: int, now: datetime) -> bool:
    """Whether a code by SMS shows that it is the owner: not if the phone itself was changed that lately."""
    return phone_changed(session, oid, now - current_policy().unusual.restrict_for) is None


def _is_far() -> bool:
    """Whether the browser asks from the wide world: neither from this machine nor from a network of one's own."""
    try:
        return has_request_context() and ipaddress.ip_address(request.remote_addr or "").is_global
    except ValueError:
        return False
