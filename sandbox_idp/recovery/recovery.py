"""Recovering a password: a code to a contact of the account, then a new password (R-139, C-15, S-32, S-33).

A recovery is kept for a contact that nobody has just as for one that somebody has: same row, same code (which then
nobody is sent), same countdowns and tries. Only the right code, which only a real owner can read, leads on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import current_app
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from foundation import log
from foundation.database import Session
from foundation.web.cookies import Cookie
from sandbox_idp.accounts import password_change, people
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import OneTimeCode, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, SmsRules
from sandbox_idp.recovery.models import PasswordRecovery
from sandbox_idp.sign_in import codes, password, throttle
from sandbox_idp.sign_in.codes import Slot
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import keyed_hash, subject, token_hash
from sandbox_idp.sign_in.throttle import Limit

PURPOSE = "recovery"
_HOUR = timedelta(hours=1)
_log = log.get_log("sandbox_idp.recovery")


class NoRecoveryError(Exception):
    """This browser has begun no recovery: it begins at the first page."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("no recovery")
        self.visit = visit


class RecoveryOverError(Exception):
    """It took too long, or the account was closed meanwhile."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("recovery over")
        self.visit = visit


@dataclass(frozen=True)
class Used:
    """The right code, but it has done its work already."""


@dataclass(frozen=True)
class Begun:
    """A recovery just begun, with the token that only its cookie will hold."""

    token: str
    record: PasswordRecovery


@dataclass(frozen=True)
class Errand:
    """What a page of a recovery works on."""

    visit: Visit
    record: PasswordRecovery

    @property
    def stage(self) -> Literal["code", "password", "done"]:
        """Where it stands."""
        if self.record.done_at is not None:
            return "done"
        return "code" if self.record.proved_at is None else "password"


def begin(session: Session, contact: Login, *, address: str, policy: Policy, now: datetime) -> Begun:
    """Begin a recovery and send its first code, if there is somebody to send it to.

    Raises codes.TooSoonError: codes are counted over all recoveries of this contact, known or not (S-39).
    """
    _wait_for_turn(session, contact.value, address=address, policy=policy, now=now)
    person = people.find_by_login(session, contact)
    token = current_stand().ids.token()
    record = PasswordRecovery(
        token_hash=token_hash(token),
        kind="sms" if contact.kind == "phone" else "mail",
        contact=contact.value,
        person_oid=person.oid if person is not None else None,
        created_at=now,
        expires_at=now + policy.sign_in.pending_for,
    )
    session.add(record)
    session.flush()
    codes.send(session, _slot(record), address=address, policy=policy, now=now, paced=False)
    _log.info("recovery_begun", way=record.kind, subject=_subject(record))
    return Begun(token, record)


def send_again(session: Session, errand: Errand, *, address: str, policy: Policy, now: datetime) -> None:
    """Another code for the same recovery. Raises codes.TooSoonError."""
    record = held(session, errand)
    _wait_for_turn(session, record.contact, address=address, policy=policy, now=now)
    codes.send(session, _slot(record), address=address, policy=policy, now=now, paced=False)


def next_at(session: Session, contact: str, *, address: str, rules: SmsRules, now: datetime) -> datetime | None:
    """From when on a code for this contact may be asked for: after the countdown, and not more than five an hour.

    A network address may ask for a hundred times as many. None: nothing was asked for within the hour.
    """
    of_contact = _sent_since(session, now - _HOUR, col(OneTimeCode.sent_to) == contact)
    of_address = _sent_since(session, now - _HOUR, col(OneTimeCode.address) == address)
    if not of_contact and len(of_address) < rules.an_hour * 100:
        return None
    times = [of_contact[-1] + rules.again_after] if of_contact else []
    times += [of_contact[-rules.an_hour] + _HOUR] if len(of_contact) >= rules.an_hour else []
    times += [of_address[-rules.an_hour * 100] + _HOUR] if len(of_address) >= rules.an_hour * 100 else []
    return max(times)


def try_code(
    session: Session, errand: Errand, typed: str, *, policy: Policy, now: datetime
) -> codes.Verdict | Locked | Used:
    """Check the code. Wrong ones count over all recoveries of the contact, so that beginning anew gains nothing."""
    record = held(session, errand)
    limit = _limit(record.contact, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    if record.proved_at is not None:
        return Used()
    verdict = codes.check(session, record.token_hash, PURPOSE, typed, now=now)
    if isinstance(verdict, codes.Accepted):
        throttle.forget(session, limit.key)
        record.proved_at = now
        record.expires_at = now + policy.mail.valid_for
        session.add(record)
        session.flush()
    elif isinstance(verdict, codes.Refused):
        throttle.count_wrong(session, [limit], now)
    _log.info("recovery_code", result=type(verdict).__name__.lower(), subject=_subject(record))
    return verdict


def owner(session: Session, errand: Errand) -> Person:
    """Whose password is being recovered, once the code was right. Raises NoRecoveryError before, RecoveryOverError."""
    record = errand.record
    if record.proved_at is None or record.person_oid is None:
        raise NoRecoveryError(errand.visit)
    person = session.get_one(Person, record.person_oid)
    if person.state == "deleted":
        raise RecoveryOverError(errand.visit)
    return person


def save(session: Session, errand: Errand, new_hash: str, now: datetime) -> None:
    """Give the person the new password. It signs nobody in, and the second factor stays as it is (S-33)."""
    record = held(session, errand)
    if record.done_at is not None:
        return
    person = owner(session, Errand(errand.visit, record))
    password_change.change_password(session, person, new_hash, now=now)
    password.forget_wrong(session, person)
    record.done_at = now
    session.add(record)
    session.flush()
    _log.info("password_recovered", subject=subject(person.oid))


def at_hand(session: Session, visit: Visit, now: datetime) -> Errand:
    """The recovery that the browser's cookie opens. Raises NoRecoveryError or RecoveryOverError."""
    token = cookie().read()
    record = session.get(PasswordRecovery, token_hash(token)) if token else None
    if record is None:
        raise NoRecoveryError(visit)
    if record.expires_at <= now:
        raise RecoveryOverError(visit)
    return Errand(visit, record)


def held(session: Session, errand: Errand) -> PasswordRecovery:
    """The recovery's row as it is now, kept for this transaction."""
    return session.get_one(PasswordRecovery, errand.record.token_hash, with_for_update=True, populate_existing=True)


def cookie() -> Cookie:
    """The recovery's cookie."""
    return Cookie("recovery", current_app.extensions["settings"].public_url)


def _wait_for_turn(session: Session, contact: str, *, address: str, policy: Policy, now: datetime) -> None:
    """Raise codes.TooSoonError unless a code may go out now. Those who ask side by side are looked at one by one."""
    throttle.hold(session, _limit(contact, policy).key)
    at = next_at(session, contact, address=address, rules=policy.sms, now=now)
    if at is not None and at > now:
        raise codes.TooSoonError(at)


def _slot(record: PasswordRecovery) -> Slot:
    return Slot(
        record.token_hash,
        PURPOSE,
        record.contact,
        "Код для восстановления пароля",
        kind="sms" if record.kind == "sms" else "mail",
        subject="Восстановление пароля",
        person_oid=record.person_oid,
        reaches=record.person_oid is not None,
    )


def _limit(contact: str, policy: Policy) -> Limit:
    return Limit(keyed_hash(PURPOSE, contact), policy.factor.lock_after, policy.factor.lock_for)


def _sent_since(session: Session, since: datetime, condition: ColumnElement[bool]) -> list[datetime]:
    statement = select(OneTimeCode.sent_at).where(
        OneTimeCode.purpose == PURPOSE,
        col(OneTimeCode.sent_at) > since,
        condition,
    )
    return list(session.exec(statement.order_by(col(OneTimeCode.sent_at))))


def _subject(record: PasswordRecovery) -> str:
    """Known and unknown contacts look alike in the log."""
    return keyed_hash("contact", record.contact)[:12]
