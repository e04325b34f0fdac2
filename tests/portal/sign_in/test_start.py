"""`/login`: to Gosuslugi, or an honest page instead of a dead end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.sign_in.models import PendingSignIn
from portal.sign_in.pending import digest
from tests.pages import PageClient
from tests.portal.conftest import NOON, SignIn
from tests.portal.fake_esia import FRONT, FakeEsia, state_of


def pending(database: Database) -> list[PendingSignIn]:
    with database.reading() as session:
        return list(session.exec(select(PendingSignIn)))


def test_the_browser_is_sent_to_gosuslugi_with_our_own_return_address(portal: PageClient) -> None:
    """S-01, S-58: the return address comes from the settings. R-002: no password is asked for here."""
    page = portal.get("/login", 303)
    parts = urlsplit(page.location)
    assert f"{parts.scheme}://{parts.netloc}" == FRONT
    assert parse_qs(parts.query)["redirect_uri"] == ["http://localhost:8000/login/callback"]


def test_the_state_is_random_kept_as_a_hash_and_bound_to_the_browser(
    portal: PageClient, portal_database: Database
) -> None:
    """S-03: at least 128 bits, ten minutes."""
    state = state_of(portal.get("/login", 303).location)
    assert len(state.replace("-", "")) * 4 == 128
    (row,) = pending(portal_database)
    assert row.state_hash == digest(state)
    assert state not in (row.state_hash, row.browser_hash)
    assert row.expires_at == NOON + timedelta(minutes=10)
    assert row.used_at is None
    assert len({state_of(portal.get("/login", 303).location) for _ in range(5)} | {state}) == 6


def test_the_mark_of_the_browser_is_signed_and_survives_a_second_tab(portal: PageClient) -> None:
    """S-49: HttpOnly, Lax, `__Host-`, Secure, no Max-Age. Two tabs of one browser are one browser."""
    first = portal.get("/login", 303).response.headers["Set-Cookie"]
    assert first.startswith("__Host-browser=")
    for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert flag in first
    assert "Max-Age" not in first
    assert "Expires" not in first
    assert portal.get("/login", 303).response.headers["Set-Cookie"] == first


@pytest.mark.parametrize("value", ["forged", "forged.AAAA", "ы", ""])
def test_a_mark_that_we_did_not_sign_is_replaced(value: str, portal: PageClient) -> None:
    """S-03, S-44: a planted value binds nothing."""
    portal.client.set_cookie("__Host-browser", value, domain="localhost")
    given = portal.get("/login", 303).response.headers["Set-Cookie"]
    assert given.split(";")[0] != f"__Host-browser={value}"


def test_sign_ins_long_over_are_thrown_away(portal: PageClient, portal_database: Database, clock: ManualClock) -> None:
    """Nothing is kept that nobody needs."""
    portal.get("/login", 303)
    clock.advance(timedelta(days=8))
    portal.get("/login", 303)
    assert len(pending(portal_database)) == 1


def test_gosuslugi_that_does_not_answer_is_said_before_the_redirect(
    portal: PageClient, esia: FakeEsia, portal_database: Database
) -> None:
    """R-030: a page of ours with a way on, and nothing is stored."""
    esia.fail("/healthz/live", httpx2.ConnectError("refused"))
    page = portal.get("/login?next=/profile", 504)
    assert page.screen == "gosuslugi-silent"
    assert "Госуслуги не отвечают." in page.words
    assert page.soup.find("h1").get_text() == "Произошла ошибка.."
    again = page.soup.find("a", string="Перезапустить")
    assert again["href"] == "/login?next=/profile"
    assert pending(portal_database) == []


def test_the_wish_to_be_asked_for_the_rights_is_kept_for_the_next_try(portal: PageClient, esia: FakeEsia) -> None:
    """R-017, S-66: «Войти ещё раз и разрешить» during works asks for the rights when the works are over."""
    esia.works = [{"start": NOON.isoformat(), "end": None, "kind": "unplanned", "title": ""}]
    page = portal.get("/login?next=/home&consent=again", 503)
    assert page.soup.find("a", string="Проверить снова")["href"] == "/login?consent=again"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_gosuslugi_that_answers_with_an_error_is_said_before_the_redirect(
    status: int, portal: PageClient, esia: FakeEsia
) -> None:
    """R-030."""
    esia.answer_with("/healthz/live", httpx2.Response(status))
    assert portal.get("/login", 502).screen == "gosuslugi-failed"


def test_announced_works_are_told_with_start_end_and_countdown(portal: PageClient, esia: FakeEsia) -> None:
    """U-2, R-030, S-68: when it ends, how long that is, 503 and Retry-After."""
    esia.works = [
        {
            "start": (NOON - timedelta(hours=1)).isoformat(),
            "end": (NOON + timedelta(hours=2, minutes=30)).isoformat(),
            "kind": "planned",
            "title": "Плановое обслуживание",
        }
    ]
    page = portal.get("/login", 503)
    assert page.screen == "works"
    assert page.soup.find("h1").get_text() == "Вход откроется в 14:30"
    assert "Плановое обслуживание" in page.words
    assert "14:30, воскресенье, 22 ноября, мск" in page.words
    assert "11:00, воскресенье, 22 ноября, мск" in page.words
    assert page.soup.find(attrs={"data-countdown": "9000"}) is not None
    assert page.response.headers["Retry-After"] == "9000"
    assert page.soup.find("a", string="Проверить снова")["href"] == "/login"


def test_works_without_an_end_promise_none(portal: PageClient, esia: FakeEsia) -> None:
    """U-2: an unknown end is said to be unknown."""
    esia.works = [{"start": NOON.isoformat(), "end": None, "kind": "unplanned", "title": ""}]
    page = portal.get("/login", 503)
    assert page.screen == "works"
    assert page.soup.find(attrs={"data-countdown": True}) is None
    assert page.response.headers["Retry-After"] == "300"
    assert "мск" not in page.soup.find("h1").get_text()


def test_works_that_are_still_ahead_stop_nobody(portal: PageClient, esia: FakeEsia) -> None:
    """Only what is on counts."""
    esia.works = [{"start": (NOON + timedelta(hours=1)).isoformat(), "end": None, "kind": "planned", "title": "x"}]
    portal.get("/login", 303)


def test_a_foreign_next_is_ignored_and_a_local_one_is_kept(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """S-14: kept on the server, never trusted on the way back."""
    assert sign_in(portal, "/login?next=/profile").location == "/loading?next=/profile"
    for foreign in ("//evil.test", "https:evil.test", "/\\evil.test", "%252f%252fevil.test"):
        assert sign_in(portal, f"/login?next={foreign}").location == "/loading"


def test_another_host_name_is_redirected_and_does_not_get_into_addresses(portal: PageClient) -> None:
    """S-58: Host is checked against a list, addresses come from the settings."""
    response = portal.client.get("/login", base_url="http://evil.test")
    assert response.status_code == 303
    assert response.headers["Location"] == "http://localhost:8000/login"
    assert portal.client.post("/logout", base_url="http://evil.test").status_code == 421


def test_a_path_that_no_header_could_hold_is_redirected_too(portal: PageClient) -> None:
    """S-58, S-61: a line end in it stays percent-encoded."""
    response = portal.client.get("/login%0d%0aX-Evil:%201", base_url="http://evil.test")
    assert response.status_code == 303
    assert response.headers["Location"] == "http://localhost:8000/login%0D%0AX-Evil:%201"


def test_a_failure_page_names_no_reason_path_or_exception(portal: PageClient, esia: FakeEsia) -> None:
    """S-61: the reference leads to the log, the page says nothing of the inside."""

    def explode(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("secret detail /etc/passwd")

    esia.answer_with("/healthz/live", explode)
    page = portal.get("/login", 504)
    for hidden in ("secret detail", "passwd", "Traceback", "refused", "healthz", "back.esia"):
        assert hidden not in page.text
    reference: Any = page.soup.find(attrs={"data-ref": True})
    assert len(reference["data-ref"]) == 7
    assert "Код для поддержки" in page.words
