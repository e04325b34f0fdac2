"""The ways through the cabinet, in one list: side navigation on a desk, bottom navigation and «Разделы» on a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.doors import doors


@dataclass(frozen=True)
class Section:
    """One way. A room that opens a section adds its line to SECTIONS."""

    id: str
    """What a page of the section sets as `current`."""
    title: str
    icon: str
    path: str
    about: str
    """What is found there, for the page «Разделы»."""
    needs_clinic: bool = False
    """Hidden where the portal has no medical system behind it (`NoClinic`)."""
    on_phone: bool = False
    """One of the (at most three) that stand at the bottom of a phone's screen beside «Разделы»."""

    @property
    def badge(self) -> int:
        """How many things wait there; 0 for none."""
        count = BADGES.get(self.id)
        return count() if count is not None else 0


BADGES: dict[str, Callable[[], int]] = {}
"""Rooms whose section counts what waits in it put their count here, by the section's id."""

SECTIONS = (
    Section("home", "Главная", "home", "/home", "Кто вы, полис, дети и ближайшие приёмы", on_phone=True),
    Section("appointments", "Запись к врачу", "cal", "/appointments", "Записаться, перенести, отменить", on_phone=True),
    Section(
        "record",
        "Медкарта",
        "rec",
        "/record",
        "Анализы, приёмы, назначения, прививки, расходы",
        needs_clinic=True,
        on_phone=True,
    ),
    Section("documents", "Документы", "doc", "/documents", "Загруженные документы, справки, заявления"),
    Section("children", "Дети", "kids", "/children", "Дети с Госуслуг, записать ребёнка к врачу"),
    Section("loading", "Мои данные", "again", "/loading", "Что загружено из Госуслуг и когда"),
    Section("notifications", "Уведомления", "bell", "/notifications", "Что нового: записи, результаты, справки"),
    Section("profile", "Профиль", "user", "/profile", "Полисы, сеансы, история входов, ваши данные"),
    Section("support", "Поддержка", "mail", "/support", "Написать, узнать ответ, позвонить"),
    Section("help", "Помощь", "help", "/help", "Почему не получается войти и что делать"),
)


def sections(*, on_phone: bool = False) -> list[Section]:
    """Those that there are; `on_phone`: only those at the bottom of the screen."""
    there = doors().clinic.is_there
    return [one for one in SECTIONS if (there or not one.needs_clinic) and (one.on_phone or not on_phone)]
