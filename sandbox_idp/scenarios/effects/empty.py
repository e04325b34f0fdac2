"""An answer without anything in it."""

from __future__ import annotations

from typing import ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, chunks, effect


@effect("empty")
class Empty(GateEffect):
    """The program does its work and answers with its own status, but of the body nothing arrives."""

    words: ClassVar[str] = "Ответ приходит пустым"

    order: ClassVar[int] = 45

    def around(self, call: Call) -> Answer:
        answer = call.proceed()
        answer.whole_body()
        kept = ("content-length", "content-encoding")
        headers = [(name, value) for name, value in answer.headers if name.lower() not in kept]
        return Answer(answer.status, [*headers, ("Content-Length", "0")], chunks(b""), complete=answer.complete)
