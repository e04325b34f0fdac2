"""Service centres where somebody can be registered in person (R-010). None of them exists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Centre:
    """One centre."""

    id: str
    name: str
    address: str
    hours: tuple[str, ...]
    note: str = ""


CENTRES = (
    Centre(
        "central",
        "Центр обслуживания «Центральный»",
        "Учебный город, Школьная улица, дом 1",
        ("Понедельник — пятница: 8:00–20:00 (мск)", "Суббота: 9:00–15:00 (мск)"),
        "Есть пандус и окно для посетителей с колясками.",
    ),
    Centre(
        "station",
        "Центр обслуживания «Вокзальный»",
        "Учебный город, Вокзальная площадь, дом 3",
        ("Ежедневно: 9:00–21:00 (мск)",),
        "Работает и в выходные, вход со стороны площади.",
    ),
    Centre(
        "clinic",
        "Центр обслуживания при учебной поликлинике",
        "Учебный город, Больничный переулок, дом 12, 1-й этаж",
        ("Понедельник — пятница: 9:00–17:00 (мск)", "Перерыв: 13:00–14:00"),
        "Можно зайти до или после приёма у врача.",
    ),
)
BY_ID = {centre.id: centre for centre in CENTRES}
