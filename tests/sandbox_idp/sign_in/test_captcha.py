"""The captcha: when it is asked for, what it is made of, and the way for those who can do neither."""

from __future__ import annotations

import io
import math
import threading
import wave
from datetime import timedelta
from itertools import groupby
from unittest.mock import ANY
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select
from werkzeug.test import TestResponse

from foundation.database import Database
from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import Captcha, LoginThrottle
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.scenarios import arming
from sandbox_idp.sign_in import captcha, captcha_media
from sandbox_idp.sign_in.captcha import Verdict
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, ask, give_password, sign_in, solved

UNKNOWN = "+70001009999"
FIGURES = st.text("123456789", min_size=5, max_size=5)


def shown(page: Page) -> bool:
    """Whether the page has a captcha."""
    return page.soup.find(attrs={"data-part": "captcha"}) is not None


def three_wrong(sandbox: PageClient, login: str = ANNA, request_id: str | None = None) -> Page:
    """Three wrong passwords: the page after the third."""
    for _ in range(3):
        page = give_password(sandbox, request_id, login, WRONG, 422)
    return page


def send(sandbox: PageClient, status: int, **values: str) -> Page:
    """The first page's form, for Anna with the right password unless it says otherwise."""
    return sandbox.post("/login", {"login": ANNA, "password": PASSWORD, **values}, status)


def fetch(sandbox: PageClient, address: str) -> TestResponse:
    """What a page of this browser loads besides; the page stays."""
    return sandbox.client.get(address, base_url=sandbox.base_url, buffered=True)


def left_in(database: Database) -> int:
    """How many captchas wait for an answer."""
    with database.reading() as session:
        return len(session.exec(select(Captcha)).all())


@pytest.mark.parametrize("login", [ANNA, UNKNOWN])
def test_it_is_asked_for_from_the_fourth_password_on(
    sandbox: PageClient, stand: Stand, acts: list[str], login: str
) -> None:
    """captcha-required, U-16, S-32, R-100: after three wrong ones, known or not, and never before."""
    for number in range(3):
        page = give_password(sandbox, None, login, WRONG, 422)
        assert shown(page) == (number == 2)
    told = [act for act in acts if act != "account-not-found"]
    assert told == [*["password-wrong"] * 3, "captcha-asked"]
    assert "Подтвердите, что вы не робот" in page.words
    picture = page.soup.find("img", class_="captcha__picture")
    sound = page.soup.find("audio")
    assert picture is not None
    assert sound is not None
    assert "прослушайте запись" in str(picture["alt"])
    assert fetch(sandbox, str(picture["src"])).mimetype == "image/svg+xml"
    assert fetch(sandbox, str(sound["src"])).mimetype == "audio/wav"


def test_no_password_is_looked_at_without_it(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-100, S-32: no verification, no count and no way in, until the figures are right; the login stays (U-9)."""
    three_wrong(sandbox)
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("a password was looked at"))
    for answer in ({}, {"captcha_key": "made-up", "captcha": "12345"}, {"captcha_key": "", "captcha": ""}):
        page = send(sandbox, 422, **answer)
        assert "Введите цифры с картинки или с записи." in page.words
        assert page.form("/login")["login"] == ANNA
        assert shown(page)
    with stand.database.reading() as session:
        assert {row.failures for row in session.exec(select(LoginThrottle))} == {3}


def test_the_right_figures_let_the_password_through_once(sandbox: PageClient, stand: Stand) -> None:
    """captcha-required: spaces do not matter (U-11); the same captcha works no second time."""
    answer = solved(three_wrong(sandbox))
    page = send(sandbox, 422, password=WRONG, **answer)
    assert "Осталось попыток: 1" in page.words
    again = send(sandbox, 422, **answer)
    assert "Введите цифры с картинки" in again.words, "it was used up by the answer before"
    fresh = solved(again)
    spaced = " ".join(fresh["captcha"])
    assert sandbox.follow(send(sandbox, 303, captcha_key=fresh["captcha_key"], captcha=spaced)).screen == "login-sms"
    assert left_in(stand.database) <= 2


def test_wrong_figures_bring_a_new_picture_and_keep_the_login(
    sandbox: PageClient, stand: Stand, acts: list[str]
) -> None:
    """captcha-wrong, U-8, U-9: the password is not counted as wrong, because nobody looked at it."""
    first = solved(three_wrong(sandbox))
    page = send(sandbox, 422, captcha_key=first["captcha_key"], captcha=journey.other_than(first["captcha"]))
    assert "Цифры не подошли. Это новая картинка" in page.words
    assert page.form("/login")["login"] == ANNA
    assert page.form("/login")["captcha_key"] != first["captcha_key"]
    assert acts[-2:] == ["captcha-wrong", "captcha-asked"]
    summary = page.soup.find(id="summary")
    assert summary is not None
    assert summary.find("a", href="#captcha") is not None
    assert sandbox.follow(send(sandbox, 303, **solved(page))).screen == "login-sms"


def test_an_old_picture_is_replaced(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """captcha-expired: after five minutes even the right figures need a new picture; the old one is gone."""
    page = three_wrong(sandbox)
    answer = solved(page)
    picture = page.soup.find("img", class_="captcha__picture")
    assert picture is not None
    stand.clock.advance(timedelta(minutes=5))
    assert fetch(sandbox, str(picture["src"])).status_code == 404
    page = send(sandbox, 422, **answer)
    assert "Картинка устарела. Это новая" in page.words
    assert acts[-2:] == ["captcha-expired", "captcha-asked"]
    assert sandbox.follow(send(sandbox, 303, **solved(page))).screen == "login-sms"


def test_who_can_neither_see_nor_hear_it_waits_half_a_minute(sandbox: PageClient, stand: Stand) -> None:
    """R-100: «Не могу пройти проверку», no figures and nothing to remember; too early is told with the rest of it."""
    stand.clock.freeze(True)
    page = three_wrong(sandbox)
    assert "Не могу пройти проверку" in page.words
    page = sandbox.post("/login", {"login": ANNA, "password": "", "action": "wait"}, 200)
    assert page.form("/login")["login"] == ANNA
    assert page.soup.find("img", class_="captcha__picture") is None
    assert "Войти можно через 30 с" in page.words
    key = page.form("/login")["captcha_key"]
    stand.clock.advance(timedelta(seconds=20))
    page = send(sandbox, 422, captcha_key=key)
    assert "Подождите ещё 10 с и нажмите «Войти»." in page.words
    assert page.form("/login")["captcha_key"] == key, "the wait goes on, it does not begin anew"
    stand.clock.advance(timedelta(seconds=10))
    assert sandbox.follow(send(sandbox, 303, captcha_key=key)).screen == "login-sms"


def test_a_wait_serves_for_one_password_only(sandbox: PageClient, stand: Stand) -> None:
    """R-100: so waiting is no way around the limit."""
    three_wrong(sandbox)
    key = sandbox.post("/login", {"login": ANNA, "action": "wait"}, 200).form("/login")["captcha_key"]
    stand.clock.advance(timedelta(seconds=31))
    send(sandbox, 422, password=WRONG, captcha_key=key)
    assert "Введите цифры с картинки" in send(sandbox, 422, captcha_key=key).words


def test_it_is_never_asked_for_after_the_code(sandbox: PageClient, stand: Stand) -> None:
    """captcha-loop: once per attempt; neither the page of the code nor the next sign-in asks again."""
    request_id = ask(stand)
    three_wrong(sandbox, request_id=request_id)
    page = sandbox.follow(give_password(sandbox, request_id))
    assert page.screen == "login-sms"
    assert not shown(page)
    wrong = journey.give_code(sandbox, request_id, journey.other_than(journey.last_code(stand)), 422)
    assert not shown(wrong)
    assert "/consent" in journey.give_code(sandbox, request_id, journey.last_code(stand)).location
    sandbox.get("/cabinet")
    sandbox.follow(sandbox.post("/cabinet/sign-out"))
    assert not shown(sandbox.get("/login"))


def test_a_remembered_person_sees_it_at_once(sandbox: PageClient, stand: Stand) -> None:
    """U-16: where it is known from the beginning whose password is meant."""
    sign_in(sandbox, stand)
    sandbox.get("/cabinet")
    sandbox.follow(sandbox.post("/cabinet/sign-out"))
    for _ in range(3):
        sandbox.post("/login", {"password": WRONG}, 422)
    page = sandbox.get("/login")
    assert shown(page)
    sandbox.post("/login", {"password": PASSWORD, **solved(page)})


def test_a_mistake_in_the_form_keeps_the_picture(sandbox: PageClient, stand: Stand) -> None:
    """U-9: an empty password is told without a new picture."""
    page = three_wrong(sandbox)
    key = page.form("/login")["captcha_key"]
    assert send(sandbox, 422, password="", captcha_key=key).form("/login")["captcha_key"] == key


def test_when_its_service_is_down_the_wait_takes_its_place(sandbox: PageClient, stand: Stand) -> None:
    """captcha-unavailable: nobody is stopped by a picture that does not come."""
    arming.arm(stand, "captcha-unavailable", "everyone")
    page = three_wrong(sandbox)
    assert "Картинка и запись сейчас не открываются" in page.words
    assert page.soup.find("img", class_="captcha__picture") is None
    key = page.form("/login")["captcha_key"]
    stand.clock.advance(timedelta(seconds=31))
    assert sandbox.follow(send(sandbox, 303, captcha_key=key)).screen == "login-sms"


def test_side_by_side_one_answer_lets_one_password_through(sandbox: PageClient, stand: Stand) -> None:
    """R-100: used up by exactly one of them."""
    answer = solved(three_wrong(sandbox))
    results: list[str] = []

    def spend() -> None:
        with app.app_context(), stand.database.writing() as session:
            verdict = captcha.spend(
                session, answer["captcha_key"], answer["captcha"], rules=load().captcha, now=stand.clock.now()
            )
        results.append(verdict.result)

    app = journey.app_of_the_tests()
    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["missing", "missing", "missing", "passed"]


def test_old_ones_are_swept_away(stand: Stand) -> None:
    """The table does not grow with every visit."""
    rules = load().captcha
    with journey.app_of_the_tests().app_context(), stand.database.writing() as session:
        made = captcha.make(session, rules=rules, now=stand.clock.now())
        captcha.make(session, rules=rules, now=stand.clock.now() + 3 * rules.valid_for)
        assert captcha.spend(session, made.key, "1", rules=rules, now=stand.clock.now()) == Verdict("missing")
    assert left_in(stand.database) == 1


def test_neither_the_figures_nor_their_key_lie_in_the_database(sandbox: PageClient, stand: Stand) -> None:
    """S-37 by analogy: whoever reads the table cannot solve what is on somebody's screen."""
    answer = solved(three_wrong(sandbox))
    with stand.database.reading() as session:
        (row,) = session.exec(select(Captcha))
    assert answer["captcha_key"] not in repr(row)
    assert answer["captcha"] not in repr(row)


@given(FIGURES, st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_picture_is_drawn_and_holds_no_text(figures: str, seed: int) -> None:
    """R-100: paths alone, well-formed, all of it inside the frame give or take a stroke."""
    root = ET.fromstring(captcha_media.picture(figures, seed))
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names == {"svg", "rect", "g", "path"}
    assert not "".join(root.itertext()).strip()


@given(FIGURES, st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_recording_says_the_figures(figures: str, seed: int) -> None:
    """R-100: whoever counts the short sounds between the long ones has the figures."""
    with wave.open(io.BytesIO(captcha_media.recording(figures, seed))) as sound:
        samples = sound.readframes(sound.getnframes())
        rate = sound.getframerate()
    window = rate // 100
    loud = [
        max(abs(value - 128) for value in samples[start : start + window]) > 20
        for start in range(0, len(samples), window)
    ]
    lengths = [len(list(run)) for is_sound, run in groupby(loud) if is_sound]
    assert math.isclose(sum(size > 25 for size in lengths), len(figures))
    counted = [0] * len(figures)
    place = -1
    for size in lengths:
        if size > 25:
            place += 1
        else:
            counted[place] += 1
    assert "".join(map(str, counted)) == figures


def test_the_same_picture_comes_each_time_it_is_asked_for(sandbox: PageClient, stand: Stand) -> None:
    """Several drawings of the same figures would give them away."""
    page = three_wrong(sandbox)
    picture = page.soup.find("img", class_="captcha__picture")
    assert picture is not None
    first, second = (fetch(sandbox, str(picture["src"])) for _ in range(2))
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "no-store"
    for nothing in ("/login/captcha/picture", "/login/captcha/recording?key=unknown"):
        assert fetch(sandbox, stand.prefix + nothing).status_code == 404


def test_a_lock_needs_no_captcha_to_be_told(sandbox: PageClient, stand: Stand) -> None:
    """lockout: who is locked out reads so at once."""
    for status in (422, 422, 422, 422, 429):
        give_password(sandbox, None, ANNA, WRONG, status)
    assert sandbox.post("/login", {"login": ANNA, "password": PASSWORD}, ANY).screen == "lockout"
