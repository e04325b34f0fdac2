"""The notice of a new device, «это не я», and «Мой аккаунт взломали»."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts import password_change
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet.history import LINK_FOR
from sandbox_idp.cabinet.models import Compromise, SignInRecord
from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.cabinet.browsers import PhoneClient
from tests.sandbox_idp.sign_in import journey

STOLEN = "/cabinet/security/stolen"
MAIL = "anna@pochta.example"


@pytest.fixture
def foreign(sandbox: PageClient, stand: Stand) -> PageClient:
    """Anna is signed in in her own browser, and somebody in another one, which is this."""
    journey.sign_in(sandbox, stand)
    browser = PhoneClient(sandbox)
    journey.sign_in(browser, stand)
    return browser


def link_in(stand: Stand, to: str = MAIL) -> str:
    """The path of «это не я» in the newest message."""
    found = re.search(r"/cabinet/not-me\?link=\S+", journey.arrived(stand, to)[-1].text)
    assert found is not None
    return found.group()


def cases(stand: Stand) -> list[Compromise]:
    with stand.database.reading() as session:
        return list(session.exec(select(Compromise)))


def test_a_new_device_is_told_by_all_ways(sandbox: PageClient, foreign: PageClient, stand: Stand) -> None:
    """new-device: time, device and masked address in the cabinet, by SMS and by mail; the link in messages only."""
    page = sandbox.get("/cabinet/notifications")
    for words in ("Вход с нового устройства", "Chrome, телефон Android", "198.51.•.•", "Это не я"):
        assert words in page.words
    assert "link=" not in page.text
    for to in (journey.ANNA, MAIL):
        assert link_in(stand, to) == link_in(stand, MAIL)
        assert "198.51.100.7" not in journey.arrived(stand, to)[-1].text
    with stand.database.reading() as session:
        hashes = [line.link_hash for line in session.exec(select(SignInRecord)) if line.link_hash]
    assert len(hashes) == 1
    assert hashes[0] not in link_in(stand)


def test_the_first_sign_in_and_a_known_browser_are_not_told(sandbox: PageClient, stand: Stand) -> None:
    """There is nothing that the first one could differ from, and nobody reads what comes every day."""
    journey.sign_in(sandbox, stand)
    sandbox.get("/cabinet")
    sandbox.post("/cabinet/sign-out")
    sandbox.get("/login")
    sandbox.follow(sandbox.post("/login", {"password": PASSWORD}))
    journey.give_code(sandbox, None, journey.last_code(stand))
    assert "Вход с нового устройства" not in sandbox.get("/cabinet/notifications").words


def test_the_link_does_nothing_until_the_button(foreign: PageClient, stand: Stand) -> None:
    """S-51: a mail scanner opens links; the page shows nothing of the person."""
    stranger = PageClient(foreign.client.application, foreign.base_url, foreign.prefix)
    page = stranger.get(link_in(stand))
    assert page.screen == "not-me"
    for data in ("Анна", "Лесная", "+7", "Android"):
        assert data not in page.words
    assert cases(stand) == []
    assert foreign.get("/cabinet").screen == "cabinet"


def test_disowning_closes_the_account(sandbox: PageClient, foreign: PageClient, stand: Stand) -> None:
    """account-stolen, S-47: without being signed in; all sessions end, the password is due, a case is open; once."""
    stranger = PageClient(foreign.client.application, foreign.base_url, foreign.prefix)
    link = link_in(stand)
    form = stranger.get(link).form("/not-me")
    done = stranger.post("/cabinet/not-me", form, 200)
    assert done.screen == "account-stolen"
    (case,) = cases(stand)
    assert case.number in done.words
    for browser in (sandbox, foreign):
        assert "/login" in browser.get("/cabinet", 303).location
    assert "/login/" in journey.give_password(PhoneClient(sandbox), None).location
    with stand.database.reading() as session:
        assert session.get_one(Person, case.person_oid).must_change_password
        assert not [one for one in session.exec(select(GosuslugiSession)) if one.ended_at is None]
    stranger.get("/login")
    assert stranger.post("/cabinet/not-me", {"link": form["link"]}, 410).screen == "not-me-over"
    assert stranger.get(link, 410).screen == "not-me-over"
    assert len(cases(stand)) == 1


@pytest.mark.parametrize("link", ["", "x", "%00", "a" * 5000])
def test_a_link_that_is_none_tells_nothing(sandbox: PageClient, stand: Stand, link: str) -> None:
    """S-32: unknown, used and old ones look alike."""
    assert sandbox.get(f"/cabinet/not-me?link={link}", 410).screen == "not-me-over"


def test_the_link_is_over_after_72_hours(foreign: PageClient, stand: Stand) -> None:
    link = link_in(stand)
    stand.clock.advance(LINK_FOR)  # type: ignore[attr-defined]
    foreign.get(link, 410)
    foreign.get("/login")
    foreign.post("/cabinet/not-me", {"link": link.split("=")[1]}, 410)
    assert cases(stand) == []


def test_without_a_sign_in_the_page_explains(sandbox: PageClient, stand: Stand) -> None:
    """R-142."""
    page = sandbox.get(STOLEN)
    assert page.screen == "stolen"
    assert "Войти и начать" in page.words
    assert "восстановите" in page.words


def test_every_step_shows_whether_it_is_done(
    sandbox: PageClient, foreign: PageClient, stand: Stand, app: Flask
) -> None:
    """R-142: password, sessions, consents, contacts, second factor, case; the case closes when all are done."""

    def done() -> set[str]:
        page = sandbox.get(STOLEN)
        return {str(step["data-step"]) for step in page.soup.find_all("li", attrs={"data-done": "yes"})}

    sandbox.get(STOLEN)
    sandbox.post(STOLEN, {"action": "begin"})
    sandbox.post(STOLEN, {"action": "begin"})
    (case,) = cases(stand)
    assert done() == {"consents", "ticket"}
    sandbox.post(STOLEN, {"action": "close"})
    assert cases(stand)[0].closed_at is None
    for step in ("sessions", "contacts", "factors"):
        sandbox.post(STOLEN, {"action": step})
    assert done() == {"consents", "ticket", "sessions", "contacts", "factors"}
    assert "/login" in foreign.get("/cabinet", 303).location
    stand.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    (own,) = [one for one in journey.sessions_of(stand) if one.ended_at is None]
    with app.app_context(), stand.database.writing() as session:
        anna = session.get_one(Person, case.person_oid)
        password_change.change_password(session, anna, "new", now=stand.clock.now(), keep_session=own.sid)
    assert "password" in done()
    assert "Обращение закрыто." in sandbox.follow(sandbox.post(STOLEN, {"action": "close"})).words
    assert cases(stand)[0].closed_at is not None
