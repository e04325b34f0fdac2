"""A header that a proxy in front of a program adds to each request."""

from __future__ import annotations

from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect, titled


@effect("proxy-says")
class ProxySays(GateEffect):
    """The program is told by its proxy what it cannot see itself, such as how old the browser's encryption is."""

    words: ClassVar[str] = "Прокси сообщает о соединении"

    order: ClassVar[int] = 47

    header: str = titled("Заголовок", example="X-TLS-Version", pattern=r"^X-[A-Za-z-]{1,60}$")
    value: str = titled("Значение", example="TLSv1.1", pattern=r"^[\x20-\x7e]{0,100}$")

    def details(self) -> dict[str, Any]:
        return {"header": self.header, "value": self.value}

    def around(self, call: Call) -> Answer:
        call.environ["HTTP_" + self.header.upper().replace("-", "_")] = self.value
        return call.proceed()
