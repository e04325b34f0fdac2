"""A registry that takes its time, says no, or cannot be reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import Point, RegistryDraft


@effect("registry")
class Registry(PointEffect[RegistryDraft]):
    """One of the `registries` does not answer as it should.

    `slow`: it needs `seconds` on the stand's clock. `down`: it cannot be reached, and is asked again after a minute.
    `refuse`: it says no, whatever it was asked.
    """

    words: ClassVar[str] = "Реестр документов молчит, отказывает или не отвечает"

    where: Literal["world"]
    registries: tuple[Literal["passport", "snils", "insured"], ...] = Field(
        default=("passport", "snils", "insured"), min_length=1
    )
    answer: Literal["refuse", "slow", "down"] = titled(
        "Что с ним", example="down", words={"refuse": "отказывает", "slow": "думает долго", "down": "не отвечает"}
    )
    seconds: float = titled("Сколько секунд думает", default=7200, gt=0, le=432_000)

    def points(self) -> tuple[Point, ...]:
        return (Point.REGISTRY,)

    def details(self) -> dict[str, Any]:
        return {"registries": list(self.registries), "answer": self.answer}

    def concerns(self, passage: Passage[RegistryDraft]) -> bool:
        value = passage.value
        late = self.answer != "slow" or value.waited < timedelta(seconds=self.seconds)
        return value.registry in self.registries and late

    def change(self, passage: Passage[RegistryDraft]) -> None:
        value = passage.value
        value.down = value.down or self.answer == "down"
        value.refuses = value.refuses or self.answer == "refuse"
        if self.answer == "slow":
            value.needs = max(value.needs, timedelta(seconds=self.seconds))
