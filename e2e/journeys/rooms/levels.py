"""Documents, levels and identity at the training Gosuslugi, and what the portal makes of them (groups A and B)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from e2e.journeys.people import PASSWORD, PEOPLE
from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.portal import HomePage
from e2e.pages.sandbox import CodePage, LoginPage
from e2e.pages.screen import Screen

PASSPORT, SNILS, POLICY = "0000 200 406", "000-300-300 27", "0000 3000 3000 3002"
ANNAS = {"passport": "0000 200 103", "snils": "000-100-101 10", "policy": "0000 1000 0000 0370"}
A_MOMENT = timedelta(seconds=1)
"""The clock that is moved by it tells the day."""
ANSWERED = timedelta(seconds=6)
"""Longer than the registries need (`docs/policy.md`)."""
DOCUMENTS = "/cabinet/documents"
_LABELS = {"passport": "Серия и номер паспорта", "snils": "Номер СНИЛС", "policy": "Номер полиса ОМС"}

MAIL = "igor@pochta.example"
_LINK = re.compile(r"https?://\S+/identity/mail/\S+")
KEPT: dict[str, list[Any]] = {}
"""Cookies of the browser in which a stand's confirmation began, while "another" one is looked through."""

Numbers = Mapping[str, str]


def go(someone: Visitor, path: str) -> None:
    """Type an address of the training Gosuslugi."""
    someone.page.goto(someone.stand.idp_url + path)


def open_documents(someone: Visitor) -> None:
    """«Мои документы», signing in on the way if need be."""
    go(someone, DOCUMENTS)
    someone.walk(["cabinet-documents"])


def give(someone: Visitor, numbers: Numbers) -> None:
    """Fill in these documents one after the other, and come back when the registries have answered."""
    for kind, number in numbers.items():
        go(someone, f"{DOCUMENTS}/{kind}")
        page = Screen(someone.page)
        page.main.get_by_label(_LABELS[kind], exact=True).fill(number)
        if kind == "passport":
            issued = someone.stand.control.advance(A_MOMENT).date() - timedelta(days=40)
            page.main.get_by_label("Дата выдачи", exact=True).fill(f"{issued:%d.%m.%Y}")
            page.main.get_by_label("Код подразделения", exact=True).fill("000-001")
            page.main.get_by_label("Кем выдан", exact=True).fill("Отделение полиции учебного города")
        page.press("Сохранить и проверить")
    someone.stand.control.advance(ANSWERED)
    go(someone, DOCUMENTS)


def _giving(**wrong: str) -> Habit:
    return lambda someone: give(someone, {"passport": PASSPORT, "snils": SNILS, **wrong})


def _with_second_account(someone: Visitor) -> None:
    """The same person with the other account: its mailbox as login, its phone for the code."""
    someone.persona = replace(PEOPLE["nina"], login="nina2@pochta.example", phone="+70001000019")
    LoginPage(someone.page).sign_in(someone.persona.login, PASSWORD)


def _choose(card: str) -> Habit:
    """A demo card, by the last digits in its name."""

    def choose(someone: Visitor) -> None:
        Screen(someone.page).main.get_by_label(re.compile(card)).check()
        someone.press("Перейти в банк")
        if card == "3333":
            _at_bank(someone)

    return choose


def _at_bank(someone: Visitor) -> None:
    CodePage(someone.page).confirm(someone.read_code())


def _wrong_bank_code(someone: Visitor) -> None:
    read_until = someone.read_until
    right = someone.read_code()
    someone.read_until = read_until
    CodePage(someone.page).confirm(f"{(int(right) + 1) % 1_000_000:06d}")


def _type_phone(number: str) -> Habit:
    def give_it(someone: Visitor) -> None:
        Screen(someone.page).main.get_by_label("Мобильный телефон из профиля", exact=True).fill(number)
        someone.press("Получить код")

    return give_it


def _newest_link(someone: Visitor) -> str:
    """The link in the letter that came last."""
    letter = someone.stand.next_message(to=MAIL, kind="mail")
    found = _LINK.search(letter.text)
    assert found is not None, letter.text
    return found.group()


def _open_link(someone: Visitor) -> None:
    someone.page.goto(_newest_link(someone))


def _too_late(someone: Visitor) -> None:
    someone.stand.control.advance(timedelta(minutes=11))
    _open_link(someone)


def _twice(someone: Visitor) -> None:
    link = _newest_link(someone)
    for _ in range(2):
        someone.page.goto(link)
        if someone.screen == "identity-link":
            someone.press("Подтвердить личность")


def _cut_off(someone: Visitor) -> None:
    someone.page.goto(_newest_link(someone)[:-4])


def _elsewhere(someone: Visitor) -> None:
    """Another browser: here the same one without the cookies of Gosuslugi, which come back afterwards."""
    context = someone.page.context
    host = urlsplit(someone.stand.idp_url).hostname
    kept = [cookie for cookie in context.cookies() if cookie["domain"] == host]
    context.clear_cookies(domain=host)
    _open_link(someone)
    KEPT[someone.stand.id] = kept


ACTS: dict[str, tuple[str, Habit]] = {
    "card-declined": ("identity-card", _choose("2222")),
    "card-3ds-timeout": ("identity-card", _choose("3333")),
    "card-3ds-unsupported": ("identity-card", _choose("4444")),
    "card-3ds-wrong": ("bank-3ds", _wrong_bank_code),
    "card-3ds-cancelled": ("bank-3ds", lambda someone: someone.press("Отменить и вернуться")),
    "contact-mismatch": ("identity-sms", _type_phone("+7 (000) 100-00-77")),
    "email-link-expired": ("identity-mail-sent", _too_late),
    "email-link-used": ("identity-mail-sent", _twice),
    "email-link-tampered": ("identity-mail-sent", _cut_off),
    "email-link-elsewhere": ("identity-mail-sent", _elsewhere),
    "passport-not-found": ("cabinet-documents", _giving(passport="0000 200 407")),
    "snils-mismatch": ("cabinet-documents", _giving(snils="000-300-301 28")),
    "snils-taken": ("cabinet-documents", _giving(snils=ANNAS["snils"])),
    "policy-not-found": ("cabinet-documents", lambda someone: give(someone, {"policy": "0000 9000 9000 9003"})),
    "second-account": ("login", _with_second_account),
}


def _fill_in(someone: Visitor, otherwise: Habit) -> None:
    """On «Мои документы»: what is done wrong there this time, else what is right."""
    (someone.acts.pop("cabinet-documents", None) or otherwise)(someone)


def check_documents(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in at Gosuslugi; passport and SNILS are given with the entry going, and the registries have had time."""
    open_documents(scene.visitor)
    arm()
    _fill_in(scene.visitor, _giving())


def check_policy(scene: Scene, arm: Callable[[], None]) -> None:
    """A policy is given, then the person opens the portal."""
    open_documents(scene.visitor)
    arm()
    _fill_in(scene.visitor, lambda someone: give(someone, {"policy": POLICY}))
    scene.visitor.sign_in()


def open_appointments(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in with the entry going, then «Запись к врачу»."""
    arm()
    scene.visitor.arrive()
    scene.visitor.open("/appointments")


def sign_in_and_open_appointments(scene: Scene, arm: Callable[[], None]) -> None:
    """The same by the pages of Gosuslugi."""
    arm()
    scene.visitor.sign_in()
    scene.visitor.open("/appointments")


def _begin(scene: Scene, arm: Callable[[], None], method: str) -> Visitor:
    """At the service, found with the source's own slip, with the entry going; and there this method."""
    someone = scene.visitor
    go(someone, "/cabinet")
    someone.walk(["cabinet"])
    arm()
    page = Screen(someone.page)
    page.main.get_by_label("Найти услугу", exact=True).fill("Электронный медецинский полис")
    someone.press("Найти")
    someone.press("Электронный медицинский полис")
    someone.press(method)
    return someone


def _act_or(someone: Visitor, screen: str, habit: Habit) -> None:
    (someone.acts.pop(screen, None) or habit)(someone)


def confirm_by_card(scene: Scene, arm: Callable[[], None]) -> None:
    """By bank card, up to where it goes wrong or the person is confirmed."""
    someone = _begin(scene, arm, "Банковская карта с 3-D Secure")
    _act_or(someone, "identity-card", _choose("1111"))
    if someone.screen == "bank-3ds":
        _act_or(someone, "bank-3ds", _at_bank)


def confirm_by_code(scene: Scene, arm: Callable[[], None]) -> None:
    """By a code to the phone of the profile."""
    someone = _begin(scene, arm, "Код из СМС")
    _act_or(someone, "identity-sms", _type_phone(someone.persona.phone))
    if someone.screen == "identity-sms":
        CodePage(someone.page).confirm(someone.read_code())


def _ask_for_link(someone: Visitor) -> None:
    Screen(someone.page).main.get_by_label("Электронная почта из профиля", exact=True).fill(MAIL)
    someone.press("Получить ссылку")


def _open_and_press(someone: Visitor) -> None:
    _open_link(someone)
    someone.press("Подтвердить личность")


def confirm_by_link(scene: Scene, arm: Callable[[], None]) -> None:
    """By a link in a letter."""
    someone = _begin(scene, arm, "Ссылка по электронной почте")
    _ask_for_link(someone)
    _act_or(someone, "identity-mail-sent", _open_and_press)


def confirm_by_link_and_sign_in(scene: Scene, arm: Callable[[], None]) -> None:
    """The same after a mail scanner has opened the link, and then the portal."""
    someone = _begin(scene, arm, "Ссылка по электронной почте")
    _ask_for_link(someone)
    with httpx2.Client(trust_env=False) as scanner:
        scanner.get(_newest_link(someone))
    _open_and_press(someone)
    someone.sign_in()


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "check_documents": check_documents,
    "check_policy": check_policy,
    "open_appointments": open_appointments,
    "sign_in_and_open_appointments": sign_in_and_open_appointments,
    "confirm_by_card": confirm_by_card,
    "confirm_identity_by_sms": confirm_by_code,
    "confirm_by_link": confirm_by_link,
    "confirm_by_link_and_sign_in": confirm_by_link_and_sign_in,
}


def fill_in_at_gosuslugi(scene: Scene) -> None:
    """From the portal to «Мои документы», everything that is missing there, and back with fresh data."""
    someone = scene.visitor
    missing = ("policy",) if scene.entry.id == "account-profile-incomplete" else tuple(ANNAS)
    someone.press("Добавить полис на Госуслугах" if len(missing) == 1 else "Заполнить на Госуслугах")
    someone.walk(["cabinet-documents"])
    give(someone, {kind: ANNAS[kind] for kind in missing})
    someone.open("/appointments")
    someone.press("Обновить данные")
    someone.walk(["appointments"])


def wait_for_the_registries(scene: Scene) -> None:
    """Time goes by; the page is opened again later."""
    someone = scene.visitor
    someone.stand.control.advance(timedelta(seconds=float(scene.entry.defaults()["seconds"])))
    go(someone, DOCUMENTS)


def ask_the_registries_again(scene: Scene) -> None:
    """They work again, and need not be waited for."""
    scene.heal()
    scene.visitor.press("Проверить сейчас")


def _correcting(kind: str, number: str) -> Callable[[Scene], None]:
    return lambda scene: give(scene.visitor, {kind: number})


def correct_the_policy(scene: Scene) -> None:
    """The right number at Gosuslugi, then fresh data at the portal."""
    someone = scene.visitor
    give(someone, {"policy": POLICY})
    someone.open("/login?next=/home")
    someone.walk(["home"])


def _sign_in_as(someone: Visitor, name: str) -> None:
    """On a login page that remembers somebody else."""
    someone.press("Другой пользователь")
    someone.persona = PEOPLE[name]


def use_the_older_account(scene: Scene) -> None:
    """The page tells how to recover it; here its password is known."""
    someone = scene.visitor
    someone.press("Восстановить прежнюю учётную запись")
    go(someone, "/cabinet")
    someone.press("Выйти с Госуслуг")
    _sign_in_as(someone, "anna")
    go(someone, DOCUMENTS)
    someone.walk(["cabinet-documents"])


def sign_in_with_the_first_account(scene: Scene) -> None:
    """Out of the wrong one and into the right one."""
    someone = scene.visitor
    HomePage(someone.page).sign_out()
    someone.open("/login?next=/appointments")
    _sign_in_as(someone, "nina")
    someone.walk(["appointments"])


def take_the_good_card(scene: Scene) -> None:
    """Back to the cards, and the one that works; the bank sends no second code before the first has aged a minute."""
    someone = scene.visitor
    someone.press(
        {"card-3ds-timeout": "Попробовать ещё раз", "card-3ds-cancelled": "Вернуться к картам"}.get(
            scene.entry.id, "Другая карта"
        )
    )
    someone.stand.control.advance(timedelta(seconds=61))
    _choose("1111")(someone)
    _at_bank(someone)


def give_the_banks_code(scene: Scene) -> None:
    """The code that is on the phone."""
    _at_bank(scene.visitor)


def confirm_identity_by_sms(scene: Scene) -> None:
    """Another way (or the same again), with the phone of the profile."""
    someone = scene.visitor
    if scene.entry.id == "contact-mismatch":
        someone.press("Ввести ещё раз")
    else:
        someone.press("Другой способ")
        someone.press("Код из СМС")
    _type_phone(someone.persona.phone)(someone)
    CodePage(someone.page).confirm(someone.read_code())


def confirm_by_a_new_link(scene: Scene) -> None:
    """Another letter."""
    someone = scene.visitor
    someone.press("Получить новую ссылку")
    someone.press("Отправить новую ссылку")
    _open_and_press(someone)


def back_to_the_service(scene: Scene) -> None:
    """There is nothing left to do."""
    scene.visitor.press("Вернуться к услуге")


def open_the_whole_link(scene: Scene) -> None:
    """Copied from the letter once more, to its end."""
    _open_and_press(scene.visitor)


def carry_the_code_over(scene: Scene) -> None:
    """The code from the other browser, typed where it all began."""
    someone = scene.visitor
    code = Screen(someone.page).main.locator(".msg__code").inner_text().strip()
    host = urlsplit(someone.stand.idp_url).hostname
    someone.page.context.clear_cookies(domain=host)
    someone.page.context.add_cookies(KEPT.pop(someone.stand.id))
    go(someone, "/cabinet/services/medical-policy/mail")
    CodePage(someone.page).confirm(code, "Подтвердить кодом")


RECOVERIES: dict[str, Callable[[Scene], None]] = {
    "fill_in_at_gosuslugi": fill_in_at_gosuslugi,
    "wait_for_the_registries": wait_for_the_registries,
    "ask_the_registries_again": ask_the_registries_again,
    "correct_the_passport": _correcting("passport", PASSPORT),
    "correct_the_snils": _correcting("snils", SNILS),
    "correct_the_policy": correct_the_policy,
    "use_the_older_account": use_the_older_account,
    "sign_in_with_the_first_account": sign_in_with_the_first_account,
    "take_the_good_card": take_the_good_card,
    "give_the_banks_code": give_the_banks_code,
    "confirm_identity_by_sms": confirm_identity_by_sms,
    "confirm_by_a_new_link": confirm_by_a_new_link,
    "back_to_the_service": back_to_the_service,
    "open_the_whole_link": open_the_whole_link,
    "carry_the_code_over": carry_the_code_over,
}
