"""«Медкарта»: lists that are not whole, and lists that are whole again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from e2e.journeys.scenes import Scene


def open_results(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, then «Анализы и исследования»; without script one link further."""
    someone = scene.visitor
    someone.arrive()
    arm()
    someone.open("/record/results")
    if someone.script:
        expect(someone.page.locator("[data-part=results]")).to_have_attribute("data-state", "ready")
    else:
        someone.press("Показать записи")


def results_again(scene: Scene) -> None:
    """The source answers again: «Перезапустить» in the part brings the whole list; then back to the record."""
    scene.heal()
    someone = scene.visitor
    someone.page.locator("[data-missing]").get_by_role("link", name="Перезапустить").click()
    expect(someone.page.locator("[data-missing]")).to_have_count(0)
    expect(someone.page.locator(".entry").first).to_be_visible()
    someone.press("Медкарта" if someone.script else "К медкарте")


STEPS = {"open_results": open_results}
RECOVERIES = {"results_again": results_again}
