"""The embedded clinic keeps the contract of the interface, on either database."""

from __future__ import annotations

import pytest

from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.context import Stand
from tests.portal.clinic.contract import ClinicContract, World
from tests.sandbox_idp.clinic.conftest import child_of, identity


class TestEmbeddedClinic(ClinicContract):
    """Run over a stand of each test's own."""

    @pytest.fixture
    def world(self, stand: Stand, clinic: EmbeddedClinic) -> World:
        return World(clinic, stand.clock, identity("anna"), identity("viktor"), child_of("anna"), identity("gleb"))  # type: ignore[arg-type]  # The clock of a stand can be moved.
