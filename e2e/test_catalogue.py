"""Every entry of the catalogue through failure **and** recovery, each in a stand of its own.

A journey passes only if (1) the journal holds the entry's effect or act, (2) the screen of the failure with all of its
texts was visible and announced, (3) the session is what the entry says, (4) the same browser ends where the entry says,
and (5) with the entry not armed (or the act left out) the same steps do not show the failure
(`docs/failure-catalogue.md`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import PROFILES
from e2e.harness.axe import Inspector
from e2e.journeys.acts import ACTS
from e2e.journeys.scenes import (
    AS_USUAL,
    MARGIN,
    MINUTE,
    RECOVERIES,
    STEPS,
    Scene,
    View,
    hangs,
    held_seconds,
    look_at,
    shows,
    shows_the_wait,
    time_passes,
)
from e2e.journeys.visitor import ALL_PAGES, CONSENT_PAGES, PASSWORD_PAGES, Visitor, visitor
from e2e.pages.portal import HomePage
from e2e.pages.screen import Screen
from foundation.locks import locked
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.testing.control import QUICK_LIMITS
from sandbox_idp.testing.stand import StandUnderTest

ENTRIES = tuple(shared().entries.values())
SIGNED_OUT = "/signed-out"
"""Where a journey ends whose recovery is that the person gets out after all."""

Walk = Callable[[], list[View]]
Walked = Callable[[str, Walk], list[View]]


@pytest.fixture(scope="session")
def walked(shared_folder: Path) -> Walked:
    """What is seen without any failure on a way: the same for every entry that goes it, so walked once a run.

    Workers tell each other by a file; one that wants what another is just walking waits for it.
    """

    def views(name: str, walk: Walk) -> list[View]:
        file = shared_folder / f"{name}.json"
        with locked(file.with_suffix(".lock")):
            if not file.exists():
                file.write_text(json.dumps(walk()), encoding="utf-8")
        return [(screen, words) for screen, words in json.loads(file.read_text(encoding="utf-8"))]

    return views


def way_of(entry: Entry, *, script: bool) -> str:
    """What entries have in common that see the same as long as nothing fails.

    The programs say the same to every browser, and on all ways but the usual one the same with script and without.
    """
    person, steps = entry.journey.person, entry.journey.steps
    return f"{person}-sign-in-{'script' if script else 'plain'}" if steps in AS_USUAL else f"{person}-{steps}"


def kind_of(entry: Entry) -> str:
    """What the entry is a specimen of: the kind of its (first) effect, or its trigger."""
    return str(entry.effects[0]["kind"]) if entry.effects else entry.trigger


BETWEEN_SERVERS = ("D", "E")
"""Groups whose failures happen between the portal and Gosuslugi: a page does not show of what kind they were."""


def met_as(entry: Entry) -> tuple[str, str, str]:
    """What entries agree in that differ in nothing which a page without script can show."""
    kind = "" if entry.group in BETWEEN_SERVERS else kind_of(entry)
    return kind, entry.stage, entry.sees.screen or ""


def entries_of(profile: str, everything: bool) -> Iterator[Entry]:
    """What is walked in a profile of the portal: all of esia-v1, and of openid what there is nowhere else.

    `everything`: of openid all of group E, whose rows are to be seen through in both.
    """
    for entry in ENTRIES:
        if profile == "esia-v1" or "esia-v1" not in entry.profiles:
            wanted = profile in entry.profiles
        else:
            wanted = everything and entry.group == "E" and profile in entry.profiles
        if wanted:
            yield entry


def cases(profile: str, everything: bool) -> Iterator[pytest.ParameterSet]:
    """Every entry with script, and without where it can be shown so."""
    for entry in entries_of(profile, everything):
        for javascript in entry.javascript:
            marks = [pytest.mark.specimen(kind_of(entry), *met_as(entry))]
            if javascript == "off":
                marks.append(pytest.mark.browser_context_args(java_script_enabled=False))
            name = entry.id if javascript == "on" else f"{entry.id}-without-script"
            yield pytest.param(entry, javascript == "on", id=name, marks=marks)


AFTER_THE_PAGES = ("callback", "token", "person-data", "keys", "part")
"""Stages that come when the pages of Gosuslugi are done."""
AFTER = {
    "authorize": ALL_PAGES,
    "password": ALL_PAGES.difference(PASSWORD_PAGES),
    "factor": frozenset(CONSENT_PAGES),
    **dict.fromkeys(AFTER_THE_PAGES, ALL_PAGES),
}
"""By stage, which pages of Gosuslugi a person meets on the way out of the failure without their being part of it."""


def first_of_each_stage() -> frozenset[str]:
    """Those entries that go through every page in each of their ways, as `--everything` does with all."""
    first: dict[str, str] = {}
    for entry in ENTRIES:
        first.setdefault(entry.stage, entry.id)
    return frozenset(first.values())


TAKE_LONG = ("captcha-expired", "recovery-code-expired", "sms-expired")
"""Acts that take so long that afterwards the portal's request, which the control API is shown, is too old."""
WHOLE = first_of_each_stage()
"""All others pass by the control API those pages of Gosuslugi that have no part in what the entry shows.

It checks what the pages check; the pages themselves are seen by these, and by everybody who signs in on the plain way.
"""


def passed_before(entry: Entry) -> frozenset[str]:
    """What may be passed on the way to the failure: all that is done when it comes, or nothing."""
    return ALL_PAGES if entry.stage in AFTER_THE_PAGES and entry.journey.act is None else frozenset()


def passed_after(entry: Entry) -> frozenset[str]:
    """What may be passed on the way out: what comes after it on the way of a plain sign-in.

    What an entry has done to the account stays done until it is switched off, and the control API would refuse it.
    """
    if kind_of(entry) == "account" or entry.journey.act in TAKE_LONG:
        return frozenset()
    return AFTER.get(entry.stage, frozenset())


def may_begin_there(entry: Entry) -> bool:
    """Whether a sign-in may begin at the address that the portal's «Войти» leads to: its press is no part of this."""
    act = entry.journey.act
    return entry.stage != "authorize" and (act is None or ACTS[act][0] != "start")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The entries of the profile that the running pair speaks."""
    if "entry" in metafunc.fixturenames:
        option = metafunc.config.getoption
        metafunc.parametrize(("entry", "script"), tuple(cases(option("--pair-profile"), option("--everything"))))


def test_an_entry_fails_and_recovers(
    *,
    entry: Entry,
    script: bool,
    pytestconfig: pytest.Config,
    make_stand: Callable[..., StandUnderTest],
    context: BrowserContext,
    inspector: Inspector,
    walked: Walked,
) -> None:
    """One row of the catalogue, as the module says."""
    limits = QUICK_LIMITS if hangs(entry) else None
    page = context.new_page()
    # What is never to stay may pass by on any page that is still coming; whether it stays is asked in the end.
    if entry.trigger != "never":
        plain = walked(
            way_of(entry, script=script),
            lambda: plain_views(entry, visitor(entry.journey.person, page, make_stand(), script=script)),
        )
        assert not [view for view in plain if shows(entry, view)], f"seen without {entry.id}"

    hurried = entry.id not in WHOLE and not pytestconfig.getoption("--everything")
    someone = visitor(entry.journey.person, page, make_stand(limits=limits), script=script, look=inspector.look)
    if hurried:
        someone.passed = passed_before(entry)
        someone.entrance = "/login" if may_begin_there(entry) else "/"
    scene = Scene(entry, someone)
    STEPS[entry.journey.steps](scene, scene.arm)
    if entry.trigger == "never":
        assert scene.happened(), f"the journal has nothing of {entry.id}"
        assert not scene.is_shown(), f"{entry.id} must not be seen"
        assert scene.stands_at_the_end(), page.url
        assert scene.has_session()
        return
    if scene.glimpse is None:
        scene.expect_shown()
        inspector.look(scene.visitor)
    fails(scene)

    if hurried:
        someone.passed = passed_after(entry)
    recover(scene, page)
    assert scene.happened(), f"the journal has nothing of {entry.id}"
    assert scene.stands_at_the_end(), page.url
    assert not scene.is_shown()
    if entry.recovers.ends_at == "/home":
        assert page.locator("[data-part][data-state=error]").count() == 0, "the home page is not whole again"
    assert entry.recovers.at == "sandbox" or scene.has_session() is (entry.recovers.ends_at != SIGNED_OUT)


def fails(scene: Scene) -> None:
    """What is told while the failure is there: by the screen, the journal, the session and the portal's calls."""
    entry = scene.entry
    scene.expect_shown()
    scene.expect_announced()
    scene.expect_reference()
    if hangs(entry):
        # On a busy machine the portal may have given up before the gate got to hold its call.
        scene.visitor.stand.control.wait_for_effect(entry.id)
    # What the browser did without a server is seen by it only afterwards.
    if entry.sees.at != "browser":
        assert scene.happened(), f"the journal has nothing of {entry.id}"
        assert scene.has_session() in (None, entry.sees.session in ("opened", "unchanged"))
    if entry.sees.calls_after is not None:
        assert scene.calls_after() == list(entry.sees.calls_after)


def plain_views(entry: Entry, someone: Visitor) -> list[View]:
    """Everything that is seen on the entry's steps when nothing is armed and nobody does anything wrong.

    Those of a plain sign-in are the same for every entry that goes that way, so they are walked together.
    """
    views: list[View] = []

    def look(visitor: Visitor) -> None:
        views.append(look_at(visitor))

    someone.look = look
    scene = Scene(entry, someone)
    if entry.journey.steps in AS_USUAL:
        someone.sign_in()
        if someone.script:
            scene.press_and_glimpse(HomePage(someone.page).link)
        else:
            HomePage(someone.page).link.click()
        expect(someone.page.locator("html")).to_have_attribute("data-screen", "home")
    else:
        STEPS[entry.journey.steps](scene, lambda: None)
    if someone.script:
        Screen(someone.page).wait_for_parts()
    look(someone)
    return views if scene.glimpse is None else [*views, scene.glimpse]


def recover(scene: Scene, page: Page) -> None:
    """The way out that the entry names, to the end."""
    entry, someone = scene.entry, scene.visitor
    if entry.journey.recovery is not None:
        RECOVERIES[entry.journey.recovery](scene)
        return
    if entry.recovers.by == "clock":
        someone.stand.control.advance(timedelta(seconds=held_seconds(entry)) + _works_of(entry) + MARGIN)
    elif entry.recovers.by == "heal":
        scene.heal()
    elif entry.recovers.by == "person" and entry.effects:
        # What failed was a message: the person asks for another one as soon as there may be one.
        someone.stand.control.advance(MINUTE + MARGIN)
        someone.press("Получить новый код")
    if entry.stage == "part":
        restart = (
            page.locator("[data-part]")
            .get_by_role("button", name="Перезапустить")
            .or_(page.locator("[data-part]").get_by_role("link", name="Перезапустить"))
        )
        if entry.recovers.by != "clock":
            restart.first.click()
        expect(page.locator("[data-part]:not([data-state=ready])")).to_have_count(0)
    else:
        if entry.sees.actions:
            Screen(page).press(entry.sees.actions[0].name)
        with time_passes(scene) if held_seconds(entry) else contextlib.nullcontext():
            if shows_the_wait(entry):
                Screen(page).wait_for_another()
            someone.walk(["home"])
    expect(page.locator("html")).to_have_attribute("data-screen", "home")
    if someone.script:
        Screen(page).wait_for_parts()


def _works_of(entry: Entry) -> timedelta:
    return timedelta(minutes=float(entry.defaults().get("minutes", 0)))


def test_every_entry_has_a_journey() -> None:
    """A test fails if an entry has no journey: its steps and its act must be known."""
    for entry in ENTRIES:
        assert entry.journey.steps in STEPS, entry.id
        assert entry.journey.act is None or entry.journey.act in ACTS, entry.id
        assert entry.journey.recovery is None or entry.journey.recovery in RECOVERIES, entry.id


def test_every_entry_is_walked() -> None:
    """A test fails if there is no run that would walk an entry: one for `esia-v2` alone has none."""
    walked_in_a_run = [case.values[0] for profile in PROFILES for case in cases(profile, everything=False)]
    assert [entry.id for entry in ENTRIES if entry not in walked_in_a_run] == []
