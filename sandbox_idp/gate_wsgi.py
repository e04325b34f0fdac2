"""What the command `gate` serves: one stand at the root of a port.

`portal(…)` is the gate in front of a portal that is not ours, `sandbox(…)` the training Gosuslugi itself for clients
that cannot carry a stand's path. gunicorn calls either with what the command line said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from foundation import log
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.assembly import create_app
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.forward import forward
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import OneStand

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def portal(stand: str, to: str, address: str, paths: Mapping[str, str]) -> WSGIApplication:
    """The gate in front of the portal at `to`, called `address` by browsers.

    `paths`: what a path of that portal is called in the catalogue.
    """
    gate = Gate(forward(to, address), program="portal", public_url=address, paths=paths)
    return OneStand(gate, _house(_settings()), stand)


def sandbox(stand: str, address: str) -> WSGIApplication:
    """The training Gosuslugi of one stand, called `address`: everything it tells of itself begins with that.

    Control API and console stay where the pair runs: they know of other stands, which have no place here.
    """
    given = _settings()
    closed = {"control": "off", "console_key": "", "console_password": ""}
    settings = given.model_copy(update={"public_url": address, **closed})
    house = _house(settings)
    gate = Gate(create_app(settings, house), program="sandbox_idp", public_url=address)
    return OneStand(gate, house, stand, seen=lambda found: replace(found, prefix="", idp_url=address))


def _settings() -> SandboxSettings:
    shared()
    settings = SandboxSettings.from_environment(os.environ)
    log.configure(settings.log_level)
    return settings


def _house(settings: SandboxSettings) -> House:
    return House(settings, clock=SystemClock(), ids=SystemIds())
