"""The schedule of works on Gosuslugi, and whether they are going on now (R-030, R-117, R-118).

Windows come from armed effects only; overlapping ones are shown as one closure with the later end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point, WorksDraft, WorksWindow

UNKNOWN_END_RETRY = timedelta(seconds=60)
"""What `Retry-After` says while nobody knows the end: when to look again, not a promise."""


@dataclass(frozen=True)
class Closure:
    """A time in which the sign-in is closed; `end` is None while nobody knows it."""

    start: datetime
    end: datetime | None
    title: str
    kind: str

    def left(self, now: datetime) -> timedelta | None:
        """How long it still takes, never negative; None while the end is unknown."""
        return None if self.end is None else max(self.end - now, timedelta(0))

    def retry_after(self, now: datetime) -> int:
        """Whole seconds after which asking again makes sense."""
        left = self.left(now)
        return max(1, round((UNKNOWN_END_RETRY if left is None else left).total_seconds()))


def windows() -> list[WorksWindow]:
    """Every announced or running window of the current stand, by their start."""
    draft = engine.transform(Point.WORKS, WorksDraft())
    return sorted(draft.windows, key=lambda window: window.start)


def closures(announced: Iterable[WorksWindow]) -> list[Closure]:
    """Windows that touch or overlap put together: one notice, the later end."""
    merged: list[Closure] = []
    for window in sorted(announced, key=lambda each: each.start):
        last = merged[-1] if merged else None
        if last is not None and (last.end is None or window.start <= last.end):
            end = None if last.end is None or window.end is None else max(last.end, window.end)
            merged[-1] = Closure(last.start, end, last.title, last.kind)
        else:
            merged.append(Closure(window.start, window.end, window.title, window.kind))
    return merged


def running(all_closures: Iterable[Closure], now: datetime) -> Closure | None:
    """The closure that is on at `now`."""
    return next(
        (each for each in all_closures if each.start <= now and (each.end is None or now < each.end)),
        None,
    )


def ahead(all_closures: Iterable[Closure], now: datetime) -> list[Closure]:
    """The closures that begin after `now`."""
    return [each for each in all_closures if each.start > now]
