"""Works on Gosuslugi, announced or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Moment, Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import Point, WorksDraft, WorksWindow

FARTHEST = 366 * 24 * 60
"""Minutes."""


@effect("works")
class Works(PointEffect[WorksDraft]):
    """Puts a window on the schedule: from the arming (or its `starts_at`) for `minutes` (or to its `ends_at`).

    Without `minutes` and `ends_at` nobody knows the end. `starts_in` moves the window by so many minutes, forward or
    back; when its end has come and the works go on, it is prolonged by `overrun`. With `after = "password"` it concerns
    only those who have given their password already.
    """

    words: ClassVar[str] = "Работы на Госуслугах"

    ahead: ClassVar[bool] = True

    where: Literal["world"]
    minutes: float | None = titled("Сколько минут (пусто — конец неизвестен)", default=None, gt=0, le=FARTHEST)
    works: Literal["planned", "repair", "modernisation"] = titled(
        "Какие работы",
        words={"planned": "плановые", "repair": "ремонт", "modernisation": "обновление"},
        default="planned",
    )
    title: str = titled("Название работ", default="Плановые работы")
    starts_in: float = Field(default=0, ge=-FARTHEST, le=FARTHEST)
    overrun: float = Field(default=0, ge=0, le=FARTHEST)
    prolonged: str = "Работы продлены"
    """The title once they take longer than was announced."""
    after: Literal["password"] | None = None

    def points(self) -> tuple[Point, ...]:
        return (Point.WORKS,)

    def details(self) -> dict[str, Any]:
        return {"works": self.works}

    def concerns(self, passage: Passage[WorksDraft]) -> bool:
        if self.after == "password" and not passage.moment.person_known():
            return False
        end = self._window(passage.moment).end
        return end is None or end > passage.moment.now

    def change(self, passage: Passage[WorksDraft]) -> None:
        passage.value.windows.append(self._window(passage.moment))

    def _window(self, moment: Moment) -> WorksWindow:
        start = (moment.starts_at or moment.armed_at) + timedelta(minutes=self.starts_in)
        end = moment.ends_at
        if end is None and self.minutes is not None:
            end = start + timedelta(minutes=self.minutes)
        if end is not None and self.overrun and end <= moment.now:
            later: datetime = end + timedelta(minutes=self.overrun)
            return WorksWindow(start=start, end=later, kind=self.works, title=self.prolonged)
        return WorksWindow(start=start, end=end, kind=self.works, title=self.title)
