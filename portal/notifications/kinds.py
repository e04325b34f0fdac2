"""What notifications there are, and how each is sent unless the patient chooses otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KindId = Literal["appointments", "bookings", "results", "papers", "support"]


@dataclass(frozen=True)
class Kind:
    """One kind, as the settings show it."""

    id: KindId
    name: str
    about: str
    mail: bool = True
    sms: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(
        "appointments",
        "Скоро приём",
        "Напоминание за день, отмена приёма поликлиникой и время из листа ожидания",
        sms=True,
    ),
    Kind("bookings", "Запись и отмена", "Вы записались, перенесли или отменили приём, вызвали врача на дом"),
    Kind("results", "Результаты", "Готов анализ или заключение"),
    Kind("papers", "Справки и заявления", "Справка готова, заявление рассмотрено"),
    Kind("support", "Обращения", "Ответ поддержки"),
)
BY_ID = {kind.id: kind for kind in KINDS}
OF_EVENTS: dict[str, KindId] = {
    "appointment": "appointments",
    "booking": "bookings",
    "called-off": "appointments",
    "home-visit": "bookings",
    "waiting": "appointments",
    "result": "results",
    "certificate": "papers",
    "application": "papers",
}
"""By the kinds of the clinic's events (`portal.clinic.values.Event`)."""
PATHS = {
    "appointment": "/appointments/{id}",
    "booking": "/appointments/{id}",
    "called-off": "/appointments/{id}",
    "home-visit": "/home-visit",
    "waiting": "/waiting-list",
    "result": "/record/results/{id}",
    "certificate": "/documents/requests",
    "application": "/applications",
}
"""Where an event leads."""
