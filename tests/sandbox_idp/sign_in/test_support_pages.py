"""The letter of support with a link and a code, as far as C-18 lets it be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.cabinet.browsers import PhoneClient
from tests.sandbox_idp.sign_in import journey

SUPPORT = "/login/support"
MAIL = "anna@pochta.example"


@pytest.fixture
def asked(sandbox: PageClient, stand: Stand) -> PageClient:
    """Anna has given her password, and asked for a letter of support."""
    sandbox.follow(journey.give_password(sandbox, None))
    sandbox.get(SUPPORT)
    sandbox.follow(sandbox.post(SUPPORT, {"action": "send"}))
    return sandbox


def test_without_an_attempt_of_ones_own_there_is_no_letter(sandbox: PageClient, stand: Stand) -> None:
    """C-18, R-143, S-60: nobody can have one sent to somebody else by knowing a login."""
    assert sandbox.get(SUPPORT, 303).location.endswith("/login")
    sandbox.get("/login")
    assert sandbox.post(SUPPORT, {"action": "send"}).location.endswith("/login")
    assert journey.arrived(stand, MAIL) == []


def test_the_letter_has_a_link_that_signs_nobody_in(asked: PageClient, stand: Stand) -> None:
    """C-18, R-143: the fact of registration, the direct link, the code; the link is the plain page «Вход»."""
    (letter,) = journey.arrived(stand, MAIL)
    assert "зарегистрирована" in letter.text
    assert f"{stand.idp_url}/login\n" in letter.text
    assert letter.code is not None
    stranger = PhoneClient(asked)
    assert stranger.get("/login").screen == "login"
    assert "/login" in stranger.get("/cabinet", 303).location


def test_the_code_tells_who_asks_and_does_not_replace_the_factor(asked: PageClient, stand: Stand) -> None:
    """R-144, C-08: it gives a number; it works once; the second factor is still needed."""
    code = journey.last_code(stand, MAIL)
    known = asked.post(SUPPORT, {"code": code}, 200)
    assert known.screen == "login-support-known"
    assert "/login" in asked.get("/cabinet", 303).location
    asked.get(SUPPORT)
    asked.post(SUPPORT, {"code": code}, 422)
    sms = journey.last_code(stand)
    asked.get("/login/sms")
    assert journey.give_code(asked, None, sms).location.endswith("/cabinet")


def test_the_code_is_worth_nothing_in_another_attempt(asked: PageClient, stand: Stand) -> None:
    """C-18, S-36: not in another browser of the same person, and not as the code of a sign-in."""
    code = journey.last_code(stand, MAIL)
    other = PhoneClient(asked)
    other.follow(journey.give_password(other, None))
    other.get(SUPPORT)
    page = other.post(SUPPORT, {"code": code}, 422)
    assert "Этот код не от вашего входа" in page.words
    other.get("/login/sms")
    journey.give_code(other, None, code, 422)


def test_it_is_over_after_ten_minutes_and_after_three_tries(asked: PageClient, stand: Stand) -> None:
    """C-18, S-36."""
    code = journey.last_code(stand, MAIL)
    asked.post(SUPPORT, {"code": journey.other_than(code)}, 422)
    stand.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    page = asked.post(SUPPORT, {"code": code}, 422)
    assert "Код больше не действует." in page.words
    assert asked.follow(asked.post(SUPPORT, {"action": "send"})).screen == "login-support"
    newer = journey.last_code(stand, MAIL)
    for _ in range(3):
        asked.post(SUPPORT, {"code": journey.other_than(newer)}, 422)
    asked.post(SUPPORT, {"code": newer}, 422)


@pytest.mark.usefixtures("still")
def test_a_letter_can_be_asked_for_again_after_a_minute(asked: PageClient) -> None:
    """R-145, S-39."""
    assert asked.post(SUPPORT, {"action": "send"}, 429).response.headers["Retry-After"] == "60"
