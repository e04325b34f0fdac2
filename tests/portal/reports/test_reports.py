"""«Отчёты» for the staff: who may, which days, and the two files (R-037)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from defusedxml.ElementTree import fromstring

from portal.clinic.values import VisitCount
from portal.reports.exports import visits_xml
from tests.pages import PageClient
from tests.portal.fake_clinic import SEVEN, FakeClinic
from tests.portal.record.conftest import FRAGMENT, download

PATHS = ("/reports", "/reports.csv", "/reports.xml")


def test_visits_of_a_period_by_speciality(anna: PageClient) -> None:
    """R-037: the last thirty days unless other ones are asked for."""
    page = anna.get("/reports")
    assert "С 24 октября 2026 по 22 ноября 2026" in page.words
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr, tfoot tr")]
    assert rows == [
        "Офтальмолог Состоялось: 57 Не пришли: 2 Отменено: 4 Всего: 63",
        "Терапевт Состоялось: 57 Не пришли: 2 Отменено: 4 Всего: 63",
        "Все вместе Состоялось: 114 Не пришли: 4 Отменено: 8 Всего: 126",
    ]
    one_day = anna.get("/reports?since=18.11.2026&until=18.11.2026&speciality=")
    assert "Все вместе Состоялось: 56" in one_day.words
    assert one_day.form("/reports")["since"] == "2026-11-18"


def test_a_period_without_visits_says_so(anna: PageClient) -> None:
    """R-037 "empty period"."""
    assert "За эти дни посещений нет" in anna.get("/reports?since=2026-01-01&until=2026-01-31").words


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("since=32.11.2026&until=2026-11-22", "Введите первый день периода, например 01.11.2026"),
        ("since=2026-11-01&until=вчера", "Введите последний день периода, например 30.11.2026"),
        ("since=2026-11-22&until=2026-11-01", "Последний день раньше первого: поменяйте их местами"),
        ("since=2020-01-01&until=2026-11-01", "Отчёт строится не больше чем за год"),
    ],
)
def test_days_that_make_no_sense_are_refused(anna: PageClient, full: FakeClinic, query: str, error: str) -> None:
    """U-8…U-10: what to do, above and beside the field; what was typed stays; nothing is asked of the clinic."""
    for path in PATHS:
        page = anna.get(f"{path}?{query}", 422)
        assert page.words.count(error) >= 2
        assert str(page.soup.title.get_text() if page.soup.title else "").startswith("Ошибка: ")
    assert "visits" not in full.calls
    assert page.form("/reports")["since"] == query.split("&", maxsplit=1)[0].partition("=")[2]


@pytest.mark.parametrize("path", PATHS)
def test_everybody_else_is_told_whom_it_is_for(anna: PageClient, full: FakeClinic, path: str) -> None:
    """S-55, R-037: 403 with the way home, and not one figure."""
    full.reports.staff.clear()
    page = anna.get(path, 403)
    assert page.screen == "forbidden"
    assert "Отчёты открыты только сотрудникам поликлиники." in page.words
    assert page.soup.find("a", href="/home", string="На главную") is not None
    assert "visits" not in full.calls


def test_the_way_to_the_reports_is_shown_to_those_who_have_it(anna: PageClient, full: FakeClinic) -> None:
    """An extra of the home page; without script it is a link."""
    place = anna.get("/home").soup.find(attrs={"data-part": "staff"})
    assert place is not None
    assert place.has_attr("data-quiet")
    assert "Открыть отчёты" in anna.get("/parts/staff", headers=FRAGMENT).words
    assert anna.get("/parts/staff", 303).location == "/reports"
    full.reports.staff.clear()
    assert anna.get("/parts/staff", headers=FRAGMENT).words == ""


def test_the_csv_has_a_line_for_each_day_and_speciality(anna: PageClient) -> None:
    """R-037."""
    page = anna.get("/reports.csv?since=2026-11-18&until=2026-11-18")
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="visits-2026-11-18-2026-11-18.csv"'
    rows = list(csv.reader(io.StringIO(page.response.get_data().decode("utf-8-sig"), newline="")))
    assert rows == [
        ["День", "Специальность", "Состоялось", "Не пришли", "Отменено", "Всего"],
        ["2026-11-18", "терапевт", "28", "1", "2", "31"],
        ["2026-11-18", "офтальмолог", "28", "1", "2", "31"],
    ]


def test_the_xml_is_well_formed_and_as_described(anna: PageClient) -> None:
    """R-037: the form of `docs/reports.md`."""
    response = download(anna, "/reports.xml?since=2026-11-01&until=2026-11-30")
    assert response.mimetype == "application/xml"
    root = fromstring(response.get_data())
    assert root.tag == "visits"
    assert root.attrib == {
        "version": "1",
        "site": "360007",
        "name": "Поликлиника № 7",
        "since": "2026-11-01",
        "until": "2026-11-30",
        "made-at": "2026-11-22T09:00:00+00:00",
    }
    assert [day.attrib["date"] for day in root] == ["2026-11-18", "2026-11-19"]
    assert root[0][0].attrib == {"name": "терапевт", "attended": "28", "missed": "1", "cancelled": "2"}


def test_the_xml_survives_every_character() -> None:
    """Names are data: markup is escaped, and what XML has no place for is left out."""
    counts = [VisitCount(date(2026, 1, 1), '<"&>\x00\x0b\ud800 ёж', 1, 0, 0)]
    content = visits_xml(
        counts, site=SEVEN, since=date(2026, 1, 1), until=date(2026, 1, 2), made_at=datetime(2026, 1, 3, tzinfo=UTC)
    )
    assert fromstring(content)[0][0].attrib["name"] == '<"&> ёж'
