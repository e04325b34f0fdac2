"""A person at a browser: looks at the screen, does what one does there, and goes on.

Every page of both programs says in `data-screen` what it is, so a journey is not a list of clicks but a set of habits:
on the login page one types login and password, on the code page one reads the phone, and so on. An *act* replaces one
habit once: that is how a journey goes wrong where the person (not Gosuslugi) is the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

from e2e.journeys.people import PASSWORD, PEOPLE, Persona
from e2e.pages.portal import LoadingPage, StartPage
from e2e.pages.sandbox import CodePage, ConsentPage, FactorPage, LoginPage
from e2e.pages.screen import Screen
from sandbox_idp.scenarios.paths import AUTHORIZE
from sandbox_idp.testing.stand import StandUnderTest

PASSWORD_PAGES = ("login", "login-continue")
FACTOR_PAGES = ("login-factor", "login-sms", "login-totp")
CONSENT_PAGES = ("consent",)
ALL_PAGES = frozenset((*PASSWORD_PAGES, *FACTOR_PAGES, *CONSENT_PAGES))
"""Screens of Gosuslugi on the way of a person who makes no mistake."""

Habit = Callable[["Visitor"], None]
Question = Callable[["Visitor"], bool]
MOST_STEPS = 20


class LostError(AssertionError):
    """The visitor met a screen he did not expect, or went in circles."""


def never(_visitor: Visitor) -> bool:
    """No reason to stop before the goal."""
    return False


def _see_nothing(_visitor: Visitor) -> None:
    """Nothing is looked at more closely."""


@dataclass
class Visitor:
    """One person in one browser page at one stand."""

    page: Page
    stand: StandUnderTest
    persona: Persona
    script: bool = True
    """Whether the browser runs scripts."""
    look: Habit = _see_nothing
    """Called on every screen reached (accessibility check, picture)."""
    seen: list[str] = field(default_factory=list)
    acts: dict[str, Habit] = field(default_factory=dict)
    """What is done once instead of the habit, by screen."""
    read_until: int = 0
    """Id of the newest message this person has read."""
    passed: frozenset[str] = frozenset()
    """From these screens of Gosuslugi on, what is left of its pages is passed by the control API."""
    entrance: str = "/"
    """Where a sign-in begins: the portal's first page, or the address that its «Войти» leads to."""
    password: str = PASSWORD
    """What this person's password is now."""
    asked_at: str = ""
    """The address at which the portal last asked Gosuslugi for a sign-in."""

    def __post_init__(self) -> None:
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if AUTHORIZE.search(urlsplit(request.url).path):
            self.asked_at = request.url

    @property
    def screen(self) -> str:
        """What the page says it is; empty for a page that is not ours."""
        return Screen(self.page).name

    def open(self, path: str = "/") -> None:
        """Type an address of the portal."""
        self.page.goto(self.stand.portal_url + path)

    def walk(self, until: Iterable[str], stop: Question = never) -> str:
        """Do what each screen asks for until one of the screens `until` is reached, or `stop` says yes; tells which."""
        goal = set(until)
        for _ in range(MOST_STEPS):
            if self.step(goal, stop):
                return self.seen[-1]
        raise LostError(f"went in circles on the way to {sorted(goal)}: {self.seen}")

    def step(self, goal: Set[str], stop: Question = never) -> bool:
        """Look at the screen, and do what it asks for unless it is where the walk ends; tells whether it is."""
        screen = self.screen
        self.seen.append(screen)
        self.look(self)
        if stop(self) or screen in goal:
            return True
        habit = self.acts.pop(screen, None) or self._habit(screen)
        if habit is None:
            where = screen or self.page.url
            raise LostError(f"{where!r} was not expected on the way to {sorted(goal)}; seen: {self.seen}")
        habit(self)
        return False

    def _habit(self, screen: str) -> Habit | None:
        # Who has registered on the way is nobody whom the control API could sign in by a name of its own.
        known = self.persona.name in PEOPLE
        return pass_the_pages if known and screen in self.passed else HABITS.get(screen)

    def sign_in(self, until: Iterable[str] = ("home",), stop: Question = never) -> str:
        """From the entrance to `until` (the home page), or to where `stop` says yes.

        Whoever passes all pages of Gosuslugi comes from none, and is first seen where the portal is returned to.
        """
        if self.passed >= ALL_PAGES:
            self._return_at_once()
        else:
            self.open(self.entrance)
        return self.walk(until, stop)

    def arrive(self) -> None:
        """Be on the home page, signed in without the pages of Gosuslugi: for tests of what comes after them."""
        self._return_at_once()
        self.walk(["home"])

    def _return_at_once(self) -> None:
        start = self.page.request.get(self.stand.portal_url + "/login", max_redirects=0)
        self.asked_at = start.headers["location"]
        pass_the_pages(self)

    def press(self, name: str) -> None:
        """Press the button or follow the link of that name."""
        Screen(self.page).press(name)

    def read_code(self) -> str:
        """The newest code on the persona's phone that was not read yet; waits for it."""
        message = self.stand.next_message(to=self.persona.phone, kind="sms", after=self.read_until)
        self.read_until = message.id
        return message.code


def pass_the_pages(someone: Visitor) -> None:
    """Everything that Gosuslugi still asks for, granted through the control API; the browser goes on from there."""
    someone.page.goto(someone.stand.control.sign_in(someone.asked_at, someone.persona.name))


def sign_in(someone: Visitor, password: str | None = None, login: str | None = None) -> None:
    """Login and password, the person's own unless others are given, and the figures of a captcha if one is there."""
    page = LoginPage(someone.page)
    key = page.captcha_key()
    if key:
        page.type_figures(someone.stand.control.captcha(key))
    page.sign_in(login or someone.persona.login, password or someone.password)


@contextmanager
def another_browser(someone: Visitor, *, user_agent: str | None = None) -> Iterator[Page]:
    """A page of a browser that shares nothing with the person's own. Whoever uses it needs no script."""
    browser = someone.page.context.browser
    assert browser is not None
    context = browser.new_context(user_agent=user_agent, java_script_enabled=False)
    try:
        yield context.new_page()
    finally:
        context.close()


def visitor(
    name: str,
    page: Page,
    stand: StandUnderTest,
    *,
    script: bool = True,
    look: Habit = _see_nothing,
    passed: frozenset[str] = frozenset(),
    entrance: str = "/",
) -> Visitor:
    """The visitor who is persona `name` of `docs/personas.md`."""
    read_until = stand.newest_message()
    return Visitor(page, stand, PEOPLE[name], script, look, read_until=read_until, passed=passed, entrance=entrance)


HABITS: dict[str, Habit] = {
    "start": lambda someone: StartPage(someone.page).sign_in(),
    "login": sign_in,
    "login-continue": lambda someone: someone.press("Продолжить"),
    "login-factor": lambda someone: FactorPage(someone.page).choose_sms(),
    "login-sms": lambda someone: CodePage(someone.page).confirm(someone.read_code()),
    "login-totp": lambda someone: CodePage(someone.page).confirm(someone.stand.totp(someone.persona.name)),
    "second-factor-off": lambda someone: CodePage(someone.page).confirm(someone.read_code(), "Включить и войти"),
    "consent": lambda someone: ConsentPage(someone.page).grant(),
    "loading": lambda someone: LoadingPage(someone.page).go_on(script=someone.script),
}
"""What a person who makes no mistake does on each screen."""
