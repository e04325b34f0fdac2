"""An answer that comes so slowly that it is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect, titled


@effect("drip")
class Drip(GateEffect):
    """The body goes out byte by byte on the stand's time; switched off, the rest comes at once."""

    words: ClassVar[str] = "Ответ приходит по капле"

    order: ClassVar[int] = 25

    bytes_per_second: float = titled("Байт в секунду", default=1, ge=0.01, le=1_000_000)

    def details(self) -> dict[str, Any]:
        return {"bytes_per_second": self.bytes_per_second}

    def around(self, call: Call) -> Answer:
        answer = call.proceed()
        body = answer.whole_body()
        return Answer(answer.status, answer.headers, self._dripping(call, body), complete=answer.complete)

    def _dripping(self, call: Call, body: bytes) -> Iterator[bytes]:
        for at in range(len(body)):
            call.moment.hold(1 / self.bytes_per_second)
            yield body[at : at + 1]
