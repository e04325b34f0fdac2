"""What every page of the room asks first: whom it is about, whether they may be booked, and the way on if not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from portal.appointments.readiness import Readiness, readiness
from portal.clinic.base import Bookings, Directory
from portal.clinic.values import Card, Event
from portal.doors import doors
from portal.notifications.feed import pass_on
from portal.patients.acting import Subject, subject
from portal.patients.at_hand import Here, patient_at_hand
from portal.patients.clinic_pages import demand_clinic

blueprint = Blueprint("appointments", __name__)

LIST = "/appointments"
LONGEST_ID = 200
"""Ids of the medical system are opaque; nothing longer than that is one."""


class NotReadyError(Exception):
    """Level or policy is missing: the list's page says what and how to get it."""


@dataclass(frozen=True)
class Booker:
    """Whom the page is about and what may be done for them."""

    here: Here
    subject: Subject

    @cached_property
    def ready(self) -> Readiness:
        """Whether they may be booked."""
        _, items, _ = self.here.read()
        return readiness(self.subject, self.here.views(items), self.here.access.scopes)

    def demand_ready(self) -> None:
        """Level and policy. NotReadyError."""
        if not self.ready.may_book:
            raise NotReadyError

    @property
    def card(self) -> Card:
        """The card. CardNotFoundError, CardDuplicateError, NoAnswerError: all with pages of their own."""
        return self.subject.card

    @property
    def home_zone(self) -> str | None:
        """In whose time the person lives, as far as anybody knows: that of the clinic they are attached to."""
        return self.card.attachment.site.zone if self.card.attachment else None

    def tell(self, event: Event | None) -> None:
        """Tell the patient what has just been done, without waiting for the clinic to tell it (R-039)."""
        pass_on(doors(), self.subject, event)

    @property
    def directory(self) -> Directory:
        return doors().clinic.directory

    @property
    def bookings(self) -> Bookings:
        return doors().clinic.bookings


def somebody() -> Booker:
    """Whom the page is about, where there is a medical system at all; 404 where there is none."""
    demand_clinic()
    return Booker(patient_at_hand(), subject())


def who_books() -> Booker:
    """The same for whoever may be booked. NotReadyError."""
    booker = somebody()
    booker.demand_ready()
    return booker


def page(template: str, booker: Booker, status: int = 200, **words: Any) -> Response:
    """A page of the room."""
    text = render_template(f"portal/appointments/{template}", who=booker.subject, **words)
    return Response(text, status, mimetype="text/html")


def address(path: str, **query: str) -> str:
    """An address of the portal with those parts of the query that are not empty."""
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{request.root_path}{path}{'?' + given if given else ''}"


def asked(name: str) -> str:
    """An id out of the query or a form; empty if there is none. 404 for what cannot be one."""
    value = request.values.get(name, "").strip()
    if len(value) > LONGEST_ID or "\x00" in value:
        abort(404)
    return value


@blueprint.errorhandler(NotReadyError)
def not_ready(_error: NotReadyError) -> BaseResponse:
    """To the page that says what is missing."""
    return redirect(request.root_path + LIST, code=303)
