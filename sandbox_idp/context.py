"""What the request at hand belongs to: its stand, and the sign-in it is part of.

Every room of the sandbox works on `current_stand()`. The stand layer sets it (`sandbox_idp.stands.layer`), the gate
sets the sign-in (`sandbox_idp.scenarios.gate`). A test sets them with `use_stand`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from foundation.database import Database
from foundation.ids import Ids


class StandClock(Protocol):
    """A stand's clock as the rooms see it."""

    def now(self) -> datetime:
        """The stand's time, aware, in UTC. Within one request it is read from the database once."""
        ...

    def refresh(self) -> datetime:
        """Read the clock anew (it may have been moved by another process) and tell the time."""
        ...


@dataclass(frozen=True)
class Stand:
    """One isolated pair of databases with a clock of its own."""

    id: str
    """`default` or 16 characters of base32."""
    name: str
    """What a trainer called it; only a label."""
    prefix: str
    """Path prefix on both programs: `/s/<id>`, empty for the default stand."""
    database: Database
    """The stand's sandbox database."""
    portal_database: Database
    """The stand's portal database."""
    clock: StandClock
    ids: Ids
    idp_url: str
    """Public address of the sandbox with the prefix, no slash at the end."""
    portal_url: str
    """Public address of the portal with the prefix, no slash at the end."""
    limits: dict[str, float]
    """The stand's own `ESIA_…_TIMEOUT` values in seconds; empty: those of the settings."""
    files: Path
    """Folder of what was uploaded to the stand's portal."""


_stand: ContextVar[Stand] = ContextVar("stand")
_sign_in: ContextVar[int | None] = ContextVar("sign_in", default=None)
_skew: ContextVar[timedelta] = ContextVar("skew", default=timedelta(0))


def current_stand() -> Stand:
    """The stand of the request at hand; LookupError outside of one."""
    return _stand.get()


def current_sign_in() -> int | None:
    """The number of the sign-in that the request at hand belongs to, if it is known."""
    return _sign_in.get()


def set_current_sign_in(number: int | None) -> None:
    """Say which sign-in the request at hand belongs to (the gate does, and the rooms that learn it later)."""
    _sign_in.set(number)


def current_skew() -> timedelta:
    """How far the program at hand is ahead of the stand's clock: nothing, unless a scenario says so."""
    return _skew.get()


@contextlib.contextmanager
def use_skew(skew: timedelta) -> Iterator[None]:
    """Have the program inside the block be `skew` ahead of the stand's clock."""
    token = _skew.set(skew)
    try:
        yield
    finally:
        _skew.reset(token)


@contextlib.contextmanager
def use_stand(stand: Stand) -> Iterator[Stand]:
    """Work on `stand` inside the block."""
    token = _stand.set(stand)
    sign_in = _sign_in.set(None)
    try:
        yield stand
    finally:
        _sign_in.reset(sign_in)
        _stand.reset(token)
