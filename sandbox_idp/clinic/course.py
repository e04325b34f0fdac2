"""The course of one person's health over ten years, as rows: what `courses.toml` says of it, day by day.

What the file leaves open (the hour, the doctor, the figures of a healthy person) follows from a hash, so that every
template made on one day is the same.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from foundation.ids import CROCKFORD
from foundation.russian import age
from sandbox_idp.clinic import laboratory, schedule, tariffs
from sandbox_idp.clinic.holidays import is_working_day
from sandbox_idp.clinic.laboratory import Test
from sandbox_idp.clinic.region import Reception, region
from sandbox_idp.clinic.schedule import Place
from sandbox_idp.clinic.stories import courses, story
from sandbox_idp.clinic.visits import entry_id

YEARS = 10
"""So far do records reach back; vaccinations do from birth."""
ADULT = 18
HEIGHTS = (52, 75, 87, 96, 103, 110, 116, 122, 128, 133, 138, 144, 150, 157, 163, 168, 171, 173)
WEIGHTS = (4.2, 10, 12.5, 14.5, 16.5, 18.5, 21, 23.5, 26.5, 29.5, 33, 37, 42, 47, 53, 58, 62, 65)
"""Centimetres and kilograms of a child by full years."""
DOSES = {"flu": "", "dt": "RV"}
"""Of vaccinations outside of the calendar, if not the first."""
Taken = set[tuple[int, datetime]]


def luck(*parts: object) -> float:
    """From 0 to 1 (excluded): always the same for the same parts."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


class Course:
    """The rows of one card while they are put together."""

    def __init__(self, card: dict[str, Any], today: date, taken: Taken) -> None:
        self.cards = [card]
        self.entries: list[dict[str, Any]] = []
        self.bookings: list[dict[str, Any]] = []
        self.transfers: list[dict[str, Any]] = []
        self._card = card
        self._today = today
        self._taken = taken
        self._given: Mapping[str, Any] = {}

    def fill(self, given: Mapping[str, Any]) -> None:
        """Everything that the file says of this person."""
        self._given = given
        for name, *days in given.get("ills", ()):
            self._illness(name, days)
        for speciality, name, *days in given.get("visits", ()):
            for ago in days:
                self._visit(speciality, name, ago)
        if "check-ups" in given:
            self._check_ups(*given["check-ups"])
        if "pregnancy" in given:
            self._pregnancy(*given["pregnancy"])
        for speciality, ago in given.get("referrals", ()):
            self._referral(speciality, ago)
        self._vaccinations(given)
        for name, ago in given.get("procedures", ()):
            self._add("procedures", name, self._office_hours(ago))
        for name, *days in given.get("documents", ()):
            for ago in days:
                self._document(name, ago)
        self._missed()

    # What happens

    def _illness(self, name: str, days: Sequence[int]) -> None:
        ill = courses()["illnesses"][name]
        chronic = ill.get("chronic", False)
        first = days[0]
        visits = [
            self._in_season(ago, ill.get("season")) for ago in (range(first, 3, -ill["every"]) if chronic else days)
        ]
        for ago in visits:
            at = self._visit(self._speciality(ill, ago), name, ago)
            if at is None:
                continue
            if not chronic or ago == visits[0]:
                state = "хронический" if chronic else "выздоровление" if ago > 30 else "лечение"
                self._add("diagnoses", name, at, state=state, doctor=self._last_doctor())
            self._brings(ill, ago, at)

    def _brings(self, ill: Mapping[str, Any], ago: int, at: datetime) -> None:
        for panel in ill.get("panels", ()):
            self._result(panel, max(1, ago - 1))
        for place, procedure in enumerate(ill.get("procedures", ())):
            self._add("procedures", procedure, self._office_hours(max(1, ago - 3 - place)))
        for drug in ill.get("prescriptions", ()):
            until = at.date() + timedelta(days=courses()["prescriptions"][drug]["days"])
            self._add("prescriptions", drug, at + timedelta(minutes=5), until=until, doctor=self._last_doctor())
        for speciality in ill.get("referrals", ()):
            until = at.date() + timedelta(days=30)
            self._add("referrals", speciality, at, until=until, code=speciality, doctor=self._last_doctor())
        for document in ill.get("documents", ()):
            self._document(document, max(1, ago - 14))

    def _check_ups(self, every: int, found: str) -> None:
        first = int(365.25 * YEARS) - 60 - int(60 * luck("check-up", self._card["id"]))
        for number, ago in enumerate(range(first, 3, -every)):
            years = self._years(ago)
            if years < 1:
                continue
            child = years < ADULT
            speciality = "paediatrician" if child else "prevention"
            fields = self._growth(years) if child else []
            self._visit(speciality, "child-check-up" if child else found, ago, fields=fields)
            for panel in ("blood", "urine") if child else ("blood", "lipids", "glucose"):
                self._result(panel, ago - 1)
            if not child:
                self._add("procedures", "fluorography", self._office_hours(ago - 1))
            if years >= 36 and "hypertension" not in [name for name, *_ in self._given.get("ills", ())]:
                self._add("procedures", "ecg", self._office_hours(ago - 1))
            if years >= 40 and self._card["sex"] == "female" and number % 2 == 0:
                self._add("procedures", "mammography", self._office_hours(ago - 2))
            at = self._office_hours(ago - 2)
            to = self._card["insurer"] or "Территориальный фонд ОМС"
            if at is not None:
                self._transfer(at, "Сведения о профилактическом осмотре", to, "Учёт оказанной помощи", "delivered")

    def _pregnancy(self, since: int, until: int) -> None:
        for ago in range(since, until, -28):
            at = self._visit("gynaecologist", "pregnancy", ago)
            if ago == since and at is not None:
                state = "наблюдение завершено"
                self._add("diagnoses", "pregnancy", at, state=state, doctor=self._last_doctor())
            for panel in ("blood", "urine"):
                self._result(panel, ago - 1)
        for day in (40, 90, 170):
            self._add("procedures", "pregnancy-ultrasound", self._office_hours(since - day))

    def _visit(
        self, speciality: str, name: str, ago: int, *, fields: Iterable[tuple[str, str]] = ()
    ) -> datetime | None:
        """A visit to a doctor on that day or the next one before it on which the doctor receives."""
        reception = self._reception(speciality)
        place = self._place(reception, ago)
        if place is None:
            return None
        doctor = reception.doctor
        self._add(
            "visits",
            name,
            place.start,
            doctor=reception.number,
            site=doctor.site.id,
            code=doctor.speciality.id,
            fields=[list(pair) for pair in fields],
            cost=tariffs.visit(doctor.speciality.id, place.start.year),
        )
        if ago <= 365:
            self._booking(reception, place, "attended")
        return place.start

    def _missed(self) -> None:
        """One appointment that somebody did not come to, for whoever is seen often enough."""
        if len(self.entries) < 100 or self._years(0) < ADULT:
            return
        reception = self._reception("therapist")
        place = self._place(reception, 145)
        if place is not None:
            self._booking(reception, place, "missed")

    def _result(self, panel: str, ago: int) -> None:
        at = self._office_hours(ago, since=8, hours=2)
        if at is None:
            return
        years = self._years(ago)
        tests = (laboratory.tests()[code] for code in laboratory.panels()[panel][1])
        figures = {test.code: self._figure(test, ago, years) for test in tests}
        self._add("results", panel, at, figures=laboratory.written(figures))

    def _referral(self, speciality: str, ago: int) -> None:
        at = self._office_hours(ago)
        if at is not None:
            doctor = self._reception("paediatrician" if self._years(ago) < ADULT else "therapist").number
            until = at.date() + timedelta(days=30)
            self._add("referrals", speciality, at, until=until, code=speciality, doctor=doctor)
            name = region().specialities[speciality].name
            to = region().sites["369005"].name if self._card["site"].startswith("36") else "Областная учебная больница"
            self._transfer(at, f"Направление: {name}", to, "Консультация специалиста", "delivered")

    def _vaccinations(self, given: Mapping[str, Any]) -> None:
        """Those that the file names, and those of the national calendar."""
        for name, *days in given.get("vaccinations", ()):
            for ago in days:
                season = courses()["vaccinations"][name].get("season")
                self._vaccination(name, self._in_season(ago, season), DOSES.get(name, "V"))
        for day, name, dose in courses()["calendar"]["child"] if given.get("calendar") else ():
            self._vaccination(name, self._age_in_days(0) - day, dose)
        for year in range(1, YEARS) if given.get("mantoux") else ():
            self._add("procedures", "mantoux", self._office_hours(365 * year - 90))

    def _vaccination(self, name: str, ago: int, dose: str) -> None:
        at = self._office_hours(ago, earliest=self._card["birth_date"])
        if at is not None:
            self._add("vaccinations", name, at, code=dose or None, fields=[["Доза", dose]] if dose else [])

    def _document(self, name: str, ago: int) -> None:
        at = self._office_hours(ago)
        if at is None:
            return
        number = f"000 {int(luck(self._card['id'], name, ago) * 900 + 100)} {int(luck(ago, name) * 900 + 100)}"
        self._add("documents", name, at, fields=[["Номер", number]])
        to = {
            "sick-leave": ("Социальный фонд", "Выплата пособия"),
            "birth": ("Отдел ЗАГС учебного города", "Регистрация рождения"),
            "school": ("Учебная школа № 12", "Приём в школу"),
            "camp": ("Детский лагерь «Учебные зори»", "Приём в лагерь"),
            "epicrisis": (region().sites[self._card["site"]].name, "Наблюдение после выписки"),
        }.get(name)
        if to is not None:
            title = story("documents", name).title
            recent = ago < 60
            state = "pending" if recent and name == "sick-leave" else "failed" if name == "epicrisis" else "delivered"
            self._transfer(at, title, *to, state)

    # Rows

    def _add(self, kind: str, name: str, at: datetime | None, **more: Any) -> None:
        """An entry; none for a moment outside of the years that a record covers."""
        if at is None:
            return
        told = story(kind, name)
        site = more.pop("site", self._card["site"])
        year = at.astimezone(ZoneInfo(region().sites[site].zone)).year
        cost = tariffs.in_year(told.kopecks, year) if told.kopecks is not None else None
        row: dict[str, Any] = {
            "id": entry_id(self._card["id"], kind, str(len(self.entries))),
            "card_id": self._card["id"],
            "kind": kind,
            "at": at,
            "year": year,
            "name": name,
            "title": "",
            "site": site,
            "doctor": None,
            "code": None,
            "until": None,
            "state": "",
            "text": "",
            "fields": [],
            "figures": None,
            "cost": cost,
        }
        self.entries.append(row | more)

    def _booking(self, reception: Reception, place: Place, state: str) -> None:
        number = "".join(
            CROCKFORD[int(luck(self._card["id"], place.start, digit) * len(CROCKFORD))] for digit in range(6)
        )
        self.bookings.append(
            {
                "id": entry_id(self._card["id"], "booking", str(place.start)),
                "number": f"{number[:3]}-{number[3:]}",
                "card_id": self._card["id"],
                "doctor": reception.number,
                "start": place.start,
                "end": place.end,
                "site": reception.doctor.site.id,
                "speciality": reception.doctor.speciality.id,
                "state": state,
                "reason": "",
                "made_at": place.start - timedelta(days=3, hours=2),
                "revision": 0,
            }
        )

    def _transfer(self, at: datetime, document: str, recipient: str, purpose: str, state: str) -> None:
        self.transfers.append(
            {
                "id": entry_id(self._card["id"], "transfer", str(len(self.transfers))),
                "card_id": self._card["id"],
                "at": at + timedelta(hours=1),
                "document": document,
                "recipient": recipient,
                "purpose": purpose,
                "state": state,
            }
        )

    # Who, when, how much

    def _speciality(self, ill: Mapping[str, Any], ago: int) -> str:
        return str(ill["child"] if self._years(ago) < ADULT and "child" in ill else ill["speciality"])

    def _reception(self, speciality: str) -> Reception:
        """Always the same doctor: of the own clinic, else of one of the same region, else who is there for all."""
        site = region().sites[self._card["site"]]
        of_site = region().select(site_id=site.id, speciality_id=speciality)
        others = [each for each in region().select(speciality_id=speciality) if each.doctor.site.region == site.region]
        general = region().select(site_id=site.id)[:1]
        chosen = of_site or others or general
        return chosen[int(luck(self._card["id"], speciality) * len(chosen))]

    def _last_doctor(self) -> int | None:
        """Of the newest visit that was added."""
        return next((row["doctor"] for row in reversed(self.entries) if row["kind"] == "visits"), None)

    def _place(self, reception: Reception, ago: int) -> Place | None:
        """A time of the doctor's schedule that nobody else has, on that day or one of the two weeks before it."""
        for back in range(14):
            day = self._today - timedelta(days=ago + back)
            if not self._covers(day):
                return None
            free = [
                place
                for place in schedule.made(reception, day, schedule.zone_of(reception))
                if (reception.number, place.start) not in self._taken
            ]
            if free:
                place = free[int(luck(self._card["id"], ago) * len(free))]
                self._taken.add((reception.number, place.start))
                return place
        return None

    def _office_hours(
        self, ago: int, *, since: int = 9, hours: int = 7, earliest: date | None = None
    ) -> datetime | None:
        """A moment of that day, or of the working day before it."""
        day = self._today - timedelta(days=max(1, ago))
        while not is_working_day(day) and day > (earliest or self._card["birth_date"]):
            day -= timedelta(days=1)
        if ago < 1 or not (self._covers(day) or (earliest is not None and earliest <= day)):
            return None
        minutes = int(luck(self._card["id"], ago, since) * hours * 12) * 5
        zone = ZoneInfo(region().sites[self._card["site"]].zone)
        at = datetime.combine(day, time(since), zone) + timedelta(minutes=minutes)
        return at.astimezone(UTC)

    def _in_season(self, ago: int, month: int | None) -> int:
        """The day, or one of that month before it: a vaccination against flu is not given in spring."""
        if month is None:
            return ago
        day = self._today - timedelta(days=ago)
        near = date(day.year - (day.month < month), month, 3 + int(luck(self._card["id"], ago, month) * 25))
        return (self._today - min(near, day)).days

    def _covers(self, day: date) -> bool:
        """Whether a record reaches back to that day."""
        first = max(self._card["birth_date"], self._today - timedelta(days=int(365.25 * YEARS)))
        return bool(first <= day < self._today)

    def _age_in_days(self, ago: int) -> int:
        days: int = (self._today - timedelta(days=ago) - self._card["birth_date"]).days
        return days

    def _years(self, ago: int) -> int:
        return age(self._card["birth_date"], self._today - timedelta(days=ago))

    def _growth(self, years: int) -> list[tuple[str, str]]:
        girl = 3 if self._card["sex"] == "female" and years > 12 else 0
        spread = luck("growth", self._card["id"]) * 6 - 3
        weight = f"{WEIGHTS[years] - girl + spread / 2:.1f}".replace(".", ",")
        return [("Рост", f"{HEIGHTS[years] - 2 * girl + spread:.0f} см"), ("Вес", f"{weight} кг")]

    def _figure(self, test: Test, ago: int, years: int) -> Decimal:
        """The value of a test on that day: on the course that the file gives, else that of somebody healthy."""
        noise = Decimal(luck(self._card["id"], test.code, ago) * 2 - 1)
        given = self._given.get("figures", {}).get(test.code)
        if given is None:
            return test.healthy(sex=self._card["sex"], years=years, noise=noise)
        return test.rounded(_between(given, ago) * (1 + noise * Decimal("0.02")))


def _between(points: Sequence[Sequence[float]], ago: int) -> Decimal:
    """The value on a line through the points, which go from the oldest day to the newest."""
    pairs = [(Decimal(str(day)), Decimal(str(value))) for day, value in points]
    for (before, first), (after, second) in itertools.pairwise(pairs):
        if before >= ago >= after:
            return first + (second - first) * (before - ago) / (before - after)
    return pairs[0][1] if ago > pairs[0][0] else pairs[-1][1]
