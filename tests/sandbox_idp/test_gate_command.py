"""`sandbox-idp gate`: failures in front of a portal that nobody adapted, and a stand at the root of a port."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx2
import psutil
import pytest
from werkzeug.serving import make_server

from sandbox_idp import cli
from sandbox_idp.testing.control import StandControl
from sandbox_idp.testing.pair import PairInfo, running_pair
from tests.sandbox_idp.test_demo import ROOT, free_port

BODY = gzip.compress(bytes(range(256)) * 2000, mtime=0)
"""Bytes that nobody on the way may unpack, decode or count anew."""


def foreign(environ: Any, start_response: Any) -> Any:
    """Somebody else's portal, in a few lines: `/dashboard`, `/api/policy`, and what shows how it was asked."""
    host, path = environ["HTTP_HOST"], environ["PATH_INFO"]
    if path == "/echo":
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        seen = (host, environ.get("HTTP_ORIGIN"), environ["REQUEST_URI"])
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-Seen", " ".join(map(str, seen)))])
        return [sent]
    if path == "/login":
        cookies = [("Set-Cookie", "a=1; Domain=localhost; Path=/; HttpOnly"), ("Set-Cookie", "b=2; Path=/")]
        start_response("303 See Other", [("Location", f"http://{host}/dashboard?x=1"), *cookies])
        return []
    if path == "/away":
        start_response(
            "302 Found", [("Location", f"http://{host}0/elsewhere"), ("Connection", "X-Own"), ("X-Own", "1")]
        )
        return []
    if path == "/broken":
        start_response("200 OK", [("Content-Length", "100000")])
        return [b"half"]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")])
    return [BODY]


@pytest.fixture(scope="module")
def pair() -> Iterator[PairInfo]:
    with running_pair(keys=1, settings={"WORKERS": "1"}) as (_, info):
        yield info


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with make_server("localhost", 0, foreign, threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def running_gate(pair: PairInfo, *options: str) -> Iterator[int]:
    """The command as a process; its port. Nothing of it is left afterwards."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox_idp", "gate", "--listen", str(port), *options],
        cwd=ROOT,
        env={**os.environ, **pair.environ, "WORKERS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert f":{port}" in process.stdout.readline()
        family = psutil.Process(process.pid).children(recursive=True)
        yield port
    finally:
        process.terminate()
        code = process.wait(30)
        process.stdout.close()
    assert code == 0
    assert not psutil.wait_procs(family, timeout=10)[1]


class Place:
    """A gate in front of the foreign portal, and the control API of its stand."""

    def __init__(self, port: int, control: StandControl) -> None:
        self.address = f"http://localhost:{port}"
        self.port = port
        self.control = control

    def ask(self, path: str, method: str = "GET", **more: Any) -> httpx2.Response:
        with httpx2.Client(trust_env=False, timeout=60) as client:
            return client.request(method, self.address + path, **more)

    def raw(self, path: str) -> tuple[bytes, bool]:
        """Everything that comes over the socket, and whether a reset ended it."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode())
            try:
                while more := connection.recv(65536):
                    received += more
            except ConnectionResetError:
                return received, True
        return received, False


@pytest.fixture(scope="module")
def stand(pair: PairInfo) -> Iterator[StandControl]:
    whole = StandControl(f"{pair.idp_url}/control/v1", pair.control_token)
    made = whole.call("POST", "/stands", {"name": "gate"})
    control = StandControl(made["control_url"], made["token"])
    yield control
    control.close()
    whole.close()


def stand_id(control: StandControl) -> str:
    return control.address.split("/s/")[1].split("/")[0]


@pytest.fixture(scope="module")
def running(pair: PairInfo, stand: StandControl, upstream: str) -> Iterator[Place]:
    paths = ("--path", "/home=/dashboard", "--path", "/parts/policy=/api/policy")
    with running_gate(pair, "--stand", stand_id(stand), "--to", upstream, *paths) as port:
        yield Place(port, stand)


@pytest.fixture
def place(running: Place) -> Iterator[Place]:
    yield running
    running.control.disarm()


def journal_of(place: Place, name: str) -> list[dict[str, Any]]:
    return [line for line in place.control.journal() if line["kind"] == "exchange" and line["name"] == name]


def test_with_nothing_armed_everything_passes_through_unchanged(place: Place) -> None:
    with httpx2.Client(trust_env=False) as client, client.stream("GET", f"{place.address}/dashboard") as response:
        assert b"".join(response.iter_raw()) == BODY
        assert response.headers["Content-Encoding"] == "gzip"


def test_a_request_reaches_the_program_as_if_the_browser_had_come_there(place: Place, upstream: str) -> None:
    sent = os.urandom(300_000)
    answer = place.ask("/echo?a=%D0%BF%2F&b=", "POST", content=sent, headers={"Origin": place.address})
    assert answer.content == sent
    host = upstream.removeprefix("http://")
    assert answer.headers["X-Seen"] == f"{host} {upstream} /echo?a=%D0%BF%2F&b="
    chunked = place.ask("/echo", "POST", content=iter([b"one", b"two"]))
    assert chunked.status_code == 200


def test_what_the_program_says_of_its_address_is_translated(place: Place, upstream: str) -> None:
    answer = place.ask("/login")
    assert answer.headers["Location"] == f"{place.address}/dashboard?x=1"
    cookies = [value for value in answer.headers.get_list("Set-Cookie") if "gate" not in value]
    assert cookies == ["a=1; Path=/; HttpOnly", "b=2; Path=/"]
    away = place.ask("/away")
    assert away.headers["Location"] == f"{upstream}0/elsewhere", "another port is another program"
    assert "X-Own" not in away.headers


def test_a_slow_page_waits_on_the_stands_clock_and_comes_after_all(place: Place) -> None:
    """R-032"""
    place.control.arm("page-very-slow", scope="everyone")
    answers: list[httpx2.Response] = []
    thread = threading.Thread(target=lambda: answers.append(place.ask("/dashboard")))
    thread.start()
    assert place.control.wait_for_effect("page-very-slow")["details"]["exchange"] == "GET /home"
    assert not answers
    place.control.advance(timedelta(seconds=30))
    thread.join(30)
    assert answers[0].status_code == 200


def test_a_reset_strikes_where_the_path_was_named_and_only_while_armed(place: Place) -> None:
    """U-24"""
    place.control.arm("part-reset", scope="everyone")
    received, was_reset = place.raw("/api/policy")
    head, _, body = received.partition(b"\r\n\r\n")
    assert (head.startswith(b"HTTP/1.1 200"), was_reset) == (True, True)
    assert 1 <= len(body) < len(BODY)
    assert place.ask("/dashboard").status_code == 200
    place.control.disarm()
    assert place.ask("/api/policy").status_code == 200


def test_a_fault_inside_the_program_is_answered_in_its_place(place: Place) -> None:
    """R-031. Nobody can make a program fail from within that he did not write."""
    place.control.arm("part-500", scope="everyone")
    answer = place.ask("/api/policy")
    assert (answer.status_code, "Внутренняя ошибка" in answer.text) == (500, True)


def test_the_journal_tells_the_exchange_under_the_catalogues_name(place: Place) -> None:
    before = len(journal_of(place, "GET /home"))
    place.ask("/dashboard")
    found = place.control.journal()
    while len(journal_of(place, "GET /home")) == before:
        found = place.control.journal(since=found[-1]["id"] if found else 0, wait=5) or found
    line = journal_of(place, "GET /home")[-1]
    assert (line["program"], line["status"]) == ("portal", 200)


def test_an_answer_that_breaks_off_breaks_off_here_too(place: Place) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        place.ask("/broken")


def test_a_program_that_is_not_there_is_told(pair: PairInfo) -> None:
    with (
        running_gate(pair, "--to", f"http://localhost:{free_port()}") as port,
        httpx2.Client(trust_env=False) as client,
    ):
        answer = client.get(f"http://localhost:{port}/")
    assert (answer.status_code, "не отвечает" in answer.text) == (502, True)


def test_the_sandbox_of_a_stand_stands_at_the_root_of_a_port(pair: PairInfo, stand: StandControl) -> None:
    """S-49: nothing it says leads to the stand's prefix; control API and console stay where the pair is."""
    with (
        running_gate(pair, "--stand", stand_id(stand), "--sandbox") as port,
        httpx2.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client,
    ):
        told = client.get("/.well-known/openid-configuration")
        assert told.json()["issuer"] == f"http://127.0.0.1:{port}"
        assert "/s/" not in told.text
        page = client.get("/phone")
        assert page.status_code == 200
        assert "/s/" not in page.text
        assert all("Path=/;" in value for value in page.headers.get_list("Set-Cookie"))
        assert client.get("/control/v1/openapi.json").status_code == 404
        assert client.get("/console/").headers["Location"].endswith("/console/enter"), "and no key opens it"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "localhost:3000"), "--to"),
        (("--to", "http://localhost:3000/app"), "без пути"),
        (("--to", "http://localhost:3000", "--path", "/home"), "--path"),
        (("--to", "http://localhost:3000", "--stand", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_starts(
    pair: PairInfo,
    options: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sandbox_idp.commands.gate.note_signals", threading.Event)
    for name, value in pair.environ.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["gate", "--listen", str(free_port()), *options]) == 1
    assert words in capsys.readouterr().err
