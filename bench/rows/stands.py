"""Stands: how quickly they are made and reset, and what a thousand of them cost."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from bench import machine
from bench.clients import code_reader
from bench.crowd import FewKeys, settle
from bench.journey import sign_in
from bench.running import READY, SETTINGS, SETTLING, open_house, pids, place_of, server_pids, walls
from bench.stock import Larder
from bench.table import Row, Size, p95
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.control import Calls
from sandbox_idp.testing.pair import PairInfo, running_pair

BURST = READY - 2
"""Stands that are made one after the other, out of what lies ready."""
SPREAD = 20
"""Of all living stands so many are used."""
TO_CREATE, TO_RESET = "create", "reset"


class Maker:
    """Makes and resets stands through the control API and notes how long that takes."""

    def __init__(self, pair: Pair, info: PairInfo) -> None:
        self._pair = pair
        self._calls = Calls(f"{info.idp_url}/control/v1", info.control_token)
        self._mine: dict[str, str] = self._calls.call("POST", "/stands", {"name": "reset"})
        self._own = Calls(self._mine["control_url"], info.control_token)
        self._made: list[str] = []

    def burst(self, what: str, count: int) -> tuple[list[float], machine.Watch]:
        """Seconds that each of `count` calls took, and who else used the machine."""
        call = self._create if what == TO_CREATE else self._reset
        with machine.watching([*pids(self._pair), *server_pids(self._pair)]) as watch:
            found = [_timed(call) for _ in range(count)]
        for made in self._made:
            self._calls.call("DELETE", f"/stands/{made}")
        self._made.clear()
        return found, watch

    def close(self) -> None:
        """Throw away what was made, and close the connections."""
        self._calls.call("DELETE", f"/stands/{self._mine['id']}")
        self._own.close()
        self._calls.close()

    def _create(self) -> None:
        self._made.append(self._calls.call("POST", "/stands", {"name": "bench"})["id"])

    def _reset(self) -> None:
        self._own.call("POST", "/reset")


def _timed(call: Callable[[], None]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def out_of_stock(pair: Pair, info: PairInfo, size: Size, kind: str) -> Iterator[Row]:
    """Creating and resetting, when keys and schemas lie ready: 95 of 100 take no longer than this."""
    with contextlib.closing(Maker(pair, info)) as maker, contextlib.closing(Larder(pair)) as larder:
        for what in (TO_CREATE, TO_RESET):
            # One that does not count: connections are made, modules are loaded.
            maker.burst(what, 2)
            bursts = []
            for _ in range(size.bursts):
                larder.wait_until_full(READY)
                bursts.append(maker.burst(what, BURST))
            yield _milliseconds(f"stand ({what}, {kind})", f"ms to {what} a stand, p95, {kind}", bursts, 50)


def cold(pair: Pair, info: PairInfo, size: Size) -> Iterator[Row]:
    """The same on PostgreSQL when nothing lies ready: two keys are made, two schemas cloned."""
    pair.stop()
    pair.start({**pair.environ, "IDP_STANDS_READY": "0"})
    pair.wait_until_ready()
    with contextlib.closing(Maker(pair, info)) as maker, contextlib.closing(Larder(pair)) as larder:
        for what in (TO_CREATE, TO_RESET):
            bursts = []
            for _ in range(2 * size.bursts):
                larder.empty()
                bursts.append(maker.burst(what, 1))
            name = f"stand ({what}, postgresql cold)"
            yield _milliseconds(name, f"ms to {what} a stand, p95, nothing ready", bursts, 2000)
    pair.stop()
    pair.start({**pair.environ, **SETTINGS})
    pair.wait_until_ready()


def _milliseconds(row: str, what: str, bursts: list[tuple[list[float], machine.Watch]], most: float) -> Row:
    calm, left_out = machine.calm(bursts)
    found = list(itertools.chain.from_iterable(calm))
    figures = {"median_ms": statistics.median(found) * 1000, "longest_ms": max(found) * 1000, "count": len(found)}
    return Row.at_most(row, what, p95(found) * 1000, most, figures=figures, left_out=left_out, unit="ms")


def many(alone: Pair, size: Size) -> Iterator[Row]:
    """Pages spread over 20 of 1,000 living stands ÷ pages of a pair with one; memory and disk of an idle stand."""
    with (
        running_pair(settings=SETTINGS, keys=2) as (pair, _),
        open_house(pair, FewKeys(SPREAD)) as house,
        open_house(alone) as other_house,
    ):
        one, first = other_house.create("one").stand, house.create("first").stand
        _visit(_doors([one, first]) * 50)
        memory, disk = _memory(pair), _disk(pair)
        stands = [house.create(f"stand {number}").stand for number in range(size.crowd)]
        disk_of_one = (_disk(pair) - disk) / size.crowd
        _visit(_doors(stands))
        memory_of_one = (_memory(pair) - memory) / size.crowd
        yield _spread(alone, pair, one, stands[:: max(1, size.crowd // SPREAD)][:SPREAD], size)
        other_house.delete(one.id)
    figures = {"stands": float(size.crowd)}
    what = "KB of memory of both programs for a stand that was looked at once"
    yield Row.at_most("stands-many (memory)", what, memory_of_one / 1024, 50, figures=figures, unit="KB")
    what = "MB on disk for a stand"
    yield Row.at_most("stands-many (disk)", what, disk_of_one / 1024**2, 1, figures=figures, unit="MB")


def _spread(alone: Pair, pair: Pair, one: Stand, stands: list[Stand], size: Size) -> Row:
    single, several = _signed_in([one]), _signed_in(stands)
    samples, ours, theirs, costs = [], [], [], []
    pages = size.pages // size.rounds
    with contextlib.closing(single), contextlib.closing(several):
        urls = itertools.cycle([f"{one.portal_url}/home"])
        spread = itertools.cycle([f"{each.portal_url}/home" for each in stands])
        # Every process has opened every stand once.
        walls(several, spread, 6 * len(stands))
        walls(single, urls, 50)
        for _ in range(size.rounds):
            with machine.watching([*pids(alone), *pids(pair)]) as watch:
                cpu = [machine.cpu_of(pids(pair))]
                ours.append(statistics.median(walls(several, spread, pages)))
                time.sleep(SETTLING)
                cpu += [machine.cpu_of(pids(pair)), machine.cpu_of(pids(alone))]
                theirs.append(statistics.median(walls(single, urls, pages)))
                time.sleep(SETTLING)
                costs.append(((cpu[1] - cpu[0]) / pages, (machine.cpu_of(pids(alone)) - cpu[2]) / pages))
            samples.append((ours[-1] / theirs[-1], watch))
    ratio, left_out = machine.undisturbed(samples)
    figures = {"many_p50_ms": statistics.median(ours) * 1000, "one_p50_ms": statistics.median(theirs) * 1000}
    # Of the whole pair, the writing of the journal included: tells a disturbed machine from a dear stand.
    figures |= {"many_cpu_ms": statistics.median(cost for cost, _ in costs) * 1000}
    figures |= {"one_cpu_ms": statistics.median(cost for _, cost in costs) * 1000}
    what = f"p50 of a page, {len(stands)} of {size.crowd} stands in turn ÷ a pair with one"
    return Row.at_most("stands-many", what, ratio, 1.2, figures=figures, left_out=left_out)


def _signed_in(stands: list[Stand]) -> Browser:
    """A browser that is signed in at all of them."""
    browser = Browser("127.0.0.22")
    for stand in stands:
        (phone,) = settle(stand, 1)
        place = place_of(stand)
        sign_in(browser, place.portal_url, phone, code_reader(place))
    return browser


def _doors(stands: list[Stand]) -> list[str]:
    """A page of either program in each of them."""
    return [url for each in stands for url in (f"{each.portal_url}/", f"{each.idp_url}/healthz/live")]


def _visit(urls: list[str]) -> None:
    with contextlib.closing(Browser("127.0.0.23")) as browser:
        walls(browser, iter(urls), len(urls))


def _memory(pair: Pair) -> float:
    """Bytes that the processes of both programs have for themselves."""
    parents = [psutil.Process(number) for number in pids(pair)]
    processes = [each for parent in parents for each in (parent, *parent.children(recursive=True))]
    return float(sum(process.memory_full_info().uss for process in processes))


def _disk(pair: Pair) -> float:
    """Bytes on disk under the folder of the pair's data."""
    files = Path(pair.environ["DEMO_DIR"]).rglob("*")
    return float(sum(file.stat().st_blocks * 512 for file in files if file.is_file()))
