"""Confirming in the mobile app: number matching, its limits, and what a confirmation is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts import people
from sandbox_idp.cabinet import notices
from sandbox_idp.context import Stand
from sandbox_idp.factors import answering, pushes
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.factors.pushes import Errand, NotWaitingError, TooSoonError
from sandbox_idp.policy import load
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from sandbox_idp.sign_in import throttle
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ask, at, give_password

pytestmark = pytest.mark.usefixtures("still")

OLGA = "olga@pochta.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def request_id(stand: Stand) -> str:
    return ask(stand)


@pytest.fixture
def asking(sandbox: PageClient, request_id: str) -> Page:
    """olga's password is given and she has chosen the app."""
    sandbox.follow(give_password(sandbox, request_id, OLGA))
    return sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "push"}))


def the_one(stand: Stand) -> PushRequest:
    """The request that is not replaced."""
    with stand.database.reading() as session:
        return session.exec(select(PushRequest).where(PushRequest.state != "replaced")).one()


Press = Callable[[int | None], str]


@pytest.fixture
def press(app: Flask, stand: Stand) -> Press:
    """Presses a number on olga's phone, or «Это не я»."""

    def pressed(number: int | None) -> str:
        asked = the_one(stand)
        with app.app_context():
            return answering.press(stand, asked.person_oid, asked.id, number, stand.clock.now())

    return pressed


def other_number(stand: Stand) -> int:
    asked = the_one(stand)
    return next(number for number in asked.choices if number != asked.number)


def check(sandbox: PageClient, request_id: str, status: int = 303) -> Page:
    sandbox.get(at("/login/push", request_id))
    return sandbox.post(at("/login/push", request_id), status=status)


def test_the_page_shows_a_number_and_the_phone_three(
    sandbox: PageClient, stand: Stand, asking: Page, request_id: str
) -> None:
    """S-40, R-061: two digits on the page; which of the three it is, the phone does not say."""
    assert asking.screen == "login-push"
    number = asking.soup.find(attrs={"data-number": True})
    assert number is not None
    assert number.get_text().isdigit()
    assert len(number.get_text()) == 2
    (message,) = journey.arrived(stand, "+70001000005")
    assert (message.kind, message.code) == ("push", None)
    assert number.get_text() not in message.text
    phone = sandbox.get("/phone/push?person=olga")
    buttons = [str(button["value"]) for button in phone.soup.find_all("button")]
    assert len(buttons) == 4
    assert number.get_text() in buttons
    assert "Вход в РС ЕГИСЗ" in phone.words
    assert "Другой способ" in asking.words


def test_the_right_number_signs_in(
    sandbox: PageClient, stand: Stand, asking: Page, *, request_id: str, acts: list[str], press: Press
) -> None:
    """S-10, S-40: the session says `push`; the confirmation works once."""
    assert "Подтверждения пока нет" in check(sandbox, request_id, 200).words
    assert press(the_one(stand).number) == "approved"
    assert "/consent" in check(sandbox, request_id).location
    assert [each.second_factor for each in journey.sessions_of(stand)] == ["push"]
    assert the_one(stand).used_at is not None
    assert acts == ["push-approved", "signed-in"]
    with pytest.raises(NotWaitingError):
        press(None)


def test_the_page_asks_by_itself(
    sandbox: PageClient, stand: Stand, asking: Page, request_id: str, press: Press
) -> None:
    """S-40, U-29, S-51: every three seconds by POST; nothing until something has happened, then the whole page goes."""
    form = asking.soup.find("form", attrs={"data-hx-trigger": True})
    assert form is not None
    assert form["data-hx-trigger"] == "every 3s"
    asked = {"data": asking.form("/login/push"), "headers": {"HX-Request": "true"}}
    assert sandbox.post(at("/login/push", request_id), status=204, **asked).text == ""
    press(the_one(stand).number)
    done = sandbox.post(at("/login/push", request_id), status=200, **asked)
    assert "/consent" in done.response.headers["HX-Redirect"]
    assert len(journey.sessions_of(stand)) == 1


def test_looking_changes_nothing(
    sandbox: PageClient, stand: Stand, asking: Page, request_id: str, press: Press
) -> None:
    """S-51: a confirmed request is not used up by a GET."""
    press(the_one(stand).number)
    assert sandbox.get(at("/login/push", request_id)).screen == "login-push"
    assert journey.sessions_of(stand) == []


def test_a_wrong_number_fails_and_is_reported(
    sandbox: PageClient, stand: Stand, asking: Page, *, app: Flask, request_id: str, acts: list[str], press: Press
) -> None:
    """S-40: no second guess; the page says so, the person is told, and it counts like a wrong code (S-36)."""
    assert press(other_number(stand)) == "wrong"
    with pytest.raises(NotWaitingError):
        press(the_one(stand).number)
    page = sandbox.follow(check(sandbox, request_id))
    assert "В приложении выбрали другое число" in page.words
    assert page.root["data-state"] == "error"
    assert acts == ["push-wrong"]
    assert "Число не то" in sandbox.get(f"/phone/push?person=olga&answered={the_one(stand).id}").words
    olga = journey.person_of(stand, "olga")
    with stand.database.reading() as session:
        assert [notice.title for notice in notices.newest(session, olga.oid)] == ["Вход не подтверждён"]
    with app.app_context(), stand.database.writing() as session:
        limit = throttle.factor_limit(olga.oid, load())
        assert throttle.count_wrong(session, [limit], stand.clock.now())[limit.key] == 2
    sandbox.get(at("/login/push", request_id))
    page = sandbox.follow(sandbox.post(at("/login/push", request_id), {"action": "again"}))
    assert page.screen == "login-push"
    assert the_one(stand).state == "waiting"
    press(the_one(stand).number)
    assert "/consent" in check(sandbox, request_id).location


def test_this_is_not_me(sandbox: PageClient, stand: Stand, asking: Page, request_id: str, acts: list[str]) -> None:
    """push-rejected: says so, asks whether it was the person, leads to the password and to another try."""
    phone = sandbox.get("/phone/push?person=olga")
    form = phone.form("/phone/push")
    back = sandbox.follow(sandbox.post("/phone/push?person=olga", {**form, "number": "reject"}))
    assert "Запрос отклонён" in back.words
    page = sandbox.follow(check(sandbox, request_id))
    assert "Вход отклонён в приложении" in page.words
    assert "Это были вы?" in page.words
    assert [link for link in page.soup.find_all("a") if "Сменить пароль" in link.get_text()]
    assert journey.sessions_of(stand) == []
    assert acts == ["push-rejected"]


def test_nobody_answers(
    sandbox: PageClient, stand: Stand, asking: Page, *, request_id: str, acts: list[str], press: Press
) -> None:
    """push-timeout, S-40: two minutes; an answer after that is none."""
    number = the_one(stand).number
    stand.clock.advance(2 * MINUTE)  # type: ignore[attr-defined]
    with pytest.raises(NotWaitingError):
        press(number)
    page = sandbox.follow(check(sandbox, request_id))
    assert "Никто не подтвердил вход" in page.words
    sandbox.follow(check(sandbox, request_id))
    assert acts == ["push-timeout"]
    assert "Другой способ" in page.words


def test_what_was_confirmed_does_not_keep(
    sandbox: PageClient, stand: Stand, asking: Page, request_id: str, press: Press
) -> None:
    """S-36: a confirmation that nobody fetched is over two minutes later."""
    press(the_one(stand).number)
    stand.clock.advance(2 * MINUTE)  # type: ignore[attr-defined]
    assert "Никто не подтвердил вход" in sandbox.follow(check(sandbox, request_id)).words
    assert journey.sessions_of(stand) == []


def test_three_in_a_quarter_of_an_hour(
    sandbox: PageClient, stand: Stand, asking: Page, request_id: str, press: Press
) -> None:
    """S-40: whoever knows the password cannot wear the person down; the fourth has to wait, and is told until when."""
    for _ in range(2):
        press(None)
        sandbox.follow(check(sandbox, request_id))
        sandbox.follow(sandbox.post(at("/login/push", request_id), {"action": "again"}))
    press(None)
    sandbox.follow(check(sandbox, request_id))
    refused = sandbox.post(at("/login/push", request_id), {"action": "again"}, 429)
    assert "За 15 минут можно отправить 3 запроса" in refused.words
    assert refused.response.headers["Retry-After"] == "900"
    # A new attempt is no way around it; the other factors are.
    sandbox.follow(give_password(sandbox, request_id, OLGA))
    again = sandbox.post(at("/login/factor", request_id), {"factor": "push"}, 429)
    assert "Пока подтвердите вход другим способом" in again.words
    stand.clock.advance(15 * MINUTE)  # type: ignore[attr-defined]
    assert sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "push"})).screen == "login-push"


def test_a_confirmation_is_worth_nothing_elsewhere(app: Flask, stand: Stand, asking: Page) -> None:
    """S-36, S-40: not for another errand, not from another person's phone, not with a number that was not offered."""
    asked = the_one(stand)
    now = stand.clock.now()
    with stand.database.writing() as session:
        assert pushes.newest(session, Errand("another attempt", "login", "Вход")) is None
        assert pushes.newest(session, Errand(asked.key, "another purpose", "Вход")) is None
    with pytest.raises(NotWaitingError):
        answering.press(stand, journey.person_of(stand, "nina").oid, asked.id, asked.number, now)
    strange = next(number for number in range(10, 100) if number not in asked.choices)
    with app.app_context(), pytest.raises(ValueError, match=str(strange)):
        answering.press(stand, asked.person_oid, asked.id, strange, now)
    assert the_one(stand).state == "waiting"


def test_two_attempts_share_the_limit(stand: Stand) -> None:
    """S-40: the count is the person's, whoever asks."""
    olga = journey.person_of(stand, "olga")
    now = stand.clock.now()
    for number in range(3):
        with stand.database.writing() as session:
            pushes.ask(session, Errand(f"attempt {number}", "login", "Вход"), olga, address="", policy=load(), now=now)
    with stand.database.writing() as session, pytest.raises(TooSoonError) as refused:
        pushes.ask(session, Errand("attempt 4", "login", "Вход"), olga, address="", policy=load(), now=now)
    assert refused.value.at == now + 15 * MINUTE


def test_whoever_has_the_app_alone_is_asked_at_once(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-42: no choice where there is none; an attempt that may not ask falls back to the page of the choice."""
    with stand.database.writing() as session:
        olga = people.find_person(session, "olga")
        assert olga is not None
        olga.sms_enabled = False
        session.add(olga)
    page = sandbox.follow(give_password(sandbox, request_id, OLGA))
    assert page.screen == "login-push"
    assert "Другой способ" not in page.words
    assert sandbox.follow(sandbox.get(at("/login/factor", request_id), 303)).screen == "login-push"
    for _ in range(2):
        sandbox.follow(give_password(sandbox, request_id, OLGA))
    assert sandbox.follow(give_password(sandbox, request_id, OLGA)).screen == "login-factor"


def test_a_lost_notification_asks_nothing(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push that got lost on the way is on no phone."""

    def lose(point: Point, value: MessageDraft) -> MessageDraft:
        if point is Point.MESSAGE:
            value.lost = True
        return value

    monkeypatch.setattr(engine, "transform", lose)
    sandbox.follow(give_password(sandbox, request_id, OLGA))
    sandbox.follow(sandbox.post(at("/login/factor", request_id), {"factor": "push"}))
    assert "Запросов нет" in sandbox.get("/phone/push?person=olga").words


def test_the_page_cannot_be_reached_without_the_password(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-60."""
    assert "/login?" in sandbox.get(at("/login/push", request_id), 303).location
    sandbox.follow(give_password(sandbox, request_id))
    assert "/login/factor" in sandbox.get(at("/login/push", request_id), 303).location
    assert "/login/sms" in sandbox.get(at("/login/factor", request_id), 303).location
