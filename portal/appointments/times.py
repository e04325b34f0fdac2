"""Free times as a person chooses among them: a week of days, a day of doctors, morning, day and evening (R-038)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from portal.clinic.values import Doctor, Slot

HORIZON = timedelta(days=28)
"""How far ahead one can book: the schedules of the clinics reach four weeks."""
MOST = 2000
"""More free times than a week of one clinic's speciality can have."""
NEAREST = 60
"""So many of the soonest times are looked through where no clinic was chosen."""
SHOWN = 4
"""So many of the soonest times are shown of one doctor there."""

Fetch = Callable[[datetime, datetime, int], list[Slot]]
"""Asks for free times that begin in [since, until), soonest first, at most so many."""


@dataclass(frozen=True)
class DayOfWeek:
    """One day of the strip."""

    day: date
    free: int
    chosen: bool


@dataclass(frozen=True)
class PartOfDay:
    """`Утро` with its times."""

    name: str
    slots: list[Slot]


@dataclass(frozen=True)
class DoctorsTimes:
    """What one doctor has on the chosen day."""

    doctor: Doctor
    parts: list[PartOfDay]


@dataclass(frozen=True)
class Week:
    """What is offered of one week."""

    days: list[DayOfWeek]
    """Monday to Saturday, and Sunday if somebody works then; without days that are over or too far ahead."""
    chosen: date | None
    doctors: list[DoctorsTimes]
    earlier: date | None
    later: date | None
    """A day of the week before and after, where one can look there."""


def week(now: datetime, zone: str, wanted: date | None, fetch: Fetch) -> Week | None:
    """The week of the day that is wanted, else of the soonest free time; None if there is no free time at all."""
    place = ZoneInfo(zone)
    end = now + HORIZON
    today, last = now.astimezone(place).date(), end.astimezone(place).date()
    if wanted is None or not today <= wanted <= last:
        soonest = fetch(now, end, 1)
        if not soonest:
            return None
        wanted, asked_for = soonest[0].start.astimezone(place).date(), False
    else:
        asked_for = True
    monday = wanted - timedelta(days=wanted.weekday())
    since = max(now, _midnight(monday, place))
    slots = fetch(since, min(end, _midnight(monday + timedelta(days=7), place)), MOST)
    by_day = {day: list(group) for day, group in groupby(slots, lambda slot: slot.start.astimezone(place).date())}
    if not by_day and asked_for and not fetch(now, end, 1):
        return None
    if wanted not in by_day and by_day:
        wanted = min(by_day, key=lambda day: (day < wanted, day))
    days = [
        DayOfWeek(day, len(by_day.get(day, [])), day == wanted and day in by_day)
        for day in (monday + timedelta(days=number) for number in range(7))
        if today <= day <= last and (day.weekday() < 6 or day in by_day)
    ]
    return Week(
        days=days,
        chosen=wanted if wanted in by_day else None,
        doctors=_by_doctor(by_day.get(wanted, []), place),
        earlier=max(today, monday - timedelta(days=7)) if monday > today else None,
        later=monday + timedelta(days=7) if monday + timedelta(days=7) <= last else None,
    )


def _midnight(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place).astimezone(UTC)


def _by_doctor(slots: Iterable[Slot], place: ZoneInfo) -> list[DoctorsTimes]:
    """Doctors by who has the soonest time; the order of `slots` is kept."""
    of_doctor: dict[str, list[Slot]] = {}
    for slot in slots:
        of_doctor.setdefault(slot.doctor.id, []).append(slot)
    return [DoctorsTimes(mine[0].doctor, _parts(mine, place)) for mine in of_doctor.values()]


def _parts(slots: list[Slot], place: ZoneInfo) -> list[PartOfDay]:
    def name(slot: Slot) -> str:
        hour = slot.start.astimezone(place).hour
        return "Утро" if hour < 12 else "День" if hour < 17 else "Вечер"

    return [PartOfDay(part, list(group)) for part, group in groupby(slots, name)]


@dataclass(frozen=True)
class Nearest:
    """The soonest times of one doctor."""

    doctor: Doctor
    slots: list[Slot]


def nearest(now: datetime, fetch: Fetch, *, region: str = "") -> list[Nearest]:
    """The soonest times wherever they are, by doctor, of one region if it is named."""
    of_doctor: dict[str, list[Slot]] = {}
    for slot in fetch(now, now + HORIZON, NEAREST if not region else MOST):
        if region in ("", slot.doctor.site.region):
            of_doctor.setdefault(slot.doctor.id, []).append(slot)
    return [Nearest(mine[0].doctor, mine[:SHOWN]) for mine in of_doctor.values()]
