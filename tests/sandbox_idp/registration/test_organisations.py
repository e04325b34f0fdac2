"""Registering an organisation (R-011): by a confirmed person, whole or not at all, once."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts import organisations
from sandbox_idp.accounts.models import Organisation
from sandbox_idp.accounts.organisations import NewOrganisation, TakenError
from sandbox_idp.context import Stand
from sandbox_idp.oauth import person_data
from sandbox_idp.signature.issuing import PIN
from tests.pages import Page, PageClient
from tests.sandbox_idp.factors.conftest import app
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.test_signature import WRONG_PIN, file_of

__all__ = ["app"]

PATH = "/register/organisation"
GIVEN = {
    "name": "  ООО  «Лесная  клиника» ",
    "inn": "00 3600 0011",
    "ogrn": "1 003 600 000 018",
    "role": "chief",
}


@pytest.fixture
def anna(sandbox: PageClient, stand: Stand) -> PageClient:
    """anna, confirmed, with the form before her."""
    journey.sign_in(sandbox, stand)
    sandbox.get(PATH)
    return sandbox


def send(sandbox: PageClient, data: bytes | None, status: int = 303, *, pin: str = PIN, **other: str) -> Page:
    values: dict[str, Any] = {**GIVEN, "pin": pin, **other}
    if data is not None:
        values["file"] = (BytesIO(data), "my.p12")
    sandbox.get(f"{PATH}?more=yes")
    return sandbox.post(PATH, values, status, content_type="multipart/form-data")


def rows(stand: Stand) -> list[Organisation]:
    """Those that were registered, after the two of the personas."""
    with stand.database.reading() as session:
        return list(session.exec(select(Organisation).order_by(Organisation.oid)))[2:]  # type: ignore[arg-type]


def test_a_confirmed_person_registers_an_organisation(anna: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-011, R-079: signed by the person; it stands in the cabinet, in ESIA's answer, and anna is told."""
    assert send(anna, file_of(stand, persona="anna")).location.endswith(PATH)
    (made,) = rows(stand)
    assert (made.full_name, made.inn, made.ogrn, made.chief) == (
        "ООО «Лесная клиника»",
        "0036000011",
        "1003600000018",
        True,
    )
    page = anna.get(PATH)
    assert "ООО «Лесная клиника»" in page.words
    assert "Добавить ещё одну" in page.words
    profile = anna.get("/cabinet/profile").words
    assert "Руководитель ООО «Лесная клиника» ИНН 0036000011" in profile
    assert "Организация зарегистрирована" in journey.arrived(stand)[-1].text
    shown = person_data.organisation(made)
    assert (shown["oid"], shown["inn"], shown["fullName"]) == (made.oid, "0036000011", "ООО «Лесная клиника»")
    assert person_data.role(made)["chief"] is True
    assert acts == ["organisation-registered"]


def test_a_second_click_registers_nothing_more(anna: PageClient, stand: Stand) -> None:
    """U-17: the same form once more leads to the same page."""
    data = file_of(stand, persona="anna")
    send(anna, data)
    assert send(anna, data).location.endswith(PATH)
    assert len(rows(stand)) == 1


@pytest.mark.parametrize(("taken", "field"), [({"inn": "0078000013"}, "inn"), ({"ogrn": "1007800000010"}, "ogrn")])
def test_an_organisation_is_registered_once(
    anna: PageClient, stand: Stand, acts: list[str], *, taken: dict[str, str], field: str
) -> None:
    """R-011: svetlana's INN or OGRN is refused at its field, what was typed is kept, and nothing is stored."""
    page = send(anna, file_of(stand, persona="anna"), 409, **taken)
    assert "уже зарегистрирована" in page.soup.find(id=f"{field}-error").get_text()  # type: ignore[union-attr]
    assert page.form(PATH)["name"] == GIVEN["name"]
    assert rows(stand) == []
    assert acts[-1] == "organisation-taken"


def test_the_database_refuses_a_second_one_too(stand: Stand, app: Flask) -> None:
    """Two at the same moment: a constraint, not the look before it, decides."""
    new = NewOrganisation("А", "0036000011", "1003600000018", chief=True)
    with app.app_context(), stand.database.writing() as session:
        organisations.register(session, journey.person_of(stand, "anna"), new)
    with app.app_context(), pytest.MonkeyPatch.context() as patch, stand.database.writing() as session:
        patch.setattr(organisations, "_refuse_taken", lambda *_: None)
        with pytest.raises(TakenError):
            organisations.register(session, journey.person_of(stand, "gleb"), new)
        session.rollback()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Введите название организации"),
        ({"name": "123"}, "должны быть буквы"),
        ({"name": "Я" * 201}, "до 200 знаков"),
        ({"inn": "0036000012"}, "последняя цифра не сходится"),
        ({"inn": "7707083893"}, "Подходят только учебные ИНН"),
        ({"inn": "001000011100"}, "10 цифр, а введено 12"),
        ({"inn": ""}, "Введите ИНН организации, 10 цифр"),
        ({"ogrn": "1003600000014"}, "последняя цифра не сходится"),
        ({"ogrn": "1027700132195"}, "Подходят только учебные ОГРН"),
        ({"role": ""}, "Выберите, кем вы приходитесь"),
        ({"pin": ""}, "Введите ПИН-код"),
    ],
)
def test_each_mistake_is_told_at_its_field(anna: PageClient, stand: Stand, wrong: dict[str, str], words: str) -> None:
    """U-7, U-10, S-72: the rest is kept, nothing is stored."""
    pin = wrong.pop("pin", PIN) if "pin" in wrong else PIN
    page = send(anna, file_of(stand, persona="anna"), 422, pin=pin, **wrong)
    assert words in page.soup.find(id="summary").get_text().replace("\xa0", " ")  # type: ignore[union-attr]
    assert rows(stand) == []


def test_the_signature_must_be_the_persons_own(anna: PageClient, stand: Stand, acts: list[str]) -> None:
    """signature-stranger, signature-wrong-pin, signature-revoked: told at the field; the right file does."""
    assert "Выберите файл подписи." in send(anna, None, 422).words
    assert "Подпись другого человека." in send(anna, file_of(stand), 422).words
    assert "Сертификат отозван." in send(anna, file_of(stand, "revoked", "anna"), 422).words
    data = file_of(stand, persona="anna")
    assert "ПИН-код не подошёл." in send(anna, data, 422, pin=WRONG_PIN).words
    assert "Это не файл подписи" in send(anna, b"?", 422).words
    assert acts == ["signature-stranger", "signature-revoked", "signature-wrong-pin", "signature-not-p12"]
    assert rows(stand) == []
    send(anna, data, role="trusted")
    assert [each.chief for each in rows(stand)] == [False]


def test_whoever_has_one_may_add_another(sandbox: PageClient, stand: Stand) -> None:
    """svetlana's organisation is named; the form is behind «Добавить ещё одну»."""
    sandbox.follow(journey.give_password(sandbox, None, "+70001000011"))
    journey.give_code(sandbox, None, journey.last_code(stand, "+70001000011"))
    page = sandbox.get(PATH)
    assert "ООО" in page.words or "Садовая аптека" in page.words
    assert page.soup.find(id="inn") is None
    assert sandbox.get(f"{PATH}?more=yes").soup.find(id="inn") is not None
