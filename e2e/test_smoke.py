"""Both programs answer a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sandbox_idp.testing.stand import StandUnderTest

pytestmark = pytest.mark.one_browser("Firefox meets both pages at the beginning of every sign-in")


def test_the_portal_shows_its_first_page(page: Page, stand: StandUnderTest) -> None:
    page.goto(stand.portal_url + "/")
    expect(page.locator("html")).to_have_attribute("data-screen", "start")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_training_gosuslugi_show_their_sign_in(page: Page, stand: StandUnderTest) -> None:
    page.goto(stand.idp_url + "/login")
    expect(page.locator("html")).to_have_attribute("data-screen", "login")
    expect(page.get_by_text("Учебный стенд — не вводите настоящие данные").first).to_be_visible()
