"""The region: clinics, specialities and doctors of `region.toml`. Read once a process, and never changed.

Clinics and doctors are the same in every stand. What a stand adds are rows: bookings, blocks, cards
(`sandbox_idp.clinic.models`).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from itertools import count
from pathlib import Path
from typing import Any

from portal.clinic.values import Doctor, Site, Speciality
from sandbox_idp.accounts.regions import REGIONS

FILE = Path(__file__).with_name("region.toml")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NOTES = ("Врач высшей категории", "Врач первой категории", "", "Врач второй категории", "")
MEN_AMONG = 4
"""One doctor in so many is a man."""


@dataclass(frozen=True)
class Rule:
    """When a doctor sees patients."""

    hours: tuple[tuple[time, time] | None, ...]
    """From and until, Monday first; None on days without reception."""
    minutes: int
    """For one patient."""


@dataclass(frozen=True)
class Reception:
    """A doctor's reception with its rule."""

    number: int
    """From 1; part of a slot's id."""
    doctor: Doctor
    rule: Rule
    is_woman: bool


@dataclass(frozen=True)
class SiteFacts:
    """What of a clinic is not part of the portal's interface."""

    areas: tuple[str, ...]
    """Districts of its doctors; none: nobody is attached to it."""
    staff: frozenset[str]
    """SNILS of those who may read its reports (R-037)."""


@dataclass(frozen=True)
class Region:
    """All of it."""

    sites: Mapping[str, Site]
    """By id, which is the code; in the order of the file."""
    facts: Mapping[str, SiteFacts]
    specialities: Mapping[str, Speciality]
    receptions: Mapping[int, Reception]
    """By number."""
    by_doctor: Mapping[str, Reception]
    """By the doctor's id."""

    def select(self, *, site_id: str = "", speciality_id: str = "") -> list[Reception]:
        """Those of a clinic, of a speciality, of both."""
        return [
            each
            for each in self.receptions.values()
            if site_id in ("", each.doctor.site.id) and speciality_id in ("", each.doctor.speciality.id)
        ]


@functools.cache
def region() -> Region:
    """The region of the file."""
    return read(tomllib.loads(FILE.read_text(encoding="utf-8")))


def read(data: Mapping[str, Any]) -> Region:
    """A region from what a file says. KeyError or ValueError for a file that does not fit."""
    specialities = {key: _speciality(key, given) for key, given in data["specialities"].items()}
    minutes = {key: given["minutes"] for key, given in data["specialities"].items()}
    sites = {given["code"]: _site(given) for given in data["clinics"]}
    if len(sites) != len(data["clinics"]):
        raise ValueError("two clinics have one code")
    names = _names(data["names"])
    receptions: dict[int, Reception] = {}
    numbers = count(1)
    for given in data["clinics"]:
        site = sites[given["code"]]
        rules = [each for each in data["rules"] if _within(each, given)]
        for place, speciality in enumerate(key for key, many in given["doctors"].items() for _ in range(many)):
            number = next(numbers)
            name, is_woman = next(names)
            doctor = Doctor(
                id=f"{site.code}-{place + 1:02d}",
                name=name,
                speciality=specialities[speciality],
                site=site,
                room=str(100 * (1 + place // 9) + 1 + place % 9),
                note=_NOTES[number * 3 % len(_NOTES)],
            )
            rule = Rule(_hours(rules[place % len(rules)]), minutes[speciality])
            receptions[number] = Reception(number, doctor, rule, is_woman)
    return Region(
        sites=sites,
        facts={
            given["code"]: SiteFacts(tuple(given.get("areas", ())), frozenset(given.get("staff", ())))
            for given in data["clinics"]
        },
        specialities=specialities,
        receptions=receptions,
        by_doctor={each.doctor.id: each for each in receptions.values()},
    )


def short_name(name: str) -> str:
    """`Озерова Т. И.`"""
    surname, *others = name.split()
    return " ".join([surname, *(f"{part[0]}." for part in others)])


def _speciality(key: str, given: Mapping[str, Any]) -> Speciality:
    return Speciality(
        id=key,
        name=given["name"],
        since_age=given.get("since", 0),
        until_age=given.get("until", 200),
        sex=given.get("sex"),
        attached_only=given.get("attached_only", False),
        needs_referral=given.get("needs_referral", False),
    )


def _site(given: Mapping[str, Any]) -> Site:
    hours = [f"пн–пт {given['weekdays'][0]}–{given['weekdays'][1]}"]
    if "saturday" in given:
        hours.append(f"сб {given['saturday'][0]}–{given['saturday'][1]}")
    closed = "вс и праздничные дни — выходные" if "saturday" in given else "сб, вс и праздничные дни — выходные"
    known = REGIONS[given["region"]]
    return Site(
        id=given["code"],
        code=given["code"],
        name=given["name"],
        region=given["region"],
        region_name=known.name,
        address=given["address"],
        phone=given["phone"],
        hours=(*hours, closed),
        zone=known.zone,
        for_children=given.get("for_children", False),
    )


def _names(given: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Full names, no two with the same surname and initials, and whether each is a woman's."""
    met = set()
    for number in count():
        is_woman = number % MEN_AMONG != 0
        surname = given["surnames"][number * 7 % len(given["surnames"])][is_woman]
        first = given["women" if is_woman else "men"]
        name = first[number * 5 % len(first)]
        patronymic = given["patronymics"][(number * 11 + number // 60) % len(given["patronymics"])][is_woman]
        full = f"{surname} {name} {patronymic}"
        if short_name(full) not in met:
            met.add(short_name(full))
            yield full, is_woman


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _hours(rule: Mapping[str, list[str]]) -> tuple[tuple[time, time] | None, ...]:
    return tuple((_time(rule[day][0]), _time(rule[day][1])) if day in rule else None for day in DAYS)


def _within(rule: Mapping[str, list[str]], site: Mapping[str, Any]) -> bool:
    """Whether the clinic is open whenever the rule has somebody receive."""
    opened = [site["weekdays"]] * 5 + [site.get("saturday"), None]
    pairs = zip(_hours(rule), opened, strict=True)
    return all(
        hours is None or (each is not None and _time(each[0]) <= hours[0] and hours[1] <= _time(each[1]))
        for hours, each in pairs
    )
