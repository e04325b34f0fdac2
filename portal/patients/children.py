"""«Дети»: who they are, what is known of them, and acting for one of them (R-003, S-44)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from foundation.log import get_log
from portal.doors import doors
from portal.patients.acting import ActingOverError
from portal.patients.at_hand import patient_at_hand
from portal.patients.items import KINDS, is_due, read_children
from portal.patients.models import Child
from portal.sign_in.next_page import HOME, safe_next
from portal.sign_in.sessions import SessionOverError, exchange_session, keeper, login_required

log = get_log("portal.patients")

blueprint = Blueprint("children", __name__)
OVER = 403
"""Status of the page that says why a child's data is no longer shown."""


@blueprint.get("/children")
@login_required
def children() -> str:
    """The children with proof of kinship, policy, end of access, and why anything is missing (screen `children`)."""
    here = patient_at_hand()
    patient, items, rows = here.read()
    due = [kind for kind in KINDS if kind in ("children", "child-documents") and is_due(items[kind], here.access)]
    if due:
        loader = here.loader()
        for kind in due:
            loader.load(kind)
        patient, items, rows = here.read()
    return render_template(
        "portal/patients/children.html",
        person=patient,
        can_ask=here.access.token is not None,
        views=here.views(items),
        family=here.family(rows),
        scopes=here.access.scopes,
        next="/children",
    )


@blueprint.post("/children/<child_id>/act")
@login_required
def act(child_id: str) -> BaseResponse:
    """Act for that child from now on, under a new session id. Another patient's child is not found (S-54)."""
    here = patient_at_hand()
    with doors().database.reading() as store:
        rows = [child for child in read_children(store, here.session.patient_id) if child.id == child_id]
    if not rows:
        abort(404)
    if here.family(rows).grown:
        raise ActingOverError(rows[0])
    return _exchange(rows[0])


@blueprint.post("/children/stop")
@login_required
def stop() -> BaseResponse:
    """Be oneself again, under a new session id."""
    return _exchange(None)


@blueprint.app_errorhandler(ActingOverError)
def acting_over(error: ActingOverError) -> Response:
    """Why the child is no longer shown, and the way back to oneself (U-3: a page, never an error of a field)."""
    here = patient_at_hand()
    text = render_template(
        "portal/patients/child_grown.html",
        person=here.patient,
        child=error.child,
        until=doors().settings.child_access_until,
        acting=here.session.acting_for is not None,
    )
    return make_response(text, OVER)


def _exchange(child: Child | None) -> BaseResponse:
    room, row = doors(), current_user.session
    try:
        with room.database.writing() as store:
            session_id = exchange_session(
                store, row, acting_for=child.id if child is not None else None, now=room.clock.now()
            )
    except SessionOverError:
        # A doubled click: the first one has changed the session already, and the cookie is on its way.
        return redirect(request.root_path + HOME, code=303)
    log.info("acting", patient=keeper().sealer.pseudonym(row.patient_id), for_child=child is not None)
    # As after a sign-in: what was given out under the old id is worth nothing under the new one.
    session.clear()
    response = make_response(redirect(request.root_path + safe_next(request.form.get("next")), code=303))
    keeper().set_session(response, session_id)
    return response
