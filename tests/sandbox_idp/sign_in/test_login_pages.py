"""«Вход»: login and password, what is told and what is not."""

from __future__ import annotations

from datetime import timedelta

import nacl.pwhash
import pytest
from sqlmodel import select

from foundation.russian import time_msk
from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import LoginThrottle, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.sign_in import login_pages, password
from sandbox_idp.sign_in.secrecy import keyed_hash
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, ask, at, attached, give_password, sign_in

UNKNOWN = "+70001009999"


def field_error(page: Page, name: str) -> str:
    tag = page.soup.find(id=f"{name}-error")
    return tag.get_text() if tag is not None else ""


def test_the_page_names_the_system_and_has_every_way_on(sandbox: PageClient, stand: Stand) -> None:
    """R-022, R-023, R-025…R-028, U-7: labels, autocomplete, links that lead somewhere."""
    page = sandbox.get(at("/login", ask(stand)))
    assert page.screen == "login"
    assert "Вход для РС ЕГИСЗ" in page.words
    login, password = page.soup.find(id="login"), page.soup.find(id="password")
    assert login is not None
    assert password is not None
    assert login["autocomplete"] == "username"
    assert password["autocomplete"] == "current-password"
    assert not login.has_attr("required")
    for text, screen in (
        ("Я не знаю пароль", "recovery"),
        ("Нет учётной записи? Зарегистрироваться", "register"),
        ("Куда ещё можно войти с паролем от Госуслуг?", "where-else"),
        ("Вход с помощью электронной подписи", "login-signature"),
    ):
        link = page.soup.find("a", string=text) or next(a for a in page.soup.find_all("a") if text in a.get_text())
        target = sandbox.get(str(link["href"]))
        assert target.screen == screen
        assert "request=request-1" in target.text, "the way back keeps the sign-in (R-009)"


def test_password_and_sms_lead_to_the_consent_page(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-138: three steps, then the pending request belongs to the new session."""
    request_id = ask(stand)
    end = sign_in(sandbox, stand, request_id)
    assert end.location == f"{stand.prefix}/consent?request={request_id}"
    (made,) = journey.sessions_of(stand)
    assert attached(stand, request_id) == made.sid
    assert (made.method, made.second_factor) == ("PWD", "otp")
    assert made.expires_at - made.authenticated_at == timedelta(hours=3)
    assert acts == ["signed-in"]


@pytest.mark.parametrize(
    "login",
    ["8 000 100-00-01", "+7 (000) 100-00-01", "7\u00a0000\u200b1000001", "ANNA@pochta.example ", "000-100-101 10"],
)
def test_every_login_in_every_writing_is_the_same_person(sandbox: PageClient, stand: Stand, login: str) -> None:
    """R-015, R-022, U-11, password-spaces: the login is trimmed and cleaned."""
    page = sandbox.follow(give_password(sandbox, ask(stand), login))
    assert page.screen == "login-sms"


def test_without_a_system_the_way_ends_in_the_cabinet(sandbox: PageClient, stand: Stand) -> None:
    page = sandbox.follow(sign_in(sandbox, stand))
    assert page.screen == "cabinet"
    assert "Лесная Анна Сергеевна" in page.words
    assert "подтверждённая" in page.words
    signed_out = sandbox.follow(sandbox.post("/cabinet/sign-out"))
    assert signed_out.screen == "login"
    assert sandbox.get("/cabinet", 303).location.endswith("/login")


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("", "Введите телефон"),
        ("+7 (000) 100-00", "Введите номер телефона полностью: 11 цифр. Сейчас 9."),
        ("8000100000123", "Сейчас 13 цифр."),
        ("+7 000 1OO-00-01", "В номере телефона только цифры."),
        ("+7 (912) 345-67-89", "Это учебный стенд. Подходят только учебные номера: +7 (000)"),
        ("anna@pochta", "Введите адрес электронной почты полностью"),
        ("анна@почта.example", "латинскими буквами"),
        ("anna@mail.ru", "Это учебный стенд. Подходят только учебные адреса"),
        ("anna", "В адресе почты нужен знак @."),
        ("112-233-445 96", "последние две цифры не сходятся"),
        ("112-233-445 95", "Это учебный стенд. Подходят только учебные номера СНИЛС"),
        ("000-100-101 1", "Введите номер СНИЛС полностью: 11 цифр. Сейчас 10."),
    ],
)
def test_a_malformed_login_is_told_at_the_field(
    sandbox: PageClient, stand: Stand, acts: list[str], login: str, words: str
) -> None:
    """login-format, R-101, U-8…U-10, S-72: own words for each mistake, the login stays, nothing is counted."""
    page = give_password(sandbox, ask(stand), login, status=422)
    assert page.screen == "login"
    assert words in " ".join(field_error(page, "login").split())
    title = page.soup.find("title")
    assert title is not None
    assert "Ошибка: " in title.get_text()
    summary = page.soup.find(id="summary")
    assert summary is not None
    assert summary.find("a", href="#login") is not None
    shown = page.soup.find(id="login")
    assert shown is not None
    assert shown.get("value", "") == login
    assert shown["aria-invalid"] == "true"
    assert acts == (["login-format"] if login else [])
    with stand.database.reading() as session:
        assert session.exec(select(LoginThrottle)).all() == []


def test_an_empty_password_is_told(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """U-10."""
    page = give_password(sandbox, ask(stand), ANNA, "", status=422)
    assert field_error(page, "password") == "Введите пароль."
    assert acts == []


def test_a_wrong_password_does_not_say_which_of_the_two(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """password-wrong, C-09, U-9, U-13: one message, login kept, password gone, a way to recovery."""
    page = give_password(sandbox, ask(stand), ANNA, WRONG, status=422)
    assert "Неверный логин или пароль. Проверьте раскладку и Caps Lock." in page.words
    assert "Осталось попыток" not in page.words
    assert "Я не знаю пароль" in page.words
    login, password = page.soup.find(id="login"), page.soup.find(id="password")
    assert login is not None
    assert password is not None
    assert login["value"] == ANNA
    assert not password.has_attr("value")
    assert WRONG not in page.text
    assert acts == ["password-wrong"]
    assert sandbox.follow(give_password(sandbox, "request-1")).screen == "login-sms"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (f" {WRONG}", "В начале или в конце пароля есть пробел"),
        ("Дфьзф-Яудутфнф-27", "Пароль набран русскими буквами."),
        ("LAMPA-ZELENAYA-27", "Пароль набран одними заглавными буквами."),
    ],
)
def test_the_hint_follows_from_what_was_typed(sandbox: PageClient, stand: Stand, typed: str, hint: str) -> None:
    """password-layout, password-spaces, R-021, R-097: the same for a login that does not exist."""
    for login in (ANNA, UNKNOWN):
        assert hint in give_password(sandbox, None, login, typed, status=422).words


def test_a_password_with_a_space_around_it_is_not_trimmed(sandbox: PageClient, stand: Stand) -> None:
    """R-097, S-28: the space is part of the password."""
    give_password(sandbox, None, ANNA, f"{PASSWORD} ", status=422)


@pytest.mark.parametrize("login", [ANNA, UNKNOWN])
def test_the_fifth_wrong_password_locks_for_a_quarter_of_an_hour(
    sandbox: PageClient, stand: Stand, login: str, acts: list[str]
) -> None:
    """lockout, U-5, U-13, S-32, S-34: tries left from the third, lock at the fifth, known or not."""
    stand.clock.freeze(True)
    ask(stand)
    left = [
        "Осталось попыток: " + str(count) if f"Осталось попыток: {count}" in page.words else ""
        for page, count in ((give_password(sandbox, "request-1", login, WRONG, 422), 5 - n) for n in range(1, 5))
    ]
    assert left == ["", "", "Осталось попыток: 2", "Осталось попыток: 1"]
    page = give_password(sandbox, "request-1", login, WRONG, 429)
    assert page.screen == "lockout"
    until = stand.clock.now() + timedelta(minutes=15)
    assert f"Повторить можно через 15 мин , в {time_msk(until)}".replace("\u00a0", " ") in page.words
    assert page.response.headers["Retry-After"] == "900"
    assert page.soup.find(attrs={"data-ref": True}) is not None
    assert [act for act in acts if act == "password-wrong"] == ["password-wrong"] * 5


def test_tries_during_a_lock_do_not_prolong_it_and_it_ends(sandbox: PageClient, stand: Stand) -> None:
    """lockout, U-13: the right password waits as well, then counting begins anew and it opens."""
    stand.clock.freeze(True)
    request_id = ask(stand)
    for _ in range(4):
        give_password(sandbox, request_id, ANNA, WRONG, 422)
    give_password(sandbox, request_id, ANNA, WRONG, 429)
    stand.clock.advance(timedelta(minutes=10))
    page = give_password(sandbox, request_id, ANNA, PASSWORD, 429)
    assert page.response.headers["Retry-After"] == "300"
    stand.clock.advance(timedelta(minutes=5))
    assert "Осталось попыток" not in give_password(sandbox, request_id, ANNA, WRONG, 422).words
    assert sandbox.follow(give_password(sandbox, request_id)).screen == "login-sms"


def test_the_right_password_begins_the_count_anew(sandbox: PageClient, stand: Stand) -> None:
    """S-34: four wrong ones, the right one, four wrong ones: no lock."""
    for _ in range(2):
        for _ in range(4):
            give_password(sandbox, None, ANNA, WRONG, 422)
        give_password(sandbox, None)


def test_logins_are_counted_apart(sandbox: PageClient, stand: Stand) -> None:
    """S-32: what was typed is counted, so a lock tells nothing of who belongs together."""
    for _ in range(4):
        give_password(sandbox, None, ANNA, WRONG, 422)
    give_password(sandbox, None, ANNA, WRONG, 429)
    assert give_password(sandbox, None, "anna@pochta.example", WRONG, 422).screen == "login"
    give_password(sandbox, None, "anna@pochta.example")


def test_one_network_address_may_do_a_hundred_times_as_much(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-34: 500 wrong passwords from one address, over all logins, then it waits too; here two times as much."""
    strict = load()
    assert strict.tries.address_factor == 100
    tries = strict.tries.model_copy(update={"address_factor": 2})
    monkeypatch.setattr(login_pages, "current_policy", lambda: strict.model_copy(update={"tries": tries}))
    monkeypatch.setattr(passwords, "verify", lambda _stored, _password: False)
    sandbox.get("/login")
    for number in range(10):
        sandbox.post("/login", {"login": f"+700020000{number // 3:02d}", "password": WRONG}, 422)
    sandbox.post("/login", {"login": "+70003000000", "password": WRONG}, 429)
    stand.clock.advance(timedelta(minutes=15, seconds=1))
    sandbox.post("/login", {"login": "+70003000000", "password": WRONG}, 422)


@pytest.mark.parametrize("login", [ANNA, UNKNOWN])
def test_each_lock_in_a_row_is_longer_but_none_is_longer_than_four_hours(
    sandbox: PageClient, stand: Stand, login: str
) -> None:
    """S-34: capped back-off, so that an attacker cannot keep an account locked; the right password ends it."""
    stand.clock.freeze(True)
    waits = [lock_out(sandbox, stand, login) for _ in range(6)]
    assert waits == ["900", "1800", "3600", "7200", "14400", "14400"]


def test_after_a_hundred_wrong_passwords_in_a_row_only_recovery_opens(sandbox: PageClient, stand: Stand) -> None:
    """S-34, NIST SP 800-63B: waiting does not help any more, and the page says what does."""
    stand.clock.freeze(True)
    ask(stand)
    key = login_key(ANNA)
    with stand.database.writing() as session:
        session.add(LoginThrottle(login_hash=key, failures=0, locks=19))
    for _ in range(4):
        give_password(sandbox, "request-1", ANNA, WRONG, 422)
    page = give_password(sandbox, "request-1", ANNA, WRONG, 429)
    assert page.screen == "lockout"
    assert "Восстановите пароль" in page.words
    assert "Retry-After" not in page.response.headers
    stand.clock.advance(timedelta(days=30))
    assert give_password(sandbox, None, ANNA, PASSWORD, 429).screen == "lockout"
    with journey.app_of_the_tests().app_context(), stand.database.writing() as session:
        password.forget_wrong(session, journey.person_of(stand, "anna"))
    give_password(sandbox, None, ANNA, PASSWORD)


def lock_out(sandbox: PageClient, stand: Stand, login: str) -> str:
    """Five wrong passwords; how many seconds the lock lasts. It is waited for."""
    with stand.database.writing() as session:
        row = session.get(LoginThrottle, login_key(login))
        if row is None:
            row = LoginThrottle(login_hash=login_key(login))
        # Four of the five are put there: what is measured is the lock, not the way to it.
        row.failures, row.locked_until = 4, None
        session.add(row)
    page = give_password(sandbox, None, login, WRONG, 429)
    seconds = page.response.headers["Retry-After"]
    stand.clock.advance(timedelta(seconds=int(seconds)))
    return seconds


def login_key(login: str) -> str:
    """Under what wrong passwords of a phone are counted."""
    with journey.app_of_the_tests().app_context():
        return keyed_hash("login", f"phone|{login}")


@pytest.mark.parametrize(
    ("known", "unknown", "tries"),
    [
        (ANNA, UNKNOWN, 5),
        ("anna@pochta.example", "nobody@pochta.example", 1),
        ("000-100-101 10", "000-300-300 27", 1),
    ],
    ids=["phone", "mail", "snils"],
)
def test_known_and_unknown_logins_cannot_be_told_apart(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch, *, known: str, unknown: str, tries: int
) -> None:
    """S-32: same status, headers and text, and exactly one Argon2id verification each, up to the lock."""
    counted: list[bytes] = []
    real = nacl.pwhash.verify

    def counting(stored: bytes, password: bytes) -> bool:
        counted.append(stored)
        return real(stored, password)

    monkeypatch.setattr(nacl.pwhash, "verify", counting)
    stand.clock.freeze(True)
    for number in range(tries):
        seen = []
        for login in (known, unknown):
            counted.clear()
            page = give_password(sandbox, None, login, WRONG, 429 if number == 4 else 422)
            (stored,) = counted
            assert journey.is_as_dear_as_any(stored), "the work is the same, whoever it is for"
            seen.append(journey.seen(page, login))
        assert seen[0] == seen[1]


def test_a_deleted_account_is_like_none_and_a_blocked_one_is_told_after_the_password(
    sandbox: PageClient, stand: Stand
) -> None:
    """Rules of the failure catalogue: own words only after the right password."""
    set_state(stand, "blocked")
    wrong = give_password(sandbox, None, ANNA, WRONG, 422)
    assert "Неверный логин или пароль" in wrong.words
    page = give_password(sandbox, None, ANNA, PASSWORD, 403)
    assert page.screen == "account-blocked"
    assert journey.arrived(stand) == []
    set_state(stand, "deleted")
    assert "Неверный логин или пароль" in give_password(sandbox, None, ANNA, PASSWORD, 422).words


def set_state(stand: Stand, state: str) -> None:
    with stand.database.writing() as session:
        person = session.get_one(Person, journey.person_of(stand, "anna").oid)
        person.state = state
        session.add(person)


def test_a_hash_with_old_parameters_is_made_anew(sandbox: PageClient, stand: Stand) -> None:
    """S-30: on the next right password."""
    old = nacl.pwhash.argon2id.str(PASSWORD.encode(), opslimit=1, memlimit=8 * 1024 * 1024).decode()
    with stand.database.writing() as session:
        person = session.get_one(Person, journey.person_of(stand, "anna").oid)
        person.password_hash = old
        session.add(person)
    give_password(sandbox, None)
    new = journey.person_of(stand, "anna").password_hash
    assert new != old
    assert not passwords.needs_rehash(new)
    assert passwords.verify(new, PASSWORD)


def test_too_many_at_once_are_asked_to_come_again(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-30: the gate is full, nothing is counted."""
    full = passwords.Gate(1, wait=timedelta(0))
    monkeypatch.setattr(passwords, "gate", full)
    with full.passing():
        page = give_password(sandbox, ask(stand), ANNA, WRONG, 503)
    assert page.screen == "busy"
    assert "Retry-After" in page.response.headers
    with stand.database.reading() as session:
        assert session.exec(select(LoginThrottle)).all() == []


def test_a_request_that_is_gone_is_explained(sandbox: PageClient, stand: Stand) -> None:
    """Unknown, or older than its sixty minutes: back to the site that asked."""
    page = sandbox.get("/login?request=unknown", 400)
    assert page.screen == "login-stale"
    assert "Вход устарел" in page.words
    assert "нажмите «Войти через Госуслуги» ещё раз" in page.words
    request_id = ask(stand)
    sandbox.get(at("/login", request_id))
    stand.clock.advance(timedelta(minutes=61))
    assert sandbox.post(at("/login", request_id), {"login": ANNA, "password": PASSWORD}, 400).screen == "login-stale"


def test_a_form_may_end_at_the_system_that_asked_and_nowhere_else(sandbox: PageClient, stand: Stand) -> None:
    """S-52: browsers apply `form-action` to the whole chain of redirects behind the form."""
    policy = sandbox.get(at("/login", ask(stand))).response.headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:8000;" in policy
    assert "form-action 'self';" in sandbox.get("/login").response.headers["Content-Security-Policy"]


def test_pages_are_not_stored_and_say_what_they_are(sandbox: PageClient, stand: Stand) -> None:
    """S-50, S-72: no-store, noindex, the stripe."""
    page = sandbox.get(at("/login", ask(stand)))
    assert page.response.headers["Cache-Control"] == "no-store"
    assert 'content="noindex, nofollow"' in page.text
    assert "Учебный стенд — не вводите настоящие данные" in page.words
