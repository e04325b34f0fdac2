"""Which slots are free: what the schedules make, without what others have, what is booked, blocked or held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlmodel import col, select

from foundation.database import Session
from portal.clinic.values import Slot
from sandbox_idp.clinic import schedule
from sandbox_idp.clinic.models import ClinicBlock, ClinicBooking, ClinicWaiting
from sandbox_idp.clinic.region import Reception, region
from sandbox_idp.clinic.schedule import Place

Key = tuple[int, datetime]
"""Number of a doctor, and a start."""
NEAREST = 4
"""So many other slots are named to somebody whose slot is taken."""


@dataclass(frozen=True)
class Rows:
    """What the stand's rows say of the slots of a time."""

    booked: frozenset[Key]
    blocked: frozenset[Key]
    freed: frozenset[Key]
    held: frozenset[Key]
    """For somebody in a waiting list."""

    def is_free(self, number: int, place: Place, now: datetime) -> bool:
        """Whether somebody for whom nothing is held may take it."""
        key = (number, place.start)
        if key in self.booked or key in self.blocked or key in self.held:
            return False
        return key in self.freed or not schedule.others_have(number, place, now)


def read_rows(session: Session, *, since: datetime, until: datetime, now: datetime, card_id: str | None = None) -> Rows:
    """The rows of slots that begin in [since, until); what is held for `card_id` is not held from it."""
    booked = select(ClinicBooking.doctor, ClinicBooking.start).where(
        ClinicBooking.state != "cancelled", ClinicBooking.start >= since, ClinicBooking.start < until
    )
    blocks = select(ClinicBlock.doctor, ClinicBlock.start, ClinicBlock.kind).where(
        ClinicBlock.start >= since, ClinicBlock.start < until
    )
    held = select(ClinicWaiting.offered_doctor, ClinicWaiting.offered_start).where(
        col(ClinicWaiting.left_at).is_(None),
        col(ClinicWaiting.offered_until) > now,
        col(ClinicWaiting.offered_start) >= since,
        col(ClinicWaiting.offered_start) < until,
    )
    if card_id is not None:
        held = held.where(ClinicWaiting.card_id != card_id)
    kinds: dict[str, set[Key]] = {"blocked": set(), "freed": set()}
    for doctor, start, kind in session.exec(blocks):
        kinds[kind].add((doctor, start))
    return Rows(
        booked=frozenset((doctor, start) for doctor, start in session.exec(booked)),
        blocked=frozenset(kinds["blocked"]),
        freed=frozenset(kinds["freed"]),
        held=frozenset((doctor, start) for doctor, start in session.exec(held) if doctor and start),
    )


def free(
    session: Session,
    receptions: Iterable[Reception],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    limit: int,
    card_id: str | None = None,
) -> list[Slot]:
    """Free slots that begin in [since, until), soonest first; never past ones, never more than four weeks ahead."""
    since = max(since, now)
    until = min(until, now + timedelta(days=schedule.AHEAD + 2))
    if since >= until or limit <= 0:
        return []
    receptions = list(receptions)
    rows = read_rows(session, since=since, until=until, now=now, card_id=card_id)
    found: list[Slot] = []
    for day_since, day_until in _days(since, until):
        day = [
            (place.start, number, place)
            for number, place in _places(receptions, day_since, day_until, now)
            if place.start > now and rows.is_free(number, place, now)
        ]
        found += [schedule.slot_of(number, place) for _, number, place in sorted(day, key=lambda each: each[:2])]
        if len(found) >= limit:
            break
    return found[:limit]


def nearest(session: Session, reception: Reception, now: datetime, card_id: str | None) -> tuple[Slot, ...]:
    """The nearest free ones of the same doctor and of others of the speciality in the clinic, soonest first."""
    doctor = reception.doctor
    others = region().select(site_id=doctor.site.id, speciality_id=doctor.speciality.id)
    until = now + timedelta(days=schedule.AHEAD + 2)
    of_doctor = free(session, [reception], since=now, until=until, now=now, limit=NEAREST // 2, card_id=card_id)
    of_all = free(session, others, since=now, until=until, now=now, limit=NEAREST, card_id=card_id)
    chosen = {each.id: each for each in [*of_doctor, *of_all][: len(of_doctor) + NEAREST // 2]}
    return tuple(sorted(chosen.values(), key=lambda slot: (slot.start, slot.id)))


def may_take(session: Session, number: int, place: Place, now: datetime, card_id: str) -> bool:
    """Whether that card may have that slot now."""
    if place.start <= now or _too_far(number, place, now):
        return False
    end = place.start + timedelta(microseconds=1)
    rows = read_rows(session, since=place.start, until=end, now=now, card_id=card_id)
    held_for_me = session.exec(
        select(ClinicWaiting.id).where(
            ClinicWaiting.card_id == card_id,
            ClinicWaiting.offered_doctor == number,
            ClinicWaiting.offered_start == place.start,
            col(ClinicWaiting.offered_until) > now,
            col(ClinicWaiting.left_at).is_(None),
        )
    ).first()
    key = (number, place.start)
    if held_for_me is not None:
        return key not in rows.booked and key not in rows.blocked
    return rows.is_free(number, place, now)


def _too_far(number: int, place: Place, now: datetime) -> bool:
    return schedule.days_ahead(number, place.start, now) > schedule.AHEAD


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[since, until) cut at midnights of UTC."""
    while since < until:
        midnight = datetime.combine(since.date() + timedelta(days=1), time(), UTC)
        yield since, min(midnight, until)
        since = midnight


def _places(
    receptions: Iterable[Reception], since: datetime, until: datetime, now: datetime
) -> Iterator[tuple[int, Place]]:
    for reception in receptions:
        zone = schedule.zone_of(reception)
        day, last = since.astimezone(zone).date(), min(until.astimezone(zone).date(), schedule.last_day(reception, now))
        while day <= last:
            for place in schedule.places(reception.number, day):
                if since <= place.start < until:
                    yield reception.number, place
            day += timedelta(days=1)
