"""Slots follow from rules: nobody has two patients at once, four weeks always lie ahead, the clocks may jump (S-74)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox_idp.clinic import schedule
from sandbox_idp.clinic.holidays import after_working_days, is_holiday, is_working_day
from sandbox_idp.clinic.region import region

NUMBERS = st.sampled_from(sorted(region().receptions))
DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 1))
ZONES = ("Europe/Moscow", "Asia/Vladivostok", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe")


@given(NUMBERS, DAYS)
def test_nobody_has_two_patients_at_once(number: int, day: date) -> None:
    places = schedule.places(number, day)
    assert all(before.end <= after.start for before, after in pairwise(places))


@given(NUMBERS, DAYS)
def test_every_time_lies_in_the_rules_hours(number: int, day: date) -> None:
    reception = region().receptions[number]
    hours, zone = reception.rule.hours[day.weekday()], schedule.zone_of(reception)
    for place in schedule.places(number, day):
        start, end = place.start.astimezone(zone), place.end.astimezone(zone)
        assert hours is not None
        assert hours[0] <= start.time() < end.time() <= hours[1]
        assert start.date() == day
        assert not is_holiday(day)
        assert place.end - place.start == timedelta(minutes=reception.rule.minutes)


@given(NUMBERS, st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants bounds without a zone
def test_four_weeks_always_lie_ahead(number: int, now: datetime) -> None:
    """Whatever the stand's clock says: each of the next four weeks has a time, if not all of it is a holiday."""
    reception = region().receptions[number]
    today = now.astimezone(schedule.zone_of(reception)).date()
    assert schedule.last_day(reception, now) == today + timedelta(days=schedule.AHEAD)
    for week in range(4):
        days = [today + timedelta(days=7 * week + day) for day in range(1, 8)]
        working = [day for day in days if reception.rule.hours[day.weekday()] and not is_holiday(day)]
        assert bool(working) == any(schedule.places(number, day) for day in days)


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_that_are_put_back_and_forth_make_no_time_twice(zone: str) -> None:
    """S-74: summer time, also where it is half an hour, and a day on which midnight does not exist."""
    reception = region().receptions[1]
    day = date(2017, 1, 1)
    before = None
    while day < date(2019, 1, 1):
        for place in schedule.made(reception, day, ZoneInfo(zone)):
            assert before is None or before <= place.start
            assert place.start.astimezone(ZoneInfo(zone)).date() == day
            before = place.end
        day += timedelta(days=1)


@given(NUMBERS, DAYS)
def test_an_id_finds_its_time_again(number: int, day: date) -> None:
    for place in schedule.places(number, day)[:3]:
        text = schedule.slot_id(number, place.start)
        assert schedule.find(text) == (number, place)
        assert schedule.find(text.upper()) is None


@example("7" * 13)
@given(st.text("abcdefghijklmnopqrstuvwxyz234567", max_size=14) | st.text("AZaz09яё²=-_/.% \0", max_size=14))
def test_other_ids_find_nothing(text: str) -> None:
    found = schedule.find(text)
    assert found is None or schedule.slot_id(found[0], found[1].start) == text


def test_the_nearer_the_day_the_more_others_have() -> None:
    shares = [schedule.share_taken(days) for days in range(40)]
    assert shares == sorted(shares, reverse=True)
    places = [place for number in range(1, 40) for place in schedule.places(number, date(2026, 12, 1))]
    for share in (0.2, 0.8):
        taken = sum(place.luck < share for place in places) / len(places)
        assert abs(taken - share) < 0.08


def test_a_time_that_others_have_they_keep() -> None:
    """What was shown as taken is not free the day after: the share only grows."""
    place = schedule.places(1, date(2026, 12, 1))[0]
    moments = [place.start - timedelta(days=days) for days in range(28, -1, -1)]
    had = [schedule.others_have(1, place, now) for now in moments]
    assert had == sorted(had)


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2027, 1, 1), True),
        (date(2027, 1, 8), True),
        (date(2027, 2, 23), True),
        (date(2027, 5, 3), True),  # 1 May is a Saturday.
        (date(2027, 5, 10), True),  # 9 May is a Sunday.
        (date(2027, 5, 4), False),
        (date(2027, 6, 14), True),  # 12 June is a Saturday.
        (date(2026, 11, 4), True),
        (date(2026, 11, 5), False),
    ],
)
def test_holidays(day: date, closed: bool) -> None:
    assert is_holiday(day) is closed
    assert not (closed and is_working_day(day))


def test_working_days_are_counted_over_weekends_and_holidays() -> None:
    assert after_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert after_working_days(date(2026, 12, 31), 1) == date(2027, 1, 11)
