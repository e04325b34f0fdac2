"""Second factors: SMS that are late or not sent, the authenticator and its backup codes, the mobile app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from e2e.journeys.people import OF_A_PHONE, PASSWORD
from e2e.journeys.scenes import MARGIN, MINUTE, Scene
from e2e.journeys.visitor import Habit, Visitor, another_browser, visitor
from e2e.pages.sandbox import BackupPage, CodePage, FactorPage, LoginPage, PushPage
from e2e.pages.screen import Screen

AGAIN = "Получить новый код"


@contextmanager
def phone(someone: Visitor, path: str) -> Iterator[Page]:
    """A page of the stand's phone, held in another browser."""
    with another_browser(someone) as page:
        page.goto(f"{someone.stand.idp_url}{path}?person={someone.persona.name}")
        yield page


def _code_still_unread(someone: Visitor) -> str:
    """What stands in the newest message, which stays unread."""
    read_until = someone.read_until
    code = someone.read_code()
    someone.read_until = read_until
    return code


def _late(someone: Visitor) -> None:
    """Ask for another code after a minute, and type the one that comes after it all the same."""
    control = someone.stand.control
    control.advance(MINUTE + MARGIN)
    someone.page.reload()
    someone.press(AGAIN)
    control.advance(MINUTE)
    CodePage(someone.page).confirm(_code_still_unread(someone))


def _expired(someone: Visitor) -> None:
    code = someone.read_code()
    someone.stand.control.advance(5 * MINUTE + MARGIN)
    CodePage(someone.page).confirm(code)


def _three_wrong(someone: Visitor) -> None:
    right = someone.read_code()
    for number in range(1, 4):
        CodePage(someone.page).confirm(f"{(int(right) + number) % 1_000_000:06d}")


def _short(someone: Visitor) -> None:
    code = _code_still_unread(someone)
    CodePage(someone.page).confirm(f"{code[:3]}-{code[3:5]} ")


def _on_a_phone(someone: Visitor) -> None:
    """The same browser, calling itself that of a phone; headers set by a route go along with redirects too."""
    someone.page.route("**/login*", _as_a_phone)
    LoginPage(someone.page).sign_in(someone.persona.login, PASSWORD)


def _as_a_phone(route: Route) -> None:
    route.continue_(headers={**route.request.headers, "user-agent": OF_A_PHONE})


def _wrong_totp(someone: Visitor) -> None:
    """Six digits that no clock near this one shows."""
    shown = int(someone.stand.totp(someone.persona.name))
    CodePage(someone.page).confirm(f"{(shown + 500_001) % 1_000_000:06d}")


def _skewed(someone: Visitor) -> None:
    with phone(someone, "/phone/authenticator") as page:
        Screen(page).press("Перевести на 5 минут вперёд")
        code = page.locator("[data-code=now]").inner_text()
    CodePage(someone.page).confirm(code)


def _replayed(someone: Visitor) -> None:
    """Somebody of the same name signs in elsewhere with the code that is shown now; then it is typed here."""
    code = someone.stand.totp(someone.persona.name)
    with phone(someone, "/login") as page:
        other = visitor(someone.persona.name, page, someone.stand, script=False)
        other.walk(["login-totp"])
        CodePage(page).confirm(code)
        expect(page.locator("html")).to_have_attribute("data-screen", "cabinet")
    CodePage(someone.page).confirm(code)


def _lost(someone: Visitor) -> None:
    someone.page.get_by_text("Нет кода?").click()
    someone.press("Нет доступа к приложению")
    someone.press("Ввести резервный код")


def _ask_app(someone: Visitor) -> PushPage:
    """The page of the app, which here asks only when it is told to: its own asking would come between two presses."""
    someone.page.route("**/login/push*", _refuse_own_asking)
    FactorPage(someone.page).choose("Приложение «Госуслуги»")
    return PushPage(someone.page)


def _refuse_own_asking(route: Route) -> None:
    if route.request.headers.get("hx-request"):
        route.abort()
    else:
        route.continue_()


def _reject(someone: Visitor) -> None:
    asked = _ask_app(someone)
    with phone(someone, "/phone/push") as page:
        Screen(page).press("Это не я")
    asked.look()


def _nobody_answers(someone: Visitor) -> None:
    asked = _ask_app(someone)
    someone.stand.control.advance(timedelta(seconds=120) + MARGIN)
    asked.look()


ACTS: dict[str, tuple[str, Habit]] = {
    "sms-late": ("login-sms", _late),
    "sms-expired": ("login-sms", _expired),
    "sms-attempts": ("login-sms", _three_wrong),
    "sms-short": ("login-sms", _short),
    "on-a-phone": ("login", _on_a_phone),
    "totp-wrong": ("login-totp", _wrong_totp),
    "totp-skew": ("login-totp", _skewed),
    "totp-replay": ("login-totp", _replayed),
    "totp-lost": ("login-totp", _lost),
    "push-rejected": ("login-factor", _reject),
    "push-timeout": ("login-factor", _nobody_answers),
}


def _use_backup_code(someone: Visitor) -> None:
    BackupPage(someone.page).confirm(someone.stand.control.backup_codes(someone.persona.name)[0].lower())


HABITS: dict[str, Habit] = {"login-backup": _use_backup_code}


def walk_on(scene: Scene) -> None:
    """What the screen asks for, as on any other."""
    scene.visitor.walk(["home"])


def newest_code(scene: Scene) -> None:
    """The code of the message that was sent last, whenever it arrived."""
    someone = scene.visitor
    sent = someone.stand.control.messages(to=someone.persona.phone, kind="sms")
    CodePage(someone.page).confirm(max(sent, key=lambda message: message.id).code)
    walk_on(scene)


def another_code(scene: Scene) -> None:
    scene.visitor.press(AGAIN)
    walk_on(scene)


def start_over(scene: Scene) -> None:
    scene.visitor.press("Начать вход заново")
    walk_on(scene)


def another_way(scene: Scene) -> None:
    """Of those that are offered beside SMS."""
    FactorPage(scene.visitor.page).choose("Код из приложения")
    walk_on(scene)


def another_way_by_sms(scene: Scene) -> None:
    scene.visitor.press("Другой способ")
    walk_on(scene)


def next_code(scene: Scene) -> None:
    """What the app shows half a minute later."""
    scene.visitor.stand.control.advance(timedelta(seconds=30))
    walk_on(scene)


def confirm_in_app(scene: Scene) -> None:
    """Another request, and on the phone the number that stands on this page."""
    someone = scene.visitor
    someone.press("Отправить ещё раз")
    asked = PushPage(someone.page)
    with phone(someone, "/phone/push") as page:
        Screen(page).press(asked.number)
    asked.look()
    walk_on(scene)


def skip_factor(scene: Scene) -> None:
    scene.visitor.press("Пропустить")
    walk_on(scene)


def connect_authenticator(scene: Scene) -> None:
    """The stand's phone has read the QR code; its code connects the app."""
    someone = scene.visitor
    someone.press("Подключить приложение")
    with phone(someone, "/phone/authenticator") as page:
        code = page.locator("[data-code=new]").inner_text()
    CodePage(someone.page).confirm(code, "Подключить")
    someone.press("Коды у меня, продолжить вход")
    walk_on(scene)


RECOVERIES = {
    "walk_on": walk_on,
    "newest_code": newest_code,
    "another_code": another_code,
    "start_over": start_over,
    "another_way": another_way,
    "another_way_by_sms": another_way_by_sms,
    "next_code": next_code,
    "confirm_in_app": confirm_in_app,
    "skip_factor": skip_factor,
    "connect_authenticator": connect_authenticator,
}
