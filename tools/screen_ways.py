"""Ways to the screens that are photographed: a booth, and how one gets to an address, a screen or a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from e2e.journeys.rooms.appointments import book_next_week
from e2e.journeys.scenes import STEPS, Scene
from e2e.journeys.visitor import Visitor, visitor
from e2e.pages.sandbox import ConsoleDoor
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.testing.pair import PairInfo
from sandbox_idp.testing.stand import StandUnderTest


@dataclass
class Booth:
    """Where one screen is photographed: a browser page and a stand of its own."""

    page: Page
    pair: PairInfo
    stand: StandUnderTest

    def person(self, name: str = "anna") -> Visitor:
        """One of the twelve, at this browser."""
        return visitor(name, self.page, self.stand)


Way = Callable[[Booth], object]


@dataclass(frozen=True)
class Screen:
    """One screen: where its pictures go, and the way there."""

    name: str
    go: Way
    limits: dict[str, float] | None = None
    profile: str = "esia-v1"
    """How the portal speaks to Gosuslugi there."""
    held: bool = False
    """Whether an answer is held back while it is shown: then the network does not come to rest."""


def portal(path: str) -> Way:
    """An address of the portal that needs no sign-in."""
    return lambda booth: booth.page.goto(booth.stand.portal_url + path)


def sandbox(path: str) -> Way:
    """An address of the sandbox that needs no sign-in."""
    return lambda booth: booth.page.goto(booth.stand.idp_url + path)


def on_the_way(screen: str, person: str = "anna") -> Way:
    """A screen that a sign-in passes."""
    return lambda booth: booth.person(person).sign_in([screen])


def signed_in(path: str, person: str = "anna") -> Way:
    """An address of the portal, as somebody who is signed in."""

    def go(booth: Booth) -> None:
        someone = booth.person(person)
        someone.sign_in()
        someone.open(path)

    return go


def appointment_at(screen: str, person: str = "anna") -> Way:
    """A screen that the booking of an appointment passes."""

    def go(booth: Booth) -> None:
        someone = booth.person(person)
        someone.arrive()
        someone.open("/appointments")
        someone.walk([screen])

    return go


def booked(path: str, press: str = "", person: str = "anna") -> Way:
    """An address of the portal, as somebody with an appointment; without one its talon; with `press` what it opens."""

    def go(booth: Booth) -> None:
        someone = booth.person(person)
        someone.arrive()
        someone.open("/appointments")
        book_next_week(someone)
        if path:
            booth.page.goto(booth.stand.portal_url + path)
        if press:
            someone.press(press)

    return go


def at_gosuslugi(path: str, person: str = "anna") -> Way:
    """An address of the training Gosuslugi's cabinet, as somebody who is signed in there."""

    def go(booth: Booth) -> None:
        booth.page.goto(booth.stand.idp_url + "/cabinet")
        booth.person(person).walk(["cabinet"])
        booth.page.goto(booth.stand.idp_url + path)

    return go


def entry_shown(entry: Entry) -> Way:
    """What an entry of the catalogue shows."""

    def go(booth: Booth) -> None:
        scene = Scene(entry, booth.person(entry.journey.person))
        STEPS[entry.journey.steps](scene, scene.arm)
        scene.expect_shown()

    return go


CONSOLE_KEYWORD = "Pult-Dlya-Snimkov-12"
"""Opens the console of the pair that is photographed: its one-time key would open it for one screen."""


def console(path: str) -> Way:
    """An address of the trainer's console of the booth's stand."""

    def go(booth: Booth) -> None:
        booth.page.goto(booth.stand.idp_url + "/console/enter")
        ConsoleDoor(booth.page).enter(CONSOLE_KEYWORD)
        booth.page.goto(booth.stand.idp_url + path)

    return go
