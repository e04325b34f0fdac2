"""Slow, cut off and unreachable: what the page itself says while it waits, and the way on (U-18…U-24, R-031…R-033)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from e2e.harness.axe import Inspector
from e2e.harness.own_scenario import own_scenario
from e2e.harness.slow_page import ENTRY, set_out
from e2e.journeys.visitor import ALL_PAGES, visitor
from e2e.pages.portal import HomePage, LoadingPage
from e2e.pages.screen import Screen
from sandbox_idp.testing.clock import Clock
from sandbox_idp.testing.stand import StandUnderTest


def test_the_logo_turns_a_word_comes_after_ten_seconds_and_the_end_after_thirty(
    clock: Clock, page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """U-18: 300 ms logo, 10 s notice, 30 s error with «Перезапустить» as a plain link, for a page."""
    set_out(clock, page, stand)
    clock.run_browser(timedelta(milliseconds=299))
    expect(page.locator("html")).to_have_attribute("data-state", "ready")
    clock.run_browser(timedelta(milliseconds=1))
    expect(page.locator("html")).to_have_attribute("data-state", "loading")
    expect(page.locator("#live")).to_contain_text("Загружаем страницу")
    clock.run_browser(timedelta(seconds=10))
    expect(page.get_by_text("Загрузка идёт дольше обычного").filter(visible=True).first).to_be_visible()
    clock.run_browser(timedelta(seconds=20))
    expect(page.get_by_role("heading", level=1)).to_have_text("Произошла ошибка..")
    expect(page.locator("main")).to_contain_text("Попробуйте перезапустить страницу")
    page.clock.resume()  # Axe waits by the page's clock.
    inspector.look_at(page)
    assert (Screen(page).control("Перезапустить").get_attribute("href") or "").endswith("/home")

    stand.control.disarm(ENTRY)
    Screen(page).control("Перезапустить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Здравствуйте, Анна Сергеевна")


def test_a_part_that_hangs_ends_after_thirty_seconds_and_restarts(
    clock: Clock, page: Page, stand: StandUnderTest
) -> None:
    """U-18, U-22: the same limits for a part; the rest of the page works."""
    visitor("anna", page, stand).arrive()
    stand.control.arm("page-slow", scope="everyone", seconds=20, path="/parts/*")
    stand.control.freeze()
    home = HomePage(page)
    # Parts of the page that is left may be under way as well: the clock must not run before the new page is there.
    home.mark()
    home.link.click()
    home.wait_for_another()
    part = home.part("policy")
    expect(part).to_have_attribute("aria-busy", "true")
    clock.run_browser(timedelta(seconds=10))
    expect(part.get_by_text("Загрузка идёт дольше обычного")).to_be_visible()
    clock.run_browser(timedelta(seconds=21))
    expect(part).to_have_attribute("data-state", "error")
    expect(part).to_contain_text("Попробуйте перезапустить страницу")

    stand.control.disarm("page-slow")
    part.get_by_text("Перезапустить", exact=True).first.click()
    expect(part).to_have_attribute("data-state", "ready")
    expect(part).to_contain_text("0370")


@contextmanager
def _cut_off(stand: StandUnderTest, path: str, *, kind: str = "reset", method: str = "GET") -> Iterator[None]:
    """Within the block the portal's gate sends the head and half of what it answers at `path`, and ends it there."""
    match = f'match = {{ method = "{method}", path = "{path}" }}'
    effect = f'kind = "{kind}"\nprogram = "portal"\nchannel = "front"\n{match}'
    stand.control.put_scenario("cut-off", own_scenario("cut-off", "Ответ обрывается на середине", effect))
    stand.control.arm("cut-off")
    yield
    stand.control.disarm("cut-off")


def _to_help(page: Page) -> None:
    page.get_by_role("link", name="Помощь", exact=True).filter(visible=True).first.click()


def _says_that_it_broke_off(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Произошла ошибка..")
    expect(page.locator("main")).to_contain_text("Соединение прервалось, ответ не дошёл.")
    assert (Screen(page).control("Перезапустить").get_attribute("href") or "").endswith("/help")


def test_a_page_reached_by_a_link_says_when_there_is_no_connection(
    page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """U-24: reset before anything came of a page that the script fetches; the component stands in its place."""
    visitor("anna", page, stand).arrive()
    page.route("**/help", lambda route: route.abort("connectionreset"))
    _to_help(page)
    _says_that_it_broke_off(page)
    inspector.look_at(page)
    page.unroute("**/help")
    Screen(page).control("Перезапустить").click()
    expect(page.locator("html")).to_have_attribute("data-screen", "help")


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_page_reached_by_a_link_says_when_half_of_it_came(page: Page, stand: StandUnderTest, kind: str) -> None:
    """U-23, U-24: the connection ends in the middle of a page, roughly or politely; nothing of the half is shown."""
    visitor("anna", page, stand).arrive()
    with _cut_off(stand, "/help", kind=kind):
        _to_help(page)
        _says_that_it_broke_off(page)
    Screen(page).control("Перезапустить").click()
    expect(page.locator("html")).to_have_attribute("data-screen", "help")


def test_half_a_page_that_claims_to_be_whole_is_not_shown(page: Page, stand: StandUnderTest) -> None:
    """U-23: a proxy on the way has lost the rest and corrected the length; the page knows its own end."""
    visitor("anna", page, stand).arrive()

    def halve(route: Route) -> None:
        text = route.fetch().text()
        route.fulfill(body=text[: len(text) // 2], content_type="text/html; charset=utf-8")

    page.route("**/help", halve)
    _to_help(page)
    _says_that_it_broke_off(page)
    page.unroute("**/help")
    Screen(page).control("Перезапустить").click()
    expect(page.locator("html")).to_have_attribute("data-screen", "help")


def test_a_form_keeps_what_was_typed_when_its_answer_breaks_off(page: Page, stand: StandUnderTest) -> None:
    """U-12, U-24: the connection breaks while a form is sent; it says so, and can be sent again as it is."""
    visitor("anna", page, stand).arrive()
    page.goto(stand.portal_url + "/home-visit")
    complaint = page.locator("[name=complaint]")
    complaint.fill("Кашель и температура 38 второй день.")
    send = page.locator("main form").get_by_role("button")
    with _cut_off(stand, "/home-visit/review", method="POST"):
        for _ in range(2):
            send.click()
            # The fault of the press before is still there: what is on its way is over first.
            expect(page.locator("form[data-sent]")).to_have_count(0)
            fault = page.locator("main form [data-fault]")
            expect(fault).to_contain_text("Соединение прервалось, ответ не дошёл.")
            expect(fault).to_contain_text("Дошла ли форма до портала, мы не знаем. Введённое осталось на странице")
            expect(complaint).to_have_value("Кашель и температура 38 второй день.")
    send.click()
    expect(page.locator("html")).to_have_attribute("data-screen", "home-visit-review")
    expect(page.locator("main")).to_contain_text("Кашель и температура 38 второй день.")


@pytest.mark.one_browser("where things stand is the style sheet's matter, which is the same everywhere")
def test_who_does_not_wait_finds_the_button_where_it_was(page: Page, stand: StandUnderTest) -> None:
    """R-042, U-18: what comes takes its place below, so that nothing slips away from under a finger."""
    held: list[Route] = []

    def keep(item: Route) -> None:
        held.append(item)

    page.route("**/loading/child-documents", keep)
    visitor("anna", page, stand, passed=ALL_PAGES).sign_in(until=["loading"])
    button, told = LoadingPage(page).control("Продолжить"), page.locator("[data-progress-text]")
    expect(told).to_have_text("Проверено 4 из 5")
    before = button.bounding_box()
    held.pop().continue_()
    expect(told).to_have_text("Проверено 5 из 5")
    assert before
    assert button.bounding_box() == before


@pytest.mark.parametrize(
    "script", [True, pytest.param(False, marks=pytest.mark.browser_context_args(java_script_enabled=False))]
)
def test_a_typed_address_that_breaks_off_is_left_by_reload_or_back(
    page: Page, stand: StandUnderTest, script: bool
) -> None:
    """U-23: there the portal's script cannot speak: what stands there is the browser's own; "Back" and reload work."""
    visitor("anna", page, stand, script=script).arrive()
    address = stand.portal_url + "/help"
    for leave, screen in ((page.reload, "help"), (page.go_back, "home")):
        page.goto(stand.portal_url + "/home")
        broken = page.expect_event("requestfailed", lambda request: request.url == address)
        with _cut_off(stand, "/help"), broken, suppress(Error):
            # Chromium shows the half that came and calls it opened; Firefox has a page of its own, and calls it not.
            page.goto(address, wait_until="commit")
        leave()
        expect(page.locator("html")).to_have_attribute("data-screen", screen)
        expect(page.locator("footer")).to_have_count(1)


def test_without_network_one_is_told_and_goes_on_when_it_is_back(
    page: Page, context: BrowserContext, stand: StandUnderTest
) -> None:
    """U-22, U-24: offline is said by name; what was asked for comes by itself when the network is back."""
    visitor("anna", page, stand).arrive()
    context.set_offline(True)
    page.get_by_role("link", name="Помощь", exact=True).filter(visible=True).first.click()
    expect(page.get_by_text("Нет соединения с интернетом").filter(visible=True).first).to_be_visible()
    context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("data-screen", "help")


def test_a_part_that_loses_the_network_says_so_and_comes_back_by_itself(
    page: Page, context: BrowserContext, stand: StandUnderTest
) -> None:
    """U-22, U-24: the network goes while a part is on its way; nobody has to press anything when it is back."""
    visitor("anna", page, stand).arrive()
    on_the_way: list[Route] = []

    def hold(route: Route) -> None:
        """Browsers let what is under way come to its end when they are told to be offline."""
        on_the_way.append(route)

    page.route("**/parts/policy", hold)
    with page.expect_request("**/parts/policy"):
        HomePage(page).link.click()
    part = HomePage(page).part("policy")
    context.set_offline(True)
    expect(page.locator("#offline-notice")).to_be_visible()
    on_the_way.pop().abort("internetdisconnected")
    expect(part).to_contain_text("Нет соединения с интернетом. Продолжим сами, когда связь появится.")
    expect(part).to_have_attribute("data-state", "error")
    page.unroute("**/parts/policy")
    context.set_offline(False)
    expect(part).to_have_attribute("data-state", "ready")
    expect(part).to_contain_text("0370")


def test_an_error_page_of_the_callback_starts_the_sign_in_anew(page: Page, stand: StandUnderTest) -> None:
    """R-033: the code is spent, so reloading the callback leads nowhere; «Перезапустить» is `/login`."""
    someone = visitor("anna", page, stand)
    stand.control.arm("token-500")
    someone.sign_in(until=["gosuslugi-failed"])
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-screen", "sign-in-stale")
    stand.control.disarm("token-500")
    Screen(page).press("Начать вход заново")
    assert someone.walk(["home"]) == "home"
