"""A message that takes its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from sandbox_idp.scenarios.effects.base import Passage, effect, titled
from sandbox_idp.scenarios.effects.messages import MessageEffect
from sandbox_idp.scenarios.points import MessageDraft


@effect("message-late")
class MessageLate(MessageEffect):
    """The message arrives `seconds` later on the stand's clock; one that was sent after it may arrive before it."""

    words: ClassVar[str] = "СМС, push или письмо опаздывает"

    seconds: float = titled("На сколько секунд", example=90, gt=0)

    def details(self) -> dict[str, Any]:
        return {**super().details(), "seconds": self.seconds}

    def change(self, passage: Passage[MessageDraft]) -> None:
        passage.value.delay += timedelta(seconds=self.seconds)
