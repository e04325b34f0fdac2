"""What the kinds of effect on messages have in common: which messages they mean."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, titled
from sandbox_idp.scenarios.points import MessageDraft, Point


class MessageEffect(PointEffect[MessageDraft]):
    """Base: an effect on the `first` messages of these kinds in each sign-in; without it on all of them."""

    where: Literal["world"]
    messages: tuple[Literal["sms", "push", "mail"], ...] = Field(default=("sms", "push", "mail"), min_length=1)
    with_code: bool = titled("Только сообщения с кодом", default=False)
    """Only messages that carry a code; notices arrive as they should."""
    first: int | None = titled("Сколько первых сообщений (пусто — все)", default=None, ge=1)

    def points(self) -> tuple[Point, ...]:
        return (Point.MESSAGE,)

    def details(self) -> dict[str, Any]:
        return {"messages": list(self.messages)}

    def concerns(self, passage: Passage[MessageDraft]) -> bool:
        if passage.value.kind not in self.messages or (self.with_code and passage.value.code is None):
            return False
        return self.first is None or passage.moment.earlier() < self.first
