"""The one notice of works that Gosuslugi announces (U-33, R-118): which window, and whether it has begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.doors import doors
from portal.esia.works import Works, current_works

NOTICED_BEFORE = timedelta(hours=24)


@dataclass(frozen=True)
class Notice:
    """What there is to say."""

    window: Works | None
    """Windows that overlap count as one; None: nothing to say."""
    running: bool


def notice(windows: list[Works], now: datetime) -> Notice:
    """Works that are on, else the next that begin within a day."""
    window = current_works(windows, now)
    if window is not None:
        return Notice(window, running=True)
    ahead = [one for one in windows if now < one.start <= now + NOTICED_BEFORE]
    return Notice(current_works(windows, ahead[0].start) if ahead else None, running=False)


def known_notice() -> Notice:
    """What is known without asking anybody, for the page around every page: pages must not wait for Gosuslugi."""
    return notice(doors().esia.known_works(), doors().clock.now())
