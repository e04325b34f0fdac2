"""Documents, levels and identity at the training Gosuslugi, and what the portal makes of them (groups A and B)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from e2e.journeys.people import PASSWORD, PEOPLE
from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.portal import HomePage
from e2e.pages.sandbox import LoginPage
from e2e.pages.screen import Screen

PASSPORT, SNILS, POLICY = "0000 200 406", "000-300-300 27", "0000 3000 3000 3002"
ANNAS = {"passport": "0000 200 103", "snils": "000-100-101 10", "policy": "0000 1000 0000 0370"}
ANSWERED = timedelta(seconds=6)
"""Longer than the registries need (`docs/policy.md`)."""
DOCUMENTS = "/cabinet/documents"
_LABELS = {"passport": "Серия и номер паспорта", "snils": "Номер СНИЛС", "policy": "Номер полиса ОМС"}

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
            issued = datetime.now(UTC).date() - timedelta(days=40)
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


ACTS: dict[str, tuple[str, Habit]] = {
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


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "check_documents": check_documents,
    "check_policy": check_policy,
    "open_appointments": open_appointments,
    "sign_in_and_open_appointments": sign_in_and_open_appointments,
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
    someone.press("Выйти из Госуслуг")
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


RECOVERIES: dict[str, Callable[[Scene], None]] = {
    "fill_in_at_gosuslugi": fill_in_at_gosuslugi,
    "wait_for_the_registries": wait_for_the_registries,
    "ask_the_registries_again": ask_the_registries_again,
    "correct_the_passport": _correcting("passport", PASSPORT),
    "correct_the_snils": _correcting("snils", SNILS),
    "correct_the_policy": correct_the_policy,
    "use_the_older_account": use_the_older_account,
    "sign_in_with_the_first_account": sign_in_with_the_first_account,
}
