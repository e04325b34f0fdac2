"""A message that never arrives."""

from __future__ import annotations

from typing import ClassVar

from sandbox_idp.scenarios.effects.base import Passage, effect
from sandbox_idp.scenarios.effects.messages import MessageEffect
from sandbox_idp.scenarios.points import MessageDraft


@effect("message-lost")
class MessageLost(MessageEffect):
    """The `first` messages of these kinds in each sign-in get lost on the way; without it all of them do."""

    words: ClassVar[str] = "СМС, push или письмо не приходит"

    def change(self, passage: Passage[MessageDraft]) -> None:
        passage.value.lost = True
