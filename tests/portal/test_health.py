"""What monitors see (S-67)."""

from __future__ import annotations

import httpx2
import pytest

from foundation.database import Database
from portal.esia.breaker import FAILURES
from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia


def ready(portal: PageClient) -> tuple[int, dict[str, str]]:
    response = portal.client.get("/healthz/ready", base_url="http://10.0.0.1")
    return response.status_code, response.get_json()


def test_all_is_well(portal: PageClient) -> None:
    """S-67: also when a monitor asks by address; nothing private is told."""
    assert ready(portal) == (
        200,
        {"status": "ready", "database": "ready", "gosuslugi": "ready", "sign_in": "ready"},
    )


def test_gosuslugi_that_is_down_is_named_and_the_process_is_alive(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-67: which dependency is down, while `live` stays 200."""
    esia.answer_with("/aas/oauth2/te", httpx2.Response(500))
    for _ in range(FAILURES):
        sign_in.come_back(portal, sign_in.begin(portal), 502)
    status, parts = ready(portal)
    assert (status, parts["gosuslugi"], parts["database"]) == (503, "down", "ready")
    assert portal.client.get("/healthz/live", base_url="http://10.0.0.1").status_code == 200


def test_the_page_says_when_the_next_try_makes_sense(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """S-67: while the breaker rests nobody waits: the answer comes at once, with Retry-After."""
    from datetime import timedelta

    esia.answer_with("/aas/oauth2/te", httpx2.Response(500))
    for _ in range(FAILURES):
        sign_in.come_back(portal, sign_in.begin(portal), 502)
    esia.clock.advance(timedelta(seconds=6))
    asked = len(esia.calls)
    page = portal.get("/login", 504)
    assert page.screen == "gosuslugi-silent"
    assert page.response.headers["Retry-After"] == "9"
    assert len(esia.calls) == asked


def test_a_database_that_is_down_is_named(
    portal: PageClient, portal_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-67."""
    monkeypatch.setattr(portal_database, "is_alive", lambda: False)
    status, parts = ready(portal)
    assert (status, parts["database"], parts["gosuslugi"]) == (503, "down", "ready")
    assert portal.client.get("/healthz/live", base_url="http://10.0.0.1").status_code == 200
