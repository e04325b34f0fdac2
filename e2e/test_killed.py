"""A program killed without warning in the middle of its writes: afterwards nothing is half."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from e2e.harness.traveller import SIGNED_IN, Traveller
from sandbox_idp.servers import Pair, Program
from sandbox_idp.testing.control import ControlError
from sandbox_idp.testing.pair import PairInfo, running_pair
from sandbox_idp.testing.stand import Control, StandUnderTest

KEPT = ("children-unavailable", "part-500")
"""Armed before the kill and touched by nobody."""
CHURNED = ("token-500", "userinfo-500", "jwt-bad-signature")
"""Switched on and off all the time while the kill comes."""
WRITES = 3
"""So many of either kind are done before the kill, so that it comes in the midst of them."""
ROW = {"scope", "probability", "seed", "parameters", "armed_at", "expires_at"}


@pytest.fixture(scope="module")
def own_pair() -> Iterator[tuple[Pair, PairInfo]]:
    """A pair that nobody else uses."""
    with running_pair(keys=2) as made:
        yield made


@pytest.fixture
def killed_stand(own_pair: tuple[Pair, PairInfo]) -> Iterator[StandUnderTest]:
    """A stand of that pair."""
    _, info = own_pair
    control = Control(f"{info.idp_url}/control/v1", info.control_token)
    made = control.make_stand("killed")
    yield made
    control.delete_stand(made)
    control.close()


def kill(program: Program) -> None:
    """SIGKILL for the program and all its workers at once."""
    assert program.process is not None
    os.killpg(program.process.pid, signal.SIGKILL)
    program.process.wait()


class Writers:
    """Threads that write until the program is gone."""

    def __init__(self, *works: Callable[[], None]) -> None:
        self.over = threading.Event()
        self.faults: list[BaseException] = []
        self._enough = [threading.Semaphore(0) for _ in works]
        self._threads = [
            threading.Thread(target=self._run, args=(work, done))
            for work, done in zip(works, self._enough, strict=True)
        ]

    def begin(self) -> None:
        """Return when each has written `WRITES` times and goes on writing."""
        for thread in self._threads:
            thread.start()
        for done in self._enough:
            for _ in range(WRITES):
                assert done.acquire(timeout=20), self.faults

    def end(self) -> None:
        """Wait for all; what they met other than a program that is gone is raised."""
        self.over.set()
        for thread in self._threads:
            thread.join()
        assert not self.faults

    def _run(self, work: Callable[[], None], done: threading.Semaphore) -> None:
        while not self.over.is_set():
            try:
                work()
            except httpx2.TransportError:
                # The kill: no answer, or half of one.
                self.over.set()
            except (AssertionError, ControlError) as fault:
                self.faults.append(fault)
                self.over.set()
            done.release()


def arms(stand: StandUnderTest, entry: str) -> Callable[[], None]:
    """Switches the entry on and off with a connection of its own."""

    def work() -> None:
        with contextlib.closing(stand.control.again()) as control:
            control.arm(entry, scope="everyone")
            control.disarm(entry)

    return work


def signs_in(stand: StandUnderTest) -> Callable[[], None]:
    """Signs in, whatever comes of it."""

    def work() -> None:
        with Traveller(stand) as someone:
            someone.sign_in()

    return work


def check_state(stand: StandUnderTest, before: dict[str, Any]) -> None:
    """What was armed is armed as it was; what was being switched is wholly on or wholly off; the journal reads on."""
    found = {each["id"]: each for each in stand.control.scenarios()}
    for entry in KEPT:
        assert {name: found[entry]["armed"][name] for name in ROW} == {name: before[entry][name] for name in ROW}
    for entry in CHURNED:
        armed = found[entry]["armed"]
        assert armed is None or all(armed[name] is not None for name in ROW)
    lines = []
    while page := stand.control.journal(since=lines[-1]["id"] if lines else 0):
        lines += page
    for entry in CHURNED:
        changes = [line["name"] for line in lines if line["entry"] == entry and line["kind"] == "change"]
        # Arming and its line in the journal are one transaction: neither is there without the other.
        assert changes
        assert all(first != second for first, second in itertools.pairwise(changes))
        assert (changes[-1] == "armed") == (found[entry]["armed"] is not None)


@pytest.mark.parametrize("name", ["sandbox_idp", "portal"])
def test_a_kill_leaves_nothing_half(own_pair: tuple[Pair, PairInfo], killed_stand: StandUnderTest, name: str) -> None:
    """Armed entries survive; afterwards they strike, can be switched off, and people sign in."""
    pair, _ = own_pair
    program = next(each for each in pair.programs if each.name == name)
    before = {entry: killed_stand.control.arm(entry, scope="everyone") for entry in KEPT}
    writers = Writers(*(arms(killed_stand, entry) for entry in CHURNED), *(signs_in(killed_stand) for _ in range(3)))
    writers.begin()
    kill(program)
    writers.over.set()
    writers.end()
    pair.start_one(program)
    pair.wait_until_ready()
    check_state(killed_stand, before)
    killed_stand.control.disarm()
    # The portal that met so many failures in a row leaves Gosuslugi alone for 15 seconds (S-67).
    killed_stand.control.advance(timedelta(seconds=20))
    with Traveller(killed_stand) as someone:
        assert someone.sign_in() == SIGNED_IN
    killed_stand.control.arm("token-500", scope="next-sign-in")
    with Traveller(killed_stand) as someone:
        assert someone.sign_in() == "gosuslugi-failed"
