"""Whether somebody may be booked, and what is missing if not (R-013, U-3): a page, never an error of a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portal.patients.acting import Subject
from portal.patients.items import Kind
from portal.patients.view import LEVELS, ItemView

PolicyState = Literal["ready", "missing", "denied", "loading", "error", "absent"]
FOR_STANDARD = ("паспорт", "СНИЛС")
"""What упрощённая lacks. Of the passport the portal never asks (C-21): the level alone tells."""
CHILD_POLICY = "kid_medical_doc"
"""The right without which a child cannot be booked (R-019, right 4)."""


@dataclass(frozen=True)
class Readiness:
    """What the page tells."""

    level: str
    """`упрощённая`."""
    level_is_enough: bool
    missing: tuple[str, ...]
    """What is to be added at Gosuslugi, in words that go into a list."""
    policy: PolicyState
    for_child: bool = False
    """Whether the policy is that of a child whom the patient acts for."""

    @property
    def may_book(self) -> bool:
        """Level and policy are there. A clinic that takes bookings is another matter."""
        return self.level_is_enough and self.policy == "ready"


def readiness(subject: Subject, views: Mapping[Kind, ItemView], scopes: frozenset[str]) -> Readiness:
    """By the level that ESIA's answer stands for, and by the policy of whoever goes to the doctor as it was fetched."""
    level = subject.patient.level
    enough = level != "simplified"
    policy = _policy_of_child(subject, views, scopes) if subject.child is not None else views["policy"].mark
    missing: tuple[str, ...] = () if enough else FOR_STANDARD
    if policy == "missing":
        missing += ("полис ОМС ребёнка" if subject.child is not None else "полис ОМС",)
    return Readiness(LEVELS[level], enough, missing, policy, subject.child is not None)


def _policy_of_child(subject: Subject, views: Mapping[Kind, ItemView], scopes: frozenset[str]) -> PolicyState:
    if subject.policy is not None:
        return "ready"
    mark = views["child-documents"].mark
    if CHILD_POLICY not in scopes and mark != "absent":
        return "denied"
    return "missing" if mark == "ready" else mark
