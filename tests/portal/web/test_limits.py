"""The portal's own time limit: counted from arrival, handed to the doors, and ended by the portal's own page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from foundation.clock import ManualClock
from portal.settings import PortalSettings
from portal.web.limits import RECEIVED_AT
from tests.pages import PageClient


@pytest.fixture
def visitor(broken: Flask, portal_settings: PortalSettings) -> PageClient:
    return PageClient(broken, portal_settings.public_url)


def arrived(clock: ManualClock, seconds: float) -> dict[str, object]:
    """A request that somebody in front held for `seconds`."""
    return {RECEIVED_AT: clock.now() - timedelta(seconds=seconds)}


def test_a_request_has_25_seconds_when_it_arrives(visitor: PageClient) -> None:
    """U-18: the server's work limit is below the browser's 30 s."""
    assert float(visitor.get("/broken/left").text) == 25


def test_what_was_spent_before_is_taken_off(visitor: PageClient, clock: ManualClock) -> None:
    """A request that waited 10 s in front of the portal leaves 15 s for the doors."""
    assert float(visitor.get("/broken/left", environ_overrides=arrived(clock, 10)).text) == 15


@pytest.mark.parametrize("path", ["/broken/left", "/", "/help", "/login"])
def test_a_request_that_came_too_late_is_answered_without_work(
    visitor: PageClient, clock: ManualClock, path: str
) -> None:
    """`page-very-slow` ends in the portal's own page: 503, the three strings, Retry-After."""
    page = visitor.get(path, 503, environ_overrides=arrived(clock, 25))
    assert page.screen == "error"
    assert "Произошла ошибка.. Попробуйте перезапустить страницу" in page.words
    assert "Ничего не записано" in page.words
    assert int(page.response.headers["Retry-After"]) > 0


def test_a_part_that_came_too_late_is_a_fragment(visitor: PageClient, clock: ManualClock) -> None:
    """U-23: to htmx the same as a fragment."""
    page = visitor.get(
        "/parts/policy", 503, environ_overrides=arrived(clock, 26),
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )  # fmt: skip
    assert "data-fault" in page.text
    assert "<html" not in page.text


def test_health_and_static_files_are_answered_however_late(visitor: PageClient, clock: ManualClock) -> None:
    """S-67: a monitor learns that the process lives, and the error page gets its logo."""
    visitor.get("/healthz/live", environ_overrides=arrived(clock, 100))
    visitor.get("/static/x/logo.svg", environ_overrides=arrived(clock, 100))
