"""The seeded records: believable, within what units allow, and quick however long they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert
from sqlmodel import select

from foundation.russian import age
from portal.clinic.values import Card
from sandbox_idp.clinic import cards, laboratory, seeds
from sandbox_idp.clinic.course import Course
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard, ClinicEntry
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.stories import courses, story
from sandbox_idp.context import Stand
from tests.sandbox_idp.clinic.conftest import child_of, identity

DAYS = (date(2026, 11, 29), date(2027, 2, 28), date(2028, 2, 29), date(2027, 6, 15), date(2027, 1, 1))


@pytest.fixture(scope="module", params=DAYS, ids=str)
def made(request: pytest.FixtureRequest) -> list[Course]:
    """The courses of everybody, as a template made on that day has them."""
    return seeds.all_courses(request.param)


def rows(made: list[Course], kind: str = "") -> Iterator[dict]:  # type: ignore[type-arg]  # Rows of any columns.
    return (row for course in made for row in course.entries if kind in ("", row["kind"]))


def test_everybody_who_has_a_card_has_a_course(made: list[Course]) -> None:
    assert set(seeds.ATTACHED) == set(courses()["people"])
    assert len(made) == len(seeds.ATTACHED)
    assert len({row["id"] for row in rows(made)}) == sum(1 for _ in rows(made))


def test_every_figure_lies_within_what_its_unit_allows(made: list[Course]) -> None:
    """Issue 5: no result lies outside."""
    figures = [pair for row in rows(made, "results") for pair in laboratory.read(row["figures"]).items()]
    assert len(figures) > 1000
    for code, value in figures:
        test = laboratory.tests()[code]
        assert test.bounds[0] <= value <= test.bounds[1], code
        assert -value.as_tuple().exponent == test.digits, code  # type: ignore[operator]  # Finite.


def test_reference_ranges_lie_within_the_bounds_too() -> None:
    for test in laboratory.tests().values():
        for given in (test.women, test.men, test.children or test.men):
            for end in given:
                assert end is None or test.bounds[0] <= end <= test.bounds[1], test.code


def test_whoever_is_healthy_has_healthy_figures() -> None:
    for test in laboratory.tests().values():
        for sex in ("female", "male"):
            for years in (1, 30, 75):
                low, high = test.reference(sex=sex, years=years)
                for noise in (Decimal(-1), Decimal(0), Decimal(1)):
                    value = test.healthy(sex=sex, years=years, noise=noise)
                    assert (low is None or value >= low) and (high is None or value <= high), test.code  # noqa: PT018 - one statement about a range


def test_nothing_happens_before_birth_nor_in_the_future(made: list[Course], request: pytest.FixtureRequest) -> None:
    today = request.node.callspec.params["made"]
    for course in made:
        born = course.cards[0]["birth_date"]
        for row in course.entries:
            day = cards.local_day(row["at"], row["site"])
            assert born <= day < today, row
            assert row["year"] == day.year


def test_no_doctor_sees_two_patients_at_once(made: list[Course]) -> None:
    seen = Counter((row["doctor"], row["at"]) for row in rows(made, "visits"))
    assert seen.most_common(1)[0][1] == 1
    booked = Counter((row["doctor"], row["start"]) for course in made for row in course.bookings)
    assert booked.most_common(1)[0][1] == 1


def test_doctors_treat_those_they_are_for(made: list[Course]) -> None:
    for course in made:
        card = course.cards[0]
        for row in course.entries:
            if row["doctor"] is None or row["kind"] != "visits":
                continue
            doctor = region().receptions[row["doctor"]].doctor
            years = age(card["birth_date"], cards.local_day(row["at"], row["site"]))
            assert doctor.speciality.sex in (None, card["sex"])
            assert doctor.speciality.since_age <= years <= doctor.speciality.until_age, (row["name"], years, doctor)


def test_every_name_has_its_words(made: list[Course]) -> None:
    for row in rows(made):
        told = story(row["kind"], row["name"])
        assert told.title or row["kind"] == "visits"
        assert not {"  ", " ,", " ."} & {told.text[place : place + 2] for place in range(len(told.text))}


def test_anna_and_viktor_have_ten_years(stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    viktor = clinic.directory.card(identity("viktor"))
    for card, least in ((anna, 150), (viktor, 300)):
        assert sum(clinic.record.counts(card.id).values()) > least
        oldest = min(clinic.record.expense_totals(card.id))
        assert stand.clock.now().year - oldest >= 9
    hba1c = clinic.record.series(viktor.id, "hba1c")
    assert len(hba1c) > 15
    assert hba1c[0].measurement.value > hba1c[-1].measurement.value > Decimal(6)
    assert hba1c[-1].measurement.place == "high"


def test_the_newborn_has_a_card_without_a_number(stand: Stand, clinic: EmbeddedClinic) -> None:
    son = child_of("elena")
    with stand.database.reading() as session:
        born = session.exec(select(ClinicCard.birth_date).where(ClinicCard.name == "Пётр")).one()
    card = clinic.directory.card(son.__class__(**{**vars(son), "birth_date": born}))
    assert clinic.record.counts(card.id)["vaccinations"] == 3
    assert clinic.record.counts(card.id)["visits"] >= 3


def test_who_has_none() -> None:
    assert not {"gleb", "maria", "nina2"} & set(seeds.ATTACHED)


def test_a_stand_for_some_has_only_their_cards(house: object) -> None:
    made = house.create("some", personas=["anna"]).stand  # type: ignore[attr-defined]  # A House.
    try:
        with made.database.reading() as session:
            assert {card.persona for card in session.exec(select(ClinicCard))} == {"anna"}
            assert {row.card_id for row in session.exec(select(ClinicBooking))} <= {
                card.id for card in session.exec(select(ClinicCard))
            }
    finally:
        house.delete(made.id)  # type: ignore[attr-defined]  # The same.


def grow(stand: Stand, card_id: str, many: int) -> None:
    """So many more entries of a record."""
    kinds = ("visits", "results", "prescriptions", "procedures")
    start = datetime(2017, 1, 1, tzinfo=UTC)
    made = [
        {"id": f"grown {number}", "card_id": card_id, "kind": kinds[number % 4], "at": start + timedelta(hours=number)}
        | {"year": 2017, "title": "Приём", "site": "369001", "state": "", "text": "", "fields": [], "cost": 100}
        | {"figures": " hgb=130" if number % 4 == 1 else None}
        for number in range(many)
    ]
    with stand.database.writing() as session:
        session.execute(insert(ClinicEntry), made)


def test_a_page_of_a_long_record_is_read_by_its_index(stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """Performance, row growth: ten thousand entries are as quick as a hundred, as a page reads its own rows only."""
    grow(stand, anna.id, 400)
    page = (
        "select * from clinic_entry where card_id = 'x' and kind = 'visits' "
        "and at <= '2020-01-01' and (at < '2020-01-01' or (at = '2020-01-01' and id < 'y')) order by at desc, id desc"
    )
    with stand.database.engine.connect() as connection:
        if stand.database.is_sqlite:
            plan = " ".join(str(row) for row in connection.exec_driver_sql(f"explain query plan {page} limit 21"))
            assert "ix_clinic_entry_page" in plan
            assert "TEMP B-TREE" not in plan
        else:
            # With so few rows the server would rather read them all; what counts is that the index serves.
            connection.exec_driver_sql("set local enable_seqscan = off")
            connection.exec_driver_sql("set local enable_sort = off")
            plan = " ".join(str(row) for row in connection.exec_driver_sql(f"explain {page} limit 21"))
            # A cloned schema names its indexes by their columns.
            assert "Index Scan Backward using clinic_entry_card_id_kind_at_id" in plan
    first = clinic.record.entries(anna.id, "visits", limit=20)
    assert first.next is not None
    assert len(clinic.record.entries(anna.id, "visits", after=first.next, limit=20).items) == 20
