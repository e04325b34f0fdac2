"""«Запись к врачу»: until a clinic takes bookings, a page that says whether the patient has what they need."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.appointments.readiness import readiness
from portal.doors import doors
from portal.patients.at_hand import patient_at_hand
from portal.sign_in.sessions import login_required

blueprint = Blueprint("appointments", __name__)


@blueprint.get("/appointments")
@login_required
def appointments() -> str:
    """Level, missing fields with the way to Gosuslugi's profile, and what to do next (screen `appointments`)."""
    here = patient_at_hand()
    patient, items, _ = here.read()
    return render_template(
        "portal/appointments/index.html",
        ready=readiness(patient, here.views(items)["policy"]),
        cabinet_url=doors().esia.cabinet_url,
    )
