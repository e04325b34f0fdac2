"""What a person does wrong on purpose, by the name that the journal has for it. Each replaces one habit once."""

from __future__ import annotations

from e2e.journeys.people import PASSWORD
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.sandbox import CodePage, ConsentPage, LoginPage

POLICY_RIGHT = "Просмотр данных вашего полиса обязательного медицинского страхования (ОМС)"


def _wrong_password(someone: Visitor) -> None:
    LoginPage(someone.page).sign_in(someone.persona.login, PASSWORD + "!")


def _wrong_code(someone: Visitor) -> None:
    """A code that is certainly not the one in the message; that one stays unread."""
    read_until = someone.read_until
    right = someone.read_code()
    someone.read_until = read_until
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    CodePage(someone.page).confirm(wrong)


def _refuse(someone: Visitor) -> None:
    ConsentPage(someone.page).refuse()


def _withhold_policy(someone: Visitor) -> None:
    page = ConsentPage(someone.page)
    page.withhold(POLICY_RIGHT)
    page.grant()


def _return_elsewhere(someone: Visitor) -> None:
    """The way back goes to a browser that the portal has never seen: here the same one without the portal's cookies."""
    someone.page.context.clear_cookies(domain="localhost")
    ConsentPage(someone.page).grant()


ACTS: dict[str, tuple[str, Habit]] = {
    "password-wrong": ("login", _wrong_password),
    "sms-wrong": ("login-sms", _wrong_code),
    "consent-refused": ("consent", _refuse),
    "consent-partial": ("consent", _withhold_policy),
    "returned-elsewhere": ("consent", _return_elsewhere),
}
"""Name of the act → the screen it happens on and what is done there."""
