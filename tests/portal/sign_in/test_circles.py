"""A browser that is sent to the sign-in again and again is stopped (row redirect-loop)."""

from __future__ import annotations

from datetime import timedelta

from foundation.clock import ManualClock
from tests.pages import PageClient
from tests.portal.conftest import SignIn


def test_three_automatic_ways_to_the_sign_in_within_a_minute_are_the_last(portal: PageClient, sign_in: SignIn) -> None:
    """S-17: signed in each time, and each time the browser has lost it; then one way out, which is no fourth turn."""
    for _ in range(3):
        page = portal.get("/home", 303)
        sign_in(portal, page.location)
        portal.client.delete_cookie("__Host-session", domain="localhost")
    page = portal.get("/home", 508)
    assert page.screen == "sign-in-loop"
    assert "Вход ходит по кругу" in page.words
    assert "Код для поддержки" in page.words
    assert page.soup.find("a", string="Начать заново")["href"] == "/"
    portal.get("/")
    sign_in(portal)
    portal.get("/home")


def test_ways_that_lie_further_apart_are_no_circle(portal: PageClient, clock: ManualClock) -> None:
    """Bookmarks opened in the course of a day."""
    for _ in range(6):
        assert portal.get("/home", 303).location == "/login"
        clock.advance(timedelta(seconds=31))


def test_the_count_begins_anew_after_the_stop(portal: PageClient) -> None:
    """Whoever comes back to the address is not told for ever."""
    for status in (303, 303, 303, 508, 303):
        portal.get("/home", status)


def test_a_forged_count_counts_for_nothing(portal: PageClient) -> None:
    """S-43: our cookies carry our signature."""
    portal.client.set_cookie("__Host-turns", "9-9-9-9.forged", domain="localhost")
    portal.get("/home", 303)
