"""Scenarios: how soon one acts after the switch, and what a crowd of hanging requests does to everybody else."""

from __future__ import annotations

import contextlib
import itertools
import socket
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench import machine
from bench.rows.pages import PART, Visitor
from bench.running import expect, pids, walls
from bench.table import Row, Size, p95
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair
from sandbox_idp.testing.control import StandControl
from sandbox_idp.testing.pair import PairInfo
from sandbox_idp.testing.stand import Control

HANGING = 200
STRUCK, HELD = "part-500", "page-very-slow"
CONNECTIONS = 6
"""Kept open from before the switch, so that either worker answers."""
PATIENCE = 60.0


def armed(pair: Pair, info: PairInfo, stand: Stand, who: Visitor, size: Size) -> Row:
    """From the moment that the call which arms a scenario is answered to the first response that it affects."""
    control = StandControl(f"{info.idp_url}/control/v1", info.control_token)
    url = stand.portal_url + PART
    rounds = []
    with contextlib.ExitStack() as stack:
        stack.callback(control.close)
        browsers = [stack.enter_context(contextlib.closing(who.browser.twin())) for _ in range(CONNECTIONS)]
        for browser in itertools.islice(itertools.cycle(browsers), size.switches):
            for each in browsers:
                expect(each, url)
            with machine.watching(pids(pair)) as watch:
                control.arm(STRUCK)
                begun = time.perf_counter()
                while browser.get(url).status == 200:
                    pass
                found = time.perf_counter() - begun
            control.disarm(STRUCK)
            rounds.append((found, watch))
    calm, left_out = machine.calm(rounds)
    figures = {"median_ms": statistics.median(calm) * 1000, "longest_ms": max(calm) * 1000, "count": float(len(calm))}
    what = "ms from the switch to the first affected response, p95"
    return Row.at_most("armed", what, p95(calm) * 1000, 50, figures=figures, left_out=left_out, unit="ms")


def hang(pair: Pair, info: PairInfo, stand: Stand, who: Visitor, size: Size) -> Row:
    """Healthy pages while 200 requests hang in a scenario of another stand ÷ the same pages without."""
    control = Control(f"{info.idp_url}/control/v1", info.control_token)
    other = control.make_stand("hang")
    urls = itertools.cycle([f"{stand.portal_url}/home"])
    pages = size.pages // size.rounds
    samples, ours, theirs = [], [], []
    with contextlib.closing(control):
        walls(who.browser, urls, 50)
        for _ in range(size.rounds):
            with machine.watching(pids(pair)) as watch:
                theirs.append(p95(walls(who.browser, urls, pages)))
                with _hanging(other.portal_url, other.control):
                    ours.append(p95(walls(who.browser, urls, pages)))
            samples.append((ours[-1] / theirs[-1], watch))
        control.delete_stand(other)
    ratio, left_out = machine.undisturbed(samples)
    figures = {"hanging_p95_ms": statistics.median(ours) * 1000, "without_p95_ms": statistics.median(theirs) * 1000}
    what = f"p95 of healthy pages while {HANGING} requests hang ÷ without"
    return Row.at_most("hang", what, ratio, 1.5, figures=figures, left_out=left_out)


@contextlib.contextmanager
def _hanging(portal_url: str, control: StandControl) -> Iterator[None]:
    """So many requests wait in the stand during the block; afterwards all of them have been answered."""
    control.arm(HELD, seconds=120)
    held_before = _held(control)
    connections = [_ask(f"{portal_url}/home") for _ in range(HANGING)]
    deadline = time.monotonic() + PATIENCE
    while _held(control) - held_before < HANGING:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {_held(control) - held_before} requests hang")
        time.sleep(0.1)
    try:
        yield
    finally:
        control.disarm()
        for connection in connections:
            connection.recv(1)
            connection.close()


def _ask(url: str) -> socket.socket:
    parts = urlsplit(url)
    connection = socket.create_connection(("127.0.0.1", parts.port or 80), timeout=PATIENCE)
    connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    return connection


def _held(control: StandControl) -> int:
    """How many requests the journal says were held so far."""
    found = 0
    since = 0
    while lines := control.call("GET", "/journal", since=since)["lines"]:
        found += sum(line["kind"] == "effect" and line["entry"] == HELD for line in lines)
        since = lines[-1]["id"]
    return found
