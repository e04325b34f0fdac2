"""The session at the portal and the browser around it: left alone, left elsewhere, old, without cookies, offline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from e2e.journeys.people import PASSWORD, PEOPLE
from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import ALL_PAGES, Visitor
from e2e.pages.portal import HomePage, StartPage
from e2e.pages.sandbox import CodePage, LoginPage
from e2e.pages.screen import Screen
from sandbox_idp.testing.clock import Clock

Arm = Callable[[], None]
BEFORE_THE_WARNING = timedelta(minutes=13, seconds=5)
AFTER_THE_END = timedelta(minutes=16)
OLD = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.3770.80 Safari/537.36"
APPOINTMENTS = "Запись к врачу"
FOREIGN = "//evil.test/home"


def _does(scene: Scene) -> bool:
    """Whether the person does what the entry is about; on the walk for comparison nobody does."""
    return bool(scene.visitor.acts.pop("home", None))


def _nothing(_someone: Visitor) -> None:
    """What is done is part of the steps."""


def _open_appointments(someone: Visitor) -> None:
    """A press on a link of the page at hand."""
    Screen(someone.page).mark()
    someone.page.get_by_role("link", name=APPOINTMENTS, exact=True).filter(visible=True).first.click()
    Screen(someone.page).wait_for_another()


def _another_tab(someone: Visitor) -> Page:
    return someone.page.context.new_page()


def _be_home(someone: Visitor) -> None:
    """Signed in, with the whole home page there: what is still on its way would be told of the end before the press."""
    someone.arrive()
    if someone.script:
        Screen(someone.page).wait_for_parts()


def be_away_for_a_while(scene: Scene, arm: Arm) -> None:
    """Signed in, and nothing pressed for thirteen minutes."""
    someone = scene.visitor
    clock = Clock(someone.stand.control, someone.page)
    _be_home(someone)
    arm()
    if _does(scene):
        clock.advance(BEFORE_THE_WARNING)
        expect(someone.page.get_by_role("dialog")).to_be_visible()


def click_after_the_end(scene: Scene, arm: Arm) -> None:
    """Signed in, away for longer than the session lives, then a press on a link."""
    someone = scene.visitor
    _be_home(someone)
    arm()
    if _does(scene):
        someone.stand.control.advance(AFTER_THE_END)
    _open_appointments(someone)


def click_in_the_other_tab(scene: Scene, arm: Arm) -> None:
    """The cabinet in two tabs, «Выйти» in one of them, a press on a link in the other."""
    someone = scene.visitor
    _be_home(someone)
    arm()
    if _does(scene):
        tab = _another_tab(someone)
        tab.goto(someone.stand.portal_url + "/appointments")
        HomePage(tab).sign_out()
        tab.close()
    _open_appointments(someone)


def leave_gosuslugi_in_the_other_tab(scene: Scene, arm: Arm) -> None:
    """Signed in through the pages, then out of Gosuslugi in another tab, and a press on a link of the cabinet."""
    someone = scene.visitor
    someone.sign_in()
    arm()
    if _does(scene):
        tab = _another_tab(someone)
        tab.goto(someone.stand.idp_url + "/cabinet")
        tab.get_by_role("button", name="Выйти с Госуслуг").click()
        tab.wait_for_url("**/login")
        tab.close()
    _open_appointments(someone)


def go_back_after_leaving(scene: Scene, arm: Arm) -> None:
    """Through the cabinet, «Выйти», and Back to where one was."""
    someone = scene.visitor
    _be_home(someone)
    arm()
    someone.open("/appointments")
    if _does(scene):
        HomePage(someone.page).sign_out()
        expect(someone.page.locator("html")).to_have_attribute("data-screen", "signed-out")
        someone.page.go_back()


def sign_in_in_two_tabs(scene: Scene, arm: Arm) -> None:
    """Two sign-ins begun side by side, and both brought to their end."""
    someone = scene.visitor
    arm()
    first, control = someone.page, someone.stand.control
    second = _another_tab(someone)
    someone.open("/")
    starts = [
        first.request.get(someone.stand.portal_url + "/login", max_redirects=0).headers["location"] for _ in range(2)
    ]
    for tab, start in zip((first, second), starts, strict=True):
        tab.goto(control.sign_in(start, someone.persona.name))
        expect(tab.locator("html")).to_have_attribute("data-screen", "loading")
    for tab in (first, second):
        tab.goto(someone.stand.portal_url + "/home")
        expect(tab.locator("html")).to_have_attribute("data-screen", "home")
    second.close()


def send_an_old_form(scene: Scene, arm: Arm) -> None:
    """The cabinet is open, another sign-in is finished in another tab, and a form of the first page is sent."""
    someone = scene.visitor
    _be_home(someone)
    arm()
    if _does(scene):
        tab = _another_tab(someone)
        start = tab.request.get(someone.stand.portal_url + "/login", max_redirects=0).headers["location"]
        tab.goto(someone.stand.control.sign_in(start, someone.persona.name))
        tab.close()
    Screen(someone.page).mark()
    someone.page.get_by_role("button", name="Выйти", exact=True).filter(visible=True).first.click()
    Screen(someone.page).wait_for_another()


def check_the_browser(scene: Scene, arm: Arm) -> None:
    """«Проверка браузера»."""
    arm()
    scene.visitor.open("/help/browser-check")


def look_around(scene: Scene, arm: Arm) -> None:
    """Signed in and through the pages of the cabinet; every part has come in the end."""
    someone = scene.visitor
    arm()
    # Where scripts are kept away, the person reads pages as they come.
    someone.script = someone.script and not scene.entry.effects
    someone.arrive()
    for path, screen in (("/appointments", "appointments"), ("/loading", "loading"), ("/home", "home")):
        someone.open(path)
        expect(someone.page.locator("html")).to_have_attribute("data-screen", screen)


def click_without_a_network(scene: Scene, arm: Arm) -> None:
    """Signed in, the network goes, then a press on a link."""
    someone = scene.visitor
    _be_home(someone)
    arm()
    if _does(scene):
        someone.page.context.set_offline(True)
        someone.page.get_by_role("link", name=APPOINTMENTS, exact=True).filter(visible=True).first.click()


def open_home_and_sign_in(scene: Scene, arm: Arm) -> None:
    """A bookmark to the cabinet, and the sign-in it leads to, as often as it does."""
    arm()
    someone = scene.visitor
    someone.open("/home")
    someone.passed = ALL_PAGES
    someone.walk(["home"], scene.is_shown)


def open_a_bookmark_and_sign_in(scene: Scene, arm: Arm) -> None:
    """A bookmark to a page of the cabinet, and the sign-in."""
    arm()
    someone = scene.visitor
    someone.passed = ALL_PAGES
    someone.open("/appointments")
    someone.walk(["appointments"])


def open_a_foreign_next_and_sign_in(scene: Scene, arm: Arm) -> None:
    """A link to the sign-in that would lead to a foreign site, and the sign-in."""
    arm()
    someone = scene.visitor
    someone.passed = ALL_PAGES
    someone.open(f"/login?next={FOREIGN}")
    someone.walk(["home"])


def stay(scene: Scene) -> None:
    """«Остаться», and the dialog is gone."""
    page = scene.visitor.page
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Остаться")).to_be_focused()
    dialog.get_by_role("button", name="Остаться").click()
    expect(dialog).to_be_hidden()


def sign_in_and_be_back(scene: Scene) -> None:
    """«Войти», and on to the page that was asked for."""
    someone = scene.visitor
    someone.passed = ALL_PAGES
    someone.press("Войти")
    someone.walk(["appointments"])


def send_it_again(scene: Scene) -> None:
    """«Отправить ещё раз»."""
    scene.visitor.press("Отправить ещё раз")
    scene.visitor.page.wait_for_url("**/signed-out")


def check_again_and_sign_in(scene: Scene) -> None:
    """With a newer browser."""
    someone = scene.visitor
    scene.heal()
    someone.press("Проверить снова")
    assert not scene.is_shown()
    someone.arrive()


def be_online_again(scene: Scene) -> None:
    """The network is back, and nothing is pressed."""
    page = scene.visitor.page
    page.context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("data-screen", "appointments")


def _without_cookies(someone: Visitor) -> None:
    """The page gave the browser a cookie, and the browser has not kept it."""
    someone.page.context.clear_cookies()
    StartPage(someone.page).sign_in()


def _with_an_old_browser(someone: Visitor) -> None:
    someone.page.set_extra_http_headers({"User-Agent": OLD})
    StartPage(someone.page).sign_in()


def _somebody_else_is_in(someone: Visitor) -> None:
    """Gleb has signed in at Gosuslugi in this browser, and has not left."""
    page, gleb = someone.page, PEOPLE["gleb"]
    page.goto(someone.stand.idp_url + "/login")
    LoginPage(page).sign_in(gleb.phone, PASSWORD)
    CodePage(page).confirm(someone.stand.next_message(to=gleb.phone, kind="sms").code)
    someone.open("/")
    StartPage(page).sign_in()


ACTS = {
    **dict.fromkeys(
        (
            "session-warned",
            "session-was-over",
            "session-left-elsewhere",
            "went-back",
            "form-expired",
            "offline",
            "gosuslugi-ended-it",
        ),
        ("home", _nothing),
    ),
    "cookies-refused": ("start", _without_cookies),
    "browser-old": ("start", _with_an_old_browser),
    "session-of-another": ("start", _somebody_else_is_in),
}
STEPS = {
    "be_away_for_a_while": be_away_for_a_while,
    "click_after_the_end": click_after_the_end,
    "click_in_the_other_tab": click_in_the_other_tab,
    "leave_gosuslugi_in_the_other_tab": leave_gosuslugi_in_the_other_tab,
    "go_back_after_leaving": go_back_after_leaving,
    "sign_in_in_two_tabs": sign_in_in_two_tabs,
    "send_an_old_form": send_an_old_form,
    "check_the_browser": check_the_browser,
    "look_around": look_around,
    "click_without_a_network": click_without_a_network,
    "open_home_and_sign_in": open_home_and_sign_in,
    "open_a_bookmark_and_sign_in": open_a_bookmark_and_sign_in,
    "open_a_foreign_next_and_sign_in": open_a_foreign_next_and_sign_in,
}
RECOVERIES = {
    "stay": stay,
    "sign_in_and_be_back": sign_in_and_be_back,
    "send_it_again": send_it_again,
    "check_again_and_sign_in": check_again_and_sign_in,
    "be_online_again": be_online_again,
}
