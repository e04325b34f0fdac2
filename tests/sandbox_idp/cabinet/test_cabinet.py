"""The frame of the cabinet: who may see it, who may change what protects the account, and its notices."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet import guard
from sandbox_idp.cabinet.guard import CONFIRMED_FOR
from sandbox_idp.cabinet.notices import Link, notify, unread
from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey


def later(stand: Stand, by: timedelta) -> None:
    stand.clock.advance(by)  # type: ignore[attr-defined]


def test_a_page_of_the_cabinet_asks_for_a_sign_in_and_comes_back(sandbox: PageClient, stand: Stand) -> None:
    """S-60: without a session no page of the cabinet opens; the sign-in leads on to the page that was asked for."""
    login = sandbox.get("/cabinet/notifications", 303)
    assert login.location.endswith("/login?next=/cabinet/notifications")
    sandbox.follow(login)
    code_page = sandbox.post(login.location, {"login": journey.ANNA, "password": PASSWORD})
    sandbox.follow(code_page)
    done = sandbox.post(code_page.location, {"code": journey.last_code(stand)})
    assert sandbox.follow(done).screen == "cabinet-notices"


@pytest.mark.parametrize("foreign", ["//evil.example", "/console", "/cabinet/../console", "https:evil", "/cabinet?x=1"])
def test_a_sign_in_leads_to_nothing_but_the_cabinet(sandbox: PageClient, stand: Stand, foreign: str) -> None:
    """S-14: a foreign `next` is ignored."""
    page = sandbox.get("/login", query_string={"next": foreign})
    assert "next=" not in page.text
    assert journey.sign_in(sandbox, stand).location.endswith("/cabinet")


def test_notices_are_shown_and_then_read(sandbox: PageClient, stand: Stand) -> None:
    """R-079: what happened to the account stands in the cabinet, and goes out as a letter where that was wanted."""
    anna = journey.person_of(stand, "anna")
    with stand.database.writing() as session:
        notify(session, anna, "Пароль изменён", "Если это были не вы…", ways=["mail"], link=Link("/cabinet", "Открыть"))
    journey.sign_in(sandbox, stand)
    assert "1 непрочитанное" in sandbox.get("/cabinet").words
    page = sandbox.get("/cabinet/notifications")
    assert "Пароль изменён" in page.words
    assert page.soup.find("a", string="Открыть")["href"].endswith("/cabinet")  # type: ignore[index]
    assert "непрочитанных" not in sandbox.get("/cabinet").words
    (letter,) = journey.arrived(stand, "anna@pochta.example")
    assert (letter.subject, letter.code) == ("Пароль изменён", None)
    with stand.database.reading() as session:
        assert unread(session, anna.oid) == 0


@pytest.fixture
def confirming(sandbox: PageClient, stand: Stand) -> PageClient:
    """Somebody whose sign-in is longer ago than a confirmation lasts, on the page that asks for one."""
    journey.sign_in(sandbox, stand)
    later(stand, CONFIRMED_FOR)
    sandbox.get("/cabinet/confirm?next=/cabinet/notifications")
    return sandbox


def is_confirmed(stand: Stand) -> bool:
    (living,) = journey.sessions_of(stand)
    return living.confirmed_at is not None


def test_the_password_confirms_who_sits_here(confirming: PageClient, stand: Stand) -> None:
    """S-48, C-08: one factor within a living session; a wrong one is told, the right one leads back."""
    page = confirming.post("/cabinet/confirm?next=/cabinet/notifications", {"password": journey.WRONG}, 422)
    assert "Осталось попыток: 4." in page.words
    assert not is_confirmed(stand)
    done = confirming.post("/cabinet/confirm?next=/cabinet/notifications", {"password": PASSWORD})
    assert done.location.endswith("/cabinet/notifications")
    assert is_confirmed(stand)


@pytest.mark.usefixtures("still")
def test_a_code_confirms_as_well(confirming: PageClient, stand: Stand) -> None:
    """C-08: «паролем или кодом из СМС»; a code of this session is worth nothing elsewhere."""
    address = "/cabinet/confirm?next=/cabinet/notifications"
    page = confirming.follow(confirming.post(address, {"action": "send"}))
    assert "Отправили на номер" in page.words
    code = journey.last_code(stand)
    refused = confirming.post(address, {"action": "code", "code": journey.other_than(code)}, 422)
    assert "Код не подошёл. Осталось попыток: 2" in refused.words
    assert confirming.post(address, {"action": "send"}, 429).response.headers["Retry-After"] == "60"
    assert confirming.post(address, {"action": "code", "code": code}).location.endswith("/cabinet/notifications")
    assert is_confirmed(stand)


def test_five_wrong_passwords_lock_the_confirmation(confirming: PageClient, stand: Stand) -> None:
    """S-34: guessing inside a stolen session ends like guessing outside; it ends by itself."""
    for _ in range(4):
        confirming.post("/cabinet/confirm", {"password": journey.WRONG}, 422)
    assert confirming.post("/cabinet/confirm", {"password": journey.WRONG}, 429).screen == "lockout"
    assert confirming.post("/cabinet/confirm", {"password": PASSWORD}, 429).screen == "lockout"
    later(stand, timedelta(minutes=15))
    confirming.get("/cabinet/confirm")
    assert confirming.post("/cabinet/confirm", {"password": PASSWORD}).location.endswith("/cabinet")


def test_the_guard_demands_a_fresh_confirmation(stand: Stand, sandbox: PageClient) -> None:
    """S-48: right after the sign-in nothing more is asked; five minutes later it is."""
    journey.sign_in(sandbox, stand)
    (living,) = journey.sessions_of(stand)
    soon, late = living.authenticated_at + timedelta(minutes=4), living.authenticated_at + CONFIRMED_FOR

    def ask(at: object) -> str:
        """What the guard says to the browser's own request at that time."""
        from flask import Flask

        app = Flask(__name__)
        with app.test_request_context("/cabinet/security"), pytest.MonkeyPatch.context() as patch:
            patch.setattr("sandbox_idp.cabinet.guard.sessions.living_session", lambda _session, _now: living)
            with stand.database.reading() as session:
                try:
                    return guard.confirmed(session, at).person.name  # type: ignore[arg-type]
                except guard.NotConfirmedError as error:
                    return error.path

    with stand.database.reading() as session:
        anna = session.exec(select(Person).where(Person.persona == "anna")).one()
    assert ask(soon) == anna.name
    assert ask(late) == "/cabinet/security"
