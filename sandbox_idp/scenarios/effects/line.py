"""A thin line between the person and the program."""

from __future__ import annotations

from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, chunks, effect, titled


@effect("line")
class Line(GateEffect):
    """Every answer takes as long as its bytes need over so thin a line, and the way there and back.

    The program is asked at once: it is the line that is slow. What is sent is sent packed, as it would be.
    """

    words: ClassVar[str] = "Медленная связь"

    order: ClassVar[int] = 15

    kilobits: float = titled("Килобит в секунду", default=2000, ge=16, le=1_000_000)
    milliseconds: float = titled("Сколько миллисекунд путь туда и обратно", default=100, ge=0, le=10_000)

    def details(self) -> dict[str, Any]:
        return {"kilobits": self.kilobits, "milliseconds": self.milliseconds}

    def around(self, call: Call) -> Answer:
        answer = call.proceed()
        body = answer.whole_body()
        call.moment.hold(self.milliseconds / 1000 + len(body) * 8 / (self.kilobits * 1000))
        return Answer(answer.status, answer.headers, chunks(body), complete=answer.complete)
