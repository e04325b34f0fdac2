"""How Gosuslugi deals with second factors, otherwise than its policy says: for one person, or one sign-in."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import FactorsDraft, InsistDraft, Point


@effect("no-sms-on-phones")
class NoSmsOnPhones(PointEffect[FactorsDraft]):
    """On a phone no code is sent by SMS (`sms_on_mobile` of the policy)."""

    words: ClassVar[str] = "На телефоне не предлагают код по СМС"

    where: Literal["world"]

    def points(self) -> tuple[Point, ...]:
        return (Point.FACTORS,)

    def concerns(self, passage: Passage[FactorsDraft]) -> bool:
        return passage.value.on_mobile

    def change(self, passage: Passage[FactorsDraft]) -> None:
        passage.value.sms_on_mobile = False


@effect("insist-on-factor")
class InsistOnFactor(PointEffect[InsistDraft]):
    """After the second factor a page insists that another one be connected (`another_factor` of the policy)."""

    words: ClassVar[str] = "Госуслуги настаивают на ещё одном способе входа"

    where: Literal["world"]
    skippable: bool = titled("Шаг можно пропустить", default=True)

    def points(self) -> tuple[Point, ...]:
        return (Point.FACTOR_ACCEPTED,)

    def details(self) -> dict[str, Any]:
        return {"skippable": self.skippable}

    def change(self, passage: Passage[InsistDraft]) -> None:
        passage.value.insists = "may-skip" if self.skippable else "must"
