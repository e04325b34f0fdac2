"""The rows of the table: what is measured, and against what (`docs/performance.md`)."""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text
from sqlmodel import col, select

from bench import machine, plain_home
from bench.clients import Clients, Done, Place, code_reader
from bench.crowd import settle
from bench.journey import sign_in
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from portal.sign_in.models import PatientSession
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.servers import Pair, Program, listen
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.pair import DatabaseKind, running_pair

CLIENTS = 8
SETTINGS = {"WORKERS": "2", "THREADS": "256", "LOG_LEVEL": "warning"}


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    starts: int = 5
    rounds: int = 6
    sign_ins: int = 8
    """Sign-ins of one client in one round."""
    alone: int = 15
    pages: int = 1500


QUICK = Size(starts=1, rounds=2, sign_ins=2, alone=3, pages=200)


@dataclass
class Row:
    """A line of the table."""

    id: str
    what: str
    ratio: float
    target: str
    met: bool
    figures: dict[str, float] = field(default_factory=dict)
    left_out: int = 0
    """Measurements that were disturbed by others and not used."""

    def as_dict(self) -> dict[str, Any]:
        """For bench.json."""
        figures = {name: round(value, 5) for name, value in self.figures.items()}
        return {**asdict(self), "ratio": round(self.ratio, 3), "figures": figures}


@contextlib.contextmanager
def _house(pair: Pair) -> Iterator[House]:
    house = House(SandboxSettings.from_environment(pair.environ), clock=SystemClock(), ids=SystemIds())
    try:
        yield house
    finally:
        house.close()


@contextlib.contextmanager
def _program(module: str, environ: dict[str, str]) -> Iterator[Program]:
    """One further program under the same server settings, ready to answer."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        listener = listen("127.0.0.1", 0)
        address = f"http://localhost:{listener.getsockname()[1]}"
        program = Program(module, module, address, listener, Path(folder) / "log")
        ours, theirs = os.pipe()
        try:
            program.start({**environ, "PORTAL_PUBLIC_URL": address, "PORTAL_PORT": str(program.port)}, ours)
            _until_ready(program)
            yield program
        finally:
            program.ask_to_stop()
            program.stop()
            os.close(ours)
            os.close(theirs)


def _until_ready(program: Program) -> None:
    while not program.answers():
        if program.has_ended():
            raise RuntimeError(f"{program.name} did not start:\n{program.last_words()}")
        time.sleep(0.005)


def _pid(program: Program) -> int:
    assert program.process is not None
    return program.process.pid


def _pids(pair: Pair) -> list[int]:
    return [_pid(program) for program in pair.programs]


def _server_pids(pair: Pair) -> list[int]:
    """The processes of the PostgreSQL server of this pair, if it has one."""
    folder = pair.environ["DEMO_DIR"]
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(folder in part for part in process.info["cmdline"] or ())
    ]


def start(pair: Pair, size: Size) -> Row:
    """Both programs started side by side, databases present, ready to answer ÷ a bare Flask program."""
    samples, ours, bare = [], [], []
    for _ in range(size.starts):
        pair.stop()
        with machine.watching([]) as watch:
            begun = time.perf_counter()
            pair.start_again()
            pair.wait_until_ready()
            both = time.perf_counter() - begun
            watch.newcomers += _pids(pair)
        with contextlib.ExitStack() as running, machine.watching([]) as bare_watch:
            begun = time.perf_counter()
            bare_watch.newcomers.append(_pid(running.enter_context(_program("bench.bare", pair.environ))))
            alone = time.perf_counter() - begun
        samples.append((both / alone, _worse(watch, bare_watch)))
        ours.append(both)
        bare.append(alone)
    ratio, left_out = machine.undisturbed(samples)
    figures = {"both_s": statistics.median(ours), "bare_s": statistics.median(bare)}
    return Row("start", "both programs ready ÷ bare program ready", ratio, "≤ 4", ratio <= 4, figures, left_out)


def _worse(*watches: machine.Watch) -> machine.Watch:
    return max(watches, key=lambda watch: watch.others)


def _place(stand: Stand) -> Place:
    return Place(stand.portal_url, stand.database.url, None if stand.database.is_sqlite else stand.database.schema)


def _exchanges(stand: Stand) -> int:
    with stand.database.reading() as session:
        query = text("select count(*) from journal_line where kind = 'exchange'")
        return int(session.connection().execute(query).scalar_one())


@dataclass
class _Round:
    per_second: float
    raw_per_second: float
    verifications: float
    cpu: float
    """Processor seconds of both programs for one sign-in."""
    front: float
    watch: machine.Watch


def _round(pair: Pair, clients: Clients, phones: list[list[str]], server: list[int]) -> _Round:
    """One round of all clients, with the denominator measured right before and after it."""
    before = machine.verifications_per_second(1.0)
    cpu = machine.cpu_of(_pids(pair))
    with machine.watching([*_pids(pair), *clients.pids, *server]) as watch:
        done: list[Done] = clients.sign_in(phones)
    cpu = machine.cpu_of(_pids(pair)) - cpu
    after = machine.verifications_per_second(1.0)
    count = sum(each.sign_ins for each in done)
    theirs = sum(each.cpu for each in done)
    wall = watch.wall - theirs / machine.CORES
    return _Round(
        per_second=count / wall,
        raw_per_second=count / watch.wall,
        verifications=(before + after) / 2,
        cpu=cpu / count,
        front=sum(each.requests for each in done) / count,
        watch=watch,
    )


def sign_ins(pair: Pair, stand: Stand, phones: Iterator[str], size: Size, database: DatabaseKind) -> list[Row]:
    """Complete sign-ins a second ÷ what the machine can hash; on SQLite the processor time of one as well."""
    clients = Clients(CLIENTS, _place(stand))
    try:
        # A first one each: templates are compiled, connections made, threads started.
        clients.sign_in([[next(phones)] for _ in range(CLIENTS)])
        counted = _exchanges(stand)
        server = _server_pids(pair)
        rounds = [
            _round(pair, clients, [list(itertools.islice(phones, size.sign_ins)) for _ in range(CLIENTS)], server)
            for _ in range(size.rounds)
        ]
    finally:
        clients.close()
    total = size.rounds * CLIENTS * size.sign_ins
    requests = (_exchanges(stand) - counted) / total
    ratio, left_out = machine.undisturbed([(each.per_second / each.verifications, each.watch) for each in rounds])
    figures = {
        "sign_ins_per_s": statistics.median(each.per_second for each in rounds),
        "sign_ins_per_s_with_clients": statistics.median(each.raw_per_second for each in rounds),
        "argon2id_per_s": statistics.median(each.verifications for each in rounds),
        "requests_per_sign_in": requests,
        "requests_of_the_browser": rounds[0].front,
    }
    what = f"sign-ins/s ÷ Argon2id/s, {CLIENTS} clients, {database}"
    rows = [Row(f"sign-in ({database})", what, ratio, "≥ 0.35", ratio >= 0.35, figures, left_out)]
    if database == "sqlite":
        rows.append(_sign_in_cpu(pair, rounds, requests, size))
    return rows


def _sign_in_cpu(pair: Pair, rounds: list[_Round], requests: float, size: Size) -> Row:
    """Processor time of a sign-in outside hashing ÷ as many requests to a bare Flask view."""
    hashing = machine.verification_cpu()
    with _program("bench.bare", pair.environ) as program:
        bare = _cpu_per_request(program, "/", size.pages)
    ratio, left_out = machine.undisturbed([((each.cpu - hashing) / (requests * bare), each.watch) for each in rounds])
    figures = {
        "cpu_ms_outside_hashing": statistics.median(each.cpu - hashing for each in rounds) * 1000,
        "hashing_ms": hashing * 1000,
        "requests": requests,
        "bare_ms": bare * 1000,
    }
    what = "CPU of both programs per sign-in, without hashing ÷ (requests × bare view)"
    return Row("sign-in-cpu", what, ratio, "≤ 2.5", ratio <= 2.5, figures, left_out)


def _cpu_per_request(program: Program, path: str, count: int, cookies: Browser | None = None) -> float:
    """Processor seconds of the program for one request, over `count` of them."""
    browser = cookies or Browser()
    for _ in range(50):
        _expect(browser, program, path)
    cpu = machine.cpu_of([_pid(program)])
    for _ in range(count):
        _expect(browser, program, path)
    return (machine.cpu_of([_pid(program)]) - cpu) / count


def _expect(browser: Browser, program: Program, path: str) -> str:
    page = browser.get(program.address + path)
    if page.status != 200:
        raise RuntimeError(f"{program.name}{path}: {page.status} {page.text[:300]}")
    return page.text


def sign_in_latency(stand: Stand, phones: Iterator[str], size: Size) -> Row:
    """One sign-in with nobody else there ÷ one verification and two signatures."""
    place = _place(stand)
    read_code = code_reader(place)
    browser = Browser("127.0.0.20")
    samples, walls, works = [], [], []
    for phone in [next(phones) for _ in range(size.alone + 2)]:
        browser.forget()
        work = machine.verification_and_two_signatures()
        begun = time.perf_counter()
        sign_in(browser, place.portal_url, phone, read_code)
        wall = time.perf_counter() - begun
        walls.append(wall)
        works.append(work)
        samples.append(wall / work)
    browser.close()
    # The first two warm up what only a single client uses.
    ratio = statistics.median(samples[2:])
    figures = {
        "wall_ms": statistics.median(walls[2:]) * 1000,
        "fastest_ms": min(walls[2:]) * 1000,
        "argon2id_and_two_signatures_ms": statistics.median(works[2:]) * 1000,
    }
    what = "one sign-in, nobody else ÷ (Argon2id + two signatures)"
    return Row("sign-in-latency", what, ratio, "≤ 8", ratio <= 8, figures)


def page(pair: Pair, stand: Stand, phones: Iterator[str], size: Size) -> Row:
    """The portal's home page from the database ÷ a plain Flask view with the same queries and as much text.

    The portal runs as in production, without stand and gate, on the database that the sign-in has filled.
    """
    place = _place(stand)
    browser = Browser("127.0.0.21")
    length = len(sign_in(browser, place.portal_url, next(phones), code_reader(place)).text.encode())
    with stand.database.reading() as session:
        state = session.get_one(StandState, 1)
    with stand.portal_database.reading() as session:
        newest = session.exec(select(PatientSession).order_by(col(PatientSession.created_at).desc())).first()
    assert newest is not None
    environ = {
        **pair.environ,
        "PORTAL_DATABASE_URL": stand.portal_database.url,
        "ESIA_CLIENT_KEY": state.portal_client_key,
        "ESIA_CLIENT_CERTIFICATE": state.portal_client_certificate,
        plain_home.ROW: newest.id_hash,
        plain_home.SIZE: str(length),
    }
    samples, ours, plain = [], [], []
    with _program("portal.wsgi", environ) as portal, _program("bench.plain_home", environ) as other:
        for _ in range(size.rounds):
            with machine.watching([_pid(portal), _pid(other)]) as watch:
                ours.append(_cpu_per_request(portal, "/home", size.pages // size.rounds, browser))
                plain.append(_cpu_per_request(other, "/home", size.pages // size.rounds))
            samples.append((ours[-1] / plain[-1], watch))
    browser.close()
    ratio, left_out = machine.undisturbed(samples)
    figures = {
        "home_ms": statistics.median(ours) * 1000,
        "plain_ms": statistics.median(plain) * 1000,
        "page_bytes": float(length),
    }
    what = "CPU of the home page ÷ plain view with the same queries and size"
    return Row("page", what, ratio, "≤ 1.6", ratio <= 1.6, figures, left_out)


def on_sqlite(size: Size) -> Iterator[Row]:
    """Every row that is measured on SQLite."""
    with running_pair(settings=SETTINGS) as (pair, _), _house(pair) as house:
        yield start(pair, size)
        stand = _default(house)
        phones = iter(settle(stand, CLIENTS * (size.sign_ins * size.rounds + 1) + size.alone + 3))
        yield from sign_ins(pair, stand, phones, size, "sqlite")
        yield sign_in_latency(stand, phones, size)
        yield page(pair, stand, phones, size)


def on_postgresql(size: Size) -> Iterator[Row]:
    """The sign-in once more, on PostgreSQL."""
    with running_pair("postgresql", settings=SETTINGS) as (pair, _), _house(pair) as house:
        stand = _default(house)
        phones = iter(settle(stand, CLIENTS * (size.sign_ins * size.rounds + 1)))
        yield from sign_ins(pair, stand, phones, size, "postgresql")


def _default(house: House) -> Stand:
    stand = house.find(DEFAULT)
    assert stand is not None
    return stand
