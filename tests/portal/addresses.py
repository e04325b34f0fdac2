"""What an address of the portal needs to be asked for: ids of objects that belong to somebody, and names.

A room that opens an address with an argument registers it here; the tests of `test_addresses.py` then ask for it as
every role and as another patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from flask import Flask
from sqlmodel import col, select

from foundation.database import Database
from portal.clinic.values import Identity
from portal.documents.models import Upload
from portal.doors import doors
from portal.notifications.models import Notification
from portal.notifications.notify import News, tell
from portal.patients.models import Child, Patient
from portal.support import tickets
from portal.support.models import Ticket, TicketFile
from portal.support.tickets import Question
from tests.pages import PageClient
from tests.portal.fake_clinic import ANNA_SNILS, FakeClinic

NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "addresses.md"
_ROW = re.compile(r"^\| `(/[^`]*)` \| (GET|POST) \| (everybody|patient|staff) \| ([^|]*) \|", re.MULTILINE)


@dataclass(frozen=True)
class Address:
    """A line of `docs/addresses.md`."""

    rule: str
    method: str
    whom: str
    screens: frozenset[str]


def documented() -> list[Address]:
    """Every line of the page."""
    found = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [
        Address(rule, method, whom, frozenset(re.findall(r"`([a-z-]+)`", screens)))
        for rule, method, whom, screens in found
    ]


def served(app: Flask) -> list[tuple[str, str]]:
    """Rule (without the names of converters) and method of everything that `app` answers."""
    return [
        (re.sub(r"<\w+:", "<", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@dataclass(frozen=True)
class Owner:
    """A patient who is signed in, with everything that may belong to one."""

    browser: PageClient
    app: Flask
    database: Database

    @property
    def patient(self) -> Patient:
        """The one who came first."""
        with self.database.reading() as session:
            patient = session.exec(select(Patient).order_by(col(Patient.created_at))).first()
            assert patient is not None
            return patient


def _child(owner: Owner) -> dict[str, str]:
    owner.browser.get("/children")
    with owner.database.reading() as session:
        child = session.exec(select(Child).where(Child.patient_id == owner.patient.id, Child.name == "Мила")).one()
    return {"child_id": child.id}


def _notification(owner: Owner) -> dict[str, str]:
    news = News("of a test", "papers", "Справка готова", "Её можно скачать.", NOON)
    with owner.app.app_context():
        tell(doors(), owner.patient.id, news)
    with owner.database.reading() as session:
        return {"notification_id": session.exec(select(Notification).where(Notification.key == news.key)).one().id}


def _ticket(owner: Owner) -> dict[str, str]:
    question = Question(
        form_key="a form of this test",
        patient_id=owner.patient.id,
        kind="Другое",
        full_name="Лесная Анна",
        phone="+70001000001",
        mail=None,
        inn=None,
        happened="сегодня",
        error_text="",
        error_code=None,
        description="Проба",
        previous=None,
        checked=(),
        diagnostics=None,
    )
    with owner.app.app_context():
        return {"number": tickets.ask(doors(), question).number}


def _ticket_with_file(owner: Owner) -> dict[str, str]:
    found = _ticket(owner)
    with owner.app.app_context():
        room = doors()
        with room.database.writing() as session:
            ticket = session.exec(select(Ticket).where(Ticket.number == found["number"])).one()
            if tickets.file_of(session, ticket) is None:
                with room.files.write("file-of-a-ticket") as handle:
                    handle.write(b"%PDF")
                session.add(
                    TicketFile(
                        ticket_id=ticket.id,
                        stored_as="file-of-a-ticket",
                        file_name="a.pdf",
                        kind="pdf",
                        size=4,
                        digest="",
                        uploaded_at=NOON,
                    )
                )
    return found


def _upload(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        room = doors()
        row = Upload(
            id=room.ids.token(16),
            patient_id=owner.patient.id,
            subject=owner.patient.id,
            key=room.ids.token(16),
            stored_as=room.ids.token(24),
            title="Выписка",
            file_name="a.pdf",
            kind="pdf",
            size=4,
            digest="",
            uploaded_at=NOON,
        )
        with room.files.write(row.stored_as) as handle:
            handle.write(b"%PDF")
        with room.database.writing() as session:
            session.add(row)
        return {"upload_id": row.id}


def _identity(owner: Owner) -> Identity:
    patient = owner.patient
    names = (patient.surname, patient.name, patient.patronymic)
    return Identity(*names, patient.birth_date, patient.snils, "0000100000000370")


def _certificate(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        clinic = cast(FakeClinic, doors().clinic)
        card = clinic.directory.cards[ANNA_SNILS]
        made = clinic.papers.ask_certificate(card.id, "vaccinations", answers={}, key="certificate")
    return {"certificate_id": made.id}


def _application(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        papers = doors().clinic.papers
        made = papers.apply(_identity(owner), "attachment", "site-7", text="", key="application")
    return {"application_id": made.id}


def _entry(owner: Owner) -> dict[str, str]:
    """Of the record that `fake_clinic_record.fill` makes; of the children's too, for the owner may act for one."""
    record = owner.app.extensions["portal"].clinic.record
    for card in ("card-mila", "card-egor"):
        record.all_entries[card] = [one for one in record.all_entries["card-anna"] if one.kind == "visits"]
    return {"kind": "visits", "entry_id": "visits-1"}


def _booking(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        clinic = doors().clinic
        card = clinic.directory.card(_identity(owner))
        made = [one for one in clinic.bookings.bookings(card.id) if one.state == "booked"]
        if not made:
            free = clinic.bookings.slots(since=NOON, until=NOON + timedelta(days=7), doctor_id="doctor-2", limit=9)
            made = [clinic.bookings.book(card.id, free[-1].id, key=doors().ids.token())]
    return {"booking_id": made[0].id}


def _waiting(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        clinic = doors().clinic
        card = clinic.directory.card(_identity(owner))
        made = clinic.bookings.wait(card.id, "site-7", "oculist", key=doors().ids.token())
    return {"waiting_id": made.id}


def _home_visit(owner: Owner) -> dict[str, str]:
    with owner.app.app_context():
        clinic = doors().clinic
        card = clinic.directory.card(_identity(owner))
        made = [one for one in clinic.bookings.home_visits(card.id) if one.state == "accepted"]
        if not made:
            told = {"address": "дома", "phone": "", "complaint": ""}
            made = [clinic.bookings.call_home(card.id, **told, key=doors().ids.token())]
    return {"visit_id": made[0].id}


Maker = Callable[[Owner], dict[str, str]]

OBJECTS: dict[str, Maker] = {
    "/appointments/<booking_id>": _booking,
    "/appointments/<booking_id>.pdf": _booking,
    "/appointments/<booking_id>.ics": _booking,
    "/appointments/<booking_id>/cancel": _booking,
    "/appointments/<booking_id>/move": _booking,
    "/waiting-list/<waiting_id>/leave": _waiting,
    "/home-visit/<visit_id>/cancel": _home_visit,
    "/applications/<application_id>": _application,
    "/applications/<application_id>/withdraw": _application,
    "/documents/<upload_id>": _upload,
    "/documents/<upload_id>/delete": _upload,
    "/documents/<upload_id>/hand-in": _upload,
    "/documents/requests/<certificate_id>": _certificate,
    "/documents/requests/<certificate_id>.pdf": _certificate,
    "/children/<child_id>/act": _child,
    "/notifications/<notification_id>/open": _notification,
    "/record/<kind>/<entry_id>": _entry,
    "/record/<kind>/<entry_id>.pdf": _entry,
    "/support/<number>": _ticket,
    "/support/<number>/file": _ticket_with_file,
    "/support/<number>/escalate": _ticket,
    "/support/<number>/remote": _ticket,
}
"""Rule → makes an object of the owner and tells the arguments that name it."""

NAMES: dict[str, dict[str, str]] = {
    "/loading/<kind>": {"kind": "policy"},
    "/parts/<name>": {"name": "policy"},
    "/record/<kind>": {"kind": "results"},
    "/record/parts/<kind>": {"kind": "results"},
    "/record/parts/series/<code>": {"code": "hgb"},
    "/static/<digest>/<name>": {"digest": "any", "name": "logo.svg"},
}
"""Rule → arguments that belong to nobody: one of a few words that are the same for everybody."""


def path_of(rule: str, arguments: dict[str, str]) -> str:
    """The rule with its arguments."""
    return re.sub(r"<(\w+)>", lambda found: arguments[found[1]], rule)


def arguments_of(rule: str) -> list[str]:
    """The names of the arguments of a rule."""
    return re.findall(r"<(\w+)>", rule)
