"""Giving an appointment up, and taking another time for it (R-038, U-34)."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from portal.appointments.booking import review_page, times_page, unanswered
from portal.appointments.refusals import OtherPersonError
from portal.appointments.room import Booker, address, asked, blueprint, page, somebody
from portal.clinic.errors import NoAnswerError, StateError, TooLateError
from portal.clinic.telling import change_of
from portal.clinic.values import Booking
from portal.doors import doors
from portal.sign_in.sessions import login_required
from portal.web.form_keys import new_form_key, read_form_key


def _changeable(who: Booker, booking_id: str) -> Booking:
    """The booking, if it can still be changed. StateError, TooLateError."""
    booking = who.bookings.booking(who.card.id, booking_id)
    if booking.state != "booked":
        raise StateError
    if who.here.now > booking.changeable_until:
        raise TooLateError(booking.changeable_until)
    return booking


@blueprint.get("/appointments/<booking_id>/cancel")
@login_required
def ask_to_cancel(booking_id: str) -> Response:
    """What will be lost, before it is (U-34; screen `appointment-cancel`)."""
    who = somebody()
    booking = _changeable(who, booking_id)
    key = new_form_key("cancel", who.card.id, booking.id)
    return page("cancel.html", who, booking=booking, key=key, home_zone=who.home_zone)


@blueprint.post("/appointments/<booking_id>/cancel")
@login_required
def cancel(booking_id: str) -> BaseResponse:
    """Give it up. Whoever asks twice has given it up once."""
    who = somebody()
    who.bookings.booking(who.card.id, booking_id)
    sent = request.form.get("key", "")
    key = read_form_key(sent, "cancel", who.card.id, booking_id)
    if key is None:
        who.bookings.booking(who.card.id, booking_id)  # Another patient's is not there, whatever the key says (S-54).
        raise OtherPersonError
    try:
        booking = who.bookings.cancel(who.card.id, booking_id, key=key)
    except NoAnswerError as error:
        return unanswered(who, error, {"key": sent}, f"/appointments/{booking_id}/cancel")
    who.tell(change_of(booking, doors().clock.now()))
    return redirect(address(f"/appointments/{booking_id}", done="cancelled"), code=303)


@blueprint.get("/appointments/<booking_id>/move")
@login_required
def choose_other_time(booking_id: str) -> Response:
    """Another time of the same speciality in the same clinic; then a look at everything (R-102)."""
    who = somebody()
    booking = _changeable(who, booking_id)
    who.demand_ready()
    if asked("slot"):
        slot = who.bookings.slot(asked("slot"))
        return review_page(who, slot, key=new_form_key("move", who.card.id, booking.id, slot.id), moving=booking)
    doctor = booking.slot.doctor
    only = doctor if asked("doctor") == doctor.id else None
    return times_page(who, doctor.site, doctor.speciality, only, moving=booking)


@blueprint.post("/appointments/<booking_id>/move")
@login_required
def move(booking_id: str) -> BaseResponse:
    """Both the old time given up and the new one taken, or neither."""
    who = somebody()
    who.bookings.booking(who.card.id, booking_id)
    who.demand_ready()
    slot_id, sent = asked("slot"), request.form.get("key", "")
    key = read_form_key(sent, "move", who.card.id, booking_id, slot_id)
    if key is None:
        who.bookings.booking(who.card.id, booking_id)  # Another patient's is not there, whatever the key says (S-54).
        raise OtherPersonError
    try:
        booking = who.bookings.move(who.card.id, booking_id, slot_id, key=key)
    except NoAnswerError as error:
        # Perhaps only the answer was lost. NoAnswerError once more where that cannot be known either.
        booking = who.bookings.booking(who.card.id, booking_id)
        if booking.slot.id != slot_id:
            return unanswered(who, error, {"slot": slot_id, "key": sent}, f"/appointments/{booking_id}/move")
    who.tell(change_of(booking, doors().clock.now()))
    return redirect(address(f"/appointments/{booking_id}", done="moved"), code=303)
