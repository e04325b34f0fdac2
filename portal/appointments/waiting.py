"""The waiting list: a place for whoever finds no free time (R-038, no-slots)."""

from __future__ import annotations

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from portal.appointments.booking import unanswered
from portal.appointments.refusals import OtherPersonError
from portal.appointments.room import address, asked, blueprint, page, somebody, who_books
from portal.clinic.errors import NoAnswerError
from portal.sign_in.sessions import login_required
from portal.web.form_keys import new_form_key, read_form_key


@blueprint.get("/waiting-list")
@login_required
def waiting_list() -> Response:
    """The places that are held, and times that are offered (screen `waiting-list`)."""
    who = somebody()
    return page(
        "waiting_list.html",
        who,
        places=[(one, new_form_key("leave", who.card.id, one.id)) for one in who.bookings.waiting(who.card.id)],
        home_zone=who.home_zone,
        done=request.args.get("done", ""),
    )


@blueprint.post("/waiting-list")
@login_required
def wait() -> BaseResponse:
    """Take a place. Who has one keeps it."""
    who = who_books()
    site_id, speciality_id, sent = asked("clinic"), asked("speciality"), request.form.get("key", "")
    key = read_form_key(sent, "wait", who.card.id, site_id, speciality_id)
    if key is None:
        raise OtherPersonError
    try:
        who.bookings.wait(who.card.id, site_id, speciality_id, key=key)
    except NoAnswerError as error:
        return unanswered(who, error, {"clinic": site_id, "speciality": speciality_id, "key": sent}, "/waiting-list")
    return redirect(address("/waiting-list", done="waiting"), code=303)


@blueprint.post("/waiting-list/<waiting_id>/leave")
@login_required
def leave(waiting_id: str) -> BaseResponse:
    """Give the place up. The page's own form may be sent again; for anybody else there is no such place (S-54)."""
    who = somebody()
    held = waiting_id in {one.id for one in who.bookings.waiting(who.card.id)}
    if not held and read_form_key(request.form.get("key"), "leave", who.card.id, waiting_id) is None:
        abort(404)
    who.bookings.stop_waiting(who.card.id, waiting_id)
    return redirect(address("/waiting-list", done="left"), code=303)
