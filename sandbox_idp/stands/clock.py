"""A stand's clock: real time plus an offset, or frozen. It lives in the stand's database, so both programs share it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from foundation.clock import Clock
from foundation.database import Database
from sandbox_idp.context import current_skew
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.models import StandState


class ClockError(Exception):
    """The clock cannot be moved like that; `reason` says why, for the caller (422 in the control API)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class _Reading:
    """What the database said about one clock, kept for the length of a request."""

    clock: DatabaseClock
    offset: timedelta
    frozen_at: datetime | None


_reading: ContextVar[_Reading | None] = ContextVar("clock_reading", default=None)


class DatabaseClock:
    """The clock of one stand. It never goes back, except when the stand is reset."""

    def __init__(self, database: Database, real: Clock) -> None:
        self._database = database
        self._real = real

    def now(self) -> datetime:
        """The stand's time: as read at the beginning of this request, else as the database says now."""
        reading = _reading.get()
        return self._tell(reading if reading is not None and reading.clock is self else self._read())

    def refresh(self) -> datetime:
        """Read the clock anew, keep the reading for this request, and tell the time."""
        reading = self._read()
        _reading.set(reading)
        return self._tell(reading)

    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._read().frozen_at is not None

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` and tell the new time; ClockError unless `by` is positive."""
        if by <= timedelta(0):
            raise ClockError("Часы стенда идут только вперёд: укажите положительный промежуток, например PT6M.")
        reading = self._read()
        if reading.frozen_at is not None:
            self._write(reading.offset, reading.frozen_at + by, by)
        else:
            self._write(reading.offset + by, None, by)
        return self.refresh()

    def set(self, to: datetime) -> datetime:
        """Move forward to `to` (aware); ClockError if that lies behind."""
        now = self._tell(self._read())
        if to <= now:
            raise ClockError(f"Часы стенда идут только вперёд: сейчас {now.isoformat()}, назад их возвращает сброс.")
        return self.advance(to - now)

    def freeze(self, still: bool) -> datetime:
        """Stop the clock, or let it run on from where it stands."""
        reading = self._read()
        now = self._tell(reading)
        if still:
            self._write(reading.offset, now)
        else:
            self._write(now - self._real.now(), None)
        return self.refresh()

    def _tell(self, reading: _Reading) -> datetime:
        told = reading.frozen_at if reading.frozen_at is not None else self._real.now() + reading.offset
        return told + current_skew()

    def _read(self) -> _Reading:
        with self._database.engine.connect() as connection:
            offset, frozen_at = connection.execute(
                text("select clock_offset, frozen_at from stand_state where id = 1")
            ).one()
        if isinstance(frozen_at, str):
            frozen_at = datetime.fromisoformat(frozen_at)
        if frozen_at is not None and frozen_at.tzinfo is None:
            frozen_at = frozen_at.replace(tzinfo=UTC)
        return _Reading(self, timedelta(microseconds=offset), frozen_at)

    def _write(self, offset: timedelta, frozen_at: datetime | None, by: timedelta = timedelta(0)) -> None:
        with self._database.writing() as session:
            state = session.get_one(StandState, 1)
            state.clock_offset = round(offset / timedelta(microseconds=1))
            state.frozen_at = frozen_at
            session.add(state)
            now = self._tell(_Reading(self, offset, frozen_at))
            details = {"seconds": by.total_seconds(), "frozen": frozen_at is not None}
            line = journal.Line(kind="change", at=now, program="sandbox_idp", name="clock", details=details)
            journal.write(self._database, session.connection(), [line])
