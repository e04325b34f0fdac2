"""What the home page and its part are measured against: the same queries through SQLModel, a plain template as big."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlmodel import col, func, select

from foundation.database import Database
from portal.notifications.models import Notification
from portal.patients.models import Child, Patient, PatientItem
from portal.sign_in.models import FormDraft, PatientSession

ROW = "BENCH_SESSION_ROW"
SIZE = "BENCH_PAGE_SIZE"
TEMPLATE = """<!doctype html><html lang="ru"><title>{{ patient.name }}</title><h1>{{ patient.surname }}</h1>
{% for item in items %}<p>{{ item.kind }}: {{ item.state }}</p>{% endfor %}
{% for child in children %}<p>{{ child.name }} {{ child.surname }}</p>{% endfor %}
{% if unread %}<p>{{ unread }}</p>{% endif %}{% if draft %}<p>{{ draft.page }}</p>{% endif %}
"""


def application() -> Flask:
    """gunicorn's factory."""
    app = Flask("plain_home", static_folder=None)
    database = Database(os.environ["PORTAL_DATABASE_URL"])
    row = os.environ[ROW]
    filling = "a" * max(0, int(os.environ[SIZE]) - len(TEMPLATE))
    app.jinja_loader = DictLoader({"home.html": TEMPLATE + filling})

    @app.get("/healthz/live")
    def live() -> str:
        return "ok"

    @app.get("/parts/policy")
    def part() -> str:
        return render_template("home.html", **known(), unread=0, draft=None)

    @app.get("/home")
    def home() -> str:
        found = known()
        with database.reading() as session:
            waiting = select(func.count()).select_from(Notification)
            waiting = waiting.where(Notification.patient_id == found["patient"].id, col(Notification.read_at).is_(None))
            unread = session.exec(waiting).one()
        with database.reading() as session:
            draft = session.get(FormDraft, (found["patient"].id, "/home"))
        return render_template("home.html", **found, unread=unread, draft=draft)

    def known() -> dict[str, Any]:
        with database.reading() as session:
            signed_in = session.get_one(PatientSession, row)
        with database.reading() as session:
            patient = session.get_one(Patient, signed_in.patient_id)
            items = session.exec(select(PatientItem).where(PatientItem.patient_id == patient.id)).all()
            children = session.exec(select(Child).where(Child.patient_id == patient.id)).all()
        return {"patient": patient, "items": items, "children": children}

    return app
