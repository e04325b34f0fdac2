"""Signing out: here in any case, at Gosuslugi if it answers (S-46)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import select

from foundation.database import Database
from portal.sign_in.models import PatientSession
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FRONT, FakeEsia

COOKIE = "__Host-session"


@pytest.fixture
def signed_in(portal: PageClient, sign_in: SignIn) -> PageClient:
    sign_in(portal)
    portal.get("/home")
    return portal


def leave(browser: PageClient) -> Page:
    return browser.post("/logout")


def test_leaving_ends_the_session_here_and_goes_on_to_gosuslugi(
    signed_in: PageClient, portal_database: Database
) -> None:
    """S-46: in the database; Gosuslugi sends the browser back to a page of ours (S-58)."""
    page = leave(signed_in)
    parts = urlsplit(page.location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{FRONT}/idp/ext/Logout"
    assert parse_qs(parts.query) == {
        "client_id": ["PORTAL_DEMO"],
        "redirect_url": ["http://localhost:8000/signed-out"],
    }
    with portal_database.reading() as session:
        row = session.exec(select(PatientSession)).one()
    assert (row.ended_reason, row.access_token) == ("logout", None)


def test_cookies_are_deleted_one_by_one_and_only_the_cache_is_cleared(signed_in: PageClient) -> None:
    """S-46: `Clear-Site-Data: "cookies"` would sign out every portal of the host."""
    headers = leave(signed_in).response.headers
    assert headers["Clear-Site-Data"] == '"cache"'
    gone = [value.split("=")[0] for value in headers.getlist("Set-Cookie") if "Max-Age=0" in value]
    assert sorted(gone) == ["__Host-browser", "__Host-form", "__Host-session"]
    for value in headers.getlist("Set-Cookie"):
        assert "Secure" in value, "a browser drops a __Host- cookie only if the deletion is Secure as well"
        assert "Path=/" in value


def test_a_replayed_cookie_opens_nothing(signed_in: PageClient) -> None:
    """S-46: 401 with the page that explains it."""
    kept = signed_in.client.get_cookie(COOKIE, domain="localhost")
    assert kept is not None
    leave(signed_in)
    signed_in.client.set_cookie(COOKIE, kept.value, domain="localhost")
    page = signed_in.get("/home", 401)
    assert page.screen == "session-ended"
    assert "Вы вышли из личного кабинета" in page.words


def test_back_after_leaving_shows_nothing(signed_in: PageClient) -> None:
    """S-50: pages of a patient are never kept by the browser, and asking again says that one has left."""
    assert signed_in.get("/home").response.headers["Cache-Control"] == "no-store"
    leave(signed_in)
    page = signed_in.get("/appointments", 401)
    assert page.screen == "session-ended"
    assert "Вы вышли из личного кабинета" in page.words
    assert "Анна" not in page.text
    assert page.soup.find("a", string="Войти")["href"] == "/login?next=/appointments"


def test_that_one_has_left_is_forgotten_by_a_sign_in_and_in_a_quarter_of_an_hour(
    signed_in: PageClient, sign_in: SignIn
) -> None:
    """S-46: what stays in the browser is that it was signed out, for as long as an idle session lives."""
    cookies = leave(signed_in).response.headers.getlist("Set-Cookie")
    (given,) = [value for value in cookies if value.startswith("__Host-left=")]
    assert "Max-Age=900" in given
    assert "HttpOnly" in given
    sign_in(signed_in)
    assert signed_in.client.get_cookie("__Host-left", domain="localhost") is None
    signed_in.client.set_cookie("__Host-left", "forged", domain="localhost")
    signed_in.client.delete_cookie(COOKIE, domain="localhost")
    assert signed_in.get("/home", 303).location == "/login"


@pytest.mark.parametrize(
    "trouble", [httpx2.ConnectError("x"), httpx2.ReadTimeout("x"), 500, 503], ids=["refused", "hang", "500", "503"]
)
def test_gosuslugi_that_does_not_answer_does_not_keep_anybody_signed_in(
    trouble: Exception | int, signed_in: PageClient, esia: FakeEsia
) -> None:
    """The local session is closed all the same, and the page says what that means."""
    from datetime import timedelta

    if isinstance(trouble, int):
        esia.answer_with("/healthz/live", httpx2.Response(trouble))
    else:
        esia.fail("/healthz/live", trouble)
    esia.clock.advance(timedelta(seconds=6))
    page = leave(signed_in)
    assert page.location == "/signed-out?only=portal"
    page = signed_in.follow(page)
    assert page.screen == "signed-out"
    assert "Госуслуги не ответили, поэтому там сеанс мог остаться." in page.words
    assert signed_in.get("/home", 401).screen == "session-ended"


def test_the_page_after_leaving_says_so_and_offers_the_way_in(portal: PageClient) -> None:
    """S-46."""
    page = portal.get("/signed-out")
    assert page.screen == "signed-out"
    assert "На портале и на Госуслугах сеанс закрыт." in page.words
    assert page.soup.find("a", string="Войти снова")["href"] == "/login"


def test_leaving_twice_is_no_error(signed_in: PageClient) -> None:
    """S-17: the form of a page left open still works as expected."""
    token = signed_in.page.form("/logout")["csrf_token"] if signed_in.page else ""
    form = signed_in.client.get_cookie("__Host-form", domain="localhost")
    leave(signed_in)
    assert form is not None
    signed_in.client.set_cookie("__Host-form", form.value, domain="localhost")
    assert signed_in.post("/logout", {"csrf_token": token}).location.startswith(FRONT)


def test_nobody_is_signed_out_by_a_link_or_by_another_site(signed_in: PageClient) -> None:
    """S-51: only a form of ours with its token."""
    assert signed_in.client.get("/logout", base_url=signed_in.base_url).status_code == 405
    assert signed_in.client.post("/logout", base_url=signed_in.base_url).status_code == 400
    assert signed_in.client.get("/session", base_url=signed_in.base_url).status_code == 200


def test_the_policy_of_forms_lets_the_way_out_through(signed_in: PageClient) -> None:
    """S-52: Chromium applies `form-action` to the redirects after a form, and «Выйти» ends at Gosuslugi."""
    policy = signed_in.get("/home").response.headers["Content-Security-Policy"]
    assert f"form-action 'self' {FRONT};" in policy
