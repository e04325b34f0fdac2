"""Passwords: mistyped, forgotten, due; the captcha, and the way back in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from e2e.journeys.people import PASSWORD, PEOPLE
from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor, sign_in
from e2e.pages.portal import StartPage
from e2e.pages.sandbox import CodePage, LoginPage
from e2e.pages.screen import Screen

NEW_PASSWORDS = ("Zimnee-Utro-57", "Vesennee-Utro-58")
"""What a person chooses, and what if that is not new any more."""
IN_THE_OTHER_LAYOUT = "Дфьзф-Яудутфнф-27"
NOBODY = "+7 (000) 100-99-99"


def _choose(someone: Visitor, button: str, password: str | None = None) -> None:
    """Type a new password; one that will do, unless another is given."""
    chosen = password or next(each for each in NEW_PASSWORDS if each != someone.password)
    someone.page.locator("main").get_by_label("Новый пароль", exact=True).fill(chosen)
    Screen(someone.page).press(button)
    if password is None:
        someone.password = chosen


def _give_contact(someone: Visitor, contact: str | None = None) -> None:
    field = someone.page.locator("main").get_by_label("Телефон или электронная почта", exact=True)
    field.fill(contact or someone.persona.phone)
    someone.press("Получить код")


def _three_wrong(someone: Visitor) -> None:
    for _ in range(3):
        sign_in(someone, PASSWORD + "!")


def _wrong_figures(someone: Visitor) -> None:
    _three_wrong(someone)
    page = LoginPage(someone.page)
    right = someone.stand.control.captcha(page.captcha_key())
    page.type_figures(right[1:] + ("1" if right[-1] != "1" else "2"))
    page.sign_in(someone.persona.login, someone.password)


def _old_figures(someone: Visitor) -> None:
    _three_wrong(someone)
    page = LoginPage(someone.page)
    page.type_figures(someone.stand.control.captcha(page.captcha_key()))
    someone.stand.control.advance(timedelta(minutes=5))
    page.sign_in(someone.persona.login, someone.password)


def _lock_oneself_out(someone: Visitor) -> None:
    for _ in range(5):
        sign_in(someone, PASSWORD + "!")


def _somebody_else_before(someone: Visitor) -> None:
    """Gleb has signed in at Gosuslugi in this browser, and out again."""
    page, gleb = someone.page, PEOPLE["gleb"]
    page.goto(someone.stand.idp_url + "/login")
    LoginPage(page).sign_in(gleb.phone, PASSWORD)
    CodePage(page).confirm(someone.stand.next_message(to=gleb.phone, kind="sms").code)
    page.get_by_role("button", name="Выйти с Госуслуг").click()
    page.wait_for_url("**/login")
    someone.open("/")
    StartPage(page).sign_in()


def _wrong_recovery_code(someone: Visitor) -> None:
    read_until = someone.read_until
    right = someone.read_code()
    someone.read_until = read_until
    CodePage(someone.page).confirm(f"{(int(right) + 1) % 1_000_000:06d}", "Продолжить")


def _old_recovery_code(someone: Visitor) -> None:
    code = someone.read_code()
    someone.stand.control.advance(timedelta(minutes=5, seconds=1))
    CodePage(someone.page).confirm(code, "Продолжить")


def _used_recovery_code(someone: Visitor) -> None:
    """Back to the page of the code, with the one that has done its work."""
    done = someone.page.url
    messages = someone.stand.control.messages(to=someone.persona.phone, kind="sms")
    code = next(message for message in messages if message.id == someone.read_until)
    someone.page.goto(done.replace("/recovery/done", "/recovery/code"))
    CodePage(someone.page).confirm(code.code, "Продолжить")


def recover_password(scene: Scene, arm: Callable[[], None]) -> None:
    """From the portal towards the home page by way of «Я не знаю пароль»."""
    arm()
    scene.visitor.acts["login"] = lambda someone: someone.press("Я не знаю пароль")
    scene.visitor.sign_in(stop=scene.is_shown)


def _go_on(scene: Scene) -> None:
    scene.visitor.walk(["home"])


def choose_password(scene: Scene) -> None:
    """A new password, and on."""
    _choose(scene.visitor, "Сохранить и продолжить")
    _go_on(scene)


def be_another_user(scene: Scene) -> None:
    """«Другой пользователь», and on as oneself."""
    scene.visitor.press("Другой пользователь")
    _go_on(scene)


def operator_unblocks(scene: Scene) -> None:
    """An operator decides, and the person signs in again."""
    someone = scene.visitor
    someone.stand.control.call(
        "POST", "/decisions", {"request": f"unblock:{someone.persona.name}", "decision": "grant"}
    )
    someone.press("Вернуться ко входу")
    _go_on(scene)


def wait_half_a_minute(scene: Scene) -> None:
    """The wait that takes the place of the captcha."""
    scene.visitor.stand.control.advance(timedelta(seconds=31))
    _go_on(scene)


def give_the_right_contact(scene: Scene) -> None:
    """Back, and the contact that the account has."""
    scene.visitor.press("Другой телефон или почта")
    _go_on(scene)


def ask_for_another_code(scene: Scene) -> None:
    """«Получить новый код», as soon as one may."""
    someone = scene.visitor
    someone.stand.control.advance(timedelta(seconds=61))
    someone.press("Получить новый код")
    _go_on(scene)


HABITS: dict[str, Habit] = {
    "recovery": _give_contact,
    "recovery-code": lambda someone: CodePage(someone.page).confirm(someone.read_code(), "Продолжить"),
    "recovery-password": lambda someone: _choose(someone, "Сохранить"),
    "recovery-done": lambda someone: someone.press("Войти"),
    "password-expired": lambda someone: _choose(someone, "Сохранить и продолжить"),
}
ACTS: dict[str, tuple[str, Habit]] = {
    "password-layout": ("login", lambda someone: sign_in(someone, IN_THE_OTHER_LAYOUT)),
    "password-spaces": (
        "login",
        lambda someone: sign_in(someone, f"{someone.password} ", f"  {someone.persona.login} "),
    ),
    "login-format": ("login", lambda someone: sign_in(someone, login="+7 (000) 100-00")),
    "somebody-else-before": ("start", _somebody_else_before),
    "lockout": ("login", _lock_oneself_out),
    "captcha-asked": ("login", _three_wrong),
    "captcha-wrong": ("login", _wrong_figures),
    "captcha-expired": ("login", _old_figures),
    "recovery-unknown": ("recovery", lambda someone: _give_contact(someone, NOBODY)),
    "recovery-code-wrong": ("recovery-code", _wrong_recovery_code),
    "recovery-code-expired": ("recovery-code", _old_recovery_code),
    "recovery-code-used": ("recovery-done", _used_recovery_code),
    "password-weak": ("recovery-password", lambda someone: _choose(someone, "Сохранить", "Anna12345678")),
    "password-breached": ("recovery-password", lambda someone: _choose(someone, "Сохранить", "P@ssw0rd-2026")),
}
STEPS = {"recover_password": recover_password}
RECOVERIES = {
    "choose_password": choose_password,
    "be_another_user": be_another_user,
    "operator_unblocks": operator_unblocks,
    "wait_half_a_minute": wait_half_a_minute,
    "give_the_right_contact": give_the_right_contact,
    "ask_for_another_code": ask_for_another_code,
}
