"""A page that is held back, as somebody meets it who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.journeys.visitor import visitor
from e2e.pages.portal import HomePage

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from sandbox_idp.testing.clock import Clock
    from sandbox_idp.testing.stand import StandUnderTest

ENTRY = "page-very-slow"


def set_out(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """Signed in, with «Главная» pressed; its page comes when the entry is disarmed, and the browser's timers stand."""
    visitor("anna", page, stand).arrive()
    stand.control.arm(ENTRY, scope="everyone", seconds=120)
    clock.pause_browser()
    HomePage(page).link.click()
