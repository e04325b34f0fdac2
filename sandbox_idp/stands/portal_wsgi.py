"""The portal under stands: stand layer, gate, portal. gunicorn serves its factory `application()`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask

import portal.assembly  # noqa: F401 - every room is there before gunicorn forks its workers
from foundation import log
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from portal import create_app
from portal.settings import PortalSettings
from portal.web.limits import seconds_left
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer
from sandbox_idp.stands.portal_doors import CurrentClock, StandDatabase, StandFiles, StandMessages, stand_esia

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NOT_TO_BE_CALLED = "учебный номер, не звоните"
"""C-17: numbers of the seed must never send a real person to a stranger."""
NOTICE = "Учебный стенд — не вводите настоящие данные"


def portal_app(settings: PortalSettings) -> Flask:
    """The portal with the doors of stands; it answers only where a stand is at hand."""
    return create_app(
        settings.model_copy(update={"notice": NOTICE, "support_phone_note": NOT_TO_BE_CALLED}),
        database=StandDatabase(),
        esia=stand_esia(settings),
        clinic=EmbeddedClinic(seconds_left),
        messages=StandMessages(),
        files=StandFiles(),
        clock=CurrentClock(),
        ids=SystemIds(),
    )


def build(settings: PortalSettings, house: House) -> WSGIApplication:
    """The whole program around a house of stands."""
    gated = Gate(portal_app(settings), program="portal", public_url=settings.public_url)
    return StandLayer(gated, house)


def application() -> WSGIApplication:
    """The program with settings from the environment (gunicorn's factory)."""
    settings = PortalSettings.from_environment(os.environ)
    log.configure(settings.log_level)
    house = House(SandboxSettings.from_environment(os.environ), clock=SystemClock(), ids=SystemIds())
    return build(settings, house)
