"""A request that takes its time."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect


@effect("delay")
class Delay(GateEffect):
    """The request waits `seconds` of the stand's time and then goes on as ever."""

    order: ClassVar[int] = 10

    seconds: float = Field(gt=0)

    def details(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def around(self, call: Call) -> Answer:
        call.moment.hold(self.seconds)
        return call.proceed()
