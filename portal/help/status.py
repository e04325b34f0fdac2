"""What works right now, for people and for programs (U-33, R-118)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from portal.doors import Doors
from portal.esia.errors import EsiaError
from portal.esia.works import Works, current_works

State = Literal["works", "closed", "down"]


@dataclass(frozen=True)
class Component:
    """One thing that people rely on."""

    id: str
    name: str
    state: State
    until: datetime | None = None
    """When works end, if they are on and somebody promises an end."""


@dataclass(frozen=True)
class Status:
    """Everything at one moment."""

    checked_at: datetime
    components: list[Component]
    ahead: list[Works]
    """Works that are announced and have not begun."""

    @property
    def all_well(self) -> bool:
        """Whether nothing is closed or down."""
        return all(component.state == "works" for component in self.components)


def look(doors: Doors) -> Status:
    """Ask everything the portal stands on. Takes a second at most where Gosuslugi is silent."""
    now = doors.clock.now()
    windows = doors.esia.schedule()
    works = current_works(windows, now)
    state: State = "works"
    if works is None:
        try:
            works = doors.esia.check_alive()
        except EsiaError:
            state = "down"
    if works is not None:
        state = "closed"
    end = works.end if works else None
    database: State = "works" if doors.database.is_alive() else "down"
    return Status(
        checked_at=now,
        components=[
            Component("sign-in", "Вход через Госуслуги", state, end),
            Component("data", "Загрузка данных из Госуслуг", state, end),
            Component("portal", "Ваши данные на портале", database),
        ],
        ahead=_ahead(windows, now),
    )


def _ahead(windows: list[Works], now: datetime) -> list[Works]:
    """What is announced, windows that overlap put together (the later end counts)."""
    found: list[Works] = []
    for window in windows:
        if window.start <= now:
            continue
        merged = current_works(windows, window.start)
        if merged is not None and merged not in found and merged.start > now:
            found.append(merged)
    return found
