"""`/notifications`, its settings, and the part of the home page."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask_login import current_user
from sqlalchemy import update
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from portal.doors import doors
from portal.notifications.feed import refresh
from portal.notifications.kinds import KINDS
from portal.notifications.models import Notification, NotificationChoice
from portal.notifications.notify import addresses, choice, unread
from portal.patients.acting import subject
from portal.patients.at_hand import patient_at_hand
from portal.patients.navigation import BADGES
from portal.patients.view import contact_masked, since_words
from portal.sign_in.sessions import does_not_prolong, login_required
from portal.web.requests import wants_fragment

blueprint = Blueprint("notifications", __name__)
PAGE = 20
ON_HOME = 3


def unread_here() -> int:
    """Of the patient at hand."""
    with doors().database.reading() as session:
        return unread(session, current_user.patient_id)


BADGES["notifications"] = unread_here


@blueprint.get("/notifications")
@login_required
def notifications() -> str:
    """What the patient was told, newest first, and when the clinic was last heard (screen `notifications`)."""
    here = patient_at_hand()
    fresh = refresh(doors(), subject(), here.now)
    rows = _newest(here.session.patient_id, PAGE + 1, before=request.args.get("before", ""))
    return render_template(
        "portal/notifications/index.html",
        rows=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        fresh=fresh,
        heard=since_words(fresh.heard_at, here.now),
    )


@blueprint.get("/parts/notifications")
@login_required
@does_not_prolong
def part() -> str:
    """The newest unread ones on the home page."""
    here = patient_at_hand()
    fresh = refresh(doors(), subject(), here.now)
    rows = [row for row in _newest(here.session.patient_id, PAGE) if row.read_at is None]
    template = "portal/notifications/part.html" if wants_fragment() else "portal/notifications/part_page.html"
    return render_template(
        template,
        rows=rows[:ON_HOME],
        more=len(rows) > ON_HOME,
        fresh=fresh,
        heard=since_words(fresh.heard_at, here.now),
    )


@blueprint.post("/notifications/<notification_id>/open")
@login_required
def open_one(notification_id: str) -> BaseResponse:
    """It is read now; go where it leads. Another patient's is not found (S-54)."""
    here = patient_at_hand()
    with doors().database.writing() as session:
        row = session.get(Notification, notification_id)
        if row is None or row.patient_id != here.session.patient_id:
            abort(404)
        row.read_at = row.read_at or here.now
        session.add(row)
        path = row.path or "/notifications"
        if row.path and row.kind != "support" and row.child_id != here.session.acting_for:
            # What a clinic tells of is seen only by whom it is about: one changes whom one acts for first.
            path = "/children"
    return redirect(request.root_path + path, code=303)


@blueprint.post("/notifications/read")
@login_required
def read_all() -> BaseResponse:
    """All of them are read."""
    here = patient_at_hand()
    with doors().database.writing() as session:
        session.execute(
            update(Notification)
            .where(col(Notification.patient_id) == here.session.patient_id, col(Notification.read_at).is_(None))
            .values(read_at=here.now)
            .execution_options(synchronize_session=False)
        )
    return redirect(f"{request.root_path}/notifications", code=303)


@blueprint.get("/notifications/settings")
@login_required
def settings() -> str:
    """How each kind is sent."""
    patient_id = patient_at_hand().session.patient_id
    with doors().database.reading() as session:
        mail, phone = addresses(session, patient_id)
        choices = [(kind, choice(session, patient_id, kind.id)) for kind in KINDS]
    return render_template(
        "portal/notifications/settings.html",
        choices=choices,
        mail=contact_masked(mail, "EML") if mail else None,
        phone=contact_masked(phone, "MBT") if phone else None,
        saved=request.args.get("saved") == "yes",
    )


@blueprint.post("/notifications/settings")
@login_required
def change_settings() -> BaseResponse:
    """Keep the choices: every kind at once, an unticked box is a no."""
    patient_id = patient_at_hand().session.patient_id
    with doors().database.writing() as session:
        for kind in KINDS:
            own = session.get(NotificationChoice, (patient_id, kind.id)) or NotificationChoice(
                patient_id=patient_id, kind=kind.id, mail=kind.mail, sms=kind.sms
            )
            own.mail = f"{kind.id}-mail" in request.form
            own.sms = f"{kind.id}-sms" in request.form
            session.add(own)
    return redirect(f"{request.root_path}/notifications/settings?saved=yes", code=303)


def _newest(patient_id: str, limit: int, *, before: str = "") -> list[Notification]:
    """Newest first, paged by key: those before the notification of that id."""
    with doors().database.reading() as session:
        statement = select(Notification).where(col(Notification.patient_id) == patient_id)
        last = session.get(Notification, before) if before and "\0" not in before else None
        if last is not None and last.patient_id == patient_id:
            older = col(Notification.at) < last.at
            same = (col(Notification.at) == last.at) & (col(Notification.id) < last.id)
            statement = statement.where(older | same)
        statement = statement.order_by(col(Notification.at).desc(), col(Notification.id).desc())
        return list(session.exec(statement.limit(limit)))
