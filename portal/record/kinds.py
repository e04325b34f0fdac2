"""The kinds of entries in a record, in words. Their order is the page's: what people look for most comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from portal.clinic.values import RecordKind


@dataclass(frozen=True)
class Words:
    """How one kind is spoken of."""

    title: str
    icon: str
    count: tuple[str, str, str]
    """The noun for one, for two and for five."""
    about: str
    """What the list has, one sentence."""
    empty: str
    """What will appear where there is nothing yet, and what brings it."""


KINDS: dict[RecordKind, Words] = {
    "results": Words(
        "Анализы и исследования",
        "flask",
        ("результат", "результата", "результатов"),
        "Показатели, нормы и графики: как менялось со временем.",
        "Здесь появятся результаты анализов и исследований. Обычно они готовы на следующий день после сдачи.",
    ),
    "prescriptions": Words(
        "Назначения и рецепты",
        "doc",
        ("назначение", "назначения", "назначений"),
        "Лекарства, дозы и сроки, которые назначил врач.",
        "Здесь появятся лекарства и рецепты, когда врач их назначит.",
    ),
    "visits": Words(
        "Посещения",
        "cal",
        ("посещение", "посещения", "посещений"),
        "Приёмы у врачей и то, что врач записал.",
        "Здесь появятся приёмы у врачей. Запись о приёме обычно видна в тот же день.",
    ),
    "diagnoses": Words(
        "Диагнозы",
        "rec",
        ("диагноз", "диагноза", "диагнозов"),
        "Что и когда установил врач.",
        "Здесь появятся диагнозы, когда врач поставит их на приёме.",
    ),
    "referrals": Words(
        "Направления",
        "next",
        ("направление", "направления", "направлений"),
        "Куда и до какого дня направил врач.",
        "Здесь появятся направления к другим врачам и на исследования, когда врач их выпишет.",
    ),
    "vaccinations": Words(
        "Прививки",
        "shield",
        ("прививка", "прививки", "прививок"),
        "Какие прививки сделаны, когда и какой вакциной.",
        "Здесь появятся прививки. Если прививка сделана, но её тут нет, покажите сертификат в регистратуре.",
    ),
    "procedures": Words(
        "Процедуры",
        "hosp",
        ("процедура", "процедуры", "процедур"),
        "Что сделано в процедурном кабинете и на лечении.",
        "Здесь появятся процедуры, когда их сделают.",
    ),
    "documents": Words(
        "Медицинские документы",
        "card",
        ("документ", "документа", "документов"),
        "Выписки, заключения и протоколы.",
        "Здесь появятся выписки и заключения, когда поликлиника их оформит.",
    ),
}

if set(KINDS) != set(get_args(RecordKind)):
    raise RuntimeError("every kind of entry needs its words")
