"""A cookie that never gets to the browser."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect, titled


@effect("cookie-lost")
class CookieLost(GateEffect):
    """Something between program and browser swallows one cookie: a proxy, a filter, a program that cleans up."""

    words: ClassVar[str] = "По дороге пропадает файл cookie"

    order: ClassVar[int] = 28

    cookie: str = titled("Имя без приставок: session, browser, form", example="session", pattern=r"^[a-z-]+$")

    def details(self) -> dict[str, Any]:
        return {"cookie": self.cookie}

    def around(self, call: Call) -> Answer:
        answer = call.proceed()
        # A stand's cookies carry a part of its hash, those without a prefix begin with `__Host-` (S-49).
        lost = re.compile(rf"(?:__Host-)?{self.cookie}(?:-[0-9a-f]{{8}})?=")
        answer.headers = [
            (name, value) for name, value in answer.headers if name.lower() != "set-cookie" or not lost.match(value)
        ]
        return answer
