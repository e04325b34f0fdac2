"""Figures, ranges, marks and freshness in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portal.clinic.values import Source
from portal.record.view import by_year, figure, first_small, freshness, mark, money, norm, number, summary
from tests.portal.fake_clinic_record import blood, measurement, other

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("4.50", "4,50"),
        ("118", "118"),
        ("-3.2", "−3,2"),
        ("12400", "12\u00a0400"),
        ("0.007", "0,007"),
        ("1E+3", "1000"),
    ],
)
def test_a_figure_is_written_as_the_laboratory_gave_it(value: str, words: str) -> None:
    """Decimals are kept, the comma is Russian, thousands are apart."""
    assert number(Decimal(value)) == words


def test_sums_are_in_roubles() -> None:
    """R-043."""
    assert money(Decimal("12400.5")) == "12\u00a0400,50\u00a0руб."
    assert money(Decimal(0)) == "0,00\u00a0руб."


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [("120", "140", "120–140"), ("", "5.2", "до 5,2"), ("60", "", "от 60"), ("", "", "не указана")],
)
def test_a_range_may_be_open(low: str, high: str, words: str) -> None:
    assert norm(measurement("100", low=low, high=high)) == words


@pytest.mark.parametrize(
    ("value", "words", "icon"),
    [
        ("119.9", "ниже нормы", "down"),
        ("120", "в норме", "check"),
        ("140", "в норме", "check"),
        ("140.1", "выше нормы", "up"),
    ],
)
def test_a_mark_is_a_word_and_a_shape(value: str, words: str, icon: str) -> None:
    """WCAG 1.4.1: never a colour alone; both ends of the range belong to it."""
    said = mark(measurement(value))
    assert said is not None
    assert (said.words, said.icon) == (words, icon)


def test_without_a_range_nothing_is_judged() -> None:
    """What has no norm is neither in order nor out of it."""
    assert mark(measurement("5", low="", high="")) is None
    assert figure(measurement("5", unit="", low="", high="")) == "5"


def test_a_row_says_what_is_out_of_range() -> None:
    """What matters comes first."""
    assert summary(blood(NOW, "118", 0)) == "Вне нормы: гемоглобин"
    assert summary(blood(NOW, "131", 0)) == "Все показатели в норме"
    assert summary(other("referrals", "К кардиологу", NOW, state="действует до 1 декабря")) == "действует до 1 декабря"


def test_abbreviations_keep_their_letters() -> None:
    assert first_small("СОЭ") == "СОЭ"
    assert first_small("Гемоглобин") == "гемоглобин"


def test_years_are_divided_by_moscow_and_not_said_twice() -> None:
    """A heading that stands above already is not repeated by the piece that follows."""
    eve = datetime(2025, 12, 31, 21, 30, tzinfo=UTC)
    entries = [blood(NOW, "131", 2), blood(eve, "131", 1), blood(eve - timedelta(days=1), "131", 0)]
    assert [(one.year, one.is_new, len(one.entries)) for one in by_year(entries)] == [(2026, True, 2), (2025, True, 1)]
    assert [one.is_new for one in by_year(entries, 2026)] == [False, True]


def test_freshness_names_who_is_silent_and_since_when() -> None:
    """R-042: each source with its own time; who never answered has none."""
    told = freshness(
        [
            Source("lab", "Лаборатория", False, NOW - timedelta(days=2)),
            Source("new", "Регистр прививок", False, None),
            Source("clinic", "Поликлиника № 7", True, NOW - timedelta(minutes=5)),
        ],
        NOW,
    )
    assert [line.replace("\u00a0", " ") for line in told.lines] == [
        "Поликлиника № 7: обновлено в 11:55 (мск)",
        "Лаборатория: не отвечает, последние данные от 20 ноября 2026, 12:00 (мск)",
        "Регистр прививок: не отвечает",
    ]
    assert told.missing == "Лаборатория, Регистр прививок"
    together = freshness([Source(name, name, True, NOW) for name in ("А", "Б")], NOW)
    assert [line.replace("\u00a0", " ") for line in together.lines] == ["А, Б: обновлено в 12:00 (мск)"]
