"""Schedules: which slots a doctor's rule makes, their ids, and which of them others have taken.

Nothing here is stored. A slot exists because a rule says so; it is taken by a row (`sandbox_idp.clinic.models`), or by
«others», the people who go to these clinics besides those of the stand: which slots are theirs follows from a hash, so
the same slot is taken in every stand, and the nearer the day the more of them are.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.clinic.values import Slot
from sandbox_idp.clinic.holidays import is_holiday
from sandbox_idp.clinic.region import Reception, region

AHEAD = 28
"""So many days after today are open for booking."""
_CHECK = b"slot"
_TAKEN = ((0, 0.8), (2, 0.65), (7, 0.5), (14, 0.35), (AHEAD, 0.2))
"""The share that others have taken: of today, of the next two days, and so on."""


@dataclass(frozen=True, slots=True)
class Place:
    """One time of a doctor's schedule."""

    start: datetime
    end: datetime
    luck: float
    """From 0 to 1 (excluded): others have it while the share that they have taken is greater."""


def zone_of(reception: Reception) -> ZoneInfo:
    """The zone of the clinic."""
    return ZoneInfo(reception.doctor.site.zone)


@functools.lru_cache(maxsize=5_000)
def places(number: int, day: date) -> tuple[Place, ...]:
    """All times of one doctor on one day of the clinic's calendar, in order; none on a holiday."""
    reception = region().receptions[number]
    return tuple(made(reception, day, zone_of(reception)))


def made(reception: Reception, day: date, zone: ZoneInfo) -> list[Place]:
    """What a rule makes of a day. A time that the clocks leave out or go through twice is there at most once (S-74)."""
    hours = reception.rule.hours[day.weekday()]
    if hours is None or is_holiday(day):
        return []
    length = timedelta(minutes=reception.rule.minutes)
    at, until = datetime.combine(day, hours[0]), datetime.combine(day, hours[1])
    times = [at + length * step for step in range((until - at) // length)]
    offset = at.replace(tzinfo=zone).utcoffset()
    if offset is not None and offset == until.replace(tzinfo=zone).utcoffset():
        starts = [(each - offset).replace(tzinfo=UTC) for each in times]
    else:
        each_way = ((each, each.replace(tzinfo=zone).astimezone(UTC)) for each in times)
        starts = [start for each, start in each_way if start.astimezone(zone).replace(tzinfo=None) == each]
    return [Place(start, start + length, _luck(reception.number, start)) for start in starts]


def place_at(number: int, start: datetime) -> Place | None:
    """The place that begins at that moment."""
    day = start.astimezone(zone_of(region().receptions[number])).date()
    return next((each for each in places(number, day) if each.start == start), None)


def others_have(number: int, place: Place, now: datetime) -> bool:
    """Whether somebody outside of the stand has that time."""
    return place.luck < share_taken(days_ahead(number, place.start, now))


def days_ahead(number: int, start: datetime, now: datetime) -> int:
    """In how many days of the clinic's calendar that is; negative for a day that is over."""
    zone = zone_of(region().receptions[number])
    return (start.astimezone(zone).date() - now.astimezone(zone).date()).days


def share_taken(days: int) -> float:
    """The share that others have taken of a day that is `days` ahead."""
    return next((share for within, share in _TAKEN if days <= within), _TAKEN[-1][1])


def last_day(reception: Reception, now: datetime) -> date:
    """The last day that is open for booking, in the clinic's calendar."""
    return now.astimezone(zone_of(reception)).date() + timedelta(days=AHEAD)


def slot_of(number: int, place: Place) -> Slot:
    """As the portal knows it."""
    return Slot(slot_id(number, place.start), region().receptions[number].doctor, place.start, place.end)


def slot_id(number: int, start: datetime) -> str:
    """Doctor and start in 13 characters, with a check, so that an id that nobody made is told at once."""
    payload = struct.pack(">HI", number, int(start.timestamp()) // 60)
    return base64.b32encode(payload + _check(payload)).decode("ascii").rstrip("=").lower()


def find(text: str) -> tuple[int, Place] | None:
    """The doctor and the place of an id; None for one that no schedule has made."""
    if len(text) != 13 or not text.isascii():
        return None
    try:
        packed = base64.b32decode(text.upper() + "===")
        number, minutes = struct.unpack(">HI", packed[:6])
        # Four bytes of minutes reach further than the calendar does.
        start = datetime.fromtimestamp(minutes * 60, UTC)
    except ValueError:
        return None
    if number not in region().receptions or slot_id(number, start) != text:
        return None
    place = place_at(number, start)
    return None if place is None else (number, place)


def _check(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=2, key=_CHECK).digest()


def _luck(number: int, start: datetime) -> float:
    """The same in every stand and process."""
    payload = struct.pack(">HI", number, int(start.timestamp()) // 60)
    return int.from_bytes(hashlib.blake2b(payload, digest_size=4, key=b"others").digest(), "big") / 2**32
