"""Signs of waiting: when they come, how long they stay, what they look like without motion, and what is counted down
(U-18…U-22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.harness.axe import Inspector
from e2e.harness.slow_page import ENTRY, set_out
from e2e.journeys.visitor import visitor
from e2e.pages.portal import HomePage
from e2e.pages.screen import Screen
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
        self._free = False
        page.route(address, self._keep)

    def _keep(self, route: Route) -> None:
        if self._free:
            route.continue_()
        else:
            self._routes.append(route)

    def let_go(self) -> None:
        """Let it come, and wait until the page at hand has it; putting it in its place is the page's timers' matter.

        What the page has sent may be told here only afterwards.
        """
        self._page.evaluate(f"() => {{ {HELD}; }}")
        self._free = True
        while self._routes:
            self._routes.pop().continue_()
        self._page.evaluate("() => window.came.then(() => null)")
        self._free = False


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
    HomePage(page).link.click()
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


def _wait_for_a_page(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """Signed in, with the home page on its way for longer than the first 300 ms."""
    set_out(clock, page, stand)
    clock.run_browser(300 * MILLISECOND)
    expect(page.locator("html")).to_have_attribute("data-state", "loading")


@pytest.mark.chromium_only("the inspector looks in Chromium")
def test_the_notice_of_a_long_wait_can_be_used_by_everybody(
    clock: Clock, page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """U-18, U-35: it lies over the old page, with two things to press."""
    _wait_for_a_page(clock, page, stand)
    clock.run_browser(timedelta(seconds=10))
    notice = page.locator(".slow--page")
    expect(notice).to_be_visible()
    page.clock.resume()  # Axe waits by the page's clock.
    inspector.look_at(page)
    expect(notice).to_be_visible()


TURNS = "mark => getComputedStyle(mark).animationName === 'turn' && getComputedStyle(mark).animationDuration !== '0s'"


@pytest.mark.browser_context_args(reduced_motion="no-preference")
def test_the_logo_turns_and_no_word_covers_the_page(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """U-18, U-21: the logo of the old page turns while the next one is on its way."""
    _wait_for_a_page(clock, page, stand)
    assert page.locator("header .logo__mark").evaluate(TURNS)
    expect(page.locator(".spin--page")).to_have_count(0)

    stand.control.disarm(ENTRY)
    page.goto(stand.portal_url + "/home")
    assert not page.locator("header .logo__mark").evaluate(TURNS)


def test_who_wants_nothing_to_move_reads_that_the_page_is_loading(
    clock: Clock, page: Page, stand: StandUnderTest
) -> None:
    """U-18, U-20: without the turning a word says it, to the eye as to the ear."""
    page.goto(stand.portal_url + "/accessibility")
    page.get_by_label("Остановить").check()
    Screen(page).press("Применить")
    _wait_for_a_page(clock, page, stand)
    assert not page.locator("header .logo__mark").evaluate(TURNS)
    expect(page.locator(".spin--page")).to_be_in_viewport()
    expect(page.locator(".spin--page")).to_have_text("Загружаем страницу…")

    clock.run_browser(timedelta(seconds=31))
    expect(page.locator(".spin--page")).to_have_count(0)
    stand.control.disarm(ENTRY)
    Screen(page).control("Перезапустить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Здравствуйте, Анна Сергеевна")


def _let_it_count_down(clock: Clock, countdown: Locator) -> None:
    """Let exactly so much time go by as the page says that is left: what is asked for then has all of its own time.

    The page's timers stand still already, but for the second in which what has come is put in its place.
    """
    clock.run_browser(timedelta(seconds=1))
    clock.run_browser(timedelta(seconds=int(countdown.inner_text().split()[0])))


def test_the_queue_page_asks_again_by_itself_unless_it_is_stopped(
    clock: Clock, page: Page, stand: StandUnderTest
) -> None:
    """S-68, U-22: the wait is counted down before the person's eyes; «Не проверять» ends it, a press does not wait."""
    visitor("anna", page, stand).arrive()
    stand.control.arm("overload")
    clock.pause_browser()
    HomePage(page).link.click()
    expect(page.locator("html")).to_have_attribute("data-screen", "queue")
    stand.control.disarm("overload")
    _let_it_count_down(clock, page.get_by_role("timer"))
    expect(page.locator("html")).to_have_attribute("data-screen", "home")


def test_a_queue_page_that_was_stopped_waits_for_a_press(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """U-22: the countdown can be stopped, and the way on stays."""
    visitor("anna", page, stand).arrive()
    stand.control.arm("overload")
    clock.pause_browser()
    HomePage(page).link.click()
    expect(page.locator("html")).to_have_attribute("data-screen", "queue")
    clock.run_browser(timedelta(seconds=1))
    page.get_by_role("button", name="Не проверять").click()
    stand.control.disarm("overload")
    _let_it_count_down(clock, page.get_by_role("timer"))
    expect(page.locator("html")).to_have_attribute("data-screen", "queue")
    Screen(page).press("Проверить снова")
    expect(page.locator("html")).to_have_attribute("data-screen", "home")


def test_a_part_that_asks_to_wait_is_repeated_when_its_time_has_come(
    clock: Clock, page: Page, stand: StandUnderTest
) -> None:
    """S-68, U-22: 503 with Retry-After in a part is counted down there; the rest of the page stays as it is."""
    visitor("anna", page, stand).arrive()
    stand.control.arm("part-503")
    HomePage(page).link.click()
    part = HomePage(page).part("policy")
    expect(part.get_by_text("Повторим сами через")).to_be_visible()
    clock.pause_browser()
    stand.control.disarm("part-503")
    _let_it_count_down(clock, part.locator("time"))
    expect(part).to_have_attribute("data-state", "ready")
