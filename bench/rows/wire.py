"""Gosuslugi alone: tokens and person data without pages, and what the time of an answer gives away."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, urlsplit

from bench import machine
from bench.crowd import phone
from bench.running import SETTLING, cpu_per_request, exchanges, pid, program
from bench.table import Row, Size
from portal.doors import Esia
from portal.settings import PortalSettings
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.servers import Pair
from sandbox_idp.stands.portal_doors import PROFILES
from sandbox_idp.testing.browser import Browser, Page
from sandbox_idp.testing.control import Calls
from sandbox_idp.testing.pair import PairInfo

WRONG = "not the password"
NOBODY = 2_000_000
"""Phones from this number on belong to nobody."""
A_BROWSER = 20
"""Tries of one browser, so that no limit of an address is met."""


@dataclass
class _Codes:
    """Codes of sign-ins, and a portal's client that redeems them."""

    stand: Stand
    environ: dict[str, str]
    calls: Calls

    def __post_init__(self) -> None:
        settings = PortalSettings.from_environment(self.environ)
        with self.stand.database.reading() as session:
            state = session.get_one(StandState, 1)
        configure, client = PROFILES["esia-v1"]
        config = configure(settings, self.stand, state)
        ids, clock = self.stand.ids, self.stand.clock
        made = client(config, clock=clock, ids=ids, seconds_left=settings.work_limit.total_seconds)
        self._esia = cast(Esia, made)
        self._redirect = f"{self.stand.portal_url}/login/callback"

    def get(self, login: str) -> str:
        """A code for somebody, got without the pages."""
        url = self._esia.authorization_url(state=self.stand.ids.token(), redirect_uri=self._redirect)
        made: dict[str, str] = self.calls.call("POST", "/sign-ins", {"authorize_url": url, "person": login})
        return parse_qs(urlsplit(made["location"]).query)["code"][0]

    def use(self, code: str) -> None:
        """What a portal asks when somebody comes back: token, then the person."""
        begun = self.stand.clock.now()
        tokens = self._esia.redeem(code=code, redirect_uri=self._redirect, started_at=begun)
        self._esia.person(tokens.access, tokens.subject)


def protocol(pair: Pair, info: PairInfo, stand: Stand, size: Size) -> Row:
    """Bare Flask with one RS256 signature ÷ token endpoint and person data, in processor time for a request."""
    samples, ours, bare = [], [], []
    with contextlib.ExitStack() as stack:
        calls = Calls(f"{info.idp_url}/control/v1", info.control_token)
        stack.callback(calls.close)
        codes = _Codes(stand, pair.environ, calls)
        other = stack.enter_context(program("bench.bare", pair.environ))
        codes.use(codes.get("anna"))
        sandbox = [pid(pair.sandbox)]
        for _ in range(size.rounds):
            ready = [codes.get("anna") for _ in range(size.exchanges)]
            time.sleep(SETTLING)
            before, cpu = exchanges(stand), machine.cpu_of(sandbox)
            with machine.watching([*sandbox, pid(other)]) as watch:
                for code in ready:
                    codes.use(code)
                time.sleep(SETTLING)
                ours.append((machine.cpu_of(sandbox) - cpu) / (exchanges(stand) - before))
                bare.append(cpu_per_request(other, "/signed", size.pages // size.rounds))
            samples.append((bare[-1] / ours[-1], watch))
    ratio, left_out = machine.undisturbed(samples)
    figures = {"ours_ms": statistics.median(ours) * 1000, "bare_ms": statistics.median(bare) * 1000}
    what = "requests/s (token, person data) ÷ bare Flask with one RS256 signature, by CPU"
    return Row.at_least("protocol", what, ratio, 0.3, figures=figures, left_out=left_out)


def enumeration(stand: Stand, size: Size) -> Row:
    """How far apart known and unknown logins are in the time that a wrong password takes, in standard errors."""
    known: list[float] = []
    unknown: list[float] = []
    logins = _in_turns()
    for number in range(2 * size.tries // A_BROWSER or 1):
        with contextlib.closing(Browser(f"127.0.1.{number + 1}")) as browser:
            page = browser.get(f"{stand.portal_url}/login")
            page, _ = _try(browser, page, phone(NOBODY - 1 - number))
            for login, found in itertools.islice(logins, A_BROWSER):
                page, wall = _try(browser, page, login)
                (known if found else unknown).append(wall)
    difference = abs(statistics.mean(known) - statistics.mean(unknown))
    error = (statistics.variance(known) / len(known) + statistics.variance(unknown) / len(unknown)) ** 0.5
    figures = {
        "known_ms": statistics.mean(known) * 1000,
        "unknown_ms": statistics.mean(unknown) * 1000,
        "standard_error_ms": error * 1000,
        "tries": float(len(known)),
    }
    what = "wrong password, known − unknown login ÷ standard error"
    return Row.at_most("enumeration", what, difference / error, 3, figures=figures)


def _in_turns() -> Iterator[tuple[str, bool]]:
    """Logins that exist and logins that do not, in pairs whose order changes."""
    for number in itertools.count():
        pair = [(phone(number), True), (phone(NOBODY + number), False)]
        yield from pair if number % 2 else reversed(pair)


def _try(browser: Browser, page: Page, login: str) -> tuple[Page, float]:
    begun = time.perf_counter()
    answer = browser.submit(page, "password", login=login, password=WRONG)
    wall = time.perf_counter() - begun
    if answer.screen != "login":
        raise RuntimeError(f"{answer.screen}: {answer.status} {answer.text[:300]}")
    return answer, wall
