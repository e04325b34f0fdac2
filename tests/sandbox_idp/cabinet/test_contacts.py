"""Another phone or address: after a fresh confirmation, proved by a code, the old one told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from sandbox_idp.accounts import people
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet.guard import CONFIRMED_FOR
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.sign_in import throttle
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey

NEW_PHONE, NEW_MAIL = "+70004000001", "novaya@pochta.example"
VIKTOR = "+70001000002"


@pytest.fixture
def anna(sandbox: PageClient, stand: Stand) -> PageClient:
    journey.sign_in(sandbox, stand)
    return sandbox


def test_a_new_phone_is_proved_first(anna: PageClient, stand: Stand) -> None:
    """S-48, R-145: nothing changes before the code of the new phone; then the old one is told, and signs in no more."""
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": "8 000 400 00 01"})
    page = anna.get("/cabinet/profile/phone")
    assert "•••-••-01" in page.words
    oid = journey.person_of(stand, "anna").oid
    with stand.database.reading() as session:
        assert people.confirmed_phone(session, oid) == journey.ANNA
    code = journey.last_code(stand, NEW_PHONE)
    anna.post("/cabinet/profile/phone", {"action": "code", "code": journey.other_than(code)}, 422)
    anna.post("/cabinet/profile/phone", {"action": "code", "code": code})
    with stand.database.reading() as session:
        assert people.confirmed_phone(session, oid) == NEW_PHONE
    assert "Телефон изменён" in journey.arrived(stand, journey.ANNA)[-1].text


def test_a_new_address_is_proved_by_a_letter(anna: PageClient, stand: Stand) -> None:
    """S-48: the same for e-mail; a letter holds exactly one code (C-15)."""
    anna.get("/cabinet/profile/mail")
    anna.post("/cabinet/profile/mail", {"action": "send", "contact": NEW_MAIL})
    anna.post("/cabinet/profile/mail", {"action": "code", "code": journey.last_code(stand, NEW_MAIL)})
    with stand.database.reading() as session:
        assert people.confirmed_mail(session, journey.person_of(stand, "anna").oid) == NEW_MAIL
    assert journey.arrived(stand, "anna@pochta.example")[-1].subject == "Почта изменена"


def test_a_confirmation_that_is_too_old_is_asked_for_again(anna: PageClient, stand: Stand) -> None:
    """S-48: and leads back to the page."""
    stand.clock.advance(CONFIRMED_FOR)  # type: ignore[attr-defined]
    page = anna.get("/cabinet/profile/phone", 303)
    assert page.location.endswith("/cabinet/confirm?next=/cabinet/profile/phone")
    anna.get("/cabinet/confirm")
    page = anna.post("/cabinet/profile/phone", {"action": "send", "contact": NEW_PHONE})
    assert page.location.endswith("/cabinet/confirm?next=/cabinet/profile/phone")


def test_whose_a_phone_is_learns_only_its_owner(anna: PageClient, stand: Stand) -> None:
    """S-32: the same page for a phone that is somebody's; told after the code was read, and nothing changes."""
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": journey.IGOR})
    anna.get("/cabinet/profile/phone")
    code = journey.last_code(stand, journey.IGOR)
    page = anna.post("/cabinet/profile/phone", {"action": "code", "code": code}, 409)
    assert "Этот номер подтверждён в другой учётной записи." in page.words
    with stand.database.reading() as session:
        assert people.confirmed_phone(session, journey.person_of(stand, "igor").oid) == journey.IGOR
        assert people.confirmed_phone(session, journey.person_of(stand, "anna").oid) == journey.ANNA


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("phone", "", "Введите номер телефона, 11 цифр."),
        ("phone", "+7 900 123-45-67", "Подходят только учебные номера"),
        ("phone", "+7 000 100-00-01", "Сейчас указан как раз он."),
        ("mail", "anna@gmail.com", "Подходят только учебные адреса"),
    ],
)
def test_mistakes_have_their_own_words(anna: PageClient, kind: str, typed: str, words: str) -> None:
    """U-10, S-72."""
    anna.get(f"/cabinet/profile/{kind}")
    page = anna.post(f"/cabinet/profile/{kind}", {"action": "send", "contact": typed}, 422)
    assert words in page.words


@pytest.mark.usefixtures("still")
def test_codes_cannot_be_asked_for_without_end(anna: PageClient, stand: Stand) -> None:
    """S-39."""
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": NEW_PHONE})
    page = anna.post("/cabinet/profile/phone", {"action": "send", "contact": "+70004000002"}, 429)
    assert page.response.headers["Retry-After"] == "60"
    stand.clock.advance(timedelta(seconds=61))  # type: ignore[attr-defined]
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": "+70004000002"})


@pytest.mark.usefixtures("still")
def test_another_confirmation_is_no_way_around_the_countdown(anna: PageClient, stand: Stand) -> None:
    """S-36, S-39, S-44: it gives the session another token, and the code stays that of the session."""
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": NEW_PHONE})
    anna.get("/cabinet/confirm")
    anna.post("/cabinet/confirm", {"password": PASSWORD})
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": "+70004000002"}, 429)
    anna.post("/cabinet/profile/phone", {"action": "code", "code": journey.last_code(stand, NEW_PHONE)})
    with stand.database.reading() as session:
        assert people.confirmed_phone(session, journey.person_of(stand, "anna").oid) == NEW_PHONE


@pytest.mark.parametrize(
    ("logins", "phones"),
    [([journey.ANNA] * 7, [f"+7000400000{n}" for n in range(7)]), ([VIKTOR] * 3 + [journey.ANNA] * 4, [NEW_PHONE] * 7)],
    ids=["by one account", "to one phone"],
)
@pytest.mark.usefixtures("still")
def test_strangers_are_sent_six_an_hour_over_all_sign_ins(
    sandbox: PageClient, stand: Stand, logins: list[str], phones: list[str]
) -> None:
    """S-39: whoever signs in anew gains nothing by it, so nobody can have a stranger's phone ring without end."""
    for number, (login, phone) in enumerate(zip(logins, phones, strict=True), 1):
        sandbox.follow(journey.give_password(sandbox, None, login))
        journey.give_code(sandbox, None, journey.last_code(stand, login))
        sandbox.get("/cabinet/profile/phone")
        page = sandbox.post("/cabinet/profile/phone", {"action": "send", "contact": phone}, 303 if number < 7 else 429)
        if number < 7:
            sandbox.post("/cabinet/sign-out")
    assert page.response.headers["Retry-After"] == "3600"
    assert "Новый код можно получить через" in page.words


def test_wrong_codes_count_as_those_of_a_sign_in_do(anna: PageClient, app: Flask, stand: Stand) -> None:
    """S-36: guessing the code of a stranger's phone is limited over all codes, and proving one's own is no reset."""
    anna.get("/cabinet/profile/phone")
    anna.post("/cabinet/profile/phone", {"action": "send", "contact": NEW_PHONE})
    code = journey.last_code(stand, NEW_PHONE)
    with app.app_context(), stand.database.writing() as session:
        limit = throttle.factor_limit(journey.person_of(stand, "anna").oid, load())
        for _ in range(limit.lock_after - 1):
            throttle.count_wrong(session, [limit], stand.clock.now())
    anna.post("/cabinet/profile/phone", {"action": "code", "code": journey.other_than(code)}, 422)
    page = anna.post("/cabinet/profile/phone", {"action": "code", "code": code}, 429)
    assert page.screen == "lockout"
    with stand.database.reading() as session:
        assert people.confirmed_phone(session, journey.person_of(stand, "anna").oid) == journey.ANNA


def test_there_are_two_kinds(anna: PageClient) -> None:
    anna.get("/cabinet/profile/pigeon", 404)
