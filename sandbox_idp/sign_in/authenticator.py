"""Codes of an authenticator app (S-38): 30 seconds, one step to either side, each step once, on the stand's clock.

And the backup codes of whoever has lost the app (S-42).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, update

from foundation.database import Session
from foundation.russian import span
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import LoginAttempt, Person
from sandbox_idp.factors import backup_codes
from sandbox_idp.policy import TotpRules
from sandbox_idp.sign_in.attempts import Step


@dataclass(frozen=True)
class Accepted:
    """The code is right; its step works no second time."""


@dataclass(frozen=True)
class Refused:
    """The code is wrong; so many tries are left. `skewed`: it would have been right some minutes earlier or later."""

    left: int
    skewed: bool = False


@dataclass(frozen=True)
class UsedBefore:
    """The code is right and was used already: the next one will work, after so many seconds if it is not shown yet.

    None: it is a backup code, and another one of them will.
    """

    seconds_left: int | None


Verdict = Accepted | Refused | UsedBefore


def check_totp(session: Session, step: Step, typed: str, *, rules: TotpRules, now: datetime) -> Verdict:
    """Check the digits that were typed and use the step up. The caller holds the attempt."""
    outcome = use_step(session, step.person, typed, rules=rules, now=now)
    return outcome or _count_wrong(session, step, typed, rules=rules, now=now)


def use_step(
    session: Session, person: Person, typed: str, *, rules: TotpRules, now: datetime
) -> Accepted | UsedBefore | None:
    """The same outside of a sign-in, where somebody else counts what is wrong (None)."""
    found = people.totp_step(person.totp_secret, typed, now, reach=rules.window)
    if found is None:
        return None
    used_up = session.exec(
        update(Person)
        .where(
            col(Person.oid) == person.oid,
            or_(col(Person.totp_last_step).is_(None), col(Person.totp_last_step) < found),
        )
        .values(totp_last_step=found)
    )
    if used_up.rowcount == 1:
        return Accepted()
    latest = session.get_one(Person, person.oid, populate_existing=True)
    used_now = latest.totp_last_step is not None and latest.totp_last_step >= people.step_number(now)
    shown = people.totp_now(latest, now)
    return UsedBefore(shown.seconds_left if shown is not None and used_now else 0)


def check_backup(session: Session, step: Step, typed: str, *, rules: TotpRules, now: datetime) -> Verdict:
    """Check a backup code and use it up; wrong ones count with those of the app. The caller holds the attempt."""
    if backup_codes.use(session, step.person.oid, typed, now):
        return Accepted()
    if backup_codes.was_used(session, step.person.oid, typed):
        return UsedBefore(None)
    return _count_wrong(session, step, "", rules=rules, now=now)


def used_before(verdict: UsedBefore) -> str:
    """What the page says beside the field."""
    if verdict.seconds_left is None:
        return "Этот резервный код уже использован: каждый подходит один раз. Введите другой."
    if verdict.seconds_left:
        return f"Этот код уже использован. Дождитесь следующего: он появится через {span(verdict.seconds_left)}."
    return "Этот код уже использован. Введите тот, который приложение показывает сейчас."


def _count_wrong(session: Session, step: Step, typed: str, *, rules: TotpRules, now: datetime) -> Refused:
    attempt = session.get_one(LoginAttempt, step.attempt.token_hash)
    attempt.wrong_codes += 1
    session.add(attempt)
    session.flush()
    skewed = people.totp_step(step.person.totp_secret, typed, now, reach=people.SKEW_REACH) is not None
    return Refused(max(rules.tries - attempt.wrong_codes, 0), skewed)
