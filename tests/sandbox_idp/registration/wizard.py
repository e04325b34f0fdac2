"""What somebody who registers does, step by step, for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sqlmodel import SQLModel, select

from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.context import Stand
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in.journey import at, last_code

Row = TypeVar("Row", bound=SQLModel)

PHONE, MAIL = "+70003000001", "zoya@pochta.example"
PASSWORD = "Yakor-Chernilnica-48"
FIELDS = {"surname": "Ясенева", "name": "Зоя", "phone": "+7 (000) 300-00-01", "email": MAIL, "consent": "yes"}
PROFILE = {
    "patronymic": "Ильинична",
    "sex": "F",
    "birth_date": "05.03.1990",
    "passport": "0000 300 303",
    "issued_on": "15.04.2010",
    "issuer_code": "000-001",
    "issued_by": "Отделение полиции учебного города",
    "snils": "000-300-300 12",
    "policy": "",
    "region": "36",
    "city": "Учебный город",
    "street": "Школьная",
    "house": "1",
    "flat": "",
}


def with_values(page: Page, action: str, values: Mapping[str, str]) -> dict[str, str]:
    """The form of the page with some of its fields filled in."""
    return {**page.form(action), **values}


def give_four(sandbox: PageClient, request_id: str | None = None, status: int = 303, **changed: str) -> Page:
    """The first step."""
    page = sandbox.get(at("/register", request_id))
    values = {**with_values(page, "/register", FIELDS), **changed}
    return sandbox.post(at("/register", request_id), {name: value for name, value in values.items() if value}, status)


def give_code(sandbox: PageClient, stand: Stand, request_id: str | None = None, phone: str = PHONE) -> Page:
    """The second step: the code from the phone."""
    sandbox.get(at("/register/code", request_id))
    return sandbox.post(at("/register/code", request_id), {"code": last_code(stand, phone)})


def give_password(
    sandbox: PageClient, request_id: str | None = None, password: str = PASSWORD, status: int = 303
) -> Page:
    """The third step."""
    sandbox.get(at("/register/password", request_id))
    return sandbox.post(at("/register/password", request_id), {"new_password": password}, status)


def give_profile(sandbox: PageClient, request_id: str | None = None, status: int = 303, **changed: str) -> Page:
    """The fourth step."""
    sandbox.get(at("/register/profile", request_id))
    return sandbox.post(at("/register/profile", request_id), {**PROFILE, **changed}, status)


def finish(sandbox: PageClient, request_id: str | None = None, status: int = 303) -> Page:
    """«Завершить регистрацию»."""
    sandbox.get(at("/register/review", request_id))
    return sandbox.post(at("/register/review", request_id), {}, status)


def up_to_review(sandbox: PageClient, stand: Stand, request_id: str | None = None, **changed: str) -> Page:
    """Everything before the last step."""
    give_four(sandbox, request_id, **changed)
    give_code(sandbox, stand, request_id, ranges.phone(changed.get("phone", PHONE)))
    give_password(sandbox, request_id)
    return give_profile(sandbox, request_id)


def register(sandbox: PageClient, stand: Stand, request_id: str | None = None, **changed: str) -> Page:
    """The whole way; returns the redirect at its end."""
    up_to_review(sandbox, stand, request_id, **changed)
    return finish(sandbox, request_id)


def person_with(stand: Stand, phone: str = PHONE) -> Person | None:
    """Whose phone it is."""
    with stand.database.reading() as session:
        return session.exec(select(Person).join(Contact).where(Contact.value == phone, Contact.type == "MBT")).first()


def all_of(stand: Stand, table: type[Row]) -> list[Row]:
    """Every row of a table."""
    with stand.database.reading() as session:
        return list(session.exec(select(table)))
