"""A record to fill the small medical system with: years of analyses, transfers, expenses, visits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.clinic.values import Entry, Expense, Measurement, Point, RecordKind, Source, Transfer, VisitCount
from tests.portal.fake_clinic import ANNA_SNILS, SEVEN, FakeClinic

CARD = "card-anna"
CLINIC, LABORATORY = "clinic", "laboratory"
HAEMOGLOBIN = "hgb"


def measurement(
    value: str,
    *,
    code: str = HAEMOGLOBIN,
    name: str = "Гемоглобин",
    unit: str = "г/л",
    low: str = "120",
    high: str = "140",
) -> Measurement:
    """One figure; an empty `low` or `high` is an open end."""
    return Measurement(code, name, Decimal(value), unit, Decimal(low) if low else None, Decimal(high) if high else None)


def blood(at: datetime, haemoglobin: str, number: int) -> Entry:
    """A blood test."""
    return Entry(
        id=f"result-{number:05d}",
        kind="results",
        at=at,
        title="Общий анализ крови",
        site=SEVEN.name,
        doctor="Озерова Т. И., врач лабораторной диагностики",
        source=LABORATORY,
        fields=(("Материал", "кровь из вены"),),
        measurements=(
            measurement("4.6", code="rbc", name="Эритроциты", unit="10¹²/л", low="3.9", high="4.7"),
            measurement(haemoglobin),
            measurement("7.20", code="wbc", name="Лейкоциты", unit="10⁹/л", low="4.0", high="9.0"),
            measurement(str(9 + number * 7 % 16), code="esr", name="СОЭ", unit="мм/ч", low="", high="20"),
            measurement("55", code="hct", name="Индекс без нормы", unit="", low="", high=""),
        ),
    )


def other(kind: RecordKind, title: str, at: datetime, *, state: str = "", text: str = "") -> Entry:
    """An entry of the clinic without figures."""
    return Entry(
        id=f"{kind}-1",
        kind=kind,
        at=at,
        title=title,
        site=SEVEN.name,
        doctor="Ветрова И. Л., терапевт",
        source=CLINIC,
        state=state,
        text=text,
    )


def points(entries: list[Entry], code: str = HAEMOGLOBIN) -> list[Point]:
    """One figure of blood tests, oldest first."""
    found = [Point(one.at, figure, one.id) for one in entries for figure in one.measurements if figure.code == code]
    return sorted(found, key=lambda point: point.at)


def fill(clinic: FakeClinic, *, results: int = 24) -> None:
    """Anna's record; she reads the reports of her clinic as well."""
    now = clinic.clock.now()
    record = clinic.record
    record.all_sources = [
        Source(CLINIC, "Поликлиника № 7", True, now - timedelta(minutes=3)),
        Source(LABORATORY, "Лаборатория «Анализ»", True, now - timedelta(hours=20)),
    ]
    tests = [
        blood(now - timedelta(days=45 * index), str(133 - 5 * (index % 7) + index % 3), index)
        for index in range(results)
    ]
    record.all_entries[CARD] = [
        *tests,
        other("visits", "Приём терапевта", now - timedelta(days=9), text="Жалобы на усталость.\nНазначен анализ."),
        other("prescriptions", "Железа сульфат", now - timedelta(days=9), state="действует до 1 февраля"),
        other("diagnoses", "D50.9 Железодефицитная анемия", now - timedelta(days=9)),
    ]
    for code in {figure.code for one in tests for figure in one.measurements}:
        record.all_points[CARD, code] = points(tests, code)
    record.all_transfers[CARD] = [
        Transfer("t1", now, "Выписной эпикриз", "Страховая компания «Пример-Мед»", "Оплата лечения", "delivered"),
        Transfer("t2", now - timedelta(days=1), "Общий анализ крови", "Больница № 2", "Консультация", "pending"),
        Transfer("t3", now - timedelta(days=2), "Справка", "Бюро экспертизы", "Решение комиссии", "failed"),
    ]
    record.all_expenses[CARD] = [
        Expense("e1", date(2026, 11, 13), "Приём терапевта", SEVEN.name, Decimal("1240.50")),
        Expense("e2", date(2026, 11, 13), "Общий анализ крови", SEVEN.name, Decimal("612")),
        Expense("e3", date(2025, 3, 2), "=HYPERLINK(1)", SEVEN.name, Decimal("12400.00")),
    ]
    clinic.reports.staff[ANNA_SNILS] = SEVEN
    clinic.reports.counts = [
        VisitCount(date(2026, 11, day), speciality, 10 + day, 1, 2)
        for day in (18, 19)
        for speciality in ("терапевт", "офтальмолог")
    ]
