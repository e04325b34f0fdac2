"""Clients as processes of their own, so that what they cost can be told from what the programs cost."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psycopg

from bench.journey import sign_in
from sandbox_idp.testing.browser import Browser

_CODE_QUERY = "select text from message where recipient = {} order by id desc limit 1"


@dataclass(frozen=True)
class Place:
    """Where the clients go, and where the phones lie that they read: in the stand's own database, because reading a
    phone is no part of a sign-in and must cost the programs nothing.
    """

    portal_url: str
    database_url: str
    schema: str | None


def code_reader(place: Place) -> Callable[[str], str]:
    """Reads the newest code on a phone."""
    ask: Callable[[str], Any]
    if place.schema is None:
        connection = sqlite3.connect(place.database_url.removeprefix("sqlite:///"), timeout=10)

        def ask(phone: str) -> Any:
            return connection.execute(_CODE_QUERY.format("?"), (phone,)).fetchone()

    else:
        address = place.database_url.replace("postgresql+psycopg://", "postgresql://")
        server = psycopg.connect(address, autocommit=True, options=f"-csearch_path={place.schema}")

        def ask(phone: str) -> Any:
            return server.execute(_CODE_QUERY.format("%s"), (phone,)).fetchone()

    def read(phone: str) -> str:
        return str(ask(phone)[0]).rpartition("#")[2].strip()

    return read


@dataclass(frozen=True)
class Done:
    """What a client did in one round."""

    sign_ins: int
    requests: int
    cpu: float
    longest: float
    shortest: float
    error: str = ""


def _client(orders: Connection, place: Place, address: str) -> None:
    """One client: gets lists of phones, signs each of them in, reports."""
    read_code = code_reader(place)
    browser = Browser(address)
    while phones := orders.recv():
        cpu, requests = time.process_time(), browser.requests
        walls = []
        error = ""
        for phone in phones:
            browser.forget()
            begun = time.perf_counter()
            try:
                sign_in(browser, place.portal_url, phone, read_code)
            except Exception as problem:  # noqa: BLE001 - whatever it was, the run is told and ends
                error = f"{type(problem).__name__}: {problem}"
                break
            walls.append(time.perf_counter() - begun)
        used = time.process_time() - cpu
        orders.send(
            Done(len(walls), browser.requests - requests, used, max(walls, default=0), min(walls, default=0), error)
        )
    browser.close()


class Clients:
    """A number of clients that wait for work."""

    def __init__(self, count: int, place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self.processes = []
        for number in range(count):
            ours, theirs = context.Pipe()
            # Every client comes from a loopback address of its own: limits count by address.
            process = context.Process(target=_client, args=(theirs, place, f"127.0.0.{number + 2}"), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self.processes.append(process)

    @property
    def pids(self) -> list[int]:
        """Their processes."""
        return [process.pid for process in self.processes if process.pid is not None]

    def sign_in(self, phones: list[list[str]]) -> list[Done]:
        """Have each client sign in its list of phones, all of them side by side. RuntimeError if one fails."""
        for end, mine in zip(self._ends, phones, strict=True):
            end.send(mine)
        done = [end.recv() for end in self._ends]
        for each in done:
            if each.error:
                raise RuntimeError(each.error)
        return done

    def close(self) -> None:
        """Send them home."""
        for end in self._ends:
            end.send([])
        for process in self.processes:
            process.join(10)
