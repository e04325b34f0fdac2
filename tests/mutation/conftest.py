"""One world for all mutated requests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from portal.esia.config import EsiaConfig
from portal.esia.wire import Limits
from portal.settings import PortalSettings
from sandbox_idp.control import routes
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands import portal_doors, portal_wsgi
from sandbox_idp.stands.house import House
from tests.mutation.world import NoSocket, World, portals_own

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATIENCE = 600
"""Seconds that a call may take."""


@pytest.fixture
def world(
    house: House,
    sandbox_program: WSGIApplication,
    sandbox_settings: SandboxSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """Two stands of this test's own. Nothing waits in them, no call leaves the process, and nothing is logged."""
    monkeypatch.setattr(portal_doors, "DivertedTransport", lambda: NoSocket(sandbox_program))
    monkeypatch.setattr(routes, "wait_for", lambda read, _seconds: read())
    # Nothing is slow but the machine, and how slow that is must not decide what is answered.
    monkeypatch.setattr(EsiaConfig, "preflight_limits", Limits(PATIENCE, PATIENCE, PATIENCE))
    settings = PortalSettings(
        demo_dir=tmp_path,
        secret_key="mutations",
        esia_front_url=sandbox_settings.public_url,
        esia_connect_timeout=PATIENCE,
        esia_read_timeout=PATIENCE,
        esia_total_timeout=PATIENCE,
        work_limit=timedelta(seconds=PATIENCE),
    )
    before = {record.id for record in house.records()}
    stand, controlled = house.create("mutated").stand, house.create("controlled").stand
    made = World(
        portal=portal_wsgi.build(settings, house),
        sandbox=sandbox_program,
        house=house,
        stand=stand,
        controlled=controlled,
        client=portals_own(stand),
        control_token=sandbox_settings.control_token,
        portal_url=settings.public_url,
        sandbox_url=sandbox_settings.public_url,
    )
    made.prepare()
    with capture_logs():
        yield made
    for record in house.records():
        if record.id not in before:
            house.delete(record.id)
