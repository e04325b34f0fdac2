"""More visitors than a program can serve."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect
from sandbox_idp.scenarios.faults import AHEAD


@effect("crowd")
class Crowd(GateEffect):
    """So many other requests wait in front of the portal: beyond its limit it answers with its own queue page.

    The portal counts them as a server in front would have told it; none of them is really made. For a portal that is
    not ours the command `gate` answers 503 and when to come back.
    """

    order: ClassVar[int] = 58

    program: Literal["portal"]
    visitors: int = Field(default=1000, ge=1, le=1_000_000)

    def details(self) -> dict[str, Any]:
        return {"visitors": self.visitors}

    def around(self, call: Call) -> Answer:
        call.environ[AHEAD] = self.visitors
        return call.proceed()
