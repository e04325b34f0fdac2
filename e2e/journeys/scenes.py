"""Playing one entry of the catalogue: the way to its failure, what is seen there, and the way out.

A scene is built from the entry's own data alone. The steps it can name are those of `STEPS`.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Request, Response, expect

from e2e.journeys.acts import ACTS
from e2e.journeys.visitor import Visitor
from e2e.pages.portal import HomePage
from e2e.pages.screen import Screen
from sandbox_idp.scenarios.effects.delay import LONGEST_BY_LUCK, Delay
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.testing.clock import Clock
from sandbox_idp.testing.control import StandControl

View = tuple[str, str]
"""A screen as somebody saw it: its name, and its words."""
_GLIMPSE = "glimpse "
_WATCH_FOR_LOADING = """mark => new MutationObserver((_, observer) => {
  const root = document.documentElement;
  if (root.dataset.state !== 'loading') return;
  observer.disconnect();
  console.info(mark + JSON.stringify([root.dataset.screen, document.body.innerText]));
}).observe(document.documentElement, { attributes: true, childList: true, subtree: true })"""
REFERENCE = re.compile("[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}")
DISCOVERY = "GET /.well-known/openid-configuration"
MINUTE = timedelta(minutes=1)
MARGIN = timedelta(seconds=2)
UNSEEN, SETTLING = timedelta(milliseconds=280), timedelta(milliseconds=19)
"""How long a page may be on its way, and be put in place, before the old one says so (U-18); a millisecond less."""
AT_ONCE = 0.2
"""Seconds of real time that one question for new lines waits: whoever asks wants to stop soon after he is told to."""


def look_at(visitor: Visitor) -> View:
    """What is on the screen now."""
    return visitor.screen, " ".join(visitor.page.locator("body").inner_text().split())


def shows(entry: Entry, view: View) -> bool:
    """Whether that is the failure of `entry`: its screen, with every one of its texts."""
    sees = entry.sees
    screen, words = view
    return screen == sees.screen and all(
        " ".join(text.split()) in words for text in (*sees.texts, *filter(None, [sees.heading]))
    )


@dataclass
class Scene:
    """One entry, played by one visitor."""

    entry: Entry
    visitor: Visitor
    armed: bool = False
    """Whether the entry has been set going; it never is on the walk for comparison."""
    statuses: list[int] = field(default_factory=list)
    """Status of every answer that a page or part got since the scene began."""
    swapped: bool = False
    """Whether the newest page was put in the place of the old one by script, and not loaded by the browser."""
    glimpse: View | None = None
    """What was seen on a page while the browser was leaving it: nothing can be asked of the page itself meanwhile."""
    reached: datetime | None = None
    """How far the stand's clock was last moved to let an answer go."""

    def __post_init__(self) -> None:
        self.visitor.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        request = response.request
        if request.resource_type not in ("document", "fetch", "xhr"):
            return
        self.statuses.append(response.status)
        if request.resource_type == "document" or "hx-boosted" in request.headers:
            self.swapped = request.resource_type != "document"

    def arm(self) -> None:
        """Set the entry going, as it says by default.

        Where it holds answers back, the stand's clock stands still from now on: what is held stays so until the scene
        lets it go, however long the scene or the machine takes meanwhile.
        """
        self.armed = True
        if held_seconds(self.entry):
            self.visitor.stand.control.freeze()
        rules = self.entry.arming
        person = rules is not None and rules.default == "person"
        self.visitor.stand.control.arm(self.entry.id, scope={"person": self.visitor.persona.name} if person else None)
        self.statuses.clear()
        if self.entry.journey.act is not None:
            screen, act = ACTS[self.entry.journey.act]
            self.visitor.acts[screen] = act
        if any(effect.kind == "message-lost" for effect in self.entry.build({})):
            self.visitor.acts |= dict.fromkeys(("login-sms", "register-code"), self._wait_in_vain)

    def _wait_in_vain(self, someone: Visitor) -> None:
        """Nothing is on the phone; the person asks the page what to do."""
        assert someone.stand.newest_message() == someone.read_until, "a message came"
        someone.page.get_by_text("Не пришёл код?").click()

    def heal(self) -> None:
        """Switch the entry off."""
        self.visitor.stand.control.disarm(self.entry.id)

    def is_shown(self, _visitor: Visitor | None = None) -> bool:
        """Whether the screen of the failure is in front of the person, with every one of its texts."""
        return shows(self.entry, look_at(self.visitor))

    def press_and_glimpse(self, control: Locator) -> None:
        """Press what leads away, and keep what the page shows as it says that it is loading.

        With the entry going it says so. On the walk for comparison it does not: there the browser's clock stands just
        short of that moment until the next page is there, for how busy the machine is must not decide.
        """
        page = self.visitor.page
        page.evaluate(_WATCH_FOR_LOADING, _GLIMPSE)
        Screen(page).mark()
        if self.armed:
            with page.expect_console_message(_is_glimpse) as said:
                control.click(no_wait_after=True)
            self._keep(said.value)
            return
        clock = Clock(self.visitor.stand.control, page)
        clock.pause_browser()
        page.on("console", self._keep)
        control.click(no_wait_after=True)
        clock.run_browser(UNSEEN)
        Screen(page).wait_for_another()
        clock.run_browser(SETTLING)
        page.remove_listener("console", self._keep)
        page.clock.resume()

    def _keep(self, message: ConsoleMessage) -> None:
        if _is_glimpse(message):
            screen, words = json.loads(message.text.removeprefix(_GLIMPSE))
            self.glimpse = screen, " ".join(words.split())

    def happened(self) -> list[dict[str, Any]]:
        """The lines of the journal in which the entry acted, or in which the person did what it watches for."""
        watched = self.entry.watch.act if self.entry.watch is not None else None
        return [
            line
            for line in self.visitor.stand.control.journal()
            if (line["kind"] == "effect" and line["entry"] == self.entry.id)
            or (watched is not None and line["kind"] == "act" and line["name"] == watched)
        ]

    def let_go(self, line: dict[str, Any], control: StandControl | None = None) -> None:
        """Move the stand's clock to where the answer that `line` of the journal tells of is held no longer.

        An answer is held from the moment of its line, so the clock alone says whether it has been let go already.
        """
        held = timedelta(seconds=held_seconds(self.entry))
        if self.reached is None or self.reached < datetime.fromisoformat(line["at"]) + held:
            self.reached = (control or self.visitor.stand.control).advance(held + MARGIN)

    def calls_after(self) -> list[str]:
        """What the portal asked Gosuslugi for in this sign-in after the exchange in which the entry acted.

        The same thing asked for twice running is told once: whether keys are fetched once more differs by profile.
        By their times, because the workers of a program write what they exchanged a moment after it happened.
        """
        last = self.happened()[-1]
        lines = [
            line["name"]
            for line in self.visitor.stand.control.journal(since=last["id"], sign_in=last["sign_in"])
            if line["kind"] == "exchange" and line["channel"] == "back" and line["at"] >= last["at"]
        ]
        # OpenID clients ask what there is before they ask for the keys. It is a description, not anybody's data.
        lines = [line for line in lines if line != DISCOVERY]
        own = last["details"].get("exchange")
        if own in lines:
            lines.remove(own)
        return [name for name, _ in groupby(lines)]

    def expect_shown(self) -> None:
        """The failure is on the screen, all of it; waits for what arrives by script."""
        sees = self.entry.sees
        page = self.visitor.page
        if self.glimpse is not None:
            assert shows(self.entry, self.glimpse), self.glimpse
            return
        expect(page.locator("html")).to_have_attribute("data-screen", sees.screen or "")
        for text in (*sees.texts, *filter(None, [sees.heading])):
            expect(page.get_by_text(text).filter(visible=True).first).to_be_visible()
        if sees.status is not None:
            assert sees.status in self.statuses, f"{sees.status} is not among {self.statuses}"
        for action in sees.actions:
            address = Screen(page).control(action.name).get_attribute("href") or ""
            path = urlsplit(address).path.removeprefix(urlsplit(self.visitor.stand.portal_url).path)
            assert path == action.to, f"«{action.name}» leads to {address}"

    def expect_announced(self) -> None:
        """Whoever cannot see the screen is told: by the title and the focus of a new page, or in the old one aloud.

        A browser reads out the title of a page that it loads. Where script puts a page in the place of the old one the
        focus goes to its heading (U-27), on every page with a summary of errors to that (U-8), into a dialog (U-30).
        """
        page = self.visitor.page
        if self.glimpse is not None:
            return  # What was glimpsed are the words of a live region: they are there for being read out.
        if self.entry.stage == "part" or self.entry.sees.at == "browser" or shows_the_wait(self.entry):
            told = page.locator("[role=alert], [role=status]").filter(has_text=self.entry.sees.texts[0])
            expect(told.first).to_be_attached()
            return
        dialog = page.get_by_role("dialog")
        if dialog.is_visible():
            assert dialog.evaluate("dialog => dialog.contains(document.activeElement)"), "the dialog has not the focus"
            return
        heading = " ".join(page.locator("h1").inner_text().split())
        title = " ".join(page.title().split()).removeprefix("Учебный стенд: ")
        summary = page.locator("main #summary")
        if summary.count():
            assert title.startswith("Ошибка: "), f"the title {title!r} does not say that there are errors"
            if self.visitor.script:
                expect(summary).to_be_focused()
        elif self.swapped:
            expect(page.locator("h1")).to_be_focused()
        title = title.removeprefix("Ошибка: ")
        assert title.startswith(heading), f"the title {title!r} does not begin with {heading!r}"

    def expect_reference(self) -> None:
        """A page that is a failure gives a reference for support; errors of fields stand beside them (U-8)."""
        page = self.visitor.page
        if self.glimpse is not None or page.locator("html:not([data-state=error]), main #summary").count():
            return
        found = [each.get_attribute("data-ref") or "" for each in page.locator("main [data-ref]").all()]
        assert found, f"{self.visitor.screen} gives no reference"
        assert all(REFERENCE.fullmatch(each) for each in found), found

    def has_session(self) -> bool | None:
        """Whether the browser is signed in at the portal; None while the portal cannot tell."""
        answer = self.visitor.page.request.get(self.visitor.stand.portal_url + "/session", max_redirects=0)
        return None if answer.status == 503 else answer.status == 200

    def stands_at_the_end(self) -> bool:
        """Whether the browser is where the entry says that everything ends well."""
        recovers, stand = self.entry.recovers, self.visitor.stand
        wanted = stand.portal_url if recovers.at == "portal" else stand.idp_url
        here = urlsplit(self.visitor.page.url)
        return f"{here.scheme}://{here.netloc}{here.path}" == wanted + recovers.ends_at


def _is_glimpse(message: ConsoleMessage) -> bool:
    return message.text.startswith(_GLIMPSE)


def sign_in(scene: Scene, arm: Callable[[], None]) -> None:
    """From the portal's first page towards the home page, with the entry going from the beginning."""
    arm()
    scene.visitor.sign_in(stop=scene.is_shown)


def open_home(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, then «Главная» once more with the entry going; what is held back is let go by the stand's clock."""
    visitor = scene.visitor
    visitor.arrive()
    arm()
    Screen(visitor.page).mark()
    # An answer that is held back is not waited for: the person sees the old page meanwhile.
    HomePage(visitor.page).link.click(no_wait_after=True)
    if held_seconds(scene.entry) and not shows_the_wait(scene.entry):
        scene.let_go(visitor.stand.control.wait_for_effect(scene.entry.id))


def return_again(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in and out, then the address of the return once more, as from the browser's history."""
    visitor = scene.visitor
    returns: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).path.endswith("/login/callback"):
            returns.append(request.url)

    visitor.page.on("request", note)
    arm()
    visitor.sign_in()
    HomePage(visitor.page).sign_out()
    if scene.armed:
        visitor.page.goto(returns[0])


def open_start(scene: Scene, arm: Callable[[], None]) -> None:
    """Only a look at the portal's first page; what comes by script is waited for afterwards."""
    arm()
    scene.visitor.open("/")


def open_slowly(scene: Scene, arm: Callable[[], None]) -> None:
    """«Войти» is pressed, and the page of Gosuslugi is on its way, held back as long as nobody moves the clock."""
    arm()
    scene.visitor.open("/")
    scene.press_and_glimpse(Screen(scene.visitor.page).control("Войти через Госуслуги"))
    if scene.armed:
        scene.visitor.stand.control.wait_for_effect(scene.entry.id)


def sign_in_again(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in and out once, so that the portal knows what it has to; then once more with the entry going."""
    scene.visitor.arrive()
    HomePage(scene.visitor.page).sign_out()
    sign_in(scene, arm)


def sign_out(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, then «Выйти» with the entry going."""
    scene.visitor.arrive()
    arm()
    HomePage(scene.visitor.page).sign_out()


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "sign_in": sign_in,
    "open_home": open_home,
    "open_start": open_start,
    "open_slowly": open_slowly,
    "return_again": return_again,
    "sign_in_again": sign_in_again,
    "sign_out": sign_out,
}
"""By the names that entries use; rooms add theirs (`e2e.journeys.rooms`)."""
AS_USUAL = ("sign_in", "open_home")
"""Names of those that pass, as long as nothing fails, what everybody passes who signs in and opens «Главная»."""
RECOVERIES: dict[str, Callable[[Scene], None]] = {}
"""Ways out of a failure that an entry names in `journey.recovery`; they end where it says in `recovers.ends_at`."""


def hangs(entry: Entry) -> bool:
    """Whether a time limit of the portal has to end it; there a portal that waits a tenth of the time will do."""
    return any(effect["kind"] in ("silence", "drip") for effect in entry.effects)


def held_seconds(entry: Entry) -> float:
    """How long the entry holds an answer back on the stand's clock at most, with its parameters as by default.

    Several delays of one request come after one another.
    """
    delays = [effect for effect in entry.build({}) if isinstance(effect, Delay)]
    return sum(LONGEST_BY_LUCK if effect.sigma is not None else effect.to or effect.seconds for effect in delays)


def shows_the_wait(entry: Entry) -> bool:
    """Whether what the entry shows is the wait itself: the answer is held, and in the end it is there."""
    return bool(held_seconds(entry)) and entry.recovers.by == "clock"


@contextlib.contextmanager
def time_passes(scene: Scene) -> Iterator[None]:
    """Whatever the entry holds back, before now and meanwhile, is let go by the stand's clock as soon as it is held."""
    control = scene.visitor.stand.control.again()
    over = threading.Event()

    def let_go() -> None:
        since = 0
        while not over.is_set():
            for line in control.journal(since=since, wait=AT_ONCE):
                since = line["id"]
                if line["kind"] == "effect" and line["entry"] == scene.entry.id:
                    scene.let_go(line, control)

    thread = threading.Thread(target=let_go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        control.close()
