"""Sockets on which every single wait ends at the deadline of the call, however slowly the bytes drip (S-15).

httpx2 knows a limit for each read but none for the whole exchange: an answer that comes byte by byte, head included,
would hold a thread for as long as the other side likes. Here each wait is cut to what is left of the call.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore2
import httpx2

from foundation.clock import steady_seconds

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

_deadline: ContextVar[float | None] = ContextVar("esia_deadline", default=None)

KEEPALIVE = 1.0
"""Seconds that an idle connection is kept: less than any server keeps its end, so that no POST meets a closed one."""


@contextlib.contextmanager
def deadline(at: float) -> Iterator[None]:
    """End every wait inside the block at `at` on the steady counter."""
    token = _deadline.set(at)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(limit: float | None, over: type[Exception]) -> float | None:
    """The shorter of the wait's own limit and what is left of the call."""
    end = _deadline.get()
    if end is None:
        return limit
    left = end - steady_seconds()
    if left <= 0:
        raise over("the call's time is over")
    return left if limit is None else min(limit, left)


class _TimedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _TimedBackend(httpcore2.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _TimedStream(self._backend.connect_tcp(host, port, left, local_address, socket_options))


@functools.cache
def _verifying_context() -> SSLContext:
    """Verifies certificates and host names. Made once: reading the authorities takes longer than a whole sign-in."""
    return httpx2.create_ssl_context(trust_env=False)


class TimedTransport(httpx2.HTTPTransport):
    """HTTP/1.1 over such sockets; TLS certificates are verified, and no proxy of the environment is used."""

    def __init__(self) -> None:
        # The base class offers everything but the one thing needed here, a pool on our own sockets, so the pool is
        # made in its place.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_verifying_context(),
            max_connections=None,
            max_keepalive_connections=8,
            keepalive_expiry=KEEPALIVE,
            network_backend=_TimedBackend(),
        )
