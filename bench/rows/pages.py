"""Pages of the portal: by themselves, behind the gate, and among many stands."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from bench import gated, machine, plain_home
from bench.clients import code_reader
from bench.journey import sign_in
from bench.running import cpu_per_request, expect, pid, place_of, program
from bench.table import Row, Size
from portal.sign_in.models import PatientSession
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.servers import Pair
from sandbox_idp.testing.browser import Browser

HOME, PART = "/home", "/parts/policy"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass
class Visitor:
    """A browser that is signed in at the default stand, and what a program needs to know it."""

    browser: Browser
    environ: dict[str, str]


@contextlib.contextmanager
def visitor(pair: Pair, stand: Stand, phone: str) -> Iterator[Visitor]:
    """Sign somebody in. A program started with `environ` is a portal on the database that this has filled."""
    place = place_of(stand)
    browser = Browser("127.0.0.21")
    sign_in(browser, place.portal_url, phone, code_reader(place))
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
    }
    yield Visitor(browser, environ)
    browser.close()


def page(who: Visitor, size: Size) -> Row:
    """The portal's home page from the database ÷ a plain Flask view with the same queries and as much text."""
    return _beside_plain("page", "the home page", who, HOME, size)


def part(who: Visitor, size: Size) -> Row:
    """The same for one part of the home page, as htmx asks for it."""
    who.browser.headers = FRAGMENT
    row = _beside_plain("part", "one htmx part", who, PART, size)
    who.browser.headers = {}
    return row


def _beside_plain(row: str, name: str, who: Visitor, path: str, size: Size) -> Row:
    """The portal runs as in production, without stand and gate."""
    samples, ours, plain = [], [], []
    with program("portal.wsgi", who.environ) as portal:
        length = len(expect(who.browser, portal.address + path).encode())
        with program("bench.plain_home", {**who.environ, plain_home.SIZE: str(length)}) as other:
            for _ in range(size.rounds):
                with machine.watching([pid(portal), pid(other)]) as watch:
                    ours.append(cpu_per_request(portal, path, size.pages // size.rounds, who.browser))
                    plain.append(cpu_per_request(other, path, size.pages // size.rounds))
                samples.append((ours[-1] / plain[-1], watch))
    ratio, left_out = machine.undisturbed(samples)
    figures = {
        "ours_ms": statistics.median(ours) * 1000,
        "plain_ms": statistics.median(plain) * 1000,
        "bytes": float(length),
    }
    return Row.at_most(
        row,
        f"CPU of {name} ÷ plain view with the same queries and size",
        ratio,
        1.6,
        figures=figures,
        left_out=left_out,
    )


def gate_idle(pair: Pair, who: Visitor, size: Size) -> Iterator[Row]:
    """The home page under a stand with the gate in front and nothing armed ÷ without the gate."""
    samples: dict[str, list[tuple[float, machine.Watch]]] = {gated.SILENT: [], gated.FULL: []}
    costs: dict[str, list[float]] = {kind: [] for kind in (gated.NONE, *samples)}
    with contextlib.ExitStack() as running:
        programs = {
            kind: running.enter_context(program("bench.gated", {**pair.environ, gated.GATE: kind})) for kind in costs
        }
        for _ in range(size.rounds):
            with machine.watching([pid(each) for each in programs.values()]) as watch:
                for kind, each in programs.items():
                    costs[kind].append(cpu_per_request(each, HOME, size.pages // size.rounds, who.browser))
            for kind, found in samples.items():
                found.append((costs[kind][-1] / costs[gated.NONE][-1], watch))
    for kind, limit, journal in ((gated.SILENT, 1.1, "off"), (gated.FULL, 1.3, "on")):
        ratio, left_out = machine.undisturbed(samples[kind])
        figures = {
            "with_ms": statistics.median(costs[kind]) * 1000,
            "without_ms": statistics.median(costs[gated.NONE]) * 1000,
        }
        what = f"CPU of a page with the gate, nothing armed, journal {journal} ÷ without the gate"
        yield Row.at_most(f"gate-idle (journal {journal})", what, ratio, limit, figures=figures, left_out=left_out)
