"""Pages of the portal that fail, and what still works meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from e2e.harness.traveller import SIGNED_IN, Traveller
from e2e.journeys.scenes import Scene, open_home
from e2e.pages.screen import Screen

NEIGHBOUR = "viktor"


def open_home_to_the_end(scene: Scene, arm: Callable[[], None]) -> None:
    """«Главная» with the entry going, until it and all of its parts are there in place of the old ones."""
    screen = Screen(scene.visitor.page)

    def arm_and_mark() -> None:
        arm()
        screen.mark()

    open_home(scene, arm_and_mark)
    screen.wait_for_another()
    expect(scene.visitor.page.locator("html")).to_have_attribute("data-screen", "home")
    if scene.visitor.script:
        expect(scene.visitor.page.locator("[data-part]:not([data-state=ready])")).to_have_count(0)


def database_returns(scene: Scene) -> None:
    """Without its database the portal says so to monitors and to people, keeps its help open, and forgets nobody."""
    asked = scene.visitor.page.request
    portal = scene.visitor.stand.portal_url
    assert asked.get(portal + "/healthz/live").status == 200
    ready = asked.get(portal + "/healthz/ready")
    assert (ready.status, ready.json()["database"]) == (503, "down")
    for path in ("/help", "/help/login-problems", "/status"):
        assert asked.get(portal + path).status == 200, path
    scene.heal()
    assert asked.get(portal + "/healthz/ready").status == 200
    _restart(scene)


def data_is_mended(scene: Scene) -> None:
    """A neighbour gets in all the while; «Перезапустить» does not help until an operator has mended the data."""
    page = scene.visitor.page
    with Traveller(scene.visitor.stand, NEIGHBOUR) as neighbour:
        assert neighbour.sign_in() == SIGNED_IN
        assert neighbour.open("/home") == "home"
    Screen(page).press("Перезапустить")
    expect(page.locator("html")).to_have_attribute("data-screen", scene.entry.sees.screen or "")
    scene.heal()
    _restart(scene)


def _restart(scene: Scene) -> None:
    Screen(scene.visitor.page).press("Перезапустить")
    expect(scene.visitor.page.locator("html")).to_have_attribute("data-screen", "home")
    if scene.visitor.script:
        Screen(scene.visitor.page).wait_for_parts()


STEPS = {"open_home_to_the_end": open_home_to_the_end}
RECOVERIES = {"database_returns": database_returns, "data_is_mended": data_is_mended}
