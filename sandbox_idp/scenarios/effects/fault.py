"""A fault inside a program."""

from __future__ import annotations

from typing import ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect
from sandbox_idp.scenarios.faults import FAULT


@effect("fault")
class Fault(GateEffect):
    """The program raises an error nobody expected, and answers it by its own last resort (500, its own words)."""

    words: ClassVar[str] = "Программа ломается внутри"

    order: ClassVar[int] = 60

    def around(self, call: Call) -> Answer:
        call.environ[FAULT] = True
        return call.proceed()
