"""No captchas: the service that makes them does not answer."""

from __future__ import annotations

from typing import ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect
from sandbox_idp.scenarios.points import CaptchaDraft, Point


@effect("captcha-down")
class CaptchaDown(PointEffect[CaptchaDraft]):
    """There is neither picture nor recording; whoever would have to solve one has to be offered another way."""

    words: ClassVar[str] = "Картинка с цифрами не открывается"

    where: Literal["world"]

    def points(self) -> tuple[Point, ...]:
        return (Point.CAPTCHA,)

    def change(self, passage: Passage[CaptchaDraft]) -> None:
        passage.value.available = False
