"""What the home page is measured against: the same queries through SQLModel and a plain template of the same size."""

from __future__ import annotations

import os

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlmodel import select

from foundation.database import Database
from portal.patients.models import Child, Patient, PatientItem
from portal.sign_in.models import PatientSession

ROW = "BENCH_SESSION_ROW"
SIZE = "BENCH_PAGE_SIZE"
TEMPLATE = """<!doctype html><html lang="ru"><title>{{ patient.name }}</title><h1>{{ patient.surname }}</h1>
{% for item in items %}<p>{{ item.kind }}: {{ item.state }}</p>{% endfor %}
{% for child in children %}<p>{{ child.name }} {{ child.surname }}</p>{% endfor %}
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

    @app.get("/home")
    def home() -> str:
        with database.reading() as session:
            signed_in = session.get_one(PatientSession, row)
        with database.reading() as session:
            patient = session.get_one(Patient, signed_in.patient_id)
            items = session.exec(select(PatientItem).where(PatientItem.patient_id == patient.id)).all()
            children = session.exec(select(Child).where(Child.patient_id == patient.id)).all()
        return render_template("home.html", patient=patient, items=items, children=children)

    return app
