"""What the rows have in common: the pair and other programs under the same server, and requests to them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from sqlalchemy import text

from bench import machine
from bench.clients import Place
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.context import Stand
from sandbox_idp.keys import KeyPool
from sandbox_idp.servers import Pair, Program, listen
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.testing.browser import Browser

READY = 8
"""Stands whose keys and schemas lie ready."""
SETTINGS = {"WORKERS": "2", "THREADS": "256", "LOG_LEVEL": "warning", "IDP_STANDS_READY": str(READY)}
SETTLING = 0.3
"""Seconds after which what was asked for last has been written down too: the journal writes in batches."""


@contextlib.contextmanager
def open_house(pair: Pair, keys: KeyPool | None = None) -> Iterator[House]:
    """The stands of the running pair, opened by the bench as one more process."""
    settings = SandboxSettings.from_environment(pair.environ)
    house = House(settings, clock=SystemClock(), ids=SystemIds(), keys=keys)
    try:
        yield house
    finally:
        house.close()


def default_stand(house: House) -> Stand:
    """The stand without a prefix."""
    stand = house.find(DEFAULT)
    assert stand is not None
    return stand


@contextlib.contextmanager
def program(module: str, environ: dict[str, str]) -> Iterator[Program]:
    """One further program under the same server settings, ready to answer."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        listener = listen("127.0.0.1", 0)
        address = f"http://localhost:{listener.getsockname()[1]}"
        made = Program(module, module, address, listener, Path(folder) / "log")
        ours, theirs = os.pipe()
        try:
            made.start({**environ, "PORTAL_PUBLIC_URL": address, "PORTAL_PORT": str(made.port)}, ours)
            _until_ready(made)
            yield made
        finally:
            made.ask_to_stop()
            made.stop()
            os.close(ours)
            os.close(theirs)


def _until_ready(made: Program) -> None:
    while not made.answers():
        if made.has_ended():
            raise RuntimeError(f"{made.name} did not start:\n{made.last_words()}")
        time.sleep(0.005)


def pid(made: Program) -> int:
    """The process of a running program."""
    assert made.process is not None
    return made.process.pid


def pids(pair: Pair) -> list[int]:
    """The processes of both programs."""
    return [pid(made) for made in pair.programs]


def server_pids(pair: Pair) -> list[int]:
    """The processes of the PostgreSQL server of this pair, if it has one."""
    folder = pair.environ["DEMO_DIR"]
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(folder in part for part in process.info["cmdline"] or ())
    ]


def place_of(stand: Stand) -> Place:
    """Where clients find a stand."""
    return Place(stand.portal_url, stand.database.url, None if stand.database.is_sqlite else stand.database.schema)


def exchanges(stand: Stand) -> int:
    """How many requests the stand's journal tells of."""
    with stand.database.reading() as session:
        query = text("select count(*) from journal_line where kind = 'exchange'")
        return int(session.connection().execute(query).scalar_one())


def expect(browser: Browser, url: str) -> str:
    """The page at `url`; RuntimeError unless it is there."""
    page = browser.get(url)
    if page.status != 200:
        raise RuntimeError(f"{url}: {page.status} {page.text[:300]}")
    return page.text


def walls(browser: Browser, urls: Iterator[str], count: int) -> list[float]:
    """Seconds that each of `count` pages took."""
    found = []
    for _ in range(count):
        url = next(urls)
        begun = time.perf_counter()
        expect(browser, url)
        found.append(time.perf_counter() - begun)
    return found


def cpu_per_request(made: Program, path: str, count: int, browser: Browser | None = None) -> float:
    """Processor seconds of the program for one request, over `count` of them."""
    asking = browser or Browser()
    for _ in range(50):
        expect(asking, made.address + path)
    time.sleep(SETTLING)
    cpu = machine.cpu_of([pid(made)])
    for _ in range(count):
        expect(asking, made.address + path)
    time.sleep(SETTLING)
    return (machine.cpu_of([pid(made)]) - cpu) / count


def worse(*watches: machine.Watch) -> machine.Watch:
    """The one in which others took more."""
    return max(watches, key=lambda watch: watch.others)
