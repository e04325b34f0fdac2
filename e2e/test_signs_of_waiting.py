"""Signs of waiting: not before 300 ms, not for less than 400, and what is added when it fails twice (U-18, U-22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.journeys.visitor import visitor
from e2e.pages.portal import HomePage
from sandbox_idp.testing.clock import Clock
from sandbox_idp.testing.stand import StandUnderTest

pytestmark = pytest.mark.one_browser(
    "what it shows is counted by the portal's own script, which is the same everywhere"
)

MILLISECOND = timedelta(milliseconds=1)
HELD = "window.came = new Promise(done => document.addEventListener('htmx:before:swap', done, { once: true }))"


class Held:
    """An answer that is held back until it is let go."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(address, self._keep)

    def _keep(self, route: Route) -> None:
        self._routes.append(route)

    def let_go(self) -> None:
        """Let it come, and wait until the page at hand has it; putting it in its place is the page's timers' matter."""
        self._page.evaluate(f"() => {{ {HELD}; }}")
        self._routes.pop().continue_()
        self._page.evaluate("() => window.came.then(() => null)")


def test_the_logo_turns_for_400_ms_once_it_turns(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """U-18: a page that comes right after the sign was shown waits until the sign has been seen; no flash."""
    page.goto(stand.portal_url + "/support/new")
    held = Held(page, "**/help")
    clock.pause_browser()
    page.get_by_role("link", name="Помощь", exact=True).filter(visible=True).first.click()
    clock.run_browser(300 * MILLISECOND)
    expect(page.locator("html")).to_have_attribute("data-state", "loading")
    held.let_go()
    clock.run_browser(399 * MILLISECOND)
    expect(page.locator("html")).to_have_attribute("data-screen", "support-form")
    expect(page.locator("html")).to_have_attribute("data-state", "loading")
    clock.run_browser(MILLISECOND)
    expect(page.locator("html")).to_have_attribute("data-screen", "help")
    expect(page.locator("html")).to_have_attribute("data-state", "ready")


def test_a_part_has_a_sign_of_its_own(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """U-18, U-22: the logo and «Загружаем…» in the part after 300 ms, for 400 at least; the page itself is ready."""
    visitor("anna", page, stand).arrive()
    home = HomePage(page)
    home.wait_for_parts()
    part = home.part("policy")
    held = Held(page, "**/parts/policy")
    clock.pause_browser()
    part.dispatch_event("again")
    expect(part).to_have_attribute("aria-busy", "true")
    sign = part.locator("[data-spin]")
    clock.run_browser(299 * MILLISECOND)
    expect(sign).to_be_hidden()
    clock.run_browser(MILLISECOND)
    expect(sign).to_be_visible()
    expect(sign).to_contain_text("Загружаем…")
    expect(page.locator("html")).to_have_attribute("data-state", "ready")
    held.let_go()
    clock.run_browser(399 * MILLISECOND)
    expect(sign).to_be_visible()
    clock.run_browser(MILLISECOND)
    expect(part).to_have_attribute("data-state", "ready")
    expect(part).to_contain_text("0370")
    expect(sign).to_be_hidden()


def test_who_fails_twice_is_led_to_the_state_of_the_services(page: Page, stand: StandUnderTest) -> None:
    """U-22: «Снова не вышло» comes with a second failure in a row, not with the first after a success."""
    visitor("anna", page, stand).arrive()
    page.route("**/parts/policy", lambda route: route.abort("connectionreset"))
    page.get_by_role("link", name="Главная").filter(visible=True).first.click()
    part = HomePage(page).part("policy")
    again, more = part.get_by_text("Перезапустить", exact=True), part.get_by_text("Снова не вышло.")
    expect(part).to_have_attribute("data-state", "error")
    expect(more).to_be_hidden()
    again.click()
    expect(more).to_be_visible()
    expect(part.get_by_role("link", name="состояние сервисов")).to_be_visible()

    page.unroute("**/parts/policy")
    again.click()
    expect(part).to_have_attribute("data-state", "ready")
    page.route("**/parts/policy", lambda route: route.abort("connectionreset"))
    part.dispatch_event("again")
    expect(part).to_have_attribute("data-state", "error")
    expect(more).to_be_hidden()
