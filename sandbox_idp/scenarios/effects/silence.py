"""A server that accepts a request and says nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import LONGEST, Answer, Call, GateEffect, effect, titled


@effect("silence")
class Silence(GateEffect):
    """No answer until the scenario is switched off, runs out, or `seconds` of the stand's time are over.

    What was held is then answered after all: somebody without a time limit of his own may still be waiting for it.
    """

    words: ClassVar[str] = "Ответа нет"

    order: ClassVar[int] = 20

    seconds: float = titled("Сколько секунд молчать", default=600, gt=0, le=LONGEST)

    def details(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def around(self, call: Call) -> Answer:
        call.moment.hold(self.seconds)
        return call.proceed()
