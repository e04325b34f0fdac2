"""«Расходы»: by year, totals, and the file (R-043)."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.paper.spreadsheet import as_csv, safe
from tests.pages import PageClient
from tests.portal.fake_clinic import FakeClinic
from tests.portal.fake_clinic_record import CARD
from tests.portal.record.conftest import FRAGMENT


def test_the_newest_year_comes_first_and_others_are_links(anna: PageClient) -> None:
    """R-043: services of one year, totals of all."""
    page = anna.get("/record/parts/expenses", headers=FRAGMENT)
    words = page.words
    assert "За 2026 год 1 852,50 руб. 2 услуги" in words
    assert "2025 12 400,00 руб." in words
    assert page.soup.find("a", href="/expenses?year=2025", string="2025") is not None
    earlier = anna.get("/record/parts/expenses?year=2025")
    assert "За 2025 год 12 400,00 руб. 1 услуга" in earlier.words
    assert "/record/parts/expenses?year=2025" in anna.get("/expenses?year=2025").text


def test_a_year_without_expenses_and_a_record_without_any(anna: PageClient, full: FakeClinic) -> None:
    """R-043 "no data": what will appear, and the way to another year."""
    assert "За 2020 год расходов нет" in anna.get("/record/parts/expenses?year=2020").words
    full.record.all_expenses[CARD] = []
    assert "Пока пусто. Здесь появятся услуги" in anna.get("/record/parts/expenses").words


@pytest.mark.parametrize("year", ["abcd", "20", "-1", "²⁰²⁶", "99999"])
def test_what_is_no_year_is_no_page(anna: PageClient, year: str) -> None:
    for path in ("/expenses", "/record/parts/expenses", "/expenses.csv"):
        anna.get(f"{path}?year={year}", 404)


def test_the_file_is_one_that_spreadsheets_read(anna: PageClient) -> None:
    """R-043: RFC 4180, a byte order mark for Excel, and nothing that a spreadsheet would run."""
    page = anna.get("/expenses.csv?year=2026")
    assert page.response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="expenses-2026.csv"'
    content = page.response.get_data()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Дата", "Услуга", "Поликлиника", "Сумма, руб."]
    assert ["2026-11-13", "Общий анализ крови", "Поликлиника № 7", "612"] in rows
    every = list(csv.reader(io.StringIO(anna.get("/expenses.csv").response.get_data().decode("utf-8-sig"))))
    assert len(every) == 4
    assert every[3][1] == "'=HYPERLINK(1)"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_whatever_is_written_can_be_read_again(rows: list[list[str]]) -> None:
    """RFC 4180: quotes, commas and line ends survive."""
    content = as_csv(("а", "б", "в"), rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(content, newline="")))
    assert read[1:] == [[safe(cell) for cell in row] for row in rows]
    assert content.endswith("\r\n")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(begin: str) -> None:
    """A cell that a spreadsheet would run begins with an apostrophe; numbers stay numbers."""
    content = as_csv(("x",), [[begin + "1+1"], [Decimal("-5.50")], [7], [date(2026, 1, 2)]])
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read[1] == ["'" + begin + "1+1"]
    assert [row[0] for row in read[2:]] == ["-5.50", "7", "2026-01-02"]
