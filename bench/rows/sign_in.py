"""Starting, and signing in."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import machine
from bench.clients import Clients, Done, code_reader
from bench.journey import sign_in
from bench.running import cpu_per_request, exchanges, pid, pids, place_of, program, server_pids, worse
from bench.table import Row, Size
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.pair import DatabaseKind

CLIENTS = 8


def people(size: Size) -> int:
    """So many sign in side by side in all rounds: nobody signs in twice within the limits for codes."""
    return CLIENTS * (size.sign_ins * size.rounds + 1)


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
            watch.newcomers += pids(pair)
        with contextlib.ExitStack() as running, machine.watching([]) as bare_watch:
            begun = time.perf_counter()
            bare_watch.newcomers.append(pid(running.enter_context(program("bench.bare", pair.environ))))
            alone = time.perf_counter() - begun
        samples.append((both / alone, worse(watch, bare_watch)))
        ours.append(both)
        bare.append(alone)
    ratio, left_out = machine.undisturbed(samples)
    figures = {"both_s": statistics.median(ours), "bare_s": statistics.median(bare)}
    return Row.at_most(
        "start", "both programs ready ÷ bare program ready", ratio, 4, figures=figures, left_out=left_out
    )


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
    cpu = machine.cpu_of(pids(pair))
    with machine.watching([*pids(pair), *clients.pids, *server]) as watch:
        done: list[Done] = clients.sign_in(phones)
    cpu = machine.cpu_of(pids(pair)) - cpu
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
    clients = Clients(CLIENTS, place_of(stand))
    try:
        # A first one each: templates are compiled, connections made, threads started.
        clients.sign_in([[next(phones)] for _ in range(CLIENTS)])
        counted = exchanges(stand)
        server = server_pids(pair)
        rounds = [
            _round(pair, clients, [list(itertools.islice(phones, size.sign_ins)) for _ in range(CLIENTS)], server)
            for _ in range(size.rounds)
        ]
    finally:
        clients.close()
    total = size.rounds * CLIENTS * size.sign_ins
    requests = (exchanges(stand) - counted) / total
    ratio, left_out = machine.undisturbed([(each.per_second / each.verifications, each.watch) for each in rounds])
    figures = {
        "sign_ins_per_s": statistics.median(each.per_second for each in rounds),
        "sign_ins_per_s_with_clients": statistics.median(each.raw_per_second for each in rounds),
        "argon2id_per_s": statistics.median(each.verifications for each in rounds),
        "requests_per_sign_in": requests,
        "requests_of_the_browser": rounds[0].front,
    }
    what = f"sign-ins/s ÷ Argon2id/s, {CLIENTS} clients, {database}"
    rows = [Row.at_least(f"sign-in ({database})", what, ratio, 0.35, figures=figures, left_out=left_out)]
    if database == "sqlite":
        rows.append(_sign_in_cpu(pair, rounds, requests, size))
    return rows


def _sign_in_cpu(pair: Pair, rounds: list[_Round], requests: float, size: Size) -> Row:
    """Processor time of a sign-in outside hashing ÷ as many requests to a bare Flask view."""
    hashing = machine.verification_cpu()
    with program("bench.bare", pair.environ) as bare_program:
        bare = cpu_per_request(bare_program, "/", size.pages)
    ratio, left_out = machine.undisturbed([((each.cpu - hashing) / (requests * bare), each.watch) for each in rounds])
    figures = {
        "cpu_ms_outside_hashing": statistics.median(each.cpu - hashing for each in rounds) * 1000,
        "hashing_ms": hashing * 1000,
        "requests": requests,
        "bare_ms": bare * 1000,
    }
    what = "CPU of both programs per sign-in, without hashing ÷ (requests × bare view)"
    return Row.at_most("sign-in-cpu", what, ratio, 2.5, figures=figures, left_out=left_out)


def sign_in_latency(stand: Stand, phones: Iterator[str], size: Size) -> Row:
    """One sign-in with nobody else there ÷ one verification and two signatures."""
    place = place_of(stand)
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
    return Row.at_most("sign-in-latency", what, ratio, 8, figures=figures)
