"""«Запись к врачу»: the appointments to come and those that were, each with its talon (R-013, R-038, R-042)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from portal.appointments.calendar import calendar_file
from portal.appointments.room import Booker, blueprint, page, somebody
from portal.appointments.talon import talon_file
from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NoAnswerError
from portal.clinic.values import Booking, Waiting
from portal.doors import doors
from portal.patients.acting import subject
from portal.patients.at_hand import patient_at_hand
from portal.sign_in.sessions import does_not_prolong, login_required
from portal.web.requests import wants_fragment


def is_ahead(booking: Booking, now: datetime) -> bool:
    """Whether one still goes there."""
    return booking.state == "booked" and booking.slot.end > now


@blueprint.get("/appointments")
@login_required
def appointments() -> Response:
    """The list, with the way to a new one; or what is missing for one, with the way to it (screen `appointments`)."""
    who = Booker(patient_at_hand(), subject())
    words: dict[str, Any] = {"ready": who.ready, "cabinet_url": doors().esia.cabinet_url, "ahead": [], "over": []}
    words |= {"waiting": [], "card": None, "home_zone": None, "now": who.here.now}
    if doors().clinic.is_there:
        words |= _known(who)
    return page("index.html", who, **words)


def _known(who: Booker) -> dict[str, Any]:
    """What the clinic knows. Its silence is no matter to whoever lacks something: first of all they read what."""
    try:
        bookings = who.bookings.bookings(who.card.id)
        waiting: list[Waiting] = who.bookings.waiting(who.card.id)
    except (NoAnswerError, CardNotFoundError, CardDuplicateError):
        if who.ready.may_book:
            raise
        return {}
    ahead = [one for one in bookings if is_ahead(one, who.here.now)]
    return {
        "ahead": ahead,
        "over": [one for one in bookings if one not in ahead],
        "waiting": waiting,
        "card": who.card,
        "home_zone": who.home_zone,
    }


@blueprint.get("/parts/appointments")
@login_required
@does_not_prolong
def part() -> Response:
    """The home page's card: the next appointment, or how to get one. Fails alone."""
    who = somebody()
    words: dict[str, Any] = {"ready": who.ready, "next_one": None, "further": 0, "home_zone": None, "no_card": False}
    try:
        known = _known(who)
    except CardNotFoundError:
        words["no_card"] = True
    else:
        ahead = known.get("ahead", [])
        words |= {"next_one": ahead[0] if ahead else None, "further": max(0, len(ahead) - 1)}
        words |= {"home_zone": known.get("home_zone"), "now": who.here.now}
    template = "portal/appointments/part.html" if wants_fragment() else "portal/appointments/part_page.html"
    return Response(render_template(template, who=who.subject, **words), 200, mimetype="text/html")


@blueprint.get("/appointments/<booking_id>")
@login_required
def appointment(booking_id: str) -> Response:
    """One appointment with its talon, which prints as a sheet (screen `appointment`)."""
    who = somebody()
    booking = who.bookings.booking(who.card.id, booking_id)
    return page(
        "appointment.html",
        who,
        booking=booking,
        ahead=is_ahead(booking, who.here.now),
        changeable=booking.state == "booked" and who.here.now <= booking.changeable_until,
        home_zone=who.home_zone,
        done=request.args.get("done", ""),
    )


@blueprint.get("/appointments/<booking_id>.pdf")
@login_required
def talon(booking_id: str) -> BaseResponse:
    """The talon as a file."""
    who = somebody()
    booking = who.bookings.booking(who.card.id, booking_id)
    person = who.subject.child or who.subject.patient
    content = talon_file(
        booking,
        name=who.subject.name,
        birth_date=person.birth_date,
        made_at=who.here.now,
        note=doors().settings.notice,
    )
    return _file(content, "application/pdf", f"talon-{booking.id[:20]}.pdf")


@blueprint.get("/appointments/<booking_id>.ics")
@login_required
def calendar(booking_id: str) -> BaseResponse:
    """The appointment for a calendar."""
    who = somebody()
    booking = who.bookings.booking(who.card.id, booking_id)
    host = urlsplit(doors().settings.public_url).hostname or "portal"
    content = calendar_file(booking, host=host, now=who.here.now)
    method = "CANCEL" if booking.state == "cancelled" else "PUBLISH"
    return _file(content, f"text/calendar; charset=utf-8; method={method}", f"priyom-{booking.id[:20]}.ics")


def _file(content: bytes, media_type: str, name: str) -> BaseResponse:
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-.") else "-" for letter in name)
    response = BaseResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response
