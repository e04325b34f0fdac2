"""The list of what a stand owns names every table of both programs, and no other."""

from __future__ import annotations

import portal.patients.models
import portal.sign_in.models
import sandbox_idp.accounts.models
import sandbox_idp.oauth.models
import sandbox_idp.scenarios.models
import sandbox_idp.world.models  # noqa: F401 - each import puts its tables into the metadata
from portal.tables import PortalTable
from sandbox_idp.stands.belongings import BELONGINGS
from sandbox_idp.tables import SandboxTable


def test_every_table_of_the_sandbox_is_on_the_list() -> None:
    listed = {table for belonging in BELONGINGS for table in belonging.sandbox}
    assert listed == set(SandboxTable.metadata.tables)


def test_every_table_of_the_portal_is_on_the_list() -> None:
    listed = {table for belonging in BELONGINGS for table in belonging.portal}
    assert listed == set(PortalTable.metadata.tables)
