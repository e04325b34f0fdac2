"""A way back to the system that carries something else."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, given
from sandbox_idp.scenarios.points import Point, RedirectDraft


@effect("redirect")
class Redirect(PointEffect[RedirectDraft]):
    """Sets and removes parameters of the redirect with which the browser returns from Gosuslugi."""

    where: Literal["protocol"]
    set: dict[str, Any] = Field(default={})
    remove: tuple[str, ...] = ()

    def points(self) -> tuple[Point, ...]:
        return (Point.AUTHORIZE_REDIRECT,)

    def details(self) -> dict[str, Any]:
        return {"changed": [*self.set, *self.remove]}

    def change(self, passage: Passage[RedirectDraft]) -> None:
        for name, wanted in self.set.items():
            passage.value.params[name] = str(given(wanted, passage.moment.ids, passage.value.params.get(name)))
        for name in self.remove:
            passage.value.params.pop(name, None)
