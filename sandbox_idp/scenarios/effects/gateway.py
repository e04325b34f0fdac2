"""A gateway that takes no messages."""

from __future__ import annotations

from typing import ClassVar

from sandbox_idp.scenarios.effects.base import Passage, effect
from sandbox_idp.scenarios.effects.messages import MessageEffect
from sandbox_idp.scenarios.points import MessageDraft


@effect("gateway-down")
class GatewayDown(MessageEffect):
    """Messages of these kinds are not taken at all, and Gosuslugi knows it at once."""

    words: ClassVar[str] = "Служба рассылки не принимает СМС, push или письма"

    def change(self, passage: Passage[MessageDraft]) -> None:
        passage.value.refused = True
