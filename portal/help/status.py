"""What works right now, for people and for programs (U-33, R-118)."""

from __future__ import annotations

from collections.abc import Iterator
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
    meanwhile: str
    """What to do while it does not work."""
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
    """Ask every door that is there; a silent one takes a second at most. What is not there is not told of."""
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
    return Status(
        checked_at=now,
        components=[*_of_gosuslugi(doors, state, works), *_of_the_clinic(doors), _of_the_portal(doors)],
        ahead=_ahead(windows, now),
    )


def _of_gosuslugi(doors: Doors, state: State, works: Works | None) -> Iterator[Component]:
    end = works.end if works else None
    yield Component("sign-in", "Вход через Госуслуги", state, "Записаться можно по телефону регистратуры.", end)
    codes = doors.esia.codes_go_out()
    if codes is not None:
        instead = (
            "На странице кода нажмите «Другой способ»: код из приложения или подтверждение в приложении «Госуслуги»."
        )
        yield Component("codes", "Коды СМС", state if codes else "down", instead, end if codes else None)
    kept = "Тем, кто уже вошёл, портал показывает данные, полученные раньше."
    yield Component("data", "Загрузка данных из Госуслуг", state, kept, end)


def _of_the_clinic(doors: Doors) -> Iterator[Component]:
    if not doors.clinic.is_there:
        return
    answers = _state(doors.clinic.is_alive())
    yield Component("appointments", "Запись к врачу", answers, "Позвоните в регистратуру своей поликлиники.")
    yield Component("documents", "Медкарта, справки и документы", answers, "Бумажную справку выдаст регистратура.")


def _of_the_portal(doors: Doors) -> Component:
    kept = "Данные не потеряны. Помощь и эта страница открываются и без них."
    return Component("portal", "Ваши данные на портале", _state(doors.database.is_alive()), kept)


def _state(answers: bool) -> State:
    return "works" if answers else "down"


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
