"""The sockets: every wait ends with the call, and TLS is verified (S-15)."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import httpcore2
import pytest

from foundation.clock import ManualClock, steady_seconds
from portal.esia.breaker import Breaker
from portal.esia.errors import EsiaSilent
from portal.esia.transport import TimedTransport, _TimedStream, deadline
from portal.esia.wire import Limits, Wire
from tests.portal.conftest import NOON


def wire(**changes: Any) -> Wire:
    """The real way out."""
    values: dict[str, Any] = {
        "limits": Limits(connect=2.0, read=5.0, total=15.0),
        "breaker": Breaker(ManualClock(NOON)),
        "transport": TimedTransport(),
        "seconds_left": lambda: 25.0,
    }
    return Wire(**{**values, **changes})


class Recorder(httpcore2.NetworkStream):
    """Notes the limits it is given."""

    def __init__(self) -> None:
        self.limits: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.limits.append(timeout)
        return b"x"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.limits.append(timeout)


def test_every_wait_on_the_socket_is_cut_to_what_is_left_of_the_call() -> None:
    """S-15: a head that drips is stopped as well, because each read gets less time than the one before."""
    below = Recorder()
    stream = _TimedStream(below)
    with deadline(steady_seconds() + 3):
        stream.read(1, 5.0)
        stream.write(b"x", 1.0)
        stream.read(1, None)
    first, second, third = below.limits
    assert first is not None
    assert 2.9 < first <= 3
    assert second == 1.0
    assert third is not None
    assert third <= first
    with deadline(steady_seconds() - 1), pytest.raises(httpcore2.ReadTimeout):
        stream.read(1, 5.0)
    with deadline(steady_seconds() - 1), pytest.raises(httpcore2.WriteTimeout):
        stream.write(b"x", 5.0)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_server_that_accepts_and_says_nothing_is_left_at_the_limit(listener: socket.socket) -> None:
    """S-15, over a real socket: with a limit of 50 ms."""
    client = wire(limits=Limits(connect=1.0, read=5.0, total=0.05))
    with pytest.raises(EsiaSilent) as caught:
        client.get("person", f"http://127.0.0.1:{listener.getsockname()[1]}/")
    client.close()
    assert caught.value.cause == "time-limit"


def test_a_head_that_drips_ends_with_the_total_limit(listener: socket.socket) -> None:
    """S-15, over a real socket: every read gets its byte, so only the total limit can end this."""
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not stop.wait(0.002):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    server = threading.Thread(target=drip)
    server.start()
    client = wire(limits=Limits(connect=1.0, read=5.0, total=0.1))
    begun = steady_seconds()
    with pytest.raises(EsiaSilent) as caught:
        client.get("person", f"http://127.0.0.1:{listener.getsockname()[1]}/")
    assert steady_seconds() - begun < 3, "not at the limit of the call"
    stop.set()
    server.join()
    client.close()
    assert caught.value.cause == "time-limit"


def test_a_port_where_nobody_listens_is_refused(listener: socket.socket) -> None:
    """Over a real socket."""
    port = listener.getsockname()[1]
    listener.close()
    client = wire()
    with pytest.raises(EsiaSilent) as caught:
        client.get("person", f"http://127.0.0.1:{port}/")
    client.close()
    assert caught.value.cause == "refused"


def test_broken_tls_is_told_as_tls(listener: socket.socket) -> None:
    """S-15: TLS is verified; what is no TLS at all is silence with that cause."""

    def speak_plainly() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = threading.Thread(target=speak_plainly)
    server.start()
    client = wire()
    with pytest.raises(EsiaSilent) as caught:
        client.get("person", f"https://127.0.0.1:{listener.getsockname()[1]}/")
    server.join()
    client.close()
    assert caught.value.cause == "tls"


def test_certificates_are_verified_and_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-15: the context demands a certificate and its host name."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    transport = TimedTransport()
    context = transport._pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert transport._pool._proxy is None
    transport.close()


def test_a_whole_exchange_over_a_real_socket(listener: socket.socket) -> None:
    """The timed sockets carry an ordinary answer."""

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n")
            connection.sendall(b'{"a": 1}')

    server = threading.Thread(target=answer)
    server.start()
    client = wire()
    assert client.get("person", f"http://127.0.0.1:{listener.getsockname()[1]}/").json() == {"a": 1}
    server.join()
    client.close()
