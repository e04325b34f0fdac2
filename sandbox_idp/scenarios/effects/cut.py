"""An answer that breaks off: a reset or an early end of the connection."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from sandbox_idp.scenarios.effects.base import Answer, Call, GateEffect, effect

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SOCKET = "gunicorn.socket"


class _Cut(GateEffect):
    """Head and the first half of the body (at least one byte) go out, then `_end` of the connection.

    At least one byte, because browsers silently repeat a request whose connection breaks earlier.
    """

    def _end(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def around(self, call: Call) -> Answer:
        answer = call.proceed()
        body = answer.whole_body() or b"\n"
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
        headers.append(("Content-Length", str(max(len(body), 2))))
        sent = body[: (len(body) + 1) // 2]
        return Answer(answer.status, headers, self._broken(call.environ, sent), complete=False)

    def _broken(self, environ: WSGIEnvironment, sent: bytes) -> Iterator[bytes]:
        yield sent
        connection = environ.get(SOCKET)
        if connection is not None:
            self._end(connection)
        # Under gunicorn this ends the connection without a word in its log; another server has to close it by itself.
        raise ConnectionResetError(errno.ECONNRESET, f"scenario: {self.kind}")


@effect("reset")
class Reset(_Cut):
    """The connection is reset (TCP RST) in the middle of the answer."""

    words: ClassVar[str] = "Соединение обрывается посреди ответа"

    order: ClassVar[int] = 30

    def _end(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The server still holds the socket object and would first close it politely, so another file takes the
        # descriptor's place: the connection's own is closed by that at once, which with this option sends the reset.
        ours, other = socket.socketpair()
        with ours, other:
            os.dup2(ours.fileno(), connection.fileno(), inheritable=False)


@effect("truncate")
class Truncate(_Cut):
    """The connection ends politely (FIN) though the head promised more bytes."""

    words: ClassVar[str] = "Ответ приходит не целиком"

    order: ClassVar[int] = 40

    def _end(self, connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_WR)
