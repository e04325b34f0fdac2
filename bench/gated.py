"""The portal under stands without the gate, with a gate that keeps no journal, and with the whole gate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from foundation.clock import SystemClock
from foundation.database import Database
from foundation.ids import SystemIds
from portal.settings import PortalSettings
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer
from sandbox_idp.stands.portal_wsgi import build, portal_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GATE = "BENCH_GATE"
NONE, SILENT, FULL = "none", "silent", "full"


def _forget(database: Database, line: journal.Line) -> None:
    """Take the line, as the journal would, and keep nothing."""


def application() -> WSGIApplication:
    """gunicorn's factory."""
    settings = PortalSettings.from_environment(os.environ)
    house = House(SandboxSettings.from_environment(os.environ), clock=SystemClock(), ids=SystemIds())
    kind = os.environ[GATE]
    if kind == FULL:
        return build(settings, house)
    app: WSGIApplication = portal_app(settings)
    if kind == SILENT:
        # A stand has no such setting: what the journal costs is told from what else the gate does only here.
        journal.note_exchange = _forget
        app = Gate(app, program="portal", public_url=settings.public_url)
    return StandLayer(app, house)
