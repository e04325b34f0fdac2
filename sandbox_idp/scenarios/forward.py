"""A small reverse proxy: hands requests on to a program that is not ours, byte by byte, in both directions.

Behind a gate it stands where our own programs stand. Between it and that program runs plain HTTP/1.1; every request has
a connection of its own, so that none is written into one that the other side is just closing.
"""

from __future__ import annotations

import errno
import html
import re
from collections.abc import Iterable, Iterator
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx2

from sandbox_idp.scenarios.effects.base import chunks
from sandbox_idp.scenarios.faults import AHEAD, FAULT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TIMEOUT = {"connect": 5.0, "read": 120.0, "write": 120.0, "pool": 5.0}
"""Seconds; reading takes as long as anybody would wait, because being slow is the program's own matter."""
PIECE = 64 * 1024
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "trailers", "transfer-encoding", "upgrade"),
}
"""What belongs to one connection and not to the message (RFC 9110, 7.6.1)."""
SERVER_SETS = {"date", "server"}
"""What the server in front writes by itself."""
PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{words}</p></body></html>
"""

_FAULTS = {403: "Нет доступа", 404: "Такой страницы нет", 500: "Внутренняя ошибка", 503: "Пока недоступно"}
_DOMAIN = re.compile(r";\s*domain=[^;]*", re.IGNORECASE)


def forward(to: str, address: str) -> WSGIApplication:
    """A program that hands everything on to `to` and is called `address` itself (both without a slash at the end).

    The program behind sees its own name: `Host`, `Origin` and `Referer` are translated to it, and `Location` and the
    cookies' `Domain` back. If a scenario asks for a fault within the program, which cannot be told to have one, its
    status is answered in its place. A program that does not answer is 502, one that takes too long 504.
    """
    transport = httpx2.HTTPTransport(trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get(AHEAD):
            return _page(environ, start_response, "503 Service Unavailable", "Много посетителей", retry_after=10)
        if environ.get(FAULT):
            status = int(environ[FAULT])
            return _page(environ, start_response, f"{status} {responses[status]}", _FAULTS.get(status, "Ошибка"))
        try:
            response = transport.handle_request(_request(environ, to, address))
        except httpx2.TimeoutException:
            words = f"Программа {to} не ответила вовремя."
            return _page(environ, start_response, "504 Gateway Timeout", "Нет ответа", words)
        except httpx2.TransportError:
            words = f"Программа {to} не отвечает. Запустите её или укажите другой адрес: gate --to."
            return _page(environ, start_response, "502 Bad Gateway", "Нет связи", words)
        reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        start_response(f"{response.status_code} {reason}", _answered(response, to, address))
        return _Body(response)

    return app


class _Body:
    """The answer's body as it comes. Where it breaks off, the connection to the client breaks off as well."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_raw()
        except httpx2.TransportError as error:
            # The server in front ends a connection at this error without a word.
            raise ConnectionResetError(errno.ECONNRESET, "the answer broke off") from error

    def close(self) -> None:
        self._response.close()


def _request(environ: WSGIEnvironment, to: str, address: str) -> httpx2.Request:
    target = environ.get("RAW_URI", "")
    if not target.startswith("/"):
        query = environ.get("QUERY_STRING", "")
        target = quote(environ.get("PATH_INFO", "").encode("latin-1")) + (f"?{query}" if query else "")
    headers = dict(_asked(environ))
    for name in ("Origin", "Referer"):
        if name in headers:
            headers[name] = _moved(headers[name], address, to)
    headers |= {"Host": urlsplit(to).netloc, "X-Forwarded-Host": urlsplit(address).netloc}
    headers |= {"X-Forwarded-Proto": urlsplit(address).scheme, "X-Forwarded-For": environ.get("REMOTE_ADDR", "")}
    length = environ.get("CONTENT_LENGTH")
    has_body = bool(length) or environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if length:
        headers["Content-Length"] = length
    return httpx2.Request(
        environ["REQUEST_METHOD"],
        to,
        headers=headers,
        content=_sent(environ) if has_body else None,
        extensions={"timeout": TIMEOUT, "target": target.encode("latin-1")},
    )


def _asked(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    """The request's headers, as far as they concern the program behind."""
    dropped = HOP_BY_HOP | {"host", "expect"} | _named(environ.get("HTTP_CONNECTION", ""))
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:].replace("_", "-").title()
            if name.lower() not in dropped:
                yield name, value
    if environ.get("CONTENT_TYPE"):
        yield "Content-Type", environ["CONTENT_TYPE"]


def _sent(environ: WSGIEnvironment) -> Iterator[bytes]:
    """The request's body piece by piece."""
    length = environ.get("CONTENT_LENGTH")
    left = int(length) if length else None
    while left is None or left > 0:
        piece = environ["wsgi.input"].read(PIECE if left is None else min(PIECE, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece


def _answered(response: httpx2.Response, to: str, address: str) -> list[tuple[str, str]]:
    """The answer's headers for the client; several of one name stay several."""
    dropped = HOP_BY_HOP | SERVER_SETS | _named(response.headers.get("connection", ""))
    found = []
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() in dropped:
            continue
        if name.lower() in ("location", "content-location"):
            value = _moved(value, to, address)
        elif name.lower() == "set-cookie":
            value = _DOMAIN.sub("", value)
        found.append((name, value))
    return found


def _named(connection: str) -> set[str]:
    """The headers that `Connection` names as its own."""
    return {each.strip().lower() for each in connection.split(",")}


def _moved(value: str, old: str, new: str) -> str:
    """An address under `old` as one under `new`; any other as it is."""
    rest = value.removeprefix(old)
    return new + rest if rest != value and rest[:1] in ("", "/", "?", "#") else value


def _page(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: str,
    title: str,
    words: str = "",
    *,
    retry_after: int | None = None,
) -> Iterable[bytes]:
    content = PAGE.format(title=html.escape(title), words=html.escape(words)).encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    start_response(status, [*headers, ("Content-Length", str(len(content)))])
    return chunks(b"" if environ["REQUEST_METHOD"] == "HEAD" else content)
