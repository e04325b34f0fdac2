"""No test reaches another machine, and neither does what lives longer than a test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pytest_socket import SocketConnectBlockedError

ELSEWHERE = "192.0.2.1"
"""An address that RFC 5737 gives to nobody."""


def refused() -> bool:
    """Whether the guard refuses a connection to another machine."""
    # Where a warning is an error it would be what is raised.
    with pytest.warns(UserWarning, match=ELSEWHERE), pytest.raises(SocketConnectBlockedError):
        socket.create_connection((ELSEWHERE, 9), timeout=1)
    return True


@pytest.fixture(scope="session")
def of_the_session() -> bool:
    return refused()


@pytest.fixture
def at_the_end() -> Iterator[None]:
    yield
    assert refused()


def test_another_machine_is_refused(of_the_session: bool, at_the_end: None) -> None:
    """In a test, in what is made once for all of them, and in what clears up behind one."""
    assert of_the_session
    assert refused()


def test_loopback_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
