"""The interface to the medical system, in six parts, and `NoClinic` for a portal without one.

Every function may raise NoAnswerError. What takes a `card_id` raises NotFoundError for an object that is another
card's. What changes something takes `key`, an idempotency key that the caller makes once for one wish of the patient:
the same key for the same thing does it at most once and answers with what it did the first time, under any number of
callers, retries and lost answers; KeyReusedError if it was used for something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from portal.clinic.values import (
    Application,
    ApplicationKind,
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


class Directory(Protocol):
    """Clinics, specialities, doctors, and who has a card (R-125)."""

    def card(self, who: Identity) -> Card:
        """The card of that person. CardNotFoundError, CardDuplicateError."""
        ...

    def sites(self, *, text: str = "", region: str = "", code: str = "") -> list[Site]:
        """Clinics whose name, address or code has `text`, of that region, of exactly that code; by name."""
        ...

    def site(self, site_id: str) -> Site:
        """One clinic. NotFoundError."""
        ...

    def regions(self) -> list[tuple[str, str]]:
        """Code and name of the regions that have clinics here, by code."""
        ...

    def specialities(self, site_id: str = "") -> list[Speciality]:
        """All of them, or those of one clinic; by name."""
        ...

    def speciality(self, speciality_id: str) -> Speciality:
        """One of them. NotFoundError."""
        ...

    def doctors(self, *, site_id: str = "", speciality_id: str = "", text: str = "") -> list[Doctor]:
        """Doctors of a clinic, of a speciality, whose name has `text`; by name."""
        ...

    def doctor(self, doctor_id: str) -> Doctor:
        """One of them. NotFoundError."""
        ...


class Bookings(Protocol):
    """Appointments, the waiting list and doctors called home (R-038)."""

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
        """Free times that begin in [since, until), soonest first. A speciality or a doctor must be named."""
        ...

    def slot(self, slot_id: str) -> Slot:
        """The slot of that id, free or not, as long as the schedule has it. NotFoundError."""
        ...

    def book(self, card_id: str, slot_id: str, *, key: str, reason: str = "") -> Booking:
        """Take the slot. RefusedError (one of its kinds)."""
        ...

    def move(self, card_id: str, booking_id: str, slot_id: str, *, key: str) -> Booking:
        """Give up the old time and take another one of the same speciality: both or neither. RefusedError."""
        ...

    def cancel(self, card_id: str, booking_id: str, *, key: str) -> Booking:
        """Give it up. TooLateError; cancelling what is cancelled changes nothing."""
        ...

    def booking(self, card_id: str, booking_id: str) -> Booking:
        """One of them."""
        ...

    def booking_by_key(self, card_id: str, key: str) -> Booking | None:
        """What came of `key`; None if nothing did. How a lost answer is found again."""
        ...

    def bookings(self, card_id: str) -> list[Booking]:
        """All that are to come, soonest first, then the past ones of the last year, newest first."""
        ...

    def wait(self, card_id: str, site_id: str, speciality_id: str, *, key: str) -> Waiting:
        """Take a place in the waiting list. RefusedError; who waits already keeps the place."""
        ...

    def waiting(self, card_id: str) -> list[Waiting]:
        """The places that are held, oldest first."""
        ...

    def stop_waiting(self, card_id: str, waiting_id: str) -> None:
        """Leave the list; nothing happens if the place is given up already."""
        ...

    def call_home(self, card_id: str, *, address: str, phone: str, complaint: str, key: str) -> HomeVisit:
        """Call the doctor of the clinic one is attached to. NotAttachedError; StateError while another call is open."""
        ...

    def home_visits(self, card_id: str) -> list[HomeVisit]:
        """Newest first."""
        ...

    def cancel_home_visit(self, card_id: str, visit_id: str) -> HomeVisit:
        """StateError once the doctor is on the way."""
        ...


class Record(Protocol):
    """The electronic card (R-035): put together from sources that fail one by one."""

    def sources(self, card_id: str) -> list[Source]:
        """Everyone who is asked, and whether they answer now."""
        ...

    def entries(self, card_id: str, kind: RecordKind, *, after: str | None = None, limit: int = 20) -> Listing[Entry]:
        """A page of the kind, newest first; a silent source is told in `sources` and its entries are missing."""
        ...

    def entry(self, card_id: str, kind: RecordKind, entry_id: str) -> Entry:
        """One entry whole."""
        ...

    def counts(self, card_id: str) -> Mapping[RecordKind, int]:
        """How many entries there are of each kind."""
        ...

    def series(self, card_id: str, code: str, *, limit: int = 60) -> list[Point]:
        """The values of one test, oldest first, at most the newest `limit`."""
        ...

    def transfers(self, card_id: str, *, after: str | None = None, limit: int = 20) -> Listing[Transfer]:
        """Who received documents (R-036)."""
        ...

    def expenses(self, card_id: str, year: int) -> list[Expense]:
        """What was spent in a year, by day."""
        ...

    def expense_totals(self, card_id: str) -> Mapping[int, Decimal]:
        """Total by year, newest year first (R-043)."""
        ...


class Papers(Protocol):
    """Certificates and applications (R-045)."""

    def certificate_kinds(self) -> list[CertificateKind]:
        """What can be asked for."""
        ...

    def ask_certificate(self, card_id: str, kind_id: str, *, answers: Mapping[str, str], key: str) -> Certificate:
        """Ask for one. NotFoundError for an unknown kind; StateError while the same one is being prepared."""
        ...

    def certificates(self, card_id: str) -> list[Certificate]:
        """Newest first."""
        ...

    def certificate(self, card_id: str, certificate_id: str) -> Certificate:
        """One of them."""
        ...

    def certificate_paper(self, card_id: str, certificate_id: str) -> Paper:
        """What it says. StateError as long as it is not ready."""
        ...

    def apply(self, who: Identity, kind: ApplicationKind, site_id: str, *, text: str, key: str) -> Application:
        """Hand in an application; also by somebody who has no card yet. StateError while the same one is open."""
        ...

    def applications(self, who: Identity) -> list[Application]:
        """Newest first."""
        ...

    def application(self, who: Identity, application_id: str) -> Application:
        """One of them."""
        ...

    def withdraw(self, who: Identity, application_id: str) -> Application:
        """Take it back. StateError once it is decided."""
        ...

    def hand_in(self, card_id: str, *, name: str, media_type: str, content: bytes, key: str) -> None:
        """Pass on a document that the patient uploaded and the portal inspected."""
        ...


class Events(Protocol):
    """What patients are notified of (R-039)."""

    def events(self, card_id: str, *, since: datetime) -> list[Event]:
        """What has become true after `since`, oldest first; reminders of an appointment come the day before it."""
        ...


class Reports(Protocol):
    """For the clinic's staff (R-037)."""

    def staff_site(self, who: Identity) -> Site | None:
        """The clinic whose reports that person may read; None for everybody else."""
        ...

    def visits(self, site_id: str, *, since: date, until: date, speciality_id: str = "") -> list[VisitCount]:
        """Visits of the days [since, until], by day and speciality."""
        ...


class Clinic(Protocol):
    """The medical system of the clinics that this portal serves."""

    @property
    def is_there(self) -> bool:
        """Whether there is one; where not, the portal hides what needs it, and nothing below may be called."""
        ...

    @property
    def directory(self) -> Directory: ...

    @property
    def bookings(self) -> Bookings: ...

    @property
    def record(self) -> Record: ...

    @property
    def papers(self) -> Papers: ...

    @property
    def events(self) -> Events: ...

    @property
    def reports(self) -> Reports: ...

    def is_alive(self) -> bool:
        """Whether it answers, for readiness and the status page; takes a second at most."""
        ...


class NoClinicError(RuntimeError):
    """The portal asked a medical system that is not there: it should have looked at `is_there` first."""


class NoClinic:
    """No medical system: the portal shows what Gosuslugi knows, and nothing that a clinic would have to answer."""

    is_there = False

    @property
    def directory(self) -> Directory:
        raise NoClinicError

    @property
    def bookings(self) -> Bookings:
        raise NoClinicError

    @property
    def record(self) -> Record:
        raise NoClinicError

    @property
    def papers(self) -> Papers:
        raise NoClinicError

    @property
    def events(self) -> Events:
        raise NoClinicError

    @property
    def reports(self) -> Reports:
        raise NoClinicError

    def is_alive(self) -> bool:
        """It does: there is nothing that could fail."""
        return True
