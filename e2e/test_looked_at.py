"""Screens that no journey passes, looked at as the journeys look at theirs (`docs/ux-rules.md`, U-35)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import CONSOLE_PASSWORD
from e2e.harness.axe import Inspector
from e2e.pages.sandbox import ConsoleDoor
from sandbox_idp.testing.stand import StandUnderTest

PORTAL = ("/accessibility", "/terms", "/status")
SANDBOX = ("/accessibility", "/phone?person=anna", "/mail?person=anna")
CONSOLE = ("/journal", "/stands")


@pytest.mark.chromium_only("the inspector looks in Chromium")
def test_what_everybody_can_open_can_be_used_by_everybody(
    page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    for address in (*(stand.portal_url + path for path in PORTAL), *(stand.idp_url + path for path in SANDBOX)):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("data-state", "ready")
        inspector.look_at(page)


@pytest.mark.chromium_only("the inspector looks in Chromium")
def test_the_console_can_be_used_by_everybody(page: Page, stand: StandUnderTest, inspector: Inspector) -> None:
    page.goto(f"{stand.idp_url}/console/enter")
    inspector.look_at(page)
    ConsoleDoor(page).enter(CONSOLE_PASSWORD)
    for path in CONSOLE:
        page.goto(f"{stand.idp_url}/console{path}")
        inspector.look_at(page)
