"""From the sign-in to a talon and back, on the smallest phone with the largest letters, for a child."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.harness.axe import Inspector
from e2e.journeys.rooms.appointments import choose_time, to_the_list
from e2e.journeys.visitor import Visitor, visitor
from e2e.pages.screen import Screen
from sandbox_idp.testing.stand import StandUnderTest

LARGE = """
addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; });
window.print = () => { document.documentElement.dataset.printed = 'yes'; };
"""
"""The person has set letters twice as large; what the browser's own print window would do is only noted."""


def look_closely(inspector: Inspector) -> object:
    """What must be so on every page of the way; the widths are the portal's promise."""

    def look(someone: Visitor) -> None:
        page, screen = someone.page, someone.screen
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if page.url.startswith(someone.stand.portal_url):
            assert wide <= 0, f"{screen} is {wide} px too wide at 320 px with 200 % text (U-35)"
        ways = Screen(page).main.locator("a[href], button:not([hidden])").filter(visible=True)
        assert ways.count() > 0, f"{screen} has no next step"
        inspector.look(someone)

    return look


def press(page: Page, name: re.Pattern[str]) -> None:
    """The first link or button of the main part whose name begins so."""
    screen = Screen(page)
    screen.mark()
    screen.main.get_by_role("link", name=name).or_(screen.main.get_by_role("button", name=name)).first.click()
    screen.wait_for_another()


@pytest.mark.browser_context_args(viewport={"width": 320, "height": 640})
def test_a_child_is_booked_and_the_talon_printed_and_the_booking_given_up(
    stand: StandUnderTest, context: BrowserContext, inspector: Inspector
) -> None:
    """R-038, R-102, U-34, U-35: sign in, act for Мила, a paediatrician, the talon on paper and as files, cancel."""
    context.add_init_script(LARGE)
    page = context.new_page()
    anna = visitor("anna", page, stand, look=look_closely(inspector))  # type: ignore[arg-type]
    anna.sign_in()
    anna.open("/children")
    press(page, re.compile("^Действовать за ребёнка ?: Мила"))
    expect(page.get_by_text("Вы действуете за ребёнка")).to_be_visible()
    card = page.locator('[data-part="appointments"][data-state="ready"]')
    card.get_by_role("link", name="Записаться", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-screen", "appointment-new")
    anna.look(anna)
    press(page, re.compile("^Педиатр"))
    anna.look(anna)
    # Within two hours of an appointment nobody can give it up, and today's first one may be as near as that.
    press(page, re.compile("^Следующая неделя"))
    choose_time(anna)
    anna.look(anna)
    expect(page.get_by_text("Лесная Мила")).to_be_visible()
    anna.press("Записаться")
    anna.look(anna)
    expect(page.get_by_text("Вы записаны")).to_be_visible()
    check_talon(page)
    anna.press("Отменить запись")
    anna.look(anna)
    anna.press("Отменить запись")
    expect(page.locator("[data-done]").get_by_text("Запись отменена")).to_be_visible()
    anna.look(anna)
    to_the_list(anna)
    anna.look(anna)
    expect(page.locator("[data-booking]")).to_have_count(0)


def check_talon(page: Page) -> None:
    """It prints as a sheet without the ways through the portal, and is there as PDF and for a calendar."""
    page.get_by_role("button", name="Напечатать").click()
    expect(page.locator("html")).to_have_attribute("data-printed", "yes")
    browser = page.context.browser
    assert browser is not None
    if browser.browser_type.name == "chromium":
        # Firefox takes no word from a driver on what it would look like on paper.
        page.emulate_media(media="print")
        expect(page.locator(".talon h1")).to_be_visible()
        for away in ("nav.nav--bottom", ".talon button", "a:has-text('Скачать PDF')"):
            expect(page.locator(away).first).to_be_hidden()
        page.emulate_media(media="screen")
    address = page.url.partition("?")[0]
    for ending, begins in ((".pdf", b"%PDF-"), (".ics", b"BEGIN:VCALENDAR")):
        answer = page.request.get(address + ending)
        assert answer.ok
        assert answer.body().startswith(begins)
