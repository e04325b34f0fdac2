"""A request as bytes on the wire, and how the server that both programs run under would hand it to them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_to_bytes

from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Program = Literal["portal", "sandbox"]
Headers = tuple[tuple[str, str], ...]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """One request. Text is what stands on the wire, byte by byte, in Latin-1."""

    program: Program
    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    chunked: bool = False
    """Sent without `Content-Length`."""

    def header(self, name: str) -> str:
        """The last header of that name; empty if there is none."""
        return next((value for each, value in reversed(self.headers) if each.lower() == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> Request:
        """The same with this header instead of those of its name; None: with none."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")

    def cookies(self) -> list[str]:
        """`name=value` of every cookie that is set."""
        return [value.partition(";")[0] for name, value in self.headers if name.lower() == "set-cookie"]


def send(program: WSGIApplication, request: Request) -> Answer:
    """Hand the request to a program, from this machine, as gunicorn does; whatever the program raises is raised."""
    answer: Answer = Context().run(_send, program, request)
    return answer


def _send(program: WSGIApplication, request: Request) -> Answer:
    body, status, headers = run_wsgi_app(program, _environ(request), buffered=True)
    return Answer(int(status.split(" ", 1)[0]), list(headers), b"".join(body))


def _environ(request: Request) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": f"{request.path}?{request.query}",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "9000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    if not request.chunked:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    else:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ and key != "CONTENT_TYPE" else value
    return environ


Meaning = Callable[[Request], Any]
"""What of a request counts, read by the test itself: two requests of one meaning may have the same success."""


def values_of(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, list[str]]:
    """The values that are not empty, of each of these names."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for name, value in pairs:
        if name in found and value:
            found[name].append(value)
    return found
