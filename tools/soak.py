"""Many sign-ins side by side, each worker with a stand and armings of its own: does anything leak? And rushes for one
appointment, with workers killed meanwhile: does exactly one patient get it, and nobody lose it?

Usage: python -m tools.soak [--workers 8] [--sign-ins 1000] [--rushes 1000] [--seed 1] [--database sqlite|postgresql]

Each worker arms one entry (or none) at a time for the next sign-in or for one person, signs somebody in, and switches
it off again. In the end the verdict of every sign-in must name exactly the entry that was armed for it, and what
nothing was armed for must have gone well. The exit code is 0 only if all of it is so. Where eight workers are too much
for the machine, a time limit of the portal may end a sign-in that nothing struck; that is counted by itself.

In each rush fifty patients press «Записаться» for the same time at once, and in every twentieth a worker of the portal
is killed (SIGKILL) while they wait. Whoever got no answer presses again. In the end one of them has the booking, that
one was told so, and nobody else was (S-59).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context

from e2e.harness.rush import Rush
from e2e.harness.traveller import Traveller
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.servers import Pair
from sandbox_idp.testing.pair import PairInfo, running_pair
from sandbox_idp.testing.stand import Control

PEOPLE = ("anna", "viktor", "maria", "olga")
"""Whoever can sign in without a word."""
STAGES = ("authorize", "callback", "token", "person-data")
KINDS = ("status", "fault", "jwt", "response", "client-request", "redirect", "code", "reset", "wrong-type", "truncate")
"""Kinds of effect that fail at once; those that make somebody wait would only make this take long."""
SHARE_UNARMED = 0.3
SILENT = "gosuslugi-silent"
"""What the portal shows when a time limit towards Gosuslugi is over."""
BREAKER_PAUSE = timedelta(seconds=16)
"""On the stand's clock: after fifteen seconds an open breaker lets the next call try."""


@dataclass
class Tally:
    """What one worker saw."""

    sign_ins: int = 0
    armed: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    slow: int = 0
    """Sign-ins that nothing struck and that a time limit of the portal ended: the machine had too much to do."""

    def add(self, other: Tally) -> None:
        """Count in what another one saw."""
        self.sign_ins += other.sign_ins
        self.armed += other.armed
        self.leaks += other.leaks
        self.slow += other.slow


def quick_entries(profile: str = "esia-v1") -> list[Entry]:
    """Entries that strike every sign-in that they are armed for, at once, between «Войти» and the session."""
    return [
        entry
        for entry in shared().entries.values()
        if entry.trigger == "effect"
        and profile in entry.profiles
        and entry.arming is not None
        and {"next-sign-in", "person"} <= set(entry.arming.scopes)
        and entry.arming.probability == 1
        and entry.stage in STAGES
        and entry.journey.steps == "sign_in"
        and entry.journey.act is None
        and all(effect["kind"] in KINDS for effect in entry.effects)
    ]


def work(control: Control, *, worker: int, sign_ins: int, seed: int) -> Tally:
    """So many sign-ins in a stand of one's own."""
    chance = random.Random(f"{seed} {worker}")  # noqa: S311 - what is tried out, nothing secret
    stand = control.make_stand(f"soak {worker}")
    tally = Tally()
    wanted: list[tuple[str | None, str]] = []
    try:
        for entry in _drawn(chance, sign_ins):
            person = chance.choice(PEOPLE)
            if entry is not None:
                scope = chance.choice(("next-sign-in", "person"))
                stand.control.arm(entry.id, scope="next-sign-in" if scope == "next-sign-in" else {"person": person})
            with Traveller(stand, person) as traveller:
                screen = traveller.sign_in()
            wanted.append((entry.id if entry is not None else None, screen))
            stand.control.disarm()
            # Five failures running open the portal's breaker (S-67), and it would answer for whatever is armed next.
            stand.control.advance(BREAKER_PAUSE)
        for (armed, screen), verdict in zip(wanted, stand.control.verdicts(), strict=True):
            tally.sign_ins += 1
            tally.armed[armed or "-"] += 1
            if verdict["armed"] == [] and armed is None and screen == SILENT:
                tally.slow += 1
            else:
                tally.leaks += _leaks(armed, screen, verdict)
    finally:
        control.delete_stand(stand)
    return tally


KILLED_EVERY = 20
"""In so many rushes one worker is killed."""


def rush(pair: Pair, info: PairInfo, *, rounds: int) -> tuple[list[str], int]:
    """So many rushes; tells what was wrong, and how many presses got no answer because of a kill."""
    control = Control(f"{info.idp_url}/control/v1", info.control_token)
    stand = control.make_stand("rush")
    faults, unanswered = [], 0
    try:
        with Rush(info, stand) as crowd:
            for number in range(rounds):
                killed = number % KILLED_EVERY == KILLED_EVERY - 1
                outcome = crowd.round(number, kill=pair.portal if killed else None)
                unanswered += outcome.unanswered
                if outcome.fault:
                    faults.append(f"rush {number}: {outcome.fault}")
    finally:
        control.delete_stand(stand)
        control.close()
    return faults, unanswered


def _drawn(chance: random.Random, count: int) -> Iterator[Entry | None]:
    entries = quick_entries()
    for _ in range(count):
        yield None if chance.random() < SHARE_UNARMED else chance.choice(entries)


def _leaks(armed: str | None, screen: str, verdict: dict[str, object]) -> Iterator[str]:
    """Where a verdict differs from what was armed."""
    said = f"{armed or 'nothing'} was armed, {screen!r} was shown: {verdict}"
    if verdict["armed"] != ([armed] if armed is not None else []):
        yield f"struck by other entries than armed: {said}"
    if armed is None and verdict["ended"] != "signed-in":
        yield f"failed without anything armed: {said}"
    if (verdict["ended"] == "signed-in") != (screen == "signed-in"):
        yield f"the verdict differs from what the browser saw: {said}"
    if {verdict["called_on"], verdict["half_open"], verdict["looped"]} != {"no"}:
        yield f"the portal did not behave: {said}"


def _in_a_process(info: PairInfo, worker: int, sign_ins: int, seed: int) -> Tally:
    control = Control(f"{info.idp_url}/control/v1", info.control_token)
    try:
        return work(control, worker=worker, sign_ins=sign_ins, seed=seed)
    finally:
        control.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, print what came out; 0 if nothing leaked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--sign-ins", type=int, default=1000, help="of all workers together")
    parser.add_argument("--rushes", type=int, default=1000, help="how often fifty patients want one appointment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args(arguments)
    total = Tally()
    with running_pair(options.database) as (pair, info):
        began = time.monotonic()
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
            shares = [len(range(worker, options.sign_ins, options.workers)) for worker in range(options.workers)]
            jobs = [
                pool.submit(_in_a_process, info, worker, share, options.seed) for worker, share in enumerate(shares)
            ]
            for job in jobs:
                total.add(job.result())
        seconds = time.monotonic() - began
        began = time.monotonic()
        faults, unanswered = rush(pair, info, rounds=options.rushes)
        rushed = time.monotonic() - began
    for entry, count in total.armed.most_common():
        print(f"{count:6}  {entry}")
    print(*total.leaks, sep="\n", file=sys.stderr)
    speed = total.sign_ins / seconds
    print(
        f"{total.sign_ins} sign-ins in {options.workers} workers on {options.database}, seed {options.seed}: "
        f"{len(total.leaks)} leaks, {total.slow} ended by a time limit, {seconds:.0f} s ({speed:.1f} a second)"
    )
    print(*faults, sep="\n", file=sys.stderr)
    print(
        f"{options.rushes} rushes of fifty for one appointment, {options.rushes // KILLED_EVERY} workers killed, "
        f"{unanswered} presses without an answer: {len(faults)} faults, {rushed:.0f} s"
    )
    return 1 if total.leaks or faults else 0


if __name__ == "__main__":
    sys.exit(main())
