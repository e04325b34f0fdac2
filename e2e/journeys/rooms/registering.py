"""Registering at the training Gosuslugi: what somebody without an account does, and what goes wrong there (group A)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from e2e.journeys.people import PASSWORD, PEOPLE, Persona
from e2e.journeys.scenes import MARGIN, MINUTE, Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.sandbox import CodePage, LoginPage
from e2e.pages.screen import Screen

NEW_PASSWORD = "Yakor-Chernilnica-48"
RESENDS = 5
"""So often a code may be asked for again within an hour (`docs/policy.md`)."""
_LINK = re.compile(r"https?://\S+/register/mail/\S+")


@dataclass(frozen=True)
class Newcomer(Persona):
    """Somebody who is not one of the twelve, and has no account."""

    mail: str = "zoya@pochta.example"


NEWCOMER = Newcomer("newcomer", "+70003000001", "Зоя Ильинична", "+7 (000) 300-00-01")
FOUR = {"Фамилия": "Ясенева", "Имя": "Зоя"}
PROFILE = {
    "Отчество": "Ильинична",
    "Дата рождения": "05.03.1990",
    "Серия и номер паспорта": "0000 300 303",
    "Дата выдачи": "15.04.2010",
    "Код подразделения": "000-001",
    "Кем выдан": "Отделение полиции учебного города",
    "СНИЛС": "000-300-300 12",
    "Город или посёлок": "Учебный город",
    "Улица": "Школьная",
    "Дом": "1",
}


class Form(Screen):
    """A page with fields that are found by their labels."""

    def fill(self, values: dict[str, str]) -> None:
        for label, value in values.items():
            field = self.main.get_by_label(label, exact=True)
            if field.input_value():
                # In a field for an address Firefox puts what is filled in behind what is there. A person clears it.
                field.press("ControlOrMeta+a")
                field.press("Delete")
            field.fill(value)


def newcomer(someone: Visitor) -> Newcomer:
    """Who is being registered."""
    assert isinstance(someone.persona, Newcomer), someone.persona
    return someone.persona


def _four(someone: Visitor, **changed: str) -> None:
    """The first step, with some of its fields filled in otherwise."""
    page = Form(someone.page)
    who = newcomer(someone)
    page.fill({**FOUR, "Мобильный телефон": who.phone, "Электронная почта": who.mail, **changed})
    page.main.get_by_role("checkbox").check()
    page.press("Зарегистрироваться")


def _profile(someone: Visitor) -> None:
    page = Form(someone.page)
    page.fill(PROFILE)
    page.main.get_by_label("Женский", exact=True).check()
    page.main.get_by_label("Регион", exact=True).select_option("36")
    page.press("Сохранить и проверить")


def _password(someone: Visitor, password: str = NEW_PASSWORD) -> None:
    page = Form(someone.page)
    page.main.locator("input[autocomplete=new-password]").first.fill(password)
    page.press("Сохранить пароль")


def _go_on(someone: Visitor) -> None:
    """To the system that asked; if its hour is over, to the portal's first page."""
    asked = someone.page.get_by_role("link", name="Продолжить вход в РС ЕГИСЗ", exact=True)
    someone.press("Продолжить вход в РС ЕГИСЗ" if asked.count() else "Открыть личный кабинет пациента")


HABITS: dict[str, Habit] = {
    "register": _four,
    "register-code": lambda someone: CodePage(someone.page).confirm(someone.read_code(), "Продолжить"),
    "register-password": _password,
    "register-profile": _profile,
    "register-review": lambda someone: someone.press("Завершить регистрацию"),
    "register-done": _go_on,
    "register-mail-confirmed": lambda someone: someone.press("Открыть личный кабинет пациента"),
}


def _bad(label: str, value: str) -> Habit:
    return lambda someone: _four(someone, **{label: value})


def _unknown_login(someone: Visitor) -> None:
    LoginPage(someone.page).sign_in(newcomer(someone).login, PASSWORD)


def _taken_phone(someone: Visitor) -> None:
    someone.persona = replace(newcomer(someone), phone=PEOPLE["anna"].phone)
    _four(someone)


def _taken_mail(someone: Visitor) -> None:
    someone.persona = replace(newcomer(someone), mail="anna@pochta.example")
    _four(someone)


def _organisation(someone: Visitor) -> None:
    someone.press("Зарегистрировать организацию")
    someone.press("Зарегистрировать организацию")


def _choose_centre(someone: Visitor) -> None:
    someone.press("Зарегистрироваться в центре обслуживания")
    someone.press("Выбрать Центр обслуживания «Вокзальный»")
    _four(someone)


def _wrong_code(someone: Visitor) -> None:
    read_until = someone.read_until
    right = someone.read_code()
    someone.read_until = read_until
    CodePage(someone.page).confirm(f"{(int(right) + 1) % 1_000_000:06d}", "Продолжить")


def _late_code(someone: Visitor) -> None:
    code = someone.read_code()
    someone.stand.control.advance(5 * MINUTE + MARGIN)
    CodePage(someone.page).confirm(code, "Продолжить")


def _ask_too_often(someone: Visitor) -> None:
    for _ in range(RESENDS + 1):
        someone.stand.control.advance(MINUTE + MARGIN)
        someone.press("Получить новый код")


def _close_the_browser(someone: Visitor) -> None:
    """What a closed window forgets are the cookies without an age; then the address is typed again."""
    context = someone.page.context
    someone.page.goto("about:blank")
    for cookie in context.cookies():
        if cookie["expires"] == -1:
            context.clear_cookies(name=cookie["name"], domain=cookie["domain"], path=cookie["path"])
    someone.page.goto(someone.stand.idp_url + "/register")


def mail_link(someone: Visitor) -> str:
    """The link in the newest letter to the newcomer."""
    letter = someone.stand.next_message(to=newcomer(someone).mail, kind="mail")
    found = _LINK.search(letter.text)
    assert found is not None, letter.text
    return found.group()


def _open_link(someone: Visitor) -> None:
    someone.page.goto(mail_link(someone))


def _open_late(someone: Visitor) -> None:
    someone.stand.control.advance(10 * MINUTE + MARGIN)
    _open_link(someone)


def _open_twice(someone: Visitor) -> None:
    _open_link(someone)
    someone.press("Подтвердить адрес")
    _open_link(someone)


def _open_cut_off(someone: Visitor) -> None:
    someone.page.goto(mail_link(someone)[:-3])


ACTS: dict[str, tuple[str, Habit]] = {
    "account-not-found": ("login", _unknown_login),
    "organization-first": ("register", _organisation),
    "centre-chosen": ("register", _choose_centre),
    "register-phone-taken": ("register", _taken_phone),
    "register-email-taken": ("register", _taken_mail),
    "register-bad-name": ("register", _bad("Фамилия", "Yaseneva")),
    "register-bad-phone": ("register", _bad("Мобильный телефон", "+49 30 1234567")),
    "register-bad-email": ("register", _bad("Электронная почта", "zoya@pochta")),
    "register-weak-password": ("register-password", lambda someone: _password(someone, "qwerty")),
    "register-sms-wrong": ("register-code", _wrong_code),
    "register-sms-expired": ("register-code", _late_code),
    "register-sms-limit": ("register-code", _ask_too_often),
    "register-interrupted": ("register-profile", _close_the_browser),
    "register-email-link-expired": ("register-done", _open_late),
    "register-email-link-used": ("register-done", _open_twice),
    "register-email-link-tampered": ("register-done", _open_cut_off),
}


def _begin(scene: Scene, arm: Callable[[], None], phone: str = NEWCOMER.phone) -> Visitor:
    """Somebody new stands before the sign-in, with the entry going, and will press «Зарегистрироваться»."""
    arm()
    someone = scene.visitor
    someone.persona = replace(NEWCOMER, phone=phone)
    someone.acts.setdefault("login", lambda each: each.press("Нет учётной записи? Зарегистрироваться"))
    return someone


def register(scene: Scene, arm: Callable[[], None]) -> None:
    """From the portal's first page through the registration towards the home page."""
    _begin(scene, arm).sign_in(stop=scene.is_shown)


def register_with_a_phone_of_old(scene: Scene, arm: Callable[[], None]) -> None:
    """The same with the phone of the entry's person; without a code in the message it ends there."""
    someone = _begin(scene, arm, scene.visitor.persona.phone)
    someone.sign_in(["register-code"])
    message = someone.stand.next_message(to=someone.persona.phone, kind="sms", after=someone.read_until)
    if "Код" in message.text:
        someone.walk(["home"], scene.is_shown)


def register_and_look_at_the_phone(scene: Scene, arm: Callable[[], None]) -> None:
    """Up to the code, and then a look at what came to the phone."""
    someone = _begin(scene, arm)
    someone.sign_in(["register-code"])
    someone.page.goto(f"{someone.stand.idp_url}/phone?person={someone.persona.phone.replace('+', '%2B')}")


def register_and_look_at_the_mailbox(scene: Scene, arm: Callable[[], None]) -> None:
    """To the end, and then a look at what came to the mailbox."""
    someone = _begin(scene, arm)
    someone.sign_in(["register-done"])
    owner = "anna" if newcomer(someone).mail.startswith("anna@") else someone.persona.phone.replace("+", "%2B")
    someone.page.goto(f"{someone.stand.idp_url}/phone?person={owner}")


def register_and_open_the_link(scene: Scene, arm: Callable[[], None]) -> None:
    """To the end, and then the link in the letter."""
    someone = _begin(scene, arm)
    someone.sign_in(["register-done"])
    someone.acts.pop("register-done", _open_link)(someone)


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "register": register,
    "register_with_a_phone_of_old": register_with_a_phone_of_old,
    "register_and_look_at_the_phone": register_and_look_at_the_phone,
    "register_and_look_at_the_mailbox": register_and_look_at_the_mailbox,
    "register_and_open_the_link": register_and_open_the_link,
}


def _go_on_registering(scene: Scene) -> None:
    scene.visitor.walk(["home"])


def _register_instead(scene: Scene) -> None:
    scene.visitor.press("Нет учётной записи? Зарегистрироваться")
    scene.visitor.walk(["home"])


def _register_oneself(scene: Scene) -> None:
    scene.visitor.press("Зарегистрироваться")
    scene.visitor.walk(["home"])


def _operator_confirms(scene: Scene) -> None:
    someone = scene.visitor
    number = someone.page.locator("main b").first.inner_text()
    someone.stand.control.decide(f"centre:{number}")
    someone.press("Обновить")
    someone.press("Продолжить регистрацию")
    someone.walk(["home"])


def _sign_in_instead(scene: Scene) -> None:
    someone = scene.visitor
    someone.page.go_back()
    someone.persona = PEOPLE["anna"]
    someone.page.get_by_text("Не пришёл код?").click()
    someone.press("Войти")
    someone.walk(["home"])


def _another_code(scene: Scene) -> None:
    scene.visitor.press("Получить новый код")
    scene.visitor.walk(["home"])


def _an_hour_later(scene: Scene) -> None:
    scene.visitor.stand.control.advance(timedelta(hours=1))
    _another_code(scene)


def _go_on_where_it_stopped(scene: Scene) -> None:
    """The portal's own cookie went with the window, so at the end the sign-in is asked for once more."""
    someone = scene.visitor
    someone.walk(["sign-in-failed"])
    someone.press("Перезапустить")
    someone.walk(["home"])


def _another_address(scene: Scene) -> None:
    someone = scene.visitor
    someone.page.go_back()
    done = someone.page.url
    someone.persona = NEWCOMER
    someone.press("Письмо не пришло или адрес с ошибкой?")
    someone.stand.control.advance(MINUTE + MARGIN)
    Form(someone.page).fill({"Электронная почта": NEWCOMER.mail})
    someone.press("Отправить ссылку на этот адрес")
    someone.page.goto(mail_link(someone))
    someone.press("Подтвердить адрес")
    assert someone.screen == "register-mail-confirmed"
    someone.page.goto(done)
    someone.walk(["home"])


def _another_link(scene: Scene) -> None:
    someone = scene.visitor
    someone.stand.control.advance(MINUTE + MARGIN)
    someone.press("Получить новую ссылку")
    someone.page.goto(mail_link(someone))
    someone.press("Подтвердить адрес")
    someone.walk(["home"])


RECOVERIES: dict[str, Callable[[Scene], None]] = {
    "go_on_registering": _go_on_registering,
    "register_instead": _register_instead,
    "register_oneself": _register_oneself,
    "operator_confirms_at_the_centre": _operator_confirms,
    "sign_in_instead_of_registering": _sign_in_instead,
    "ask_for_another_code_to_register": _another_code,
    "ask_for_a_code_an_hour_later": _an_hour_later,
    "go_on_where_registration_stopped": _go_on_where_it_stopped,
    "give_another_address": _another_address,
    "ask_for_another_link": _another_link,
}
