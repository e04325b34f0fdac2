"""The first step and its code: what the pages tell, whom they tell it, and how often (S-32, S-36, S-39)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import OneTimeCode, Person
from sandbox_idp.context import Stand
from sandbox_idp.registration.models import Registration
from tests.pages import Page, PageClient
from tests.sandbox_idp.registration.wizard import FIELDS, PHONE, all_of, give_code, give_four, register, with_values
from tests.sandbox_idp.sign_in.journey import ANNA, arrived, last_code, other_than

ANNAS = "+7 (000) 100-00-01"


@pytest.mark.parametrize(
    ("field", "typed", "words", "act"),
    [
        ("surname", "Yaseneva", "Введите фамилию русскими буквами. Проверьте раскладку.", "register-bad-name"),
        ("name", "", "Введите имя.", "register-bad-name"),
        ("phone", "12", "Введите номер телефона полностью: 11\u00a0цифр. Сейчас 2.", "register-bad-phone"),
        (
            "phone",
            "+7 910 123-45-67",
            "Это учебный стенд. Подходят только учебные номера: +7 (000) 000-00-00.",
            "register-bad-phone",
        ),
        (
            "email",
            "зоя@почта",
            "Адрес электронной почты пишут латинскими буквами. Проверьте раскладку.",
            "register-bad-email",
        ),
        (
            "email",
            "zoya@mail.ru",
            "Это учебный стенд. Подходят только учебные адреса: они оканчиваются на .example.",
            "register-bad-email",
        ),
    ],
)
def test_a_mistake_stands_on_its_field(
    sandbox: PageClient, stand: Stand, acts: list[str], *, field: str, typed: str, words: str, act: str
) -> None:
    """R-005, U-8…U-10: field, summary and title say it, everything else that was typed is kept, nothing is stored."""
    sandbox.get("/register")
    page = sandbox.post("/register", {**FIELDS, field: typed}, 422)
    (link,) = page.soup.select("#summary a")
    assert (link["href"], link.get_text()) == (f"#{field}", words)
    assert page.soup.select_one(f"#{field}[aria-invalid=true]")
    kept = page.form("/register")
    assert {name: kept[name] for name in FIELDS if name != field} == {
        name: value for name, value in FIELDS.items() if name != field
    }
    assert acts == [act]
    assert all_of(stand, Registration) == []


def _without_times(page: Page) -> str:
    text = re.sub(r"\d\d:\d\d", "", page.text)
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r'(datetime="PT|data-countdown=")\d+', "", re.sub(r"\d+\s(мин|с)\b", "", text))


def _headers(page: Page) -> Mapping[str, str]:
    return {
        name: re.sub(r"[\w.-]{30,}|Expires=[^;]+", "", value)
        for name, value in page.response.headers.items()
        if name not in ("Date", "Content-Length")
    }


def test_a_known_phone_and_an_unknown_one_are_answered_alike(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-32: status, headers and text of every answer up to the wrong code, and no hash is made for either, counted."""
    counted: list[str] = []
    monkeypatch.setattr(passwords, "verify", lambda *_: counted.append("verify"))
    monkeypatch.setattr(passwords, "hash_password", lambda _: counted.append("hash"))

    def answers(phone: str) -> list[Page]:
        sandbox.client._cookies = {}  # Another browser.
        return [
            give_four(sandbox, phone=phone),
            sandbox.get("/register/code"),
            sandbox.post("/register/code", {"code": "000000"}, 422),
            sandbox.post("/register/code", {"action": "resend"}, 429),
        ]

    known, unknown = answers(ANNAS), answers("+7 (000) 100-00-99")
    for one, other in zip(known, unknown, strict=True):
        assert (one.status, _headers(one)) == (other.status, _headers(other))
        assert _without_times(one).replace("100-00-01", "").replace("0001000001", "") == _without_times(other).replace(
            "100-00-99", ""
        ).replace("0001000099", "")
    assert counted == []


def test_the_owner_of_the_phone_is_told_and_no_code_works(
    sandbox: PageClient, stand: Stand, acts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """register-phone-taken: the message offers sign-in and recovery, and the code in nobody's hands opens nothing."""
    known: list[str] = []
    digits = type(stand.ids).digits
    monkeypatch.setattr(type(stand.ids), "digits", lambda ids, count: known.append(digits(ids, count)) or known[-1])
    give_four(sandbox, phone=ANNAS)
    (message,) = arrived(stand)
    assert message.code is None
    assert f"{stand.idp_url}/login" in message.text
    assert f"{stand.idp_url}/recovery" in message.text
    assert not re.search(rf"(?<!\d)({'|'.join(known)})(?!\d)", message.text)
    assert acts == ["register-phone-taken"]
    sandbox.get("/register/code")
    sandbox.post("/register/code", {"code": other_than(known[-1])}, 422)
    assert len([each for each in all_of(stand, Person) if each.persona == "anna"]) == 1


def test_a_double_click_sends_one_code(sandbox: PageClient, stand: Stand) -> None:
    """U-17: the page's own random value makes the second press find the row of the first."""
    page = sandbox.get("/register")
    values = with_values(page, "/register", FIELDS)
    sandbox.post("/register", values)
    sandbox.client._cookies = {
        key: value for key, value in (sandbox.client._cookies or {}).items() if "form" in value.key
    }
    sandbox.post("/register", values)
    assert len(all_of(stand, Registration)) == 1
    assert len(arrived(stand, PHONE)) == 1
    give_code(sandbox, stand)


def test_going_back_to_correct_something_keeps_the_code(sandbox: PageClient, stand: Stand) -> None:
    """«Изменить номер»: with the same number the code stays good; with another one a new registration begins."""
    give_four(sandbox)
    first = last_code(stand, PHONE)
    page = sandbox.get("/register?change=yes")
    assert page.form("/register")["surname"] == "Ясенева"
    sandbox.post("/register", {**page.form("/register"), "name": "Зоряна", "consent": "yes"})
    (row,) = all_of(stand, Registration)
    assert (row.name, last_code(stand, PHONE)) == ("Зоряна", first)
    page = sandbox.get("/register?change=yes")
    sandbox.post("/register", {**page.form("/register"), "phone": "+7 (000) 300-00-02", "consent": "yes"})
    (row,) = all_of(stand, Registration)
    assert row.phone == "+70003000002"
    sandbox.get("/register/code")
    sandbox.post("/register/code", {"code": first}, 422)


def test_wrong_late_and_earlier_codes_are_told_apart(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-sms-wrong, register-sms-expired, S-36: three tries, five minutes, the newest only."""
    give_four(sandbox)
    sandbox.get("/register/code")
    code = last_code(stand, PHONE)
    words = [sandbox.post("/register/code", {"code": other_than(code)}, 422).words for _ in range(3)]
    for said, wanted in zip(words, ("попыток: 2", "попыток: 1", "Попытки кончились. Получите новый код."), strict=True):
        assert wanted in said
    sandbox.post("/register/code", {"code": code}, 422)
    stand.clock.advance(timedelta(seconds=61))
    sandbox.post("/register/code", {"action": "resend"})
    sandbox.get("/register/code")
    assert "Это код из прошлого СМС." in sandbox.post("/register/code", {"code": code}, 422).words
    stand.clock.advance(timedelta(minutes=5))
    late = sandbox.post("/register/code", {"code": last_code(stand, PHONE)}, 422)
    assert "Код истёк. Получите новый." in late.words
    assert acts.count("register-sms-wrong") == 4
    assert acts[-1] == "register-sms-expired"


def test_five_codes_an_hour_may_be_asked_for_again(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-sms-limit, R-145, S-39, U-5: then the page says when, and other browsers get none either."""
    give_four(sandbox)
    sandbox.get("/register/code")
    for _ in range(5):
        stand.clock.advance(timedelta(seconds=61))
        sandbox.post("/register/code", {"action": "resend"})
    stand.clock.advance(timedelta(seconds=61))
    page = sandbox.post("/register/code", {"action": "resend"}, 429)
    assert "За этот час вы получили все коды, какие можно." in page.words
    assert int(page.response.headers["Retry-After"]) > 50 * 60
    sandbox.client._cookies = {}
    page = give_four(sandbox, status=429)
    assert "На этот номер отправили слишком много кодов." in page.words
    assert acts == ["register-sms-limit", "register-sms-limit"]
    assert len(all_of(stand, OneTimeCode)) == 6
    stand.clock.advance(timedelta(hours=1))
    give_four(sandbox)


def test_a_deleted_account_may_be_registered_again(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-deleted: told only after the phone was proved; the contact goes over to the new account."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, 1000100001)
        anna.state = "deleted"
        session.add(anna)
    give_four(sandbox, phone=ANNAS)
    assert "удалили" not in sandbox.get("/register/code").words
    page = sandbox.follow(give_code(sandbox, stand, phone=ANNA))
    assert "Учётную запись с этим номером удалили. Вы можете зарегистрироваться заново" in page.words
    assert acts == ["account-deleted-again"]


def test_the_new_owner_of_a_deleted_accounts_phone(sandbox: PageClient, stand: Stand) -> None:
    """The whole way: one phone, one living account."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, 1000100001)
        anna.state = "deleted"
        session.add(anna)
    page = sandbox.follow(register(sandbox, stand, phone=ANNAS))
    assert page.screen == "register-done"
