"""`/profile`, `/profile/sessions`, `/profile/history`, `/profile/data` and `/policies`."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_login import current_user
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from foundation import russian
from foundation.log import get_log
from foundation.web import browsers
from portal.clinic.errors import ClinicError
from portal.doors import doors
from portal.files import shelf
from portal.patients.acting import subject
from portal.patients.at_hand import patient_at_hand
from portal.patients.view import LEVELS, full_name, since_words
from portal.profile import own_data
from portal.sign_in.models import PatientSession
from portal.sign_in.sessions import (
    end_session,
    end_sessions_of_patient,
    keeper,
    login_required,
    over_because,
)

log = get_log("portal.profile")

blueprint = Blueprint("profile", __name__)
blueprint.add_app_template_filter(browsers.device, "device")
blueprint.add_app_template_filter(browsers.masked_address, "masked_address")

REASONS = {
    "logout": "вы вышли",
    "idle": "долго не было действий",
    "absolute": "прошёл час",
    "elsewhere": "с другого устройства или на Госуслугах",
    "replaced": "вы вошли ещё раз",
}
NEWEST = (
    col(PatientSession.created_at).desc(),
    col(PatientSession.seen_at).desc(),
    col(PatientSession.ended_at).is_(None).desc(),
)
SHOWN = 50
"""Sign-ins that the history shows."""


@blueprint.get("/profile")
@login_required
def profile() -> str:
    """Who is signed in, as Gosuslugi tells it, and the number for support (R-110)."""
    here = patient_at_hand()
    patient, items, _ = here.read()
    return render_template(
        "portal/profile/profile.html",
        person=patient,
        can_ask=here.access.token is not None,
        scopes=here.access.scopes,
        full_name=full_name(patient),
        level=LEVELS[patient.level],
        views=here.views(items),
        person_since=since_words(patient.person_as_of, here.now),
        next="/profile",
    )


@blueprint.get("/policies")
@login_required
def policies() -> str:
    """Own policy and those of the children: number, insurer, where it comes from, what is wrong."""
    here = patient_at_hand()
    patient, items, children = here.read()
    return render_template(
        "portal/profile/policies.html",
        person=patient,
        can_ask=here.access.token is not None,
        scopes=here.access.scopes,
        full_name=full_name(patient),
        views=here.views(items),
        family=here.family(children),
        insurer=_insurer(),
        next="/policies",
    )


def _insurer() -> str | None:
    """The insurance company as the clinic knows it; None where nobody can tell."""
    if not doors().clinic.is_there:
        return None
    try:
        return subject().card.insurer
    except ClinicError:
        return None


@blueprint.get("/profile/sessions")
@login_required
def sessions() -> str:
    """Every browser that is signed in here now (S-48)."""
    here = patient_at_hand()
    idle = doors().settings.session_idle
    rows = [row for row in _sessions_of(here.session.patient_id) if over_because(row, now=here.now, idle=idle) is None]
    return render_template(
        "portal/profile/sessions.html", rows=rows, own=here.session.id_hash, ended=request.args.get("ended", type=int)
    )


@blueprint.post("/profile/sessions")
@login_required
def end() -> BaseResponse:
    """End one of them, or all but this one. What is another patient's is not found and stays as it is."""
    here, room = patient_at_hand(), doors()
    named = request.form.get("session", "")
    with room.database.writing() as session:
        if request.form.get("action") == "others":
            ended = end_sessions_of_patient(session, here.session.patient_id, now=here.now, keep=here.session.id_hash)
        else:
            row = session.get(PatientSession, named)
            own = row is not None and row.patient_id == here.session.patient_id
            ended = int(own and end_session(session, named, reason="elsewhere", now=here.now))
    log.info("sessions_ended", patient=keeper().sealer.pseudonym(here.session.patient_id), count=ended)
    return redirect(f"{request.root_path}/profile/sessions?ended={ended}", code=303)


@blueprint.get("/profile/history")
@login_required
def history() -> str:
    """When and from where somebody signed in as this patient, newest first."""
    here = patient_at_hand()
    idle = doors().settings.session_idle
    # Acting for a child goes on in the same sign-in under another number: the newest row of a sign-in tells how it is.
    newest = {row.created_at: row for row in reversed(_sessions_of(here.session.patient_id))}
    lines = [(row, over_because(row, now=here.now, idle=idle)) for row in reversed(newest.values())]
    return render_template("portal/profile/history.html", lines=lines, own=here.session, reasons=REASONS)


def _sessions_of(patient_id: str) -> list[PatientSession]:
    with doors().database.reading() as session:
        statement = select(PatientSession).where(col(PatientSession.patient_id) == patient_id)
        return list(session.exec(statement.order_by(*NEWEST).limit(SHOWN)))


@blueprint.get("/profile/data")
@login_required
def data() -> str:
    """What can be done with all of it."""
    return render_template("portal/profile/data.html")


@blueprint.get("/profile/data/export")
@login_required
def export() -> Response:
    """Everything that the portal keeps of the patient, as a file (S-65)."""
    here = patient_at_hand()
    with doors().database.reading() as session:
        rows = own_data.export(session, here.session.patient_id)
    log.info("data_exported", patient=keeper().sealer.pseudonym(here.session.patient_id))
    whole = {"made_at": here.now.isoformat(), "portal": doors().settings.public_url, "data": rows}
    response = make_response(json.dumps(whole, ensure_ascii=False, indent=2))
    response.mimetype = "application/json"
    day = russian.msk(here.now).date().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="moi-dannye-{day}.json"'
    return response


@blueprint.get("/profile/data/delete")
@login_required
def delete_question() -> str:
    """What will be lost, before it is (U-34)."""
    return render_template("portal/profile/delete.html")


@blueprint.post("/profile/data/delete")
@login_required
def delete() -> BaseResponse:
    """Throw away what the portal keeps of the patient, and end every session. Clinic and Gosuslugi keep theirs."""
    here, room = patient_at_hand(), doors()
    patient = keeper().sealer.pseudonym(current_user.patient_id)
    with room.database.writing() as session:
        files = own_data.forget(session, here.session.patient_id, here.now)
    shelf.throw_away(room, files)
    log.info("data_deleted", patient=patient)
    response = make_response(redirect(f"{request.root_path}/signed-out?only=data", code=303))
    keeper().forget(response, remember_for=room.settings.session_idle)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
