"""Works on Gosuslugi, announced or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Moment, Passage, PointEffect, effect
from sandbox_idp.scenarios.points import Point, WorksDraft, WorksWindow


@effect("works")
class Works(PointEffect[WorksDraft]):
    """Puts a window on the schedule: from the arming (or its `starts_at`) for `minutes` (or to its `ends_at`).

    Without `minutes` and `ends_at` nobody knows the end.
    """

    ahead: ClassVar[bool] = True

    where: Literal["world"]
    minutes: float | None = Field(default=None, gt=0)
    works: Literal["planned", "repair", "modernisation"] = "planned"
    title: str = "Плановые работы"

    def points(self) -> tuple[Point, ...]:
        return (Point.WORKS,)

    def details(self) -> dict[str, Any]:
        return {"works": self.works}

    def concerns(self, passage: Passage[WorksDraft]) -> bool:
        end = self._window(passage.moment).end
        return end is None or end > passage.moment.now

    def change(self, passage: Passage[WorksDraft]) -> None:
        passage.value.windows.append(self._window(passage.moment))

    def _window(self, moment: Moment) -> WorksWindow:
        start = moment.starts_at or moment.armed_at
        end = moment.ends_at
        if end is None and self.minutes is not None:
            end = start + timedelta(minutes=self.minutes)
        return WorksWindow(start=start, end=end, kind=self.works, title=self.title)
