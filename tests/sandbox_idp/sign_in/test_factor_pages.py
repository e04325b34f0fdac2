"""The second step: codes by SMS and of the app, the choice, and switching SMS on."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Contact, OneTimeCode, Person
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from sandbox_idp.stands.house import House
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import (
    ANNA,
    IGOR,
    KIRILL,
    NINA,
    ask,
    at,
    attached,
    give_code,
    give_password,
    last_code,
    other_than,
)


@pytest.fixture
def request_id(stand: Stand) -> str:
    stand.clock.freeze(True)
    return ask(stand)


@pytest.fixture
def asked(sandbox: PageClient, request_id: str) -> Page:
    """anna's password is given, the page asks for the code."""
    return sandbox.follow(give_password(sandbox, request_id))


def error(page: Page) -> str:
    tag = page.soup.find(id="code-error")
    return tag.get_text() if tag is not None else ""


def resend(sandbox: PageClient, request_id: str | None, status: int = 303) -> Page:
    return sandbox.post(at("/login/sms", request_id), {"action": "resend"}, status)


def replay(sandbox: PageClient, stand: Stand, kept: list[tuple[str, str]]) -> None:
    """Put the cookies of before back, as somebody with a copy of them would."""
    for key, value in kept:
        sandbox.client.set_cookie(key, value, domain="127.0.0.1", path=stand.prefix)


def totp(stand: Stand, persona: str, steps: int = 0) -> str:
    """What the person's app shows, so many steps from now."""
    secret = journey.person_of(stand, persona).totp_secret
    assert secret is not None
    return pyotp.TOTP(secret).at(stand.clock.refresh() + timedelta(seconds=30 * steps))


# Codes by SMS


def test_the_page_asks_for_one_code_in_one_field(asked: Page, stand: Stand) -> None:
    """U-14: one field, numeric, one-time-code, masked phone, term, countdown, help."""
    assert asked.screen == "login-sms"
    fields = [field for field in asked.soup.find_all("input") if field.get("type") != "hidden"]
    assert [field["id"] for field in fields] == ["code"]
    assert fields[0]["inputmode"] == "numeric"
    assert fields[0]["autocomplete"] == "one-time-code"
    assert "+7 000 •••-••-01" in asked.words
    assert "1000001" not in asked.text
    assert "Не пришёл код?" in asked.words
    assert "Подтвердить" in asked.words
    countdown = asked.soup.find(attrs={"data-countdown": True})
    assert countdown is not None
    assert countdown["data-countdown"] == "60"


def test_the_message_is_bound_to_the_site(asked: Page, stand: Stand) -> None:
    """U-14, S-37: the last line names host and code; the table holds no code."""
    (message,) = journey.arrived(stand)
    assert message.code is not None
    assert re.fullmatch(r"\d{6}", message.code)
    assert message.text == (
        f"Код для входа в РС ЕГИСЗ: {message.code}. Никому не сообщайте.\n@127.0.0.1 #{message.code}"
    )
    with stand.database.reading() as session:
        (stored,) = session.exec(select(OneTimeCode))
    assert message.code not in stored.model_dump_json()
    assert message.code not in asked.text


def test_spaces_in_the_code_do_not_matter(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """U-11, U-14: a pasted `418 205` or `418-205` is right."""
    code = last_code(stand)
    assert "/consent" in give_code(sandbox, request_id, f" {code[:3]}\u00a0-{code[3:]}\u200b").location


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Введите код из СМС, 6 цифр."),
        ("41820", "Введено 5 из 6 цифр."),
        ("4182055", "В коде 6 цифр, а введено 7. Уберите лишние."),
        ("41820O", "В коде только цифры. Уберите буквы и другие знаки."),
    ],
)
def test_an_incomplete_code_costs_no_try(
    sandbox: PageClient, asked: Page, stand: Stand, *, request_id: str, acts: list[str], typed: str, words: str
) -> None:
    """sms-short, R-098, U-9, U-10: the field is cleared, the words say what is missing."""
    for _ in range(4):
        page = give_code(sandbox, request_id, typed, 422)
        assert " ".join(error(page).split()) == words
        field = page.soup.find(id="code")
        assert field is not None
        assert not field.has_attr("value")
    assert acts == (["sms-short"] * 4 if typed == "41820" else [])
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_a_wrong_code_tells_how_many_tries_are_left(
    sandbox: PageClient, asked: Page, stand: Stand, request_id: str, acts: list[str]
) -> None:
    """sms-wrong: then the right one."""
    page = give_code(sandbox, request_id, other_than(last_code(stand)), 422)
    assert page.screen == "login-sms"
    assert error(page) == "Код не подошёл. Осталось попыток: 2"
    assert acts == ["sms-wrong"]
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_after_three_wrong_codes_the_sign_in_starts_over(
    sandbox: PageClient, asked: Page, stand: Stand, request_id: str, acts: list[str]
) -> None:
    """sms-attempts, S-36, S-60: says why; the right code is worth nothing any more; a new start works."""
    code = last_code(stand)
    for _ in range(2):
        give_code(sandbox, request_id, other_than(code), 422)
    page = give_code(sandbox, request_id, other_than(code), 422)
    assert page.screen == "login-start-over"
    assert "Попытки для этого кода закончились." in page.words
    assert acts == [*["sms-wrong"] * 3, "sms-attempts"]
    sandbox.get(at("/login", request_id))
    assert give_code(sandbox, request_id, code).location.endswith(f"/login?request={request_id}")
    assert attached(stand, request_id) is None
    sandbox.follow(give_password(sandbox, request_id))
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_a_code_lives_five_minutes(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """sms-expired: says so, costs no try, and a new one is at hand."""
    code = last_code(stand)
    stand.clock.advance(timedelta(minutes=5))
    for _ in range(4):
        page = give_code(sandbox, request_id, code, 422)
        assert error(page) == "Код истёк. Получите новый."
    sandbox.follow(resend(sandbox, request_id))
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


@pytest.mark.usefixtures("still")
def test_a_new_code_can_be_had_after_a_minute(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """sms-lost, R-145, S-39: earlier it says when, in words and in `Retry-After`."""
    stand.clock.advance(timedelta(seconds=18))
    page = resend(sandbox, request_id, 429)
    assert "Новый код можно получить через 42 с" in " ".join(error(page).split())
    assert page.response.headers["Retry-After"] == "42"
    assert len(journey.arrived(stand)) == 1
    stand.clock.advance(timedelta(seconds=42))
    assert sandbox.follow(resend(sandbox, request_id)).screen == "login-sms"
    assert len(journey.arrived(stand)) == 2


def test_only_the_newest_code_works(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """sms-late: the older one is named as such, costs no try, and is struck through on the phone."""
    old = last_code(stand)
    stand.clock.advance(timedelta(minutes=1))
    sandbox.follow(resend(sandbox, request_id))
    assert last_code(stand) != old
    for _ in range(4):
        page = give_code(sandbox, request_id, old, 422)
        assert error(page) == "Это код из прошлого СМС. Подходит только код из последнего."
    first, second = journey.arrived(stand)
    assert first.replaced_at is not None
    assert second.replaced_at is None
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_five_new_codes_an_hour_are_enough(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """S-39, R-145: the sixth has to wait until the hour since the first is over, in a new sign-in too."""
    for _ in range(5):
        stand.clock.advance(timedelta(minutes=1))
        resend(sandbox, request_id)
    stand.clock.advance(timedelta(minutes=1))
    sandbox.get(at("/login/sms", request_id))
    page = resend(sandbox, request_id, 429)
    assert page.response.headers["Retry-After"] == str(55 * 60)
    sandbox.follow(give_password(sandbox, request_id))
    stand.clock.advance(timedelta(minutes=1))
    resend(sandbox, request_id, 429)
    stand.clock.advance(timedelta(minutes=54))
    sandbox.follow(give_password(sandbox, ask(stand, "request-2")))
    stand.clock.advance(timedelta(minutes=1))
    sandbox.follow(resend(sandbox, "request-2"))


def test_a_code_is_worth_nothing_in_another_browser(
    sandbox: PageClient, asked: Page, stand: Stand, request_id: str
) -> None:
    """S-36, S-60: it is bound to the attempt of the browser that gave the password."""
    stranger = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    stranger.get(at("/login", request_id))
    code = last_code(stand)
    assert give_code(stranger, request_id, code).location.endswith(f"/login?request={request_id}")
    stranger.follow(give_password(stranger, request_id))
    assert error(give_code(stranger, request_id, code, 422)).startswith("Код не подошёл")


def test_a_code_works_once(sandbox: PageClient, asked: Page, stand: Stand, request_id: str) -> None:
    """S-36, S-17, U-17: a second click goes where the first one led, without a second session."""
    code = last_code(stand)
    before = [(cookie.key, cookie.value) for cookie in (sandbox.client._cookies or {}).values()]
    token = asked.soup.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    give_code(sandbox, request_id, code)
    replay(sandbox, stand, before)
    again = sandbox.post(at("/login/sms", request_id), {"code": code, "csrf_token": token["value"]})
    assert "/consent" in again.location
    assert len(journey.sessions_of(stand)) == 1
    with stand.database.reading() as session:
        assert [stored.used_at is not None for stored in session.exec(select(OneTimeCode))] == [True]


def test_a_lost_message_is_shown_nowhere_and_the_next_one_arrives(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sms-lost: the person gets a new code after the countdown."""
    lost: list[bool] = [True]

    def lose(point: Point, value: object) -> object:
        if point is Point.MESSAGE and isinstance(value, MessageDraft):
            value.lost = lost.pop() if lost else False
        return value

    monkeypatch.setattr(engine, "transform", lose)
    sandbox.follow(give_password(sandbox, request_id))
    assert journey.arrived(stand) == []
    stand.clock.advance(timedelta(minutes=1))
    sandbox.follow(resend(sandbox, request_id))
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_a_wrong_code_too_often_locks_the_person_s_factor(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-36: whoever knows the password cannot guess codes for ever, sign-in after sign-in."""
    for _ in range(5):
        sandbox.follow(give_password(sandbox, request_id))
        for _ in range(3):
            page = give_code(sandbox, request_id, other_than(last_code(stand)), 422)
    assert page.screen == "login-start-over"
    locked = give_password(sandbox, request_id, status=429)
    assert locked.screen == "lockout"
    assert "Коды подтверждения много раз введены неверно." in locked.words
    stand.clock.advance(timedelta(minutes=15))
    sandbox.follow(give_password(sandbox, request_id))
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


@pytest.mark.parametrize("login", [ANNA, IGOR])
def test_wrong_codes_count_only_in_a_row(sandbox: PageClient, stand: Stand, request_id: str, login: str) -> None:
    """S-36: whoever gets it right in the end is never locked, however often they mistype."""
    for number in range(8):
        mine = ask(stand, f"row-{number}")
        browser = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
        browser.follow(give_password(browser, mine, login))
        path = "/login/sms" if login == ANNA else "/login/totp"
        wrong = other_than(last_code(stand)) if login == ANNA else far_from(stand, "igor")
        for _ in range(2):
            give_code(browser, mine, wrong, 422, path)
        right = last_code(stand) if login == ANNA else totp(stand, "igor")
        assert "/consent" in give_code(browser, mine, right, path=path).location
        stand.clock.advance(timedelta(seconds=30))


# The authenticator app


@pytest.fixture
def asked_app(sandbox: PageClient, request_id: str) -> Page:
    """igor's password is given, the page asks for the app's code."""
    return sandbox.follow(give_password(sandbox, request_id, IGOR))


def give_totp(sandbox: PageClient, request_id: str, code: str, status: int = 303) -> Page:
    return give_code(sandbox, request_id, code, status, "/login/totp")


def test_the_code_of_the_app_signs_in(sandbox: PageClient, asked_app: Page, stand: Stand, request_id: str) -> None:
    """R-127, S-10, S-42: another way than SMS, and `acr` will say totp."""
    assert asked_app.screen == "login-totp"
    assert journey.arrived(stand, IGOR) == []
    assert "/consent" in give_totp(sandbox, request_id, totp(stand, "igor")).location
    (made,) = journey.sessions_of(stand)
    assert made.second_factor == "totp"


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_step_to_either_side_is_right(
    sandbox: PageClient, asked_app: Page, stand: Stand, request_id: str, steps: int
) -> None:
    """S-38."""
    assert "/consent" in give_totp(sandbox, request_id, totp(stand, "igor", steps)).location


@pytest.mark.parametrize("steps", [-2, 2, 15])
def test_a_phone_whose_clock_is_off_is_told_how_to_set_it(
    sandbox: PageClient, asked_app: Page, stand: Stand, request_id: str, steps: int
) -> None:
    """totp-skew, S-38: refused, with the way to a right clock."""
    page = give_totp(sandbox, request_id, totp(stand, "igor", steps), 422)
    assert "Код не подошёл. Осталось попыток: 2" in page.words
    assert "часы телефона спешат или отстают" in page.words
    assert "/consent" in give_totp(sandbox, request_id, totp(stand, "igor")).location


def far_from(stand: Stand, persona: str) -> str:
    """A code that no step within reach shows."""
    person, now = journey.person_of(stand, persona), stand.clock.refresh()
    return next(
        code
        for code in (f"{number:06d}" for number in range(1000))
        if people.totp_step(person.totp_secret, code, now, reach=20) is None
    )


def test_a_wrong_code_of_the_app(
    sandbox: PageClient, asked_app: Page, stand: Stand, request_id: str, acts: list[str]
) -> None:
    """totp-wrong, S-60: tries left, then the sign-in starts over; a copy of the cookie is worth nothing."""
    code = far_from(stand, "igor")
    before = [(cookie.key, cookie.value) for cookie in (sandbox.client._cookies or {}).values()]
    page = give_totp(sandbox, request_id, code, 422)
    assert error(page) == "Код не подошёл. Осталось попыток: 2"
    assert "спешат или отстают" not in page.words
    give_totp(sandbox, request_id, code, 422)
    assert give_totp(sandbox, request_id, code, 422).screen == "login-start-over"
    assert acts == ["totp-wrong"] * 3
    replay(sandbox, stand, before)
    sandbox.get(at("/login", request_id))
    assert give_totp(sandbox, request_id, totp(stand, "igor")).location.endswith(f"/login?request={request_id}")


def test_a_step_works_once(sandbox: PageClient, asked_app: Page, stand: Stand, request_id: str) -> None:
    """totp-replay, S-38: the same code in a second sign-in has to wait for the next one."""
    code = totp(stand, "igor")
    give_totp(sandbox, request_id, code)
    second = ask(stand, "request-2")
    other = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    other.follow(give_password(other, second, IGOR))
    page = give_totp(other, second, code, 422)
    assert "Этот код уже использован. Дождитесь следующего" in error(page)
    assert "Этот код уже использован." in error(give_totp(other, second, totp(stand, "igor", -1), 422))
    stand.clock.advance(timedelta(seconds=30))
    assert "Введите тот, который приложение показывает сейчас." in error(give_totp(other, second, code, 422))
    assert "/consent" in give_totp(other, second, totp(stand, "igor")).location


def test_the_app_goes_by_the_stand_s_clock(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-38, S-74: after the clock was moved, the app shows what the stand accepts."""
    stand.clock.advance(timedelta(minutes=50))
    sandbox.follow(give_password(sandbox, request_id, IGOR))
    shown = people.totp_now(journey.person_of(stand, "igor"), stand.clock.now())
    assert shown is not None
    assert "/consent" in give_totp(sandbox, request_id, shown.code).location


# The choice


def test_with_two_factors_one_is_chosen(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-42: nina has both; no SMS goes out before she wants one; she can change her mind."""
    page = sandbox.follow(give_password(sandbox, request_id, NINA))
    assert page.screen == "login-factor"
    assert "+7 000 •••-••-09" in page.words
    assert journey.arrived(stand, NINA) == []
    page = sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "sms"}))
    assert page.screen == "login-sms"
    (other,) = [link for link in page.soup.find_all("a") if "Другой способ" in link.get_text()]
    sandbox.get(str(other["href"]))
    page = sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "totp"}))
    assert page.screen == "login-totp"
    assert "Другой способ" in page.words
    assert "/consent" in give_totp(sandbox, request_id, totp(stand, "nina")).location


def test_choosing_sms_twice_within_a_minute_sends_one(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-39: back and again is no way around the countdown."""
    sandbox.follow(give_password(sandbox, request_id, NINA))
    for _ in range(2):
        page = sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "sms"}))
        assert page.screen == "login-sms"
        sandbox.get(at("/login/factor", request_id))
    assert len(journey.arrived(stand, NINA)) == 1


@pytest.mark.parametrize("factor", ["push", "", "totp"])
def test_a_factor_that_the_person_has_not_cannot_be_chosen(
    sandbox: PageClient, asked: Page, request_id: str, factor: str
) -> None:
    """S-60."""
    sent = sandbox.post(at("/login/factor", request_id), {"factor": factor})
    assert sandbox.follow(sent, 303).location.endswith(f"/login/sms?request={request_id}")


# Nobody skips a step


@pytest.mark.parametrize("path", ["/login/factor", "/login/sms", "/login/totp", "/login/enrol-sms"])
def test_no_page_of_a_factor_opens_without_the_password(
    sandbox: PageClient, stand: Stand, request_id: str, path: str
) -> None:
    """S-60: by address and by form."""
    back = f"{stand.prefix}/login?request={request_id}"
    assert sandbox.get(at(path, request_id), 303).location == back
    sandbox.get(at("/login", request_id))
    for data in ({"code": "000000"}, {"action": "resend"}, {"factor": "sms"}):
        assert sandbox.post(at(path, request_id), data).location == back
    assert journey.sessions_of(stand) == []
    assert journey.arrived(stand) == []


def test_the_password_for_one_request_opens_no_other(sandbox: PageClient, asked: Page, stand: Stand) -> None:
    """S-60: an attempt belongs to the request it was begun for."""
    second = ask(stand, "request-2")
    for request_id in (second, None):
        sandbox.get(at("/login", request_id))
        sent = give_code(sandbox, request_id, last_code(stand))
        assert sent.location == f"{stand.prefix}{at('/login', request_id)}"
    assert attached(stand, second) is None


def test_who_has_sms_cannot_enter_by_the_page_that_switches_it_on(
    sandbox: PageClient, asked: Page, stand: Stand, request_id: str
) -> None:
    """S-60: the stage is kept on the server."""
    sent = give_code(sandbox, request_id, last_code(stand), path="/login/enrol-sms")
    assert sent.location.endswith(f"/login?request={request_id}")
    assert sandbox.get(at("/login/totp", request_id), 303).location.endswith(f"/login/factor?request={request_id}")


def test_an_hour_between_password_and_code_is_too_long(sandbox: PageClient, stand: Stand) -> None:
    """`docs/policy.md`: a pending sign-in lives sixty minutes; it is told why."""
    sandbox.follow(give_password(sandbox, None))
    stand.clock.advance(timedelta(minutes=61))
    page = sandbox.get("/login/sms", 400)
    assert page.screen == "login-start-over"
    assert "прошло слишком много времени" in page.words


def test_an_account_blocked_between_password_and_code_is_not_let_in(
    sandbox: PageClient, asked: Page, stand: Stand, request_id: str
) -> None:
    """S-47."""
    code = last_code(stand)
    with stand.database.writing() as session:
        person = session.get_one(Person, journey.person_of(stand, "anna").oid)
        person.state = "blocked"
        session.add(person)
    give_code(sandbox, request_id, code, 400)
    assert journey.sessions_of(stand) == []


# Nothing is switched on


def test_who_has_no_factor_switches_sms_on_with_one_code(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """second-factor-off, C-07, R-136: one page, one code, the sign-in goes on and counts as two factors."""
    page = sandbox.follow(give_password(sandbox, request_id, KIRILL))
    assert page.screen == "second-factor-off"
    assert "+7 000 •••-••-10" in page.words
    wrong = give_code(sandbox, request_id, other_than(last_code(stand, KIRILL)), 422, "/login/enrol-sms")
    assert error(wrong) == "Код не подошёл. Осталось попыток: 2"
    assert not journey.person_of(stand, "kirill").sms_enabled
    end = give_code(sandbox, request_id, last_code(stand, KIRILL), path="/login/enrol-sms")
    assert "/consent" in end.location
    assert journey.person_of(stand, "kirill").sms_enabled
    (made,) = journey.sessions_of(stand)
    assert made.second_factor == "otp"


def test_the_code_that_switches_on_is_named_as_such(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """The person must know from the message what the code does."""
    sandbox.follow(give_password(sandbox, request_id, KIRILL))
    (message,) = journey.arrived(stand, KIRILL)
    assert message.text.startswith("Код, чтобы включить подтверждение входа: ")


def test_without_a_confirmed_phone_an_authenticator_is_connected(
    sandbox: PageClient, stand: Stand, request_id: str
) -> None:
    """second-factor-off, R-127: where no SMS can go, the app with codes is the way; the sign-in goes on with it."""
    with stand.database.writing() as session:
        phone = session.exec(select(Contact).where(Contact.value == KIRILL)).one()
        phone.verified = False
        session.add(phone)
    page = sandbox.follow(give_password(sandbox, request_id, "kirill@pochta.example"))
    assert page.screen == "login-enrol-totp"
    assert "Телефона для СМС в учётной записи нет" in page.words
    assert journey.sessions_of(stand) == []
    page = sandbox.follow(sandbox.post(at("/login/enrol-totp", request_id), {"action": "begin"}))
    secret = page.soup.find(attrs={"data-secret": True})
    assert secret is not None
    code = pyotp.TOTP(secret.get_text().replace(" ", "")).at(stand.clock.now())
    page = give_code(sandbox, request_id, code, 200, path="/login/enrol-totp")
    assert page.screen == "login-backup-codes"
    assert journey.sessions_of(stand) == []
    done = sandbox.post(at("/login/one-more", request_id), {"action": "finish"})
    assert "/consent" in done.location
    assert [each.second_factor for each in journey.sessions_of(stand)] == ["totp"]


def test_with_a_phone_nobody_connects_an_authenticator_by_the_password_alone(
    sandbox: PageClient, stand: Stand, request_id: str
) -> None:
    """S-60: whoever only knows the password must not connect an app of their own."""
    sandbox.follow(give_password(sandbox, request_id, KIRILL))
    assert "/login/enrol-sms" in sandbox.post(at("/login/enrol-totp", request_id), {"action": "begin"}).location
    assert "/login/enrol-sms" in sandbox.get(at("/login/enrol-totp", request_id), 303).location


def test_the_gateway_of_one_stand_does_not_know_the_codes_of_another(
    sandbox: PageClient, asked: Page, stand: Stand, house: House
) -> None:
    """Nothing crosses from one stand into another."""
    other = house.create("neighbour").stand
    assert journey.arrived(other) == []
