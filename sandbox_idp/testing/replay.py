"""Going a bundled sign-in once more, with a browser as thin as can be, and saying whether it came to the same.

    stand = control.import_stand(file)
    assert replay(stand, read_journey(file)).is_same

What was typed is not in a bundle, so it is made anew: the person gets a password in the new stand, codes are read from
the phone or the authenticator, and what was wrong is wrong again. Pages that the first browser did not need (a device
was remembered, a session lived) are passed by doing what is right.
"""

from __future__ import annotations

import http.client
import io
import zipfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sandbox_idp.scenarios.journey import Journey, Outcome, Step
from sandbox_idp.stands.archive import JOURNEY
from sandbox_idp.testing.browser import Browser, Page
from sandbox_idp.testing.control import ControlError, StandControl
from sandbox_idp.testing.stand import StandUnderTest

PASSWORD = "Povtor-Vhoda-2027"  # noqa: S105 - made up for the copy of the person in the new stand
NO_ANSWER = 0
PATIENCE = 15
"""So many pages may come on the way, before it counts as going in circles."""


class NotRepeatableError(Exception):
    """A file has no journey, or one that cannot be gone by this program; `reason` says why (Russian)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Replayed:
    """What a repetition came to."""

    sign_in: int
    expected: Outcome
    got: Outcome
    screen: str
    """`data-screen` of the last page; empty if there was none."""

    @property
    def is_same(self) -> bool:
        """Whether the same entries struck and it ended in the same way."""
        return self.expected == self.got

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What differs: then and now."""
        then, now = self.expected.model_dump(), self.got.model_dump()
        return {name: (then[name], now[name]) for name in then if then[name] != now[name]}


def read_journey(file: bytes) -> Journey:
    """The journey in a bundle. Raises NotRepeatableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            return Journey.model_validate_json(archive.read(JOURNEY))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise NotRepeatableError("В файле нет входа (journey.json): повторить можно только выгрузку входа.") from None


def replay(stand: StandUnderTest, journey: Journey) -> Replayed:
    """Go it in `stand`, which was made of the same file. Raises NotRepeatableError or ControlError."""
    if not journey.at_our_portal:
        raise NotRepeatableError("Этот вход начат на чужом портале: стенд готов, повторите вход руками.")
    before = max((each["sign_in"] for each in stand.control.verdicts()), default=0)
    walker = _Walker(stand, journey)
    try:
        page = walker.walk()
    finally:
        walker.close()
    verdict = stand.control.verdicts(since=before)[0]
    got = Outcome.model_validate({name: verdict[name] for name in Outcome.model_fields})
    return Replayed(verdict["sign_in"], journey.came_to, got, page.screen)


class _Walker:
    def __init__(self, stand: StandUnderTest, journey: Journey) -> None:
        self._stand = stand
        self._control: StandControl = stand.control
        self._steps = deque(journey.steps)
        self._returns = any(step.do == "return" for step in journey.steps)
        self._browser = Browser()
        self._who = str(journey.person) if journey.person is not None else ""
        self._card: dict[str, Any] = {}
        self._newest = stand.newest_message()

    def close(self) -> None:
        self._browser.close()

    def walk(self) -> Page:
        """From «Войти» to where the steps lead; the last page."""
        self._do_to_the_stand()
        if self._next("sign-in-without-pages"):
            page = self._without_pages()
        else:
            page = self._ask(lambda: self._browser.get(f"{self._stand.portal_url}/login"))
        for _ in range(PATIENCE + len(self._steps)):
            self._do_to_the_stand()
            following = self._at_gosuslugi(page)
            if following is None:
                break
            page = following
        while self._steps:
            self._do_to_the_stand()
            step = self._steps.popleft() if self._steps else None
            if step is not None and step.do == "open":
                page = self._ask(partial(self._browser.get, f"{self._stand.portal_url}{step.path}"))
        return page

    def _next(self, *kinds: str) -> bool:
        """Whether one of these is what was done next."""
        return bool(self._steps) and self._steps[0].do in kinds

    def _take(self, kind: str) -> Step:
        """The next step if it is of this kind, else what is right in its place."""
        return self._steps.popleft() if self._next(kind) else Step.model_validate({"do": kind})

    def _ask(self, asking: Callable[[], Page]) -> Page:
        try:
            return asking()
        except (OSError, http.client.HTTPException):
            return Page("", NO_ANSWER, "")

    def _do_to_the_stand(self) -> None:
        """What the trainer did at this point."""
        while self._next("arm", "disarm", "advance", "freeze", "run"):
            step = self._steps.popleft()
            match step.do:
                case "arm":
                    self._control.call("PUT", f"/scenarios/{step.entry}", step.arming)
                case "disarm":
                    self._control.disarm(step.entry)
                case "advance":
                    self._control.advance(timedelta(seconds=step.seconds or 1))
                case other:
                    self._control.freeze(other == "freeze")

    def _without_pages(self) -> Page:
        self._steps.popleft()
        began = self._ask(lambda: self._browser.ask(f"{self._stand.portal_url}/login"))
        if not began.location.startswith(self._stand.idp_url):
            return began
        refused = self._next("consent") and self._steps.popleft().decision == "deny"
        location = self._control.sign_in(began.location, self._who, consent="refuse" if refused else "grant")
        self._drop("return")
        return self._ask(lambda: self._browser.get(location))

    def _drop(self, kind: str) -> None:
        if self._next(kind):
            self._steps.popleft()

    def _at_gosuslugi(self, page: Page) -> Page | None:
        """What comes after doing what was done on this page; None if nothing (more) was done at Gosuslugi."""
        if not page.url.startswith(self._stand.idp_url) or not (self._returns or self._steps):
            self._drop("return")
            return None
        match page.screen:
            case "login":
                return self._log_in(page)
            case "login-factor":
                kind = self._steps[0].kind if self._next("code") and self._steps[0].kind else "sms"
                return self._ask(lambda: self._browser.submit(page, "factor", factor=kind))
            case "login-sms" | "login-totp":
                return self._type_code(page)
            case "consent":
                step = self._take("consent")
                decision = "deny" if step.decision == "deny" else "grant"
                without = "right" if step.decision == "partial" else ""
                return self._ask(lambda: self._browser.submit(page, "decision", without=without, decision=decision))
        return None

    def _log_in(self, page: Page) -> Page:
        step = self._take("login")
        if not self._who:
            return self._ask(lambda: self._browser.submit(page, "password", login="+70009999999", password=PASSWORD))
        if not self._card:
            self._card = self._control.call("PATCH", f"/people/{self._who}", {"password": PASSWORD})
        password = PASSWORD if step.right else f"not-{PASSWORD}"
        login = self._card["login"]
        return self._ask(lambda: self._browser.submit(page, "password", login=login, password=password))

    def _type_code(self, page: Page) -> Page:
        step = self._take("code")
        code = self._control.totp(self._who) if page.screen == "login-totp" else self._sms()
        if not step.right:
            code = f"{(int(code) + 1) % 1_000_000:06d}"
        return self._ask(lambda: self._browser.submit(page, "code", code=code))

    def _sms(self) -> str:
        try:
            return self._stand.next_message(to=self._card["phone"], kind="sms", after=self._newest, wait=5).code
        except (AssertionError, ControlError):
            return "000000"
