"""Counting wrong tries, and locking (S-32, S-34, U-13).

What is counted is a key: a login as it was typed (known or not), a person's second factor, a network address. A lock
ends by itself and is not prolonged by tries while it lasts; after it counting begins anew. Of a login each lock in a
row is twice as long as the one before, up to a limit, so that nobody can lock an account for long by guessing; and
after a hundred wrong passwords in a row only recovery opens it, so that nobody can go on guessing for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts.models import LoginThrottle
from sandbox_idp.policy import Policy
from sandbox_idp.sign_in.secrecy import keyed_hash

CLOSED = timedelta(days=36500)
"""The length of a lock that no waiting ends: only recovery, or an operator."""


@dataclass(frozen=True)
class Limit:
    """How many wrong tries in a row lock one key, and for how long."""

    key: str
    lock_after: int
    lock_for: timedelta
    lock_most: timedelta | None = None
    """Where each lock in a row is twice as long as the one before: how long none is longer than."""
    closed_after: int | None = None
    """So many wrong tries in a row, over all locks, close it until the right one is proved otherwise."""
    forgets: bool = False
    """Whether a pause as long as the lock wipes the count out (addresses: a class shares one)."""


def factor_limit(oid: int, policy: Policy) -> Limit:
    """Wrong codes in a row, over all sign-ins of one person: a known password must not open endless guessing (S-36)."""
    return Limit(keyed_hash("factor", str(oid)), policy.factor.lock_after, policy.factor.lock_for)


def locked_until(session: Session, limits: Sequence[Limit], now: datetime, *, hold: bool = False) -> datetime | None:
    """When the last lock among `limits` ends; None if none is on.

    `hold` keeps the rows for this transaction, so that tries side by side are counted one after the other.
    """
    statement = (
        select(LoginThrottle)
        .where(col(LoginThrottle.login_hash).in_([limit.key for limit in limits]))
        .order_by(col(LoginThrottle.login_hash))
    )
    rows = session.exec(statement.with_for_update() if hold else statement)
    return _latest(rows, now)


def locked_before_counting(session: Session, limits: Sequence[Limit], now: datetime) -> datetime | None:
    """The same before a wrong try is counted. Rows that are not there yet are made: what does not exist cannot be kept
    for a transaction, and the first tries of a key, side by side, would all pass.
    """
    return _latest([hold(session, key) for key in sorted({limit.key for limit in limits})], now)


def _latest(rows: Iterable[LoginThrottle], now: datetime) -> datetime | None:
    ends = [row.locked_until for row in rows if row.locked_until is not None and row.locked_until > now]
    return max(ends, default=None)


def count_wrong(session: Session, limits: Sequence[Limit], now: datetime) -> dict[str, int]:
    """Note one wrong try under every limit and tell, by key, how many there are in a row now; the last allowed locks.

    Rows are taken in the order of their keys here and in `locked_until`, so that transactions never wait in a circle.
    """
    return {limit.key: _count(session, limit, now) for limit in sorted(limits, key=lambda limit: limit.key)}


def _count(session: Session, limit: Limit, now: datetime) -> int:
    row = hold(session, limit.key)
    if _is_over(row, limit, now):
        row.failures, row.locked_until = 0, None
    row.failures += 1
    row.last_failure_at = now
    if row.failures >= limit.lock_after:
        row.locks += 1
        row.locked_until = now + _lock_length(limit, row.locks)
    session.add(row)
    session.flush()
    return row.failures


def hold(session: Session, key: str) -> LoginThrottle:
    """The row of a key, made if there is none, kept for this transaction: others who need it wait."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(LoginThrottle).values(login_hash=key, failures=0).on_conflict_do_nothing())
    return session.get_one(LoginThrottle, key, with_for_update=True, populate_existing=True)


def wrong_in_a_row(session: Session, key: str, now: datetime) -> int:
    """How many wrong tries there are since the last right one, or since the last lock that is over."""
    row = session.get(LoginThrottle, key)
    if row is None or (row.locked_until is not None and row.locked_until <= now):
        return 0
    return row.failures


def is_closed(until: datetime, now: datetime) -> bool:
    """Whether a lock that lasts until then is one that no waiting ends."""
    return until - now > CLOSED / 2


def _lock_length(limit: Limit, locks: int) -> timedelta:
    """How long the lock is that is the `locks`-th in a row."""
    if limit.closed_after is not None and locks * limit.lock_after >= limit.closed_after:
        return CLOSED
    if limit.lock_most is None:
        return limit.lock_for
    return min(limit.lock_for * (1 << min(locks - 1, 30)), limit.lock_most)


def forget(session: Session, key: str) -> None:
    """The right one was given: the count begins anew."""
    row = session.get(LoginThrottle, key)
    if row is not None:
        session.delete(row)
        session.flush()


def _is_over(row: LoginThrottle, limit: Limit, now: datetime) -> bool:
    if row.locked_until is not None:
        return row.locked_until <= now
    return limit.forgets and row.last_failure_at is not None and row.last_failure_at + limit.lock_for <= now
