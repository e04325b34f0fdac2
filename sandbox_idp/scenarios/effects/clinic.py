"""The medical system of the clinics: it is silent or slow, or answers what a patient did not hope for."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from sandbox_idp.scenarios.effects.base import LONGEST, Passage, PointEffect, effect, titled
from sandbox_idp.scenarios.points import ClinicDraft, Point

Answer = Literal[
    "silent",
    "slow",
    "lost",
    "slot-taken",
    "no-slots",
    "card-not-found",
    "card-duplicate",
    "attachment-none",
    "attachment-pending",
]
CHANGES = frozenset(
    {"book", "move", "cancel", "wait", "call_home", "cancel_home_visit", "ask_certificate", "apply", "withdraw"}
    | {"hand_in", "stop_waiting"}
)
"""Calls that change something: only of these an answer can be lost so that it matters."""
OPERATIONS = CHANGES | {
    *("card", "sites", "site", "regions", "specialities", "speciality", "doctors", "doctor"),
    *("slots", "slot", "booking", "booking_by_key", "bookings", "waiting", "home_visits"),
    *("sources", "entries", "entry", "counts", "series", "transfers", "expenses", "expense_totals"),
    *("certificate_kinds", "certificates", "certificate", "certificate_paper", "applications", "application"),
    *("staff_site", "visits", "is_alive", "events"),
}
"""Every call of the interface (`portal.clinic.base`)."""


@effect("clinic")
class Clinic(PointEffect[ClinicDraft]):
    """The medical system answers `answer`.

    `silent`: no answer. `slow`: it needs `seconds` on the stand's clock; if the portal does not wait so long, no answer
    comes. `lost`: what was asked is done, and the answer is lost. `slot-taken`: somebody took the slot a moment ago.
    `no-slots`: nothing is free. `card-…`, `attachment-…`: so the card is, for whoever asks.
    `clinics`: codes of those it concerns; all without them. `operations`: calls of the interface; all that the answer
    fits without them. `sources`: of the record, which alone is silent or slow then.
    """

    words: ClassVar[str] = "Медицинская система молчит, тормозит или отвечает неожиданно"

    where: Literal["world"]
    answer: Answer = titled(
        "Что с ней",
        example="silent",
        words={
            "silent": "не отвечает",
            "slow": "отвечает долго",
            "lost": "выполняет, но ответ теряется",
            "slot-taken": "время только что заняли",
            "no-slots": "свободного времени нет",
            "card-not-found": "карты нет",
            "card-duplicate": "нашлись две карты",
            "attachment-none": "прикрепления нет",
            "attachment-pending": "прикрепление рассматривают",
        },
    )
    seconds: float = titled("Сколько секунд отвечает", default=10, gt=0, le=LONGEST)
    clinics: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    sources: tuple[Literal["clinic", "laboratory", "vaccinations"], ...] = Field(default=())

    @field_validator("operations")
    @classmethod
    def _known(cls, operations: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(operations) - OPERATIONS)
        if unknown:
            raise ValueError(f"нет такого вызова: {', '.join(unknown)}")
        return operations

    def points(self) -> tuple[Point, ...]:
        return (Point.CLINIC,)

    def details(self) -> dict[str, Any]:
        return self.model_dump(include={"answer", "clinics", "operations", "sources"}, exclude_defaults=True)

    def concerns(self, passage: Passage[ClinicDraft]) -> bool:
        draft = passage.value
        if self.clinics and draft.site not in self.clinics:
            return False
        if self.sources and draft.source not in self.sources:
            return False
        if self.operations:
            return draft.operation in self.operations
        return self._fits(draft)

    def _fits(self, draft: ClinicDraft) -> bool:
        if self.answer == "lost":
            return draft.operation in CHANGES
        if self.answer == "slot-taken":
            return draft.operation in ("book", "move")
        if self.answer == "no-slots":
            return draft.operation == "slots"
        if self.answer.startswith(("card-", "attachment-")):
            return draft.operation in ("card", "book", "move", "call_home")
        return True

    def change(self, passage: Passage[ClinicDraft]) -> None:
        draft = passage.value
        match self.answer:
            case "silent":
                draft.silent = True
            case "slow":
                passage.moment.hold(min(self.seconds, draft.patience))
                draft.silent = draft.silent or self.seconds >= draft.patience
            case "lost":
                draft.lost = True
            case "slot-taken":
                draft.taken = True
            case "no-slots":
                draft.full = True
            case "card-not-found":
                draft.card = "not-found"
            case "card-duplicate":
                draft.card = "duplicate"
            case "attachment-none":
                draft.attachment = "none"
            case "attachment-pending":
                draft.attachment = "pending"
