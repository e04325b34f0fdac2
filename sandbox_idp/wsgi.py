"""The sandbox as a WSGI program: stand layer, gate, Flask program. gunicorn serves `sandbox_idp.wsgi:application()`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from foundation import log
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.assembly import create_app
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(settings: SandboxSettings, house: House) -> WSGIApplication:
    """The whole program around a house of stands. CatalogueError if the file of a scenario cannot be used."""
    shared()
    gate = Gate(create_app(settings, house), program="sandbox_idp", public_url=settings.public_url)
    return StandLayer(gate, house)


def before_workers() -> None:
    """What all workers share is read once. CatalogueError if the file of a scenario cannot be used."""
    shared()


def application() -> WSGIApplication:
    """The program with settings from the environment (gunicorn's factory)."""
    settings = SandboxSettings.from_environment(os.environ)
    log.configure(settings.log_level)
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    house.keep_ready()
    return build(settings, house)
