"""The embedded medical system as the portal's door `Clinic` (`portal.clinic.base`), over the stand at hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from portal.clinic.errors import CardNotFoundError, NotFoundError
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
from sandbox_idp.clinic import (
    applications,
    bookings,
    cards,
    documents,
    events,
    home,
    opening,
    papers,
    record,
    reports,
    waiting,
)
from sandbox_idp.clinic.asking import PATIENCE, Line, Patience
from sandbox_idp.clinic.models import ClinicCard
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.schedule import slot_of
from sandbox_idp.context import current_stand

Found = TypeVar("Found")


class EmbeddedClinic:
    """The medical system of whatever stand is at hand."""

    is_there = True

    def __init__(self, seconds_left: Patience = lambda: PATIENCE) -> None:
        """`seconds_left`: how long the request at hand may still take; a portal waits no longer."""
        self._line = Line(seconds_left)
        self.directory = EmbeddedDirectory(self._line)
        self.bookings = EmbeddedBookings(self._line)
        self.record = EmbeddedRecord(self._line)
        self.papers = EmbeddedPapers(self._line)
        self.events = EmbeddedEvents(self._line)
        self.reports = EmbeddedReports(self._line)

    def is_alive(self) -> bool:
        """Whether it answers: the stand's database does, and no scenario keeps all clinics silent."""
        return self._line.hears("is_alive", "clinic", None) and current_stand().database.is_alive()


class _Part:
    def __init__(self, line: Line) -> None:
        self._line = line


class EmbeddedDirectory(_Part):
    """`portal.clinic.base.Directory`."""

    def card(self, who: Identity) -> Card:
        draft = self._line.ask("card")
        applications.settle_due(cards.owner(who))
        card = _found(who)
        if draft.card == "not-found":
            raise CardNotFoundError
        if draft.card == "duplicate":
            raise cards.duplicate([card.number])
        applications.settle_of_card(card)
        now = current_stand().clock.now()
        with current_stand().database.reading() as session:
            return cards.value(session, cards.known(session, card.id), draft, now)

    def sites(self, *, text: str = "", region: str = "", code: str = "") -> list[Site]:
        self._line.ask("sites")
        return _sites(text, region, code)

    def site(self, site_id: str) -> Site:
        self._line.ask("site")
        return _known(region().sites, site_id)

    def regions(self) -> list[tuple[str, str]]:
        self._line.ask("regions")
        return sorted({(site.region, site.region_name) for site in region().sites.values()})

    def specialities(self, site_id: str = "") -> list[Speciality]:
        self._line.ask("specialities", site_id or None if site_id in region().sites else None)
        found = {each.doctor.speciality.id: each.doctor.speciality for each in region().select(site_id=site_id)}
        return sorted(found.values(), key=lambda each: _sorted_by(each.name))

    def speciality(self, speciality_id: str) -> Speciality:
        self._line.ask("speciality")
        return _known(region().specialities, speciality_id)

    def doctors(self, *, site_id: str = "", speciality_id: str = "", text: str = "") -> list[Doctor]:
        self._line.ask("doctors", site_id if site_id in region().sites else None)
        words = _sorted_by(text).split()
        found = [each.doctor for each in region().select(site_id=site_id, speciality_id=speciality_id)]
        fitting = [each for each in found if all(word in _sorted_by(each.name) for word in words)]
        return sorted(fitting, key=lambda each: (_sorted_by(each.name), each.id))

    def doctor(self, doctor_id: str) -> Doctor:
        self._line.ask("doctor")
        return _known(region().by_doctor, doctor_id).doctor


class EmbeddedBookings(_Part):
    """`portal.clinic.base.Bookings`."""

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
        return bookings.list_free(
            self._line,
            since=since,
            until=until,
            site_id=site_id,
            speciality_id=speciality_id,
            doctor_id=doctor_id,
            limit=limit,
        )

    def slot(self, slot_id: str) -> Slot:
        reception, place = bookings.found_slot(slot_id)
        self._line.ask("slot", reception.doctor.site.id)
        return slot_of(reception.number, place)

    def book(self, card_id: str, slot_id: str, *, key: str, reason: str = "") -> Booking:
        return bookings.book(self._line, card_id, slot_id, key=key, reason=reason)

    def move(self, card_id: str, booking_id: str, slot_id: str, *, key: str) -> Booking:
        return bookings.move(self._line, card_id, booking_id, slot_id, key=key)

    def cancel(self, card_id: str, booking_id: str, *, key: str) -> Booking:
        return bookings.cancel(self._line, card_id, booking_id, key=key)

    def booking(self, card_id: str, booking_id: str) -> Booking:
        return bookings.one(self._line, card_id, booking_id)

    def booking_by_key(self, card_id: str, key: str) -> Booking | None:
        return bookings.by_key(self._line, card_id, key)

    def bookings(self, card_id: str) -> list[Booking]:
        return bookings.listed(self._line, card_id)

    def wait(self, card_id: str, site_id: str, speciality_id: str, *, key: str) -> Waiting:
        return waiting.join(self._line, card_id, site_id, speciality_id, key=key)

    def waiting(self, card_id: str) -> list[Waiting]:
        return waiting.listed(self._line, card_id)

    def stop_waiting(self, card_id: str, waiting_id: str) -> None:
        waiting.leave(self._line, card_id, waiting_id)

    def call_home(self, card_id: str, *, address: str, phone: str, complaint: str, key: str) -> HomeVisit:
        return home.call(self._line, card_id, address=address, phone=phone, complaint=complaint, key=key)

    def home_visits(self, card_id: str) -> list[HomeVisit]:
        return home.listed(self._line, card_id)

    def cancel_home_visit(self, card_id: str, visit_id: str) -> HomeVisit:
        return home.cancel(self._line, card_id, visit_id)


class EmbeddedRecord(_Part):
    """`portal.clinic.base.Record`."""

    def sources(self, card_id: str) -> list[Source]:
        return record.sources(self._line, card_id)

    def entries(self, card_id: str, kind: RecordKind, *, after: str | None = None, limit: int = 20) -> Listing[Entry]:
        return record.entries(self._line, card_id, kind, after=after, limit=limit)

    def entry(self, card_id: str, kind: RecordKind, entry_id: str) -> Entry:
        return record.entry(self._line, card_id, kind, entry_id)

    def counts(self, card_id: str) -> Mapping[RecordKind, int]:
        return record.counts(self._line, card_id)

    def series(self, card_id: str, code: str, *, limit: int = 60) -> list[Point]:
        return record.series(self._line, card_id, code, limit=limit)

    def transfers(self, card_id: str, *, after: str | None = None, limit: int = 20) -> Listing[Transfer]:
        return record.transfers(self._line, card_id, after=after, limit=limit)

    def expenses(self, card_id: str, year: int) -> list[Expense]:
        return record.expenses(self._line, card_id, year)

    def expense_totals(self, card_id: str) -> Mapping[int, Decimal]:
        return record.expense_totals(self._line, card_id)


class EmbeddedPapers(_Part):
    """`portal.clinic.base.Papers`."""

    def certificate_kinds(self) -> list[CertificateKind]:
        self._line.ask("certificate_kinds")
        return [kind.value for kind in papers.kinds().values()]

    def ask_certificate(self, card_id: str, kind_id: str, *, answers: Mapping[str, str], key: str) -> Certificate:
        return papers.ask(self._line, card_id, kind_id, answers=answers, key=key)

    def certificates(self, card_id: str) -> list[Certificate]:
        return papers.listed(self._line, card_id)

    def certificate(self, card_id: str, certificate_id: str) -> Certificate:
        return papers.one(self._line, card_id, certificate_id)

    def certificate_paper(self, card_id: str, certificate_id: str) -> Paper:
        return papers.paper(self._line, card_id, certificate_id)

    def apply(self, who: Identity, kind: ApplicationKind, site_id: str, *, text: str, key: str) -> Application:
        return applications.apply(self._line, who, kind, site_id, text=text, key=key)

    def applications(self, who: Identity) -> list[Application]:
        return applications.listed(self._line, who)

    def application(self, who: Identity, application_id: str) -> Application:
        return applications.one(self._line, who, application_id)

    def withdraw(self, who: Identity, application_id: str) -> Application:
        return applications.withdraw(self._line, who, application_id)

    def hand_in(self, card_id: str, *, name: str, media_type: str, content: bytes, key: str) -> None:
        documents.hand_in(self._line, card_id, name=name, media_type=media_type, content=content, key=key)


class EmbeddedEvents(_Part):
    """`portal.clinic.base.Events`."""

    def events(self, card_id: str, *, since: datetime) -> list[Event]:
        return events.events(self._line, card_id, since=since)


class EmbeddedReports(_Part):
    """`portal.clinic.base.Reports`."""

    def staff_site(self, who: Identity) -> Site | None:
        return reports.staff_site(self._line, who)

    def visits(self, site_id: str, *, since: date, until: date, speciality_id: str = "") -> list[VisitCount]:
        return reports.visits(self._line, site_id, since=since, until=until, speciality_id=speciality_id)


def _found(who: Identity) -> ClinicCard:
    try:
        with current_stand().database.reading() as session:
            return cards.find(session, who)
    except CardNotFoundError:
        opening.open_for(who)
    with current_stand().database.reading() as session:
        return cards.find(session, who)


def _sites(text: str, of_region: str, code: str) -> list[Site]:
    words = _sorted_by(text).split()
    found = [
        site
        for site in region().sites.values()
        if of_region in ("", site.region)
        and code in ("", site.code)
        and all(word in _sorted_by(f"{site.name} {site.address} {site.code}") for word in words)
    ]
    return sorted(found, key=lambda site: _sorted_by(site.name))


def _known(found: Mapping[str, Found], key: str) -> Found:
    if key not in found:
        raise NotFoundError
    return found[key]


def _sorted_by(text: str) -> str:
    """How names are compared and put in order: without case, ё as е."""
    return text.casefold().replace("ё", "е")
