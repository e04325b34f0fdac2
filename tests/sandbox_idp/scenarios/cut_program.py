"""A small program behind stand layer and gate, which a real server can serve.

Where the stands and the catalogue are, the environment says.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer
from tests.sandbox_idp.scenarios.conftest import small_portal

CATALOGUE = "TEST_CATALOGUE"

_for_ever = ExitStack()


def app() -> Any:
    """The portal's place in the small pair."""
    settings = SandboxSettings.from_environment({"DEMO_DIR": os.environ["DEMO_DIR"]})
    _for_ever.enter_context(catalogue.using(catalogue.load(Path(os.environ[CATALOGUE]))))
    gate = Gate(small_portal(settings.public_url), program="portal", public_url=settings.portal_url)
    return StandLayer(gate, House(settings, clock=SystemClock(), ids=SystemIds()))
