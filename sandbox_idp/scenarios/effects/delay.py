"""A request that takes its time."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, ClassVar

from pydantic import Field, model_validator

from sandbox_idp.scenarios.effects.base import LONGEST, Answer, Call, GateEffect, Moment, effect, titled

LONGEST_BY_LUCK = 600.0
"""Seconds; what a log-normal delay is cut off at, because its tail has no end."""


@effect("delay")
class Delay(GateEffect):
    """The request waits on the stand's time and then goes on as ever.

    `seconds` alone is a fixed delay; with `to` it is drawn evenly between the two; with `sigma` it is log-normal around
    the median `seconds`, as real servers are: mostly quick, now and then very slow. What is drawn depends on the
    arming's seed and on the call, so the same sign-in meets the same delays again.
    """

    words: ClassVar[str] = "Ответ приходит с задержкой"

    order: ClassVar[int] = 10

    seconds: float = titled("Сколько секунд ждать", example=5, gt=0, le=LONGEST)
    to: float | None = Field(default=None, gt=0, le=LONGEST)
    sigma: float | None = Field(default=None, gt=0, le=3)

    @model_validator(mode="after")
    def _one_distribution(self) -> Delay:
        if self.to is not None and self.sigma is not None:
            raise ValueError("to (равномерно) и sigma (логнормально) вместе не бывают")
        if self.to is not None and self.to < self.seconds:
            raise ValueError("to меньше seconds")
        return self

    def details(self) -> dict[str, Any]:
        return self.model_dump(include={"seconds", "to", "sigma"}, exclude_none=True)

    def drawn(self, moment: Moment) -> float:
        """How many seconds it is this time."""
        if self.to is not None:
            return self.seconds + (self.to - self.seconds) * moment.luck()
        if self.sigma is not None:
            # The ends of the unit interval are where the normal distribution has no value.
            even = min(max(moment.luck(), 1e-9), 1 - 1e-9)
            return min(LONGEST_BY_LUCK, self.seconds * math.exp(self.sigma * NormalDist().inv_cdf(even)))
        return self.seconds

    def around(self, call: Call) -> Answer:
        call.moment.hold(self.drawn(call.moment))
        return call.proceed()
