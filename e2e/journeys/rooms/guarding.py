"""«Безопасность» in the cabinet of Gosuslugi: a stranger's sign-in, what is done about it, and messages that lie."""

from __future__ import annotations

import re
from collections.abc import Callable

from e2e.journeys.people import OF_A_PHONE, PASSWORD
from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Visitor, another_browser, sign_in
from e2e.pages.sandbox import CodePage, LoginPage
from e2e.pages.screen import Screen

FOREIGN_CODE = "418205"


def _stranger(someone: Visitor) -> None:
    """Somebody who knows the password and has the phone in hand signs in on a phone of their own."""
    with another_browser(someone, user_agent=OF_A_PHONE) as page:
        page.goto(someone.stand.idp_url + "/login")
        LoginPage(page).sign_in(someone.persona.login, PASSWORD)
        CodePage(page).confirm(someone.read_code())
        assert Screen(page).name == "cabinet"


def _disown(someone: Visitor) -> None:
    """After that, the link in the SMS, on the person's own browser."""
    _stranger(someone)
    message = someone.stand.next_message(to=someone.persona.phone, kind="sms", after=someone.read_until)
    someone.read_until = message.id
    link = re.search(r"https?://\S+/cabinet/not-me\?link=\S+", message.text)
    assert link is not None
    someone.page.goto(link.group())
    someone.press("Это не я, закрыть доступ")


def _in_the_cabinet(scene: Scene, arm: Callable[[], None]) -> Visitor:
    """Signed in at Gosuslugi itself; then whatever the act is."""
    arm()
    someone = scene.visitor
    someone.page.goto(someone.stand.idp_url + "/login")
    someone.walk(["cabinet"])
    act = someone.acts.pop("cabinet", None)
    if act is not None:
        act(someone)
    return someone


def _open(someone: Visitor, path: str) -> None:
    someone.page.goto(someone.stand.idp_url + path)


def read_notices(scene: Scene, arm: Callable[[], None]) -> None:
    """To «Уведомления»."""
    _in_the_cabinet(scene, arm).press("Уведомления")


def read_the_notice(scene: Scene, arm: Callable[[], None]) -> None:
    """To the cabinet, and no further unless a notice comes."""
    _in_the_cabinet(scene, arm)


def look_at_sessions(scene: Scene, arm: Callable[[], None]) -> None:
    """To «Безопасность», «Сеансы и устройства»."""
    someone = _in_the_cabinet(scene, arm)
    _open(someone, "/cabinet/security")
    someone.press("Сеансы и устройства")


def look_at_restrictions(scene: Scene, arm: Callable[[], None]) -> None:
    """To «Безопасность», and on where the notice of a restriction leads."""
    someone = _in_the_cabinet(scene, arm)
    _open(someone, "/cabinet/security")
    if Screen(someone.page).control("Почему и как снять раньше").count():
        someone.press("Почему и как снять раньше")


def read_a_suspicious_letter(scene: Scene, arm: Callable[[], None]) -> None:
    """To the phone, and to the lesson on the letter if there is one."""
    arm()
    someone = scene.visitor
    _open(someone, f"/phone?person={someone.persona.name}")
    lesson = someone.page.locator("[data-part=mail]").get_by_role("link", name="Это правда Госуслуги? Разобрать")
    if lesson.count():
        lesson.first.click()
        someone.page.wait_for_url("**/message/*")


def try_the_code_of_a_letter(scene: Scene, arm: Callable[[], None]) -> None:
    """To the page of the code by SMS; with a letter at hand, its code is tried under «Помощь поддержки»."""
    arm()
    someone = scene.visitor
    someone.sign_in(["login-sms"])
    letters = someone.stand.control.messages(kind="mail")
    if not any(letter.code == FOREIGN_CODE for letter in letters):
        return
    someone.page.locator("summary", has_text="Не пришёл код?").click()
    someone.press("Помощь поддержки")
    CodePage(someone.page).confirm(FOREIGN_CODE)


def compare_with_history(scene: Scene) -> None:
    """«История входов»."""
    _open(scene.visitor, "/cabinet/security")
    scene.visitor.press("История входов")


def change_the_password(scene: Scene) -> None:
    """In with the old password, which has to be changed on the way."""
    scene.visitor.press("Войти и сменить пароль")
    sign_in(scene.visitor)
    scene.visitor.walk(["stolen"])


def end_the_foreign_session(scene: Scene) -> None:
    """«Завершить»; the notice about it goes with the next look."""
    scene.visitor.page.get_by_role("button", name=re.compile("^Завершить сеанс")).click()
    scene.visitor.page.wait_for_url("**/sessions?ended=1")
    _open(scene.visitor, "/cabinet/security/sessions")


def lift_the_restriction(scene: Scene) -> None:
    """By a code by SMS."""
    someone = scene.visitor
    someone.page.get_by_role("button", name=re.compile("^Прислать код на")).click()
    someone.page.locator("input[autocomplete=one-time-code]").wait_for()
    CodePage(someone.page).confirm(someone.read_code(), "Снять ограничения")


def report_the_letter(scene: Scene) -> None:
    """«Сообщить об обмане»."""
    scene.visitor.press("Сообщить об обмане")


def confirm_by_sms(scene: Scene) -> None:
    """Back, and the code that the person did ask for."""
    scene.visitor.press("Назад к подтверждению")
    scene.visitor.walk(["home"])


ACTS = {"device-new": ("cabinet", _stranger), "sign-in-disowned": ("cabinet", _disown)}
STEPS = {
    "read_notices": read_notices,
    "read_the_notice": read_the_notice,
    "look_at_sessions": look_at_sessions,
    "look_at_restrictions": look_at_restrictions,
    "read_a_suspicious_letter": read_a_suspicious_letter,
    "try_the_code_of_a_letter": try_the_code_of_a_letter,
}
RECOVERIES = {
    "compare_with_history": compare_with_history,
    "change_the_password": change_the_password,
    "end_the_foreign_session": end_the_foreign_session,
    "lift_the_restriction": lift_the_restriction,
    "report_the_letter": report_the_letter,
    "confirm_by_sms": confirm_by_sms,
}
