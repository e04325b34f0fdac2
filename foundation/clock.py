"""Time. Everything that asks for the time asks a `Clock`; nothing else in the project reads the wall clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of one place: the machine's, or a stand's (which may be moved or frozen)."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved; for unit tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`, which must be positive: a clock never goes back."""
        if by <= timedelta(0):
            raise ValueError("a clock moves only forward")
        self._now += by


def steady_seconds() -> float:
    """Seconds on a steady counter, for measuring how long something really took on this machine."""
    return time.monotonic()
