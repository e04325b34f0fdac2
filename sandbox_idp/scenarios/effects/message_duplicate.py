"""A message that arrives more than once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Passage, effect, titled
from sandbox_idp.scenarios.effects.messages import MessageEffect
from sandbox_idp.scenarios.points import MessageDraft


@effect("message-duplicate")
class MessageDuplicate(MessageEffect):
    """The same message arrives `times` times more, every `seconds` on the stand's clock."""

    words: ClassVar[str] = "СМС, push или письмо приходит несколько раз"

    times: int = titled("Сколько раз ещё", default=1, ge=1, le=5)
    seconds: float = titled("Через сколько секунд", default=0, ge=0)

    def details(self) -> dict[str, Any]:
        return {**super().details(), "times": self.times}

    def change(self, passage: Passage[MessageDraft]) -> None:
        apart = timedelta(seconds=self.seconds)
        passage.value.echoes += tuple(apart * number for number in range(1, self.times + 1))
