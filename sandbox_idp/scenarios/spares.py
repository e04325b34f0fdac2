"""Two spare ports of a process, for what cannot be shown at the sandbox's own: one closed, one with broken TLS.

Each is made when it is first needed and then kept, so that no other program can get its number meanwhile.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

HOST = "127.0.0.1"
HANDSHAKE_FAILURE = bytes([21, 3, 1, 0, 2, 2, 40])
"""A TLS record: alert, fatal, handshake_failure (RFC 8446, section 6.2)."""
LONGEST_WAIT = 5.0
"""Seconds that a peer has for its first words."""


class Spare:
    """One port: its origin, and how it is made."""

    def __init__(self, scheme: str, make: Callable[[], socket.socket]) -> None:
        self._scheme = scheme
        self._make = make
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    @property
    def scheme(self) -> str:
        """`http` or `https`: what a client has to speak to meet the failure."""
        return self._scheme

    @property
    def port(self) -> int:
        """Its number."""
        with self._lock:
            if self._socket is None:
                self._socket = self._make()
            return int(self._socket.getsockname()[1])

    @property
    def origin(self) -> str:
        """`https://127.0.0.1:40123`."""
        return f"{self._scheme}://{HOST}:{self.port}"


def _bound() -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.bind((HOST, 0))
    return taken


def _listening() -> socket.socket:
    listener = _bound()
    listener.listen(64)
    threading.Thread(target=_refuse_everybody, args=(listener,), name="scenario-tls", daemon=True).start()
    return listener


def _refuse_everybody(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(LONGEST_WAIT)
            connection.recv(4096)
            connection.sendall(HANDSHAKE_FAILURE)


closed_port = Spare("http", _bound)
"""Bound and never listening: every connection is refused."""
deaf_tls_port = Spare("https", _listening)
"""Listens, reads the client's greeting, and answers that the handshake has failed."""
