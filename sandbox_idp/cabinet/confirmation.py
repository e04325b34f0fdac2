"""«Подтвердите, что это вы»: one factor within a session that lives already (C-08); the table of `docs/policy.md` says
which do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from foundation.database import Session
from sandbox_idp.accounts import passwords, people
from sandbox_idp.accounts.models import GosuslugiSession, OneTimeCode
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.policy import Policy
from sandbox_idp.sign_in import authenticator, codes, throttle
from sandbox_idp.sign_in.authenticator import UsedBefore
from sandbox_idp.sign_in.codes import Slot
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.sign_in.throttle import Limit

PURPOSE = "confirm"


@dataclass(frozen=True)
class Locked:
    """Too many wrong tries: nothing is tried until then."""

    until: datetime


@dataclass(frozen=True)
class Wrong:
    """It was not the right one; so many tries are left. `skewed`: the code would have been right some minutes away."""

    left: int
    skewed: bool = False


def locked_until(session: Session, here: SignedIn, policy: Policy, now: datetime) -> datetime | None:
    """Until when nothing is tried."""
    return throttle.locked_until(session, [_limit(here, policy)], now)


def with_password(
    session: Session, here: SignedIn, typed_is_right: bool, *, policy: Policy, now: datetime
) -> Wrong | Locked | None:
    """Count the outcome of `passwords.verify`; None: it was right, and the session is confirmed."""
    limit = _limit(here, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    if typed_is_right:
        throttle.forget(session, limit.key)
        mark(session, here.session.token_hash, now)
        return None
    return _count(session, limit, now)


def with_totp(
    session: Session, here: SignedIn, typed: str, *, policy: Policy, now: datetime
) -> Wrong | UsedBefore | Locked | None:
    """Check a code of the authenticator app and use its step up (S-38); None: it was right."""
    hold(session, here)
    limit = _limit(here, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    outcome = authenticator.use_step(session, here.person, typed, rules=policy.totp, now=now)
    if isinstance(outcome, UsedBefore):
        return outcome
    if outcome is None:
        skewed = people.totp_step(here.person.totp_secret, typed, now, reach=people.SKEW_REACH) is not None
        return _count(session, limit, now, skewed=skewed)
    throttle.forget(session, limit.key)
    mark(session, here.session.token_hash, now)
    return None


def push_errand(here: SignedIn) -> Errand:
    """What a confirmation in the mobile app belongs to: this session, as long as it has this token."""
    return Errand(here.session.token_hash, PURPOSE, "Подтверждение в личном кабинете Госуслуг")


def send_code(
    session: Session, here: SignedIn, *, address: str, policy: Policy, now: datetime, purpose: str = PURPOSE
) -> OneTimeCode:
    """Send a code to the confirmed phone; one of another `purpose` does not confirm.

    Raises codes.TooSoonError or codes.NoPhoneError.
    """
    phone = people.confirmed_phone(session, here.person.oid)
    if phone is None:
        raise codes.NoPhoneError
    hold(session, here)
    slot = Slot(here.session.token_hash, purpose, phone, "Код подтверждения", person_oid=here.person.oid)
    return codes.send(session, slot, address=address, policy=policy, now=now)


def with_code(
    session: Session, here: SignedIn, digits: str, *, policy: Policy, now: datetime, purpose: str = PURPOSE
) -> codes.Verdict | Locked:
    """Check a code; `Accepted`: the session is confirmed."""
    hold(session, here)
    limit = _limit(here, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    verdict = codes.check(session, here.session.token_hash, purpose, digits, now=now)
    if isinstance(verdict, codes.Accepted):
        throttle.forget(session, limit.key)
        mark(session, here.session.token_hash, now)
    elif isinstance(verdict, codes.Refused):
        throttle.count_wrong(session, [limit], now)
    return verdict


def mark(session: Session, token_hash: str, now: datetime) -> None:
    """Note that the person of this session has just confirmed who sits here."""
    living = session.get_one(GosuslugiSession, token_hash)
    living.confirmed_at = now
    session.add(living)


def verify(here: SignedIn, typed: str) -> bool:
    """Exactly one Argon2id verification, outside of any transaction; raises passwords.HashingBusyError."""
    return passwords.verify(here.person.password_hash, typed)


def hold(session: Session, here: SignedIn) -> None:
    """Keep the session's row for this transaction: what happens in one browser happens in a row."""
    session.get_one(GosuslugiSession, here.session.token_hash, with_for_update=True, populate_existing=True)


def _count(session: Session, limit: Limit, now: datetime, *, skewed: bool = False) -> Wrong | Locked:
    left = limit.lock_after - throttle.count_wrong(session, [limit], now)[limit.key]
    return Wrong(left, skewed) if left > 0 else Locked(now + limit.lock_for)


def _limit(here: SignedIn, policy: Policy) -> Limit:
    return Limit(keyed_hash("confirm", str(here.person.oid)), policy.tries.lock_after, policy.tries.lock_for)
