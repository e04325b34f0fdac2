"""What people do when nothing is armed: everybody signs in, the children are there, one signs out and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Response, Route, expect

from e2e.harness.axe import Inspector
from e2e.journeys.people import PEOPLE
from e2e.journeys.rooms import documents
from e2e.journeys.visitor import Habit, Visitor, visitor
from e2e.pages.portal import HomePage
from e2e.pages.screen import Screen
from sandbox_idp.accounts.personas import BY_ID
from sandbox_idp.testing import uploads
from sandbox_idp.testing.stand import StandUnderTest


def people() -> Iterator[object]:
    """Every persona; those with the same second factors are of one kind."""
    for name in PEOPLE:
        persona = BY_ID[name]
        factors = f"sms {persona.sms}, totp {persona.totp}, push {persona.push}"
        yield pytest.param(name, id=name, marks=pytest.mark.specimen(f"sign-in: {factors}"))


@pytest.mark.parametrize("name", tuple(people()))
def test_everybody_signs_in(name: str, page: Page, stand: StandUnderTest, inspector: Inspector) -> None:
    """Each persona with the factor that is his own, by phone, e-mail or SNILS (R-022, `docs/personas.md`)."""
    someone = visitor(name, page, stand, look=inspector.look)
    someone.sign_in()
    home = HomePage(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Здравствуйте, {someone.persona.greeting}")
    for child in someone.persona.children:
        expect(home.part("children")).to_contain_text(child)


@pytest.mark.on_postgresql
def test_the_home_page_shows_what_was_loaded(page: Page, stand: StandUnderTest) -> None:
    """Name, masked policy number, children and when it was fetched (R-003, R-042)."""
    visitor("anna", page, stand).sign_in()
    home = HomePage(page)
    expect(home.part("policy")).to_contain_text("0370")
    expect(home.part("policy")).not_to_contain_text("0000100000000370")
    expect(home.part("children")).to_contain_text("Мила Лесная")
    expect(home.part("children")).to_contain_text("Егор Лесной")
    expect(page.locator("main")).to_contain_text("Данные из Госуслуг получены в")
    expect(Screen(page).control("Обновить данные")).to_be_visible()


@pytest.mark.on_postgresql
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_whole_way_without_script(page: Page, stand: StandUnderTest) -> None:
    """Sign in, see the data, sign out: every journey works without JavaScript."""
    visitor("anna", page, stand, script=False).sign_in()
    home = HomePage(page)
    expect(home.part("policy")).to_contain_text("0370")
    home.sign_out()
    expect(page.locator("html")).to_have_attribute("data-screen", "signed-out")


def test_after_signing_out_nothing_private_is_shown(page: Page, stand: StandUnderTest) -> None:
    """S-46, S-50: the session is over on the server, and Back shows nothing of it."""
    someone = visitor("anna", page, stand)
    someone.sign_in()
    HomePage(page).sign_out()
    expect(page.locator("html")).to_have_attribute("data-screen", "signed-out")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Анна Сергеевна")
    someone.sign_in()
    expect(page.get_by_role("heading", level=1)).to_have_text("Здравствуйте, Анна Сергеевна")


def _send_a_file(someone: Visitor) -> None:
    someone.open("/uploads")
    someone.page.get_by_label("Как назвать документ", exact=True).fill("Выписка из стационара")
    documents.choose(someone, "выписка.pdf", uploads.pdf())
    Screen(someone.page).control("Загрузить").click()


def _look_again(someone: Visitor) -> None:
    """Come back to the page, which then asks whether the session lives."""
    someone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.chromium_only("of a form held back in Firefox, Playwright does not know the content")
@pytest.mark.parametrize(
    ("address", "begin"),
    [
        pytest.param("**/parts/results", lambda _someone: None, id="part"),
        pytest.param("**/session", _look_again, id="session"),
        pytest.param("**/uploads", _send_a_file, id="file"),
    ],
)
def test_what_is_on_its_way_does_not_stop_the_sign_out(
    page: Page, stand: StandUnderTest, new_context: Callable[..., BrowserContext], address: str, begin: Habit
) -> None:
    """S-50, U-25: told of the end of the session by the sign-out itself, it would keep the person from Gosuslugi."""
    held: list[Route] = []

    def keep(asked: Route) -> None:
        if address == "**/uploads" and asked.request.method == "GET":
            asked.continue_()
        else:
            held.append(asked)

    def told_of_it_first(sign_out: Route) -> None:
        # Sent past the browser, so that what is on its way still has the cookie with which it set out.
        beside = new_context(storage_state=page.context.storage_state())
        answer = beside.request.fetch(sign_out.request, max_redirects=0)

        def go(told: Response) -> None:
            if told.request == held[0].request:
                sign_out.fulfill(response=answer)

        page.on("response", go)
        held[0].continue_()

    page.route(address, keep)
    page.route("**/logout", told_of_it_first)
    someone = visitor("anna", page, stand)
    someone.sign_in()
    begin(someone)
    with page.expect_response(address) as told:
        HomePage(page).sign_out()
    assert told.value.status == 401
    expect(page.locator("html")).to_have_attribute("data-screen", "signed-out")
    someone.seen.clear()
    someone.sign_in()
    assert "login-continue" not in someone.seen, "the session at Gosuslugi is over as well"


def test_the_second_sign_in_asks_neither_password_nor_consent(page: Page, stand: StandUnderTest) -> None:
    """R-017, R-041, S-26: the session at Gosuslugi lives, consent is remembered, but a press is asked for."""
    someone = visitor("anna", page, stand)
    someone.sign_in()
    page.context.clear_cookies(name=_session_cookie(page.context, stand))
    someone.seen.clear()
    someone.sign_in()
    assert "login-continue" in someone.seen
    assert not {"login", "login-sms", "consent"} & set(someone.seen)


def test_the_page_one_was_going_to_is_reached_after_the_sign_in(page: Page, stand: StandUnderTest) -> None:
    """S-14, U-25: without a session one is sent to sign in, and then where one was going."""
    someone = visitor("anna", page, stand)
    someone.open("/home?from=letter")
    someone.walk(["home"])
    assert page.url == f"{stand.portal_url}/home?from=letter"


def test_another_user_of_the_same_computer(page: Page, stand: StandUnderTest) -> None:
    """R-024: the remembered person is masked; «Другой пользователь» forgets him and the next one signs in."""
    first = visitor("anna", page, stand)
    first.sign_in()
    HomePage(page).sign_out()
    first.sign_in(until=["login", "login-continue"])
    expect(page.locator("main")).not_to_contain_text("+7 (000) 100-00-01")
    Screen(page).press("Другой пользователь")
    second = visitor("viktor", page, stand)
    second.walk(["home"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Здравствуйте, Виктор Андреевич")


def _session_cookie(context: BrowserContext, stand: StandUnderTest) -> str:
    """The name of the portal's session cookie in this stand."""
    found = [
        cookie["name"]
        for cookie in context.cookies(stand.portal_url)
        if cookie["name"].startswith("session") and cookie["path"] in stand.portal_url
    ]
    assert len(found) == 1, found
    return str(found[0])
