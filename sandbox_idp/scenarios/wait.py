"""Waiting without wasting: a held request sleeps on an event, and one thread per process watches the stands' clocks.

The thread lives only while somebody waits and asks each stand at most ten times a second. A wait ends when the stand's
clock passes its end, when the scenario is switched off or armed anew, or when the stand is gone. A request that waits
holds no database connection.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import select

from foundation import log
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import Armed, StandState
from sandbox_idp.scenarios.transactions import is_gone

POLL_SECONDS = 0.1

_log = log.get_log("sandbox_idp.scenarios")


@dataclass(eq=False)
class _Waiter:
    stand: Stand
    until: datetime
    entry: str
    armed_at: datetime
    version: int | None = None
    given_up: bool = False
    over: threading.Event = field(default_factory=threading.Event)


class Waits:
    """The waits of one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiters: list[_Waiter] = []
        self._watching = False

    def hold(self, stand: Stand, until: datetime, *, entry: str, armed_at: datetime) -> bool:
        """Return when the clock of `stand` passes `until` or this arming of `entry` is no more.

        False if the stand itself is no more.
        """
        waiter = _Waiter(stand, until, entry, armed_at)
        with self._changed:
            self._waiters.append(waiter)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="scenario-waits", daemon=True).start()
            self._changed.notify_all()
        waiter.over.wait()
        return not waiter.given_up

    def nudge(self) -> None:
        """Look now: something was changed in this process."""
        with self._changed:
            self._changed.notify_all()

    def waiting(self) -> int:
        """How many requests wait in this process."""
        with self._changed:
            return len(self._waiters)

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._waiters = [waiter for waiter in self._waiters if not waiter.over.is_set()]
                if not self._waiters:
                    self._watching = False
                    return
                waiters = list(self._waiters)
            for stand in {id(waiter.stand): waiter.stand for waiter in waiters}.values():
                self._look(stand, [waiter for waiter in waiters if waiter.stand is stand])
            with self._changed:
                if not any(waiter.over.is_set() for waiter in self._waiters):
                    self._changed.wait(POLL_SECONDS)

    def _look(self, stand: Stand, waiters: list[_Waiter]) -> None:
        try:
            if is_gone(stand.database):
                raise LookupError("the stand is gone")
            now = stand.clock.now()
            with stand.database.reading() as session:
                version = session.exec(select(StandState.armed_version)).one()
                changed = any(waiter.version != version for waiter in waiters)
                armed = {row.entry: row.armed_at for row in session.exec(select(Armed))} if changed else {}
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may be left waiting for ever
            _log.warning("wait_given_up", reason=type(error).__name__)
            for waiter in waiters:
                waiter.given_up = True
                waiter.over.set()
            return
        for waiter in waiters:
            disarmed = waiter.version != version and armed.get(waiter.entry) != waiter.armed_at
            waiter.version = version
            if now >= waiter.until or disarmed:
                waiter.over.set()


waits = Waits()
"""The waits of this process."""
