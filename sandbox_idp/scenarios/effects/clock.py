"""Clocks that differ."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from sandbox_idp.context import use_skew
from sandbox_idp.scenarios.effects.base import RECEIVED_AT, Answer, Call, RequestEffect, effect, titled

FARTHEST = 10 * 366 * 24 * 3600
"""Seconds."""


@effect("clock")
class ClockSkew(RequestEffect):
    """While it answers, the program's clock is `seconds` ahead of the stand's (behind it, if they are negative)."""

    words: ClassVar[str] = "Часы программы спешат или отстают"

    order: ClassVar[int] = 5

    where: Literal["time"]
    seconds: float = titled("На сколько секунд спешат (с минусом — отстают)", example=600, ge=-FARTHEST, le=FARTHEST)

    def details(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    def around(self, call: Call) -> Answer:
        skew = timedelta(seconds=self.seconds)
        # By its own clock the program got the request just now: it must not take it for one that waited so long.
        if RECEIVED_AT in call.environ:
            call.environ[RECEIVED_AT] += skew
        with use_skew(skew):
            return call.proceed()
