"""Authorization, token, return and control requests, spoilt in thousands of ways: no 5xx, no exception, no session.

Seeded: kind and number of a request say how it is spoilt. `make test` sends a share, `make spoil` 10,000.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.mutation.mutations import mutated
from tests.mutation.requests import Answer, Request
from tests.mutation.world import (
    Counts,
    World,
    meaning_of_call,
    meaning_of_return,
    meaning_of_token,
    token_of,
)
from tests.sandbox_idp.oauth.openid.conftest import CALLBACK

SEED = 20261129
KINDS = 4


@pytest.fixture
def each_kind(request: pytest.FixtureRequest) -> int:
    """How many requests that are worth nothing each kind sends."""
    return int(request.config.getoption("--mutations")) // KINDS


class Spoiler:
    """Sends spoilt requests of one kind until enough of them were worth nothing, and keeps the books."""

    def __init__(self, world: World, kind: str, stand_counts: Callable[[], Counts]) -> None:
        self.world = world
        self.kind = kind
        self.counts = stand_counts
        self.statuses: Counter[int] = Counter()
        self.found: list[str] = []
        self.harmless = 0
        """Requests that were changed in nothing that counts: they may succeed."""

    def run(
        self,
        wanted: int,
        valid: Callable[[Random], Request],
        meaning: Callable[[Request], Any],
        check: Callable[[Request, Answer], str] = lambda *_: "",
    ) -> None:
        worthless = number = 0
        while worthless < wanted:
            number += 1
            rng = Random(f"{SEED}/{self.kind}/{number}")
            whole = valid(rng)
            before = self.counts()
            spoilt = mutated(rng, whole)
            is_worthless = meaning(spoilt) != meaning(whole)
            try:
                answer = self.world.send(spoilt)
            except Exception as error:  # noqa: BLE001 - whatever a program lets out is what is looked for
                self.found.append(f"{self.kind} {number}: {error!r}: {spoilt}"[:3_000])
                continue
            self.statuses[answer.status] += 1
            worthless += is_worthless
            self.harmless += not is_worthless
            wrong = self._wrong(answer, before, is_worthless=is_worthless) or check(spoilt, answer)
            if wrong:
                self.found.append(f"{self.kind} {number}: {wrong}: {spoilt}"[:3_000])
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))
        sys.stdout.write(f"{self.kind}: {worthless} worthless and {self.harmless} harmless requests: {statuses}\n")
        if self.found:
            pytest.fail("\n\n".join([f"{len(self.found)} of them:", *self.found[:10]]), pytrace=False)

    def _wrong(self, answer: Answer, before: Counts, *, is_worthless: bool) -> str:
        """What must not have happened; empty if all is well."""
        if answer.status >= 500:
            return f"answered {answer.status}"
        after = self.counts()
        grown = [name for name, count in asdict(after).items() if count > getattr(before, name)]
        return f"{', '.join(grown)} opened by a worthless request" if is_worthless and grown else ""


def test_authorization_requests(world: World, each_kind: int) -> None:
    """S-18, S-21: nobody is signed in by one, and none leads to an address that is nobody's."""
    known = (world.stand.portal_url + "/", CALLBACK, world.sandbox_url + "/")

    def check(_spoilt: Request, answer: Answer) -> str:
        location = answer.header("Location")
        is_own = not urlsplit(location).netloc or location.startswith(known)
        return "" if is_own else f"led to {location}"

    spoiler = Spoiler(world, "authorization", lambda: world.counts(world.stand))
    spoiler.run(
        each_kind,
        lambda rng: rng.choice((world.authorization, world.openid_authorization))(),
        lambda request: request,  # None of them, spoilt or not, is worth a session.
        check,
    )


def test_token_requests(world: World, each_kind: int) -> None:
    """S-19, S-20, S-21: tokens only for exactly what was given out, to whom it was given."""

    def valid(rng: Random) -> Request:
        way = rng.randrange(4)
        return world.token() if way < 2 else world.openid_token(in_header=way == 2)

    spoiler = Spoiler(world, "token", lambda: world.counts(world.stand))
    spoiler.run(each_kind, valid, meaning_of_token)


def test_returns_to_the_portal(world: World, each_kind: int) -> None:
    """S-03, S-16, S-17: a session only for the browser, the state and the code that belong together."""
    spoiler = Spoiler(world, "return", lambda: world.counts(world.stand))
    spoiler.run(each_kind, lambda _: world.callback(), meaning_of_return)


def test_control_calls(world: World, each_kind: int) -> None:
    """S-70: nothing without the token, and never a session of a patient."""

    def check(spoilt: Request, answer: Answer) -> str:
        # Another host name is redirected before anybody looks at the token.
        is_open = "/control/v1/" in spoilt.path and token_of(spoilt) != world.control_token and answer.status < 300
        return "answered without the token" if is_open else ""

    spoiler = Spoiler(world, "control", lambda: world.counts(world.controlled_now()))
    spoiler.run(each_kind, world.any_call, meaning_of_call, check)
