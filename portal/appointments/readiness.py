"""Whether a patient may book, and what is missing if not (R-013, U-3): said on a page, never as an error of a field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.patients.models import Patient
from portal.patients.view import LEVELS, ItemView

PolicyState = Literal["ready", "missing", "denied", "loading", "error", "absent"]
FOR_STANDARD = ("паспорт", "СНИЛС")
"""What упрощённая lacks. Of the passport the portal never asks (C-21): the level alone tells."""


@dataclass(frozen=True)
class Readiness:
    """What the page tells."""

    level: str
    """`упрощённая`."""
    level_is_enough: bool
    missing: tuple[str, ...]
    """What is to be added at Gosuslugi, in words that go into a list."""
    policy: PolicyState

    @property
    def may_book(self) -> bool:
        """Level and policy are there. A clinic that takes bookings is another matter."""
        return self.level_is_enough and self.policy == "ready"


def readiness(patient: Patient, policy: ItemView) -> Readiness:
    """By the level that ESIA's answer stands for, and by the policy as it was fetched."""
    enough = patient.level != "simplified"
    missing: tuple[str, ...] = () if enough else FOR_STANDARD
    if policy.mark == "missing":
        missing += ("полис ОМС",)
    return Readiness(LEVELS[patient.level], enough, missing, policy.mark)
