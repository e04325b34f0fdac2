"""A fault inside a program."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import field_validator
from werkzeug.exceptions import default_exceptions

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect, titled
from sandbox_idp.scenarios.faults import FAULT


@effect("fault")
class Fault(GateEffect):
    """The program fails from within and answers by its own error page, in its own words.

    500: it raises an error nobody expected. Another `status`: one of its views says no in the ordinary way, though it
    ought not to.
    """

    words: ClassVar[str] = "Программа ломается внутри"

    order: ClassVar[int] = 60

    status: int = titled("С каким кодом она отвечает", default=500, ge=400, le=599)

    @field_validator("status")
    @classmethod
    def _known(cls, status: int) -> int:
        if status not in default_exceptions:
            raise ValueError("такой код программы сами не отвечают; например 403, 404, 500 или 503")
        return status

    def details(self) -> dict[str, Any]:
        return {"status": self.status}

    def around(self, call: Call) -> Answer:
        call.environ[FAULT] = self.status
        return call.proceed()
