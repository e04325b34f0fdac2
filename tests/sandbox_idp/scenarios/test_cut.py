"""Broken connections as a client of a real gunicorn meets them on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import catalogue, journal
from sandbox_idp.scenarios.arming import arm
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from tests.sandbox_idp.scenarios.conftest import entry_text, gate_effect
from tests.sandbox_idp.scenarios.cut_program import CATALOGUE

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 30


@dataclass
class Server:
    """A running gunicorn with the default stand of its own pair."""

    port: int
    stand: Stand
    log: Path

    def ask(self, path: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:8000\r\n\r\n".encode())
        return connection


def read_to_the_end(connection: socket.socket) -> tuple[bytes, bool]:
    """Everything that comes, and whether a reset ended it."""
    received = b""
    while True:
        try:
            more = connection.recv(65536)
        except ConnectionResetError:
            return received, True
        if not more:
            return received, False
        received += more


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn with threads, as the pair runs it; SQLite, because this is about connections."""
    folder = tmp_path_factory.mktemp("cut")
    entries = folder / "catalogue"
    entries.mkdir()
    for kind in ("reset", "truncate"):
        effect = gate_effect(kind, "portal", match=f'{{ path = "/parts/{kind}" }}')
        (entries / f"{kind}.toml").write_text(entry_text(kind, effect), encoding="utf-8")
    settings = SandboxSettings.from_environment({"DEMO_DIR": str(folder)})
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    house.prepare(keys=0)
    stand = house.find(DEFAULT)
    assert stand is not None
    with catalogue.using(catalogue.load(entries)), use_stand(stand):
        for entry in ("reset", "truncate"):
            arm(stand, entry, "everyone")
    listener = socket.create_server(("127.0.0.1", 0))
    log = folder / "server.log"
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
    command += ["--keep-alive", "30", "--bind", f"fd://{listener.fileno()}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "tests.sandbox_idp.scenarios.cut_program:app()"],
            cwd=ROOT,
            env={**os.environ, "DEMO_DIR": str(folder), CATALOGUE: str(entries)},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=output,
        )
    listening = Server(listener.getsockname()[1], stand, log)
    listener.close()
    yield listening
    process.terminate()
    process.wait(PATIENCE)
    house.close()


def test_a_reset_comes_after_the_head_and_at_least_one_byte(server: Server) -> None:
    """U-24. Earlier, browsers would silently repeat the request."""
    with server.ask("/parts/reset") as connection:
        received, was_reset = read_to_the_end(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert was_reset
    length = int(dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])[b"Content-Length"])
    assert 1 <= len(body) < length


def test_a_truncated_answer_ends_politely_and_too_early(server: Server) -> None:
    with server.ask("/parts/truncate") as connection:
        received, was_reset = read_to_the_end(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    assert not was_reset
    length = int(dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])[b"Content-Length"])
    assert 1 <= len(body) < length


def test_the_server_goes_on_as_if_nothing_had_happened(server: Server) -> None:
    """Connections are counted right, keep-alive works, and its log holds no error."""
    for _ in range(20):
        with server.ask("/parts/reset") as connection:
            assert read_to_the_end(connection)[1]
    with server.ask("/page") as connection:
        connection.sendall(b"GET /page HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n\r\n")
        received, was_reset = read_to_the_end(connection)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert not was_reset
    text = server.log.read_text()
    assert "Traceback" not in text
    assert "[ERROR]" not in text


def test_the_journal_holds_one_exchange_without_a_status(server: Server) -> None:
    before = len(journal.lines(server.stand.database, kind="effect", entry="reset"))
    with server.ask("/parts/reset") as connection:
        read_to_the_end(connection)
    lines = journal.lines(server.stand.database, kind="effect", entry="reset")
    assert len(lines) == before + 1
    assert lines[-1].details["exchange"] == "GET /parts/reset"
