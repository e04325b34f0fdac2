"""An authorization code that is worth nothing when it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import CodeDraft, Point


@effect("code")
class Code(PointEffect[CodeDraft]):
    """The code counts as too old, used or another system's when it is redeemed; the ordinary checks then refuse it."""

    words: ClassVar[str] = "Код возвращения не годится"

    where: Literal["protocol"]
    becomes: Literal["expired", "used", "foreign"] = titled(
        "Что с кодом", words={"expired": "устарел", "used": "уже использован", "foreign": "выдан другой системе"}
    )

    def points(self) -> tuple[Point, ...]:
        return (Point.CODE_USE,)

    def details(self) -> dict[str, Any]:
        return {"becomes": self.becomes}

    def change(self, passage: Passage[CodeDraft]) -> None:
        draft = passage.value
        if self.becomes == "expired":
            draft.expires_at = passage.moment.now - timedelta(seconds=1)
        elif self.becomes == "used":
            draft.used = True
        else:
            draft.mnemonic += "_OTHER"
