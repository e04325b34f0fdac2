"""A small medical system for unit tests of the portal: in memory, with the rules, errors and failures of a real one.

It is written from the interface (`portal.clinic.base`) alone. A test changes what it holds: its fields are the levers.
Free times are every half hour from 9:00 to 12:00 of the clinic's own time on weekdays, for `DAYS` days ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from foundation.clock import Clock
from foundation.russian import age
from portal.clinic.errors import (
    AgeError,
    CardDuplicateError,
    CardNotFoundError,
    KeyReusedError,
    NoAnswerError,
    NotAttachedError,
    NotFoundError,
    ReferralError,
    SameSpecialityError,
    SexError,
    SlotTakenError,
    StateError,
    TooLateError,
)
from portal.clinic.values import (
    Application,
    ApplicationKind,
    Attachment,
    Booking,
    Card,
    Certificate,
    CertificateKind,
    Doctor,
    Entry,
    Event,
    Expense,
    HomeVisit,
    Identity,
    Listing,
    Paper,
    Point,
    RecordKind,
    Site,
    Slot,
    Source,
    Speciality,
    Transfer,
    VisitCount,
    Waiting,
)

DAYS = 14
CUT_OFF = timedelta(hours=3)
"""How long before its beginning a booking can be moved or cancelled."""

SEVEN = Site(
    id="site-7",
    code="360007",
    name="Поликлиника № 7",
    region="36",
    region_name="Воронежская область",
    address="Воронеж, Кленовая ул., 5",
    phone="+7 (000) 200-00-07",
    hours=("пн–пт 8:00–20:00", "сб 9:00–15:00"),
    zone="Europe/Moscow",
)
KIDS = Site(
    id="site-2",
    code="360102",
    name="Детская поликлиника № 2",
    region="36",
    region_name="Воронежская область",
    address="Воронеж, Липовая ул., 12",
    phone="+7 (000) 200-01-02",
    hours=("пн–пт 8:00–19:00",),
    zone="Europe/Moscow",
    for_children=True,
)
FAR = Site(
    id="site-25",
    code="250001",
    name="Поликлиника Приморская",
    region="25",
    region_name="Приморский край",
    address="Владивосток, Морская ул., 3",
    phone="+7 (000) 200-25-01",
    hours=("пн–пт 8:00–20:00",),
    zone="Asia/Vladivostok",
)

THERAPIST = Speciality("therapist", "терапевт", since_age=18, attached_only=True)
PEDIATRICIAN = Speciality("pediatrician", "педиатр", until_age=17, attached_only=True)
OCULIST = Speciality("oculist", "офтальмолог")
CARDIOLOGIST = Speciality("cardiologist", "кардиолог", since_age=18, needs_referral=True)
GYNAECOLOGIST = Speciality("gynaecologist", "акушер-гинеколог", since_age=15, sex="female")
UROLOGIST = Speciality("urologist", "уролог", since_age=18, sex="male")

VETROVA = Doctor("doctor-1", "Ветрова Ирина Львовна", THERAPIST, SEVEN, "214", "высшая категория")
ZORIN = Doctor("doctor-2", "Зорин Олег Петрович", OCULIST, SEVEN, "301")
SEROVA = Doctor("doctor-3", "Серова Анна Ильинична", CARDIOLOGIST, SEVEN, "305")
LUGOVA = Doctor("doctor-4", "Луговая Мария Юрьевна", GYNAECOLOGIST, SEVEN, "118")
PAVLOV = Doctor("doctor-5", "Павлов Иван Егорович", UROLOGIST, SEVEN, "120")
RUCHYOVA = Doctor("doctor-6", "Ручьёва Вера Павловна", PEDIATRICIAN, KIDS, "12")
GLAZOVA = Doctor("doctor-7", "Глазова Нина Андреевна", OCULIST, KIDS, "20")
MORSKOY = Doctor("doctor-8", "Морской Пётр Олегович", OCULIST, FAR, "7")
DOCTORS = (VETROVA, ZORIN, SEROVA, LUGOVA, PAVLOV, RUCHYOVA, GLAZOVA, MORSKOY)

ANNA_SNILS = "00010010110"
MILA_POLICY = "0000100000004810"
EGOR_POLICY = "0000100000005189"


@dataclass
class FakeClinic:
    """The system with all its parts. `calls` lists what it was asked, such as `book`."""

    clock: Clock
    is_there: bool = True
    alive: bool = True
    silent: set[str] = field(default_factory=set)
    """Ids of the clinics that do not answer; `*` for all of them."""
    silent_calls: set[str] = field(default_factory=set)
    """Names of calls that get no answer, whatever clinic they are about."""
    lose_answers: int = 0
    """So many of the next changes are made, and their answer is lost."""
    calls: list[str] = field(default_factory=list)
    keys: dict[str, tuple[object, ...]] = field(default_factory=dict)
    """Idempotency key → what it was used for, and the id of what came of it at the end."""
    made: int = 0

    def __post_init__(self) -> None:
        self.directory = FakeDirectory(self)
        self.bookings = FakeBookings(self)
        self.record = FakeRecord(self)
        self.papers = FakePapers(self)
        self.events = FakeEvents(self)
        self.reports = FakeReports(self)

    def is_alive(self) -> bool:
        return self.alive

    def asked(self, name: str, site: Site | None = None) -> None:
        """Note the call, and be silent where the clinic is."""
        self.calls.append(name)
        if "*" in self.silent or name in self.silent_calls:
            raise NoAnswerError(None)
        if site is not None and site.id in self.silent:
            raise NoAnswerError(site)

    def answered(self, site: Site | None = None) -> None:
        """The change is made; lose the answer if that is the plan."""
        if self.lose_answers:
            self.lose_answers -= 1
            raise NoAnswerError(site)

    def new_id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made:04d}"

    def known(self, key: str, *what: object) -> str | None:
        """The id that came of the key; KeyReusedError if it was used for something else."""
        if key not in self.keys:
            return None
        *before, result = self.keys[key]
        if tuple(before) != what:
            raise KeyReusedError
        return str(result)


def _card(card_id: str, sex: str, born: date, site: Site) -> Card:
    return Card(
        id=card_id,
        number=card_id.removeprefix("card-").upper(),
        sex="female" if sex == "female" else "male",
        birth_date=born,
        attachment=Attachment(site, "attached", date(2020, 2, 1), area="участок 12"),
        insurer="СМК «Пример-Мед»",
    )


class FakeDirectory:
    """Clinics, specialities, doctors, cards."""

    def __init__(self, clinic: FakeClinic) -> None:
        self._clinic = clinic
        self.all_sites = [SEVEN, KIDS, FAR]
        self.all_doctors = list(DOCTORS)
        self.cards: dict[str, Card] = {
            ANNA_SNILS: _card("card-anna", "female", date(1985, 5, 26), SEVEN),
            MILA_POLICY: _card("card-mila", "female", date(2018, 3, 5), KIDS),
            EGOR_POLICY: _card("card-egor", "male", date(2011, 12, 12), KIDS),
        }
        """By SNILS or number of the policy."""
        self.duplicate: set[str] = set()
        """SNILS that two cards fit."""

    def change_card(self, key: str, **changes: Any) -> Card:
        """Change the card that is found by `key`."""
        self.cards[key] = replace(self.cards[key], **changes)
        return self.cards[key]

    def card_of(self, card_id: str) -> Card:
        for card in self.cards.values():
            if card.id == card_id:
                return card
        raise NotFoundError

    def card(self, who: Identity) -> Card:
        self._clinic.asked("card")
        if who.snils in self.duplicate:
            raise CardDuplicateError("К-000123")
        for key in (who.snils, who.policy):
            if key is not None and key in self.cards:
                return self.cards[key]
        raise CardNotFoundError

    def sites(self, *, text: str = "", region: str = "", code: str = "") -> list[Site]:
        self._clinic.asked("sites")
        return sorted(
            (
                site
                for site in self.all_sites
                if text.casefold() in f"{site.name} {site.address} {site.code}".casefold()
                and (not region or site.region == region)
                and (not code or site.code == code)
            ),
            key=lambda site: site.name,
        )

    def site(self, site_id: str) -> Site:
        self._clinic.asked("site")
        return _one(self.all_sites, site_id)

    def regions(self) -> list[tuple[str, str]]:
        self._clinic.asked("regions")
        return sorted({(site.region, site.region_name) for site in self.all_sites})

    def specialities(self, site_id: str = "") -> list[Speciality]:
        self._clinic.asked("specialities")
        found = {one.speciality.id: one.speciality for one in self.all_doctors if site_id in ("", one.site.id)}
        return sorted(found.values(), key=lambda one: one.name)

    def speciality(self, speciality_id: str) -> Speciality:
        self._clinic.asked("speciality")
        return _one([doctor.speciality for doctor in self.all_doctors], speciality_id)

    def doctors(self, *, site_id: str = "", speciality_id: str = "", text: str = "") -> list[Doctor]:
        self._clinic.asked("doctors")
        return sorted(
            (
                one
                for one in self.all_doctors
                if site_id in ("", one.site.id)
                and speciality_id in ("", one.speciality.id)
                and text.casefold() in one.name.casefold()
            ),
            key=lambda one: one.name,
        )

    def doctor(self, doctor_id: str) -> Doctor:
        self._clinic.asked("doctor")
        return _one(self.all_doctors, doctor_id)


def _one(things: list[Any], id_: str) -> Any:
    for thing in things:
        if thing.id == id_:
            return thing
    raise NotFoundError


class FakeBookings:
    """Appointments, waiting list, doctors called home."""

    def __init__(self, clinic: FakeClinic) -> None:
        self._clinic = clinic
        self.all: dict[str, Booking] = {}
        self.taken_out: set[str] = set()
        """Ids of slots that somebody else has."""
        self.full: set[str] = set()
        """Ids of doctors without a free time."""
        self.referrals: set[tuple[str, str]] = set()
        """Card and speciality."""
        self.waitings: dict[str, Waiting] = {}
        self.calls_home: dict[str, HomeVisit] = {}

    # What is free

    def _schedule(self, doctor: Doctor) -> list[Slot]:
        zone = ZoneInfo(doctor.site.zone)
        today = self._clinic.clock.now().astimezone(zone).date()
        slots = []
        for day in (today + timedelta(days=number) for number in range(-1, DAYS)):
            if day.weekday() > 4:
                continue
            for half_hours in range(6):
                local = datetime.combine(day, time(9), zone) + timedelta(minutes=30 * half_hours)
                start = local.astimezone(UTC)
                slot_id = f"{doctor.id}.{start:%Y%m%d%H%M}"
                slots.append(Slot(slot_id, doctor, start, start + timedelta(minutes=20)))
        return slots

    def _is_free(self, slot: Slot) -> bool:
        return (
            slot.id not in self.taken_out
            and slot.doctor.id not in self.full
            and not any(one.slot.id == slot.id and one.state == "booked" for one in self.all.values())
        )

    def slots(
        self,
        *,
        since: datetime,
        until: datetime,
        site_id: str = "",
        speciality_id: str = "",
        doctor_id: str = "",
        limit: int = 200,
    ) -> list[Slot]:
        assert speciality_id or doctor_id, "a speciality or a doctor must be named"
        self._clinic.asked("slots", _one(self._clinic.directory.all_sites, site_id) if site_id else None)
        found = [
            slot
            for doctor in self._clinic.directory.all_doctors
            if site_id in ("", doctor.site.id)
            and speciality_id in ("", doctor.speciality.id)
            and doctor_id in ("", doctor.id)
            and doctor.site.id not in self._clinic.silent
            for slot in self._schedule(doctor)
            if since <= slot.start < until and slot.start > self._clinic.clock.now() and self._is_free(slot)
        ]
        return sorted(found, key=lambda slot: (slot.start, slot.doctor.name))[:limit]

    def slot(self, slot_id: str) -> Slot:
        for doctor in self._clinic.directory.all_doctors:
            for slot in self._schedule(doctor):
                if slot.id == slot_id:
                    self._clinic.asked("slot", doctor.site)
                    return slot
        self._clinic.asked("slot")
        raise NotFoundError

    # Appointments

    def book(self, card_id: str, slot_id: str, *, key: str, reason: str = "") -> Booking:
        card, slot = self._clinic.directory.card_of(card_id), self.slot(slot_id)
        self._clinic.asked("book", slot.doctor.site)
        if (done := self._clinic.known(key, "book", card_id, slot_id)) is not None:
            return self._told(done)
        self._check_rules(card, slot)
        self._check_free(slot)
        booking = Booking(
            id=self._clinic.new_id("booking"),
            number=f"Т-{self._clinic.made:06d}",
            card_id=card_id,
            slot=slot,
            state="booked",
            made_at=self._clinic.clock.now(),
            changeable_until=slot.start - CUT_OFF,
            revision=0,
            reason=reason,
        )
        self.all[booking.id] = booking
        self._clinic.keys[key] = ("book", card_id, slot_id, booking.id)
        self._clinic.answered(slot.doctor.site)
        return booking

    def _check_rules(self, card: Card, slot: Slot, moving: str = "") -> None:
        wanted = slot.doctor.speciality
        years = age(card.birth_date, self._clinic.clock.now().date())
        if not wanted.since_age <= years <= wanted.until_age:
            raise AgeError(wanted, years)
        if wanted.sex not in (None, card.sex):
            raise SexError(wanted)
        attached = card.attachment is not None and card.attachment.state == "attached"
        if wanted.attached_only and not (attached and card.attachment and card.attachment.site == slot.doctor.site):
            raise NotAttachedError(slot.doctor.site, wanted)
        if wanted.needs_referral and (card.id, wanted.id) not in self.referrals:
            raise ReferralError(wanted)
        for other in self.all.values():
            if (
                other.card_id == card.id
                and other.id != moving
                and other.state == "booked"
                and other.slot.start > self._clinic.clock.now()
                and other.slot.doctor.speciality == wanted
            ):
                raise SameSpecialityError(other)

    def _check_free(self, slot: Slot) -> None:
        now = self._clinic.clock.now()
        if slot.start <= now or not self._is_free(slot):
            nearest = self.slots(since=now, until=now + timedelta(days=DAYS), doctor_id=slot.doctor.id, limit=5)
            raise SlotTakenError(tuple(nearest))

    def _told(self, booking_id: str) -> Booking:
        booking = self.all[booking_id]
        self._clinic.answered(booking.slot.doctor.site)
        return booking

    def move(self, card_id: str, booking_id: str, slot_id: str, *, key: str) -> Booking:
        booking, slot = self.booking(card_id, booking_id), self.slot(slot_id)
        self._clinic.asked("move", slot.doctor.site)
        if (done := self._clinic.known(key, "move", card_id, booking_id, slot_id)) is not None:
            return self._told(done)
        self._check_changeable(booking)
        if slot.doctor.speciality != booking.slot.doctor.speciality:
            raise StateError
        self._check_rules(self._clinic.directory.card_of(card_id), slot, moving=booking_id)
        self._check_free(slot)
        return self._changed(
            key,
            ("move", card_id, booking_id, slot_id),
            replace(booking, slot=slot, revision=booking.revision + 1, changeable_until=slot.start - CUT_OFF),
        )

    def cancel(self, card_id: str, booking_id: str, *, key: str) -> Booking:
        booking = self.booking(card_id, booking_id)
        self._clinic.asked("cancel", booking.slot.doctor.site)
        if (done := self._clinic.known(key, "cancel", card_id, booking_id)) is not None:
            return self._told(done)
        if booking.state == "cancelled":
            return booking
        self._check_changeable(booking)
        return self._changed(
            key, ("cancel", card_id, booking_id), replace(booking, state="cancelled", revision=booking.revision + 1)
        )

    def _check_changeable(self, booking: Booking) -> None:
        if booking.state != "booked":
            raise StateError
        if self._clinic.clock.now() > booking.changeable_until:
            raise TooLateError(booking.changeable_until)

    def _changed(self, key: str, what: tuple[object, ...], booking: Booking) -> Booking:
        self.all[booking.id] = booking
        self._clinic.keys[key] = (*what, booking.id)
        self._clinic.answered(booking.slot.doctor.site)
        return booking

    def booking(self, card_id: str, booking_id: str) -> Booking:
        self._clinic.asked("booking")
        booking = self.all.get(booking_id)
        if booking is None or booking.card_id != card_id:
            raise NotFoundError
        return booking

    def booking_by_key(self, card_id: str, key: str) -> Booking | None:
        self._clinic.asked("booking_by_key")
        booking = self.all.get(str(self._clinic.keys[key][-1])) if key in self._clinic.keys else None
        return booking if booking is not None and booking.card_id == card_id else None

    def bookings(self, card_id: str) -> list[Booking]:
        self._clinic.asked("bookings")
        mine, now = [one for one in self.all.values() if one.card_id == card_id], self._clinic.clock.now()
        ahead = sorted((one for one in mine if one.slot.start > now), key=lambda one: one.slot.start)
        past = sorted((one for one in mine if one.slot.start <= now), key=lambda one: one.slot.start, reverse=True)
        return ahead + past

    # Waiting list

    def wait(self, card_id: str, site_id: str, speciality_id: str, *, key: str) -> Waiting:
        directory = self._clinic.directory
        site, speciality = _one(directory.all_sites, site_id), directory.speciality(speciality_id)
        self._clinic.asked("wait", site)
        if (done := self._clinic.known(key, "wait", card_id, site_id, speciality_id)) is not None:
            return self.waitings[done]
        held = [one for one in self.waitings.values() if (one.site, one.speciality) == (site, speciality)]
        for one in held:
            if one.card_id == card_id:
                return one
        waiting = Waiting(
            self._clinic.new_id("waiting"), card_id, site, speciality, self._clinic.clock.now(), len(held) + 1
        )
        self.waitings[waiting.id] = waiting
        self._clinic.keys[key] = ("wait", card_id, site_id, speciality_id, waiting.id)
        self._clinic.answered(site)
        return waiting

    def waiting(self, card_id: str) -> list[Waiting]:
        self._clinic.asked("waiting")
        return [one for one in self.waitings.values() if one.card_id == card_id]

    def stop_waiting(self, card_id: str, waiting_id: str) -> None:
        self._clinic.asked("stop_waiting")
        waiting = self.waitings.get(waiting_id)
        if waiting is not None and waiting.card_id != card_id:
            raise NotFoundError
        self.waitings.pop(waiting_id, None)

    # Doctor called home

    def call_home(self, card_id: str, *, address: str, phone: str, complaint: str, key: str) -> HomeVisit:
        card = self._clinic.directory.card_of(card_id)
        site = card.attachment.site if card.attachment else SEVEN
        self._clinic.asked("call_home", site)
        if (done := self._clinic.known(key, "call_home", card_id, address, phone, complaint)) is not None:
            return self.calls_home[done]
        if card.attachment is None or card.attachment.state != "attached":
            raise NotAttachedError(site)
        if any(one.card_id == card_id and one.state == "accepted" for one in self.calls_home.values()):
            raise StateError
        now = self._clinic.clock.now()
        visit = HomeVisit(
            id=self._clinic.new_id("visit"),
            number=f"В-{self._clinic.made:06d}",
            card_id=card_id,
            site=site,
            address=address,
            phone=phone,
            complaint=complaint,
            asked_at=now,
            day=now.date() + timedelta(days=1),
            window="с 9:00 до 14:00",
            state="accepted",
        )
        self.calls_home[visit.id] = visit
        self._clinic.keys[key] = ("call_home", card_id, address, phone, complaint, visit.id)
        self._clinic.answered(site)
        return visit

    def home_visits(self, card_id: str) -> list[HomeVisit]:
        self._clinic.asked("home_visits")
        return [one for one in reversed(self.calls_home.values()) if one.card_id == card_id]

    def cancel_home_visit(self, card_id: str, visit_id: str) -> HomeVisit:
        self._clinic.asked("cancel_home_visit")
        visit = self.calls_home.get(visit_id)
        if visit is None or visit.card_id != card_id:
            raise NotFoundError
        if visit.state == "visited":
            raise StateError
        self.calls_home[visit_id] = replace(visit, state="cancelled")
        return self.calls_home[visit_id]


@dataclass
class FakeRecord:
    """The electronic card. A test puts into the lists what it needs."""

    clinic: FakeClinic
    all_sources: list[Source] = field(default_factory=list)
    all_entries: dict[str, list[Entry]] = field(default_factory=dict)
    """Card → its entries, of every kind."""
    all_points: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    """Card and code → its series, oldest first."""
    all_transfers: dict[str, list[Transfer]] = field(default_factory=dict)
    all_expenses: dict[str, list[Expense]] = field(default_factory=dict)

    def sources(self, card_id: str) -> list[Source]:
        self.clinic.asked("sources")
        return list(self.all_sources)

    def _of(self, card_id: str, kind: RecordKind) -> list[Entry]:
        silent = {source.id for source in self.all_sources if not source.answered}
        mine = [one for one in self.all_entries.get(card_id, []) if one.kind == kind and one.source not in silent]
        return sorted(mine, key=lambda one: (one.at, one.id), reverse=True)

    def entries(self, card_id: str, kind: RecordKind, *, after: str | None = None, limit: int = 20) -> Listing[Entry]:
        self.clinic.asked("entries")
        items, next_ = _paged(self._of(card_id, kind), after, limit)
        return Listing(items, next_, tuple(self.all_sources))

    def entry(self, card_id: str, kind: RecordKind, entry_id: str) -> Entry:
        self.clinic.asked("entry")
        found: Entry = _one(self._of(card_id, kind), entry_id)
        return found

    def counts(self, card_id: str) -> Mapping[RecordKind, int]:
        self.clinic.asked("counts")
        counts: dict[RecordKind, int] = {}
        for entry in self.all_entries.get(card_id, []):
            counts[entry.kind] = counts.get(entry.kind, 0) + 1
        return counts

    def series(self, card_id: str, code: str, *, limit: int = 60) -> list[Point]:
        self.clinic.asked("series")
        return self.all_points.get((card_id, code), [])[-limit:]

    def transfers(self, card_id: str, *, after: str | None = None, limit: int = 20) -> Listing[Transfer]:
        self.clinic.asked("transfers")
        items, next_ = _paged(
            sorted(self.all_transfers.get(card_id, []), key=lambda one: one.at, reverse=True), after, limit
        )
        return Listing(items, next_)

    def expenses(self, card_id: str, year: int) -> list[Expense]:
        self.clinic.asked("expenses")
        return sorted(
            (one for one in self.all_expenses.get(card_id, []) if one.at.year == year), key=lambda one: one.at
        )

    def expense_totals(self, card_id: str) -> Mapping[int, Decimal]:
        self.clinic.asked("expense_totals")
        totals: dict[int, Decimal] = {}
        for expense in sorted(self.all_expenses.get(card_id, []), key=lambda one: one.at, reverse=True):
            totals[expense.at.year] = totals.get(expense.at.year, Decimal(0)) + expense.amount
        return totals


def _paged(things: list[Any], after: str | None, limit: int) -> tuple[tuple[Any, ...], str | None]:
    """The piece that follows the thing whose id is `after`."""
    begin = next((number + 1 for number, one in enumerate(things) if one.id == after), 0)
    piece = tuple(things[begin : begin + limit])
    return piece, piece[-1].id if begin + limit < len(things) else None


@dataclass
class FakePapers:
    """Certificates and applications. `finish` and `decide` are the clinic's side."""

    clinic: FakeClinic
    kinds: list[CertificateKind] = field(
        default_factory=lambda: [
            CertificateKind("vaccinations", "Справка о прививках", "Для школы и поездок, готова за 1 рабочий день."),
            CertificateKind(
                "sick-leave",
                "Справка для учебного заведения",
                "Подтверждает болезнь, готова за 2 рабочих дня.",
                asks=(("place", "Учебное заведение"),),
            ),
        ]
    )
    all_certificates: dict[str, Certificate] = field(default_factory=dict)
    all_applications: dict[str, tuple[Identity, Application]] = field(default_factory=dict)
    handed_in: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """Card, name, media type, content."""

    def certificate_kinds(self) -> list[CertificateKind]:
        self.clinic.asked("certificate_kinds")
        return list(self.kinds)

    def ask_certificate(self, card_id: str, kind_id: str, *, answers: Mapping[str, str], key: str) -> Certificate:
        self.clinic.asked("ask_certificate")
        kind, what = _one(self.kinds, kind_id), ("certificate", card_id, kind_id, tuple(sorted(answers.items())))
        if (done := self.clinic.known(key, *what)) is not None:
            return self.all_certificates[done]
        for other in self.all_certificates.values():
            if (other.card_id, other.kind) == (card_id, kind) and other.state in ("requested", "preparing"):
                raise StateError
        now = self.clinic.clock.now()
        certificate = Certificate(
            id=self.clinic.new_id("certificate"),
            number=f"С-{self.clinic.made:06d}",
            card_id=card_id,
            kind=kind,
            state="requested",
            asked_at=now,
            ready_by=now + timedelta(days=1),
        )
        self.all_certificates[certificate.id] = certificate
        self.clinic.keys[key] = (*what, certificate.id)
        self.clinic.answered()
        return certificate

    def finish(self, certificate_id: str) -> None:
        """The certificate is ready."""
        self.all_certificates[certificate_id] = replace(
            self.all_certificates[certificate_id], state="ready", ready_at=self.clinic.clock.now()
        )

    def certificates(self, card_id: str) -> list[Certificate]:
        self.clinic.asked("certificates")
        return [one for one in reversed(self.all_certificates.values()) if one.card_id == card_id]

    def certificate(self, card_id: str, certificate_id: str) -> Certificate:
        self.clinic.asked("certificate")
        certificate = self.all_certificates.get(certificate_id)
        if certificate is None or certificate.card_id != card_id:
            raise NotFoundError
        return certificate

    def certificate_paper(self, card_id: str, certificate_id: str) -> Paper:
        certificate = self.certificate(card_id, certificate_id)
        if certificate.state != "ready" or certificate.ready_at is None:
            raise StateError
        return Paper(
            title=certificate.kind.name,
            number=certificate.number,
            on=certificate.ready_at.date(),
            issuer=SEVEN,
            signed_by="Главный врач Рябинин С. П.",
            facts=(("Карта", card_id),),
            paragraphs=("Справка дана для предъявления по месту требования.",),
        )

    def apply(self, who: Identity, kind: ApplicationKind, site_id: str, *, text: str, key: str) -> Application:
        self.clinic.asked("apply")
        site, what = self.clinic.directory.site(site_id), ("apply", who.snils, who.policy, kind, site_id, text)
        if (done := self.clinic.known(key, *what)) is not None:
            return self.all_applications[done][1]
        for other, application in self.all_applications.values():
            if other == who and application.kind == kind and application.state in ("sent", "considered"):
                raise StateError
        now = self.clinic.clock.now()
        application = Application(
            self.clinic.new_id("application"),
            f"З-{self.clinic.made:06d}",
            kind,
            site,
            "sent",
            now,
            now.date() + timedelta(days=5),
        )
        self.all_applications[application.id] = (who, application)
        self.clinic.keys[key] = (*what, application.id)
        self.clinic.answered(site)
        return application

    def decide(self, application_id: str, **changes: Any) -> None:
        """Change an application: `state`, `reason`."""
        who, application = self.all_applications[application_id]
        self.all_applications[application_id] = (who, replace(application, **changes))

    def applications(self, who: Identity) -> list[Application]:
        self.clinic.asked("applications")
        return [application for other, application in reversed(self.all_applications.values()) if other == who]

    def application(self, who: Identity, application_id: str) -> Application:
        self.clinic.asked("application")
        other, application = self.all_applications.get(application_id, (None, None))
        if application is None or other != who:
            raise NotFoundError
        return application

    def withdraw(self, who: Identity, application_id: str) -> Application:
        application = self.application(who, application_id)
        if application.state in ("granted", "refused"):
            raise StateError
        self.decide(application_id, state="withdrawn")
        return self.all_applications[application_id][1]

    def hand_in(self, card_id: str, *, name: str, media_type: str, content: bytes, key: str) -> None:
        self.clinic.asked("hand_in")
        what = ("hand_in", card_id, name)
        if self.clinic.known(key, *what) is None:
            self.handed_in.append((card_id, name, media_type, content))
            self.clinic.keys[key] = (*what, name)
        self.clinic.answered()


@dataclass
class FakeEvents:
    """What patients are notified of; a test puts it into the list."""

    clinic: FakeClinic
    all_events: dict[str, list[Event]] = field(default_factory=dict)
    """By card."""

    def events(self, card_id: str, *, since: datetime) -> list[Event]:
        self.clinic.asked("events")
        return sorted((one for one in self.all_events.get(card_id, []) if one.at > since), key=lambda one: one.at)


@dataclass
class FakeReports:
    """Reports for the staff: `staff` says who may read those of which clinic."""

    clinic: FakeClinic
    staff: dict[str, Site] = field(default_factory=dict)
    """SNILS → clinic."""
    counts: list[VisitCount] = field(default_factory=list)
    permits: Callable[[Identity], Site | None] | None = None

    def staff_site(self, who: Identity) -> Site | None:
        self.clinic.asked("staff_site")
        return self.permits(who) if self.permits is not None else self.staff.get(who.snils or "")

    def visits(self, site_id: str, *, since: date, until: date, speciality_id: str = "") -> list[VisitCount]:
        self.clinic.asked("visits")
        return [one for one in self.counts if since <= one.day <= until and speciality_id in ("", one.speciality)]
