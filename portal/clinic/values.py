"""What a medical system tells the portal: small frozen values, free of any table's shape.

Moments are aware and in UTC; `Site.zone` says in whose time they are shown. Ids are the medical system's own opaque
strings. Amounts of money are decimal roubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

# Who


@dataclass(frozen=True)
class Identity:
    """Whom the portal asks about: what Gosuslugi granted of a patient or of a child. A card is matched by SNILS, or by
    the policy's number; name and birth date must agree where both sides have them (R-020 right 7)."""

    surname: str
    name: str
    patronymic: str | None
    birth_date: date | None
    snils: str | None
    """11 digits."""
    policy: str | None
    """16 digits."""


Sex = Literal["female", "male"]


@dataclass(frozen=True)
class Attachment:
    """To which clinic somebody belongs."""

    site: Site
    state: Literal["attached", "pending"]
    since: date | None
    """From which day it holds; None while pending."""
    decided_by: date | None = None
    """By which day a pending one is decided."""
    area: str | None = None
    """The district doctor's area, in words."""


@dataclass(frozen=True)
class Card:
    """A patient's card in the medical system."""

    id: str
    number: str
    """As printed on the card."""
    sex: Sex
    birth_date: date
    attachment: Attachment | None
    insurer: str | None = None
    """Insurance company of the policy, as the clinic knows it."""


# Where and with whom


@dataclass(frozen=True)
class Site:
    """A clinic (медицинская организация, or one building of it)."""

    id: str
    code: str
    """Код МО (R-125)."""
    name: str
    region: str
    """Code of the subject of the federation, `36`."""
    region_name: str
    address: str
    phone: str
    hours: tuple[str, ...]
    """Lines for people: `пн–пт 8:00–20:00`."""
    zone: str
    """`Europe/Moscow`."""
    for_children: bool = False


@dataclass(frozen=True)
class Speciality:
    """What one books: a kind of doctor."""

    id: str
    name: str
    """`терапевт`."""
    since_age: int = 0
    until_age: int = 200
    """Ages in full years that may book it, both included."""
    sex: Sex | None = None
    """Only these may book it."""
    attached_only: bool = False
    """Only for those attached to the clinic."""
    needs_referral: bool = False


@dataclass(frozen=True)
class Doctor:
    """One doctor's reception at one clinic."""

    id: str
    name: str
    """Surname, name, patronymic."""
    speciality: Speciality
    site: Site
    room: str
    note: str = ""
    """Category, what the doctor sees patients about; may be empty."""


@dataclass(frozen=True)
class Slot:
    """A time that is free, or was when it was asked for."""

    id: str
    doctor: Doctor
    start: datetime
    end: datetime


# Bookings

BookingState = Literal["booked", "cancelled", "attended", "missed"]


@dataclass(frozen=True)
class Booking:
    """An appointment. Moving it keeps its id; `revision` grows with every change (SEQUENCE of iCalendar)."""

    id: str
    number: str
    """Of the talon, for people."""
    card_id: str
    slot: Slot
    state: BookingState
    made_at: datetime
    changeable_until: datetime
    """After that it can be neither moved nor cancelled here."""
    revision: int
    reason: str = ""
    """What the patient wrote."""
    changed_at: datetime | None = None
    """When it was moved or cancelled last; None: never, or the medical system does not tell."""
    called_off: bool = False
    """Whether it was the clinic that cancelled it."""


@dataclass(frozen=True)
class Waiting:
    """A place in the waiting list: one for a card, a clinic and a speciality."""

    id: str
    card_id: str
    site: Site
    speciality: Speciality
    since: datetime
    place: int
    """From 1."""
    state: Literal["waiting", "offered", "left"] = "waiting"
    offered: Slot | None = None
    offered_until: datetime | None = None


@dataclass(frozen=True)
class HomeVisit:
    """A doctor called home."""

    id: str
    number: str
    card_id: str
    site: Site
    address: str
    phone: str
    complaint: str
    asked_at: datetime
    day: date
    """The day on which the doctor comes."""
    window: str
    """`с 9:00 до 14:00`."""
    state: Literal["accepted", "cancelled", "visited"]


# The record

RecordKind = Literal[
    "diagnoses", "visits", "results", "procedures", "prescriptions", "referrals", "vaccinations", "documents"
]


@dataclass(frozen=True)
class Measurement:
    """One figure of a laboratory result."""

    code: str
    """The same test has the same code everywhere: what a chart over time is drawn by."""
    name: str
    value: Decimal
    unit: str
    low: Decimal | None
    high: Decimal | None
    """The reference range, both included; None where it is open."""

    @property
    def place(self) -> Literal["low", "within", "high"]:
        """Where the value lies in the reference range."""
        if self.low is not None and self.value < self.low:
            return "low"
        if self.high is not None and self.value > self.high:
            return "high"
        return "within"


@dataclass(frozen=True)
class Entry:
    """One entry of the record, of whatever kind."""

    id: str
    kind: RecordKind
    at: datetime
    title: str
    site: str
    """Name of the clinic."""
    doctor: str
    """`Озерова Т. И., терапевт`; empty for none."""
    source: str
    """Id of the source that told it (`Source.id`)."""
    state: str = ""
    """In words: `действует до 1 декабря`, `назначено`; empty where there is none."""
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    """Further label and value, in the order in which they are shown."""
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class Source:
    """A system from which the record is put together: clinic, laboratory, register of vaccinations."""

    id: str
    name: str
    answered: bool
    as_of: datetime | None
    """When what is shown of it was told; None if it never answered."""


@dataclass(frozen=True)
class Point:
    """One measurement in time, for a chart and the table beside it."""

    at: datetime
    measurement: Measurement
    entry_id: str


Item = TypeVar("Item")


@dataclass(frozen=True)
class Listing(Generic[Item]):
    """A piece of a long list, newest first, paged by key."""

    items: tuple[Item, ...]
    next: str | None
    """What to ask the following piece by; None at the end."""
    sources: tuple[Source, ...] = ()
    """Of the record: who was asked, and who did not answer."""


@dataclass(frozen=True)
class Transfer:
    """A document of the patient that was passed on, or should have been (R-036)."""

    id: str
    at: datetime
    document: str
    recipient: str
    purpose: str
    state: Literal["delivered", "pending", "failed"]


@dataclass(frozen=True)
class Expense:
    """What a service cost the insurance (R-043)."""

    id: str
    at: date
    service: str
    site: str
    amount: Decimal


# Papers


@dataclass(frozen=True)
class CertificateKind:
    """A certificate that can be asked for."""

    id: str
    name: str
    """`Справка о прививках`."""
    about: str
    """What it is for and how long it takes, one sentence."""
    asks: tuple[tuple[str, str], ...] = ()
    """Further questions: key and label of a field, all to be answered."""


@dataclass(frozen=True)
class Certificate:
    """A request for a certificate and what became of it."""

    id: str
    number: str
    card_id: str
    kind: CertificateKind
    state: Literal["requested", "preparing", "ready", "refused"]
    asked_at: datetime
    ready_by: datetime
    """When it is to be ready."""
    ready_at: datetime | None = None
    refused_because: str = ""


@dataclass(frozen=True)
class Paper:
    """The content of a document to print: the portal gives it its form."""

    title: str
    number: str
    on: date
    issuer: Site
    signed_by: str
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value."""
    paragraphs: tuple[str, ...] = ()


ApplicationKind = Literal["attachment", "record-copy"]


@dataclass(frozen=True)
class Application:
    """An application to a clinic: attachment to it, or a copy of the record."""

    id: str
    number: str
    kind: ApplicationKind
    site: Site
    state: Literal["sent", "considered", "granted", "refused", "withdrawn"]
    made_at: datetime
    decided_by: date
    reason: str = ""
    """Why it was refused."""


EventKind = Literal[
    "appointment", "booking", "called-off", "home-visit", "waiting", "result", "certificate", "application"
]
"""`appointment`: a reminder of one; `booking`: what the patient did with one (`portal.clinic.telling`)."""


@dataclass(frozen=True)
class Event:
    """Something that the patient should be told: a result is there, an appointment is tomorrow, a paper is ready."""

    id: str
    """The same event has the same id whenever it is told: it is passed on once."""
    kind: EventKind
    at: datetime
    """Since when it is true; never in the future."""
    title: str
    """`Готов результат: общий анализ крови`."""
    text: str
    """One or two sentences with what to do."""
    object_id: str
    """Of the booking, call, place in the list, entry of the record, certificate or application that it is about."""


# For the staff


@dataclass(frozen=True)
class VisitCount:
    """Visits of one day and speciality in one clinic (R-037)."""

    day: date
    speciality: str
    attended: int
    missed: int
    cancelled: int
