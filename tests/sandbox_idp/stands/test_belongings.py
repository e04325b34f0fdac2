"""The list of what a stand owns names every table of both programs, and no other."""

from __future__ import annotations

import importlib

from portal.tables import PortalTable
from sandbox_idp.stands.belongings import BELONGINGS
from sandbox_idp.tables import SandboxTable

for room in (
    "portal.documents",
    "portal.files",
    "portal.notifications",
    "portal.patients",
    "portal.sign_in",
    "portal.support",
    "sandbox_idp.accounts",
    "sandbox_idp.clinic",
    "sandbox_idp.oauth",
    "sandbox_idp.scenarios",
    "sandbox_idp.signature",
    "sandbox_idp.world",
):
    # Each import puts the room's tables into its program's metadata.
    importlib.import_module(f"{room}.models")


def test_every_table_of_the_sandbox_is_on_the_list() -> None:
    listed = {table for belonging in BELONGINGS for table in belonging.sandbox}
    assert listed == set(SandboxTable.metadata.tables)


def test_every_table_of_the_portal_is_on_the_list() -> None:
    listed = {table for belonging in BELONGINGS for table in belonging.portal}
    assert listed == set(PortalTable.metadata.tables)
