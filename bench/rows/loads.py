"""More visitors than the portal can serve, and the first page over a thin line."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from playwright.sync_api import Browser as WebBrowser
from playwright.sync_api import sync_playwright

from bench import machine
from bench.rows.pages import HOME, Visitor
from bench.running import expect, pid, program
from bench.table import Row, Size
from sandbox_idp.context import Stand
from sandbox_idp.testing.browser import Browser
from tools import browsers

FEW, MANY = 16, 400
"""Connections that find out what the portal can do, and those of a crowd: more than it works on at a time."""
SERVED, REFUSED = "home", "queue"
MEGABITS, LATENCY = 2, 100
"""Of the emulated line: megabits a second, milliseconds there and back."""


def overload(who: Visitor, size: Size) -> Row:
    """Twice as many requests as the portal serves, offered whether it answers or not."""
    samples, ours, theirs = [], [], []
    refused: list[float] = []
    # One process of the portal, so that the crowd has a core of its own.
    with program("portal.wsgi", {**who.environ, "WORKERS": "1"}) as portal:
        expect(who.browser, portal.address + HOME)
        for _ in range(size.loads):
            with machine.watching([pid(portal)]) as watch:
                usual = _offer(who.browser, _Crowd(portal.address + HOME, FEW, size.load_seconds), watch)
                capacity = usual[SERVED] / size.load_seconds
                twice = _Crowd(portal.address + HOME, MANY, size.load_seconds, rate=2 * capacity)
                crowd = _offer(who.browser, twice, watch)
            if crowd.keys() - {SERVED, REFUSED}:
                raise RuntimeError(f"neither served nor asked to wait: {crowd}")
            theirs.append(capacity)
            ours.append(crowd[SERVED] / size.load_seconds)
            refused.append(crowd[REFUSED] / size.load_seconds)
            samples.append((ours[-1] / theirs[-1], watch))
    ratio, left_out = machine.undisturbed(samples)
    figures = {
        "capacity": statistics.median(theirs),
        "served": statistics.median(ours),
        "refused": statistics.median(refused),
    }
    what = "home pages a second with twice as many asked for ÷ without a crowd; the rest 503 and Retry-After"
    return Row.at_least("overload", what, ratio, 0.9, figures=figures, left_out=left_out)


@dataclass(frozen=True)
class _Crowd:
    """Who asks for what, and how often."""

    url: str
    connections: int
    seconds: float
    rate: float | None = None
    """Requests a second, whether they are answered or not; None: as many as are answered."""


def _offer(browser: Browser, crowd: _Crowd, watch: machine.Watch) -> Counter[str]:
    """How often each screen came back."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_come, args=(theirs, browser.twin(), crowd))
    process.start()
    theirs.close()
    cpu, found = ours.recv()
    watch.gone += cpu
    process.join(10)
    return Counter(found)


def _come(report: Connection, browser: Browser, crowd: _Crowd) -> None:
    """The process of a crowd."""
    found: list[str] = []
    begin = time.perf_counter() + 0.5
    threads = [
        threading.Thread(target=_visit, args=(browser.twin(), crowd, begin, number, found))
        for number in range(crowd.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.send((time.process_time(), found))


def _visit(browser: Browser, crowd: _Crowd, begin: float, number: int, found: list[str]) -> None:
    """One of the crowd: asks when its time has come, or at once where it is late."""
    pause = crowd.connections / crowd.rate if crowd.rate is not None else 0.0
    turn, end = begin + pause * number / crowd.connections, begin + crowd.seconds
    while max(turn, time.perf_counter()) < end:
        time.sleep(max(0.0, turn - time.perf_counter()))
        screen = browser.ask(crowd.url).screen
        if time.perf_counter() < end:
            found.append(screen)
        turn += pause
    browser.close()


def first_page(stand: Stand, size: Size) -> Iterator[Row]:
    """The portal's first page in a browser that was never there, over the emulated line."""
    with sync_playwright() as playwright:
        chromium = browsers.installed("chromium", playwright, os.environ)
        with playwright.chromium.launch(**chromium.launch_arguments()) as browser:
            visits = [_first_visit(browser, stand.portal_url + "/") for _ in range(size.starts)]
    weight, paint, files = (statistics.median(found) for found in zip(*visits, strict=True))
    figures = {"files": files}
    what = "KB of the first page and everything that belongs to it, as they come over the line"
    yield Row.at_most("weight", what, weight / 1024, 100, figures=figures, unit="KB")
    what = f"first contentful paint over {MEGABITS} Mbit/s and {LATENCY} ms"
    yield Row.at_most("first-paint", what, paint / 1000, 1.0, figures={"visits": len(visits)}, unit="s")


def _first_visit(browser: WebBrowser, url: str) -> tuple[float, float, float]:
    """Bytes over the line, milliseconds until something is to be read, number of files."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    line = context.new_cdp_session(page)
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    speed = MEGABITS * 1_000_000 / 8
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": speed, "uploadThroughput": speed}
    line.send("Network.emulateNetworkConditions", conditions)
    page.goto(url, wait_until="networkidle")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return sum(sizes), float(paint), float(len(sizes))
