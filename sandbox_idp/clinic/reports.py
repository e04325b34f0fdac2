"""Reports for a clinic's staff (R-037): visits by day and speciality, of the stand's people and of all others."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from portal.clinic.errors import NotFoundError
from portal.clinic.values import Identity, Site, VisitCount
from sandbox_idp.clinic import schedule
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicBooking
from sandbox_idp.clinic.region import region
from sandbox_idp.context import current_stand

LONGEST = timedelta(days=366)


def staff_site(line: Line, who: Identity) -> Site | None:
    """See `Reports.staff_site`."""
    line.ask("staff_site")
    here = region()
    return next(
        (here.sites[code] for code, facts in here.facts.items() if who.snils and who.snils in facts.staff), None
    )


def visits(line: Line, site_id: str, *, since: date, until: date, speciality_id: str) -> list[VisitCount]:
    """See `Reports.visits`; of at most `LONGEST`, and of days that have begun."""
    if site_id not in region().sites:
        raise NotFoundError
    line.ask("visits", site_id)
    zone = ZoneInfo(region().sites[site_id].zone)
    now = current_stand().clock.now()
    until = min(until, now.astimezone(zone).date(), since + LONGEST)
    counted: Counter[tuple[date, str, str]] = Counter()
    for reception in region().select(site_id=site_id, speciality_id=speciality_id):
        for day in _days(since, until):
            counted.update(_of_others(reception.number, reception.doctor.speciality.id, day, now))
    counted.update(_of_stand(site_id, speciality_id, (since, until), now))
    days = sorted({(day, speciality) for day, speciality, _ in counted})
    names = region().specialities
    return [
        VisitCount(day, names[key].name, *(counted[day, key, state] for state in ("attended", "missed", "cancelled")))
        for day, key in days
    ]


def _of_others(number: int, speciality: str, day: date, now: datetime) -> Counter[tuple[date, str, str]]:
    """Those who are not people of the stand: nine tenths of a doctor's times, some of whom do not come."""
    over = sum(1 for place in schedule.places(number, day) if place.end <= now)
    luck = hashlib.blake2b(f"{number} {day}".encode(), digest_size=3).digest()
    missed = over * (2 + luck[0] % 5) // 60
    cancelled = over * (1 + luck[1] % 6) // 60
    attended = max(0, over - missed - cancelled - over * (luck[2] % 4) // 20)
    return Counter(
        {(day, speciality, "attended"): attended, (day, speciality, "missed"): missed}
        | {(day, speciality, "cancelled"): cancelled}
        if over
        else {}
    )


def _of_stand(
    site_id: str, speciality_id: str, period: tuple[date, date], now: datetime
) -> Counter[tuple[date, str, str]]:
    zone = ZoneInfo(region().sites[site_id].zone)
    since, until = period[0], period[1] + timedelta(days=1)
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (since, until))
    rows = select(ClinicBooking).where(
        ClinicBooking.site == site_id, ClinicBooking.start >= begin, ClinicBooking.start < end
    )
    if speciality_id:
        rows = rows.where(ClinicBooking.speciality == speciality_id)
    found: Counter[tuple[date, str, str]] = Counter()
    with current_stand().database.reading() as session:
        for row in session.exec(rows.order_by(col(ClinicBooking.start))):
            state = "attended" if row.state == "booked" and row.end <= now else row.state
            if state != "booked":
                found[row.start.astimezone(zone).date(), row.speciality, state] += 1
    return found


def _days(since: date, until: date) -> Iterator[date]:
    while since <= until:
        yield since
        since += timedelta(days=1)
