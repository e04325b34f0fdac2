"""Pages that break on purpose, in a portal of the test's own."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from portal.web.limits import seconds_left


@pytest.fixture
def broken(portal_app: Flask) -> Flask:
    """The portal with views that fail."""

    @portal_app.get("/broken/crash")
    def crash() -> str:
        raise RuntimeError("secret of the house: SELECT * FROM patient")

    @portal_app.get("/broken/database")
    def database() -> str:
        raise OperationalError("SELECT secret", {}, Exception("no such file /var/lib/portal"))

    @portal_app.get("/broken/status/<int:status>")
    def status(status: int) -> str:
        abort(status)

    @portal_app.post("/broken/form")
    def form() -> str:
        return "sent"

    @portal_app.get("/broken/left")
    def left() -> str:
        return str(seconds_left())

    return portal_app
