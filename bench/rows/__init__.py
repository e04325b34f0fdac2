"""The rows of the table, by what they are about, and the order in which they are measured (`docs/performance.md`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain

from bench.crowd import settle
from bench.rows import growth, loads, pages, scenarios, sign_in, stands, wire
from bench.running import READY, SETTINGS, default_stand, open_house
from bench.table import Row, Size
from sandbox_idp.stands.generations import KEYS
from sandbox_idp.testing.pair import running_pair

Measure = Callable[[], Iterable[Row]]


def on_sqlite(size: Size, only: Collection[str]) -> Iterator[Row]:
    """Every row that is measured on SQLite."""
    with running_pair(settings=SETTINGS, keys=KEYS * READY) as (pair, info), open_house(pair) as house:
        stand = default_stand(house)
        everybody = settle(stand, sign_in.people(size) + size.alone + 3 + size.tries)
        # Who tries wrong passwords does not sign in as well.
        phones = iter(everybody[size.tries :])
        with pages.visitor(pair, stand, next(phones)) as who:
            yield from _chosen(
                only,
                {
                    "start": lambda: [sign_in.start(pair, size)],
                    "sign-in": lambda: sign_in.sign_ins(pair, stand, phones, size, "sqlite"),
                    "sign-in-latency": lambda: [sign_in.sign_in_latency(stand, phones, size)],
                    "page": lambda: [pages.page(who, size)],
                    "part": lambda: [pages.part(who, size)],
                    "overload": lambda: [loads.overload(who, size)],
                    "first-page": lambda: loads.first_page(stand, size),
                    "protocol": lambda: [wire.protocol(pair, info, stand, size)],
                    "enumeration": lambda: [wire.enumeration(stand, size)],
                    "stand": lambda: stands.out_of_stock(pair, info, size, "sqlite"),
                    "stands-many": lambda: stands.many(pair, size),
                    "gate-idle": lambda: pages.gate_idle(pair, who, size),
                    "armed": lambda: [scenarios.armed(pair, info, stand, who, size)],
                    "growth": lambda: chain(growth.records(pair, house, size), growth.patients(pair, house, size)),
                    "hang": lambda: [scenarios.hang(pair, info, stand, who, size)],
                },
            )


def on_postgresql(size: Size, only: Collection[str]) -> Iterator[Row]:
    """The sign-in once more, and stands, on PostgreSQL."""
    if only and not {"sign-in", "stand"} & set(only):
        return
    with running_pair("postgresql", settings=SETTINGS, keys=KEYS * READY) as (pair, info), open_house(pair) as house:
        stand = default_stand(house)
        phones = iter(settle(stand, sign_in.people(size)))
        yield from _chosen(
            only,
            {
                "sign-in": lambda: sign_in.sign_ins(pair, stand, phones, size, "postgresql"),
                "stand": lambda: chain(
                    stands.out_of_stock(pair, info, size, "postgresql, from stock"), stands.cold(pair, info, size)
                ),
            },
        )


def _chosen(only: Collection[str], measures: dict[str, Measure]) -> Iterator[Row]:
    """Rows of those measures that are asked for; of all of them if none is."""
    for name, measure in measures.items():
        if not only or name in only:
            yield from measure()
