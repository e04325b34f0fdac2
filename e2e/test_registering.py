"""Registration walked as a person does who has no mouse, in a narrow window."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.harness.axe import Inspector
from e2e.journeys.rooms.registering import NEW_PASSWORD, NEWCOMER, PROFILE
from e2e.pages.screen import Screen
from sandbox_idp.testing.stand import StandUnderTest

KEYS_A_SECOND = 5
MOST_SECONDS = 180
FARTHEST = 60
"""Nobody should have to press Tab more often than that to get to anything on a page."""
_HAS_FOCUS = "element => element === document.activeElement"
_IS_VISIBLE = """element => {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight && box.left >= 0 && box.right <= innerWidth;
}"""


class Keyboard:
    """Two hands on the keys, and a count of what they pressed."""

    def __init__(self, page: Page, inspector: Inspector) -> None:
        self._page = page
        self._inspector = inspector
        self.pressed = 0

    def arrive(self, screen: str) -> None:
        """A new page has come; nothing on it may have to be scrolled sideways."""
        expect(self._page.locator("html")).to_have_attribute("data-screen", screen)
        self._page.wait_for_load_state("load")
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not self._page.evaluate(sideways), f"{screen} is wider than the window"
        self._inspector.look_at(self._page)

    def press(self, key: str) -> None:
        """One key."""
        self._page.keyboard.press(key)
        self.pressed += 1

    def go_to(self, target: Locator) -> None:
        """Tab until the focus is on `target`, and see it there."""
        for _ in range(FARTHEST):
            if target.evaluate(_HAS_FOCUS):
                break
            self.press("Tab")
        else:
            raise AssertionError(f"{target} cannot be reached with Tab")
        assert target.evaluate(_IS_VISIBLE), f"{target} has the focus and cannot be seen"

    def type(self, target: Locator, text: str) -> None:
        """Go to a field and type."""
        self.go_to(target)
        self._page.keyboard.type(text)
        self.pressed += len(text)

    def use(self, target: Locator, key: str = "Enter") -> None:
        """Go to a link, button or box and press it."""
        self.go_to(target)
        self.press(key)


def register(hands: Keyboard, page: Page, stand: StandUnderTest) -> None:
    """The wizard, from its first field to «Регистрация завершена» and on."""
    main = page.locator("main")

    def field(label: str) -> Locator:
        return main.get_by_label(label, exact=True)

    def button(name: str) -> Locator:
        return main.get_by_role("button", name=name, exact=True)

    hands.arrive("register")
    hands.type(field("Фамилия"), "Ясенева")
    hands.type(field("Имя"), "Зоя")
    hands.type(field("Мобильный телефон"), NEWCOMER.phone.removeprefix("+"))
    hands.type(field("Электронная почта"), NEWCOMER.mail)
    hands.use(main.get_by_role("checkbox"), "Space")
    hands.use(button("Зарегистрироваться"))

    hands.arrive("register-code")
    message = stand.next_message(to=NEWCOMER.phone, kind="sms")
    hands.type(field("Код из 6 цифр"), message.code)
    hands.press("Enter")

    hands.arrive("register-password")
    hands.type(main.locator("input[autocomplete=new-password]"), NEW_PASSWORD)
    hands.press("Enter")

    hands.arrive("register-profile")
    for label, value in PROFILE.items():
        if label == "Дата рождения":
            hands.use(field("Женский"), "Space")
        if label == "Город или посёлок":
            hands.use(field("Регион"), "ArrowDown")
        hands.type(field(label), value)
    hands.press("Enter")
    hands.arrive("register-review")
    hands.use(button("Завершить регистрацию"))
    hands.arrive("register-done")
    hands.use(main.get_by_role("link", name="Продолжить вход в РС ЕГИСЗ"))


@pytest.mark.chromium_only("what is counted are keys, and they are the same in Firefox")
@pytest.mark.browser_context_args(viewport={"width": 320, "height": 640})
def test_from_registration_to_the_home_page_by_keyboard_alone(
    page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """C-01, R-009, U-35: at 320 px and five keys a second it takes less than three minutes."""
    began = time.monotonic()
    hands = Keyboard(page, inspector)
    main = page.locator("main")
    page.goto(stand.portal_url + "/")
    hands.arrive("start")
    hands.use(Screen(page).control("Войти через Госуслуги"))
    hands.arrive("login")
    hands.use(main.get_by_role("link", name="Нет учётной записи? Зарегистрироваться"))

    register(hands, page, stand)
    hands.arrive("consent")
    hands.use(main.get_by_role("button", name="Предоставить", exact=True))
    hands.arrive("loading")
    Screen(page).wait_for_parts()
    hands.use(Screen(page).control("Продолжить"))
    hands.arrive("home")
    expect(page.get_by_role("heading", level=1)).to_have_text("Здравствуйте, Зоя Ильинична")

    needed = hands.pressed / KEYS_A_SECOND + (time.monotonic() - began)
    assert needed < MOST_SECONDS, f"{hands.pressed} keys, {needed:.0f} s"
