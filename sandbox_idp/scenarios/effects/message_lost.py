"""A message that never arrives."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import MessageDraft, Point


@effect("message-lost")
class MessageLost(PointEffect[MessageDraft]):
    """The `first` messages of these kinds in each sign-in get lost on the way; without it all of them do."""

    words: ClassVar[str] = "СМС, push или письмо не приходит"

    where: Literal["world"]
    messages: tuple[Literal["sms", "push", "mail"], ...] = Field(default=("sms", "push", "mail"), min_length=1)
    with_code: bool = titled("Только сообщения с кодом", default=False)
    """Only messages that carry a code; notices arrive."""
    first: int | None = titled("Сколько первых сообщений потерять (пусто — все)", default=None, ge=1)

    def points(self) -> tuple[Point, ...]:
        return (Point.MESSAGE,)

    def details(self) -> dict[str, Any]:
        return {"messages": list(self.messages)}

    def concerns(self, passage: Passage[MessageDraft]) -> bool:
        if passage.value.kind not in self.messages or (self.with_code and passage.value.code is None):
            return False
        return self.first is None or passage.moment.earlier() < self.first

    def change(self, passage: Passage[MessageDraft]) -> None:
        passage.value.lost = True
