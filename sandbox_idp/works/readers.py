"""Who reads an answer, by the path that was asked: a person at a browser, or one of two kinds of program."""

from __future__ import annotations

import enum
import re

_CONTROL = re.compile(r"/control(?:/|$)")
_WIRE = re.compile(r"/+(?:rs|\.well-known)/|/aas/oauth2/(?:v\d/)?te/?$|/oauth2/(?:token|userinfo|jwks)/?$")


class Reader(enum.Enum):
    """What kind of answer is understood."""

    PERSON = enum.auto()
    """A page, or a part of one."""
    CONTROL = enum.auto()
    """A problem (RFC 9457): whoever calls the control API."""
    WIRE = enum.auto()
    """An error object as OAuth has it (RFC 6749 section 5.2): a client at the token or resource endpoints, S-61."""


def reader_of(path: str) -> Reader:
    """Who asks for `path`, which begins behind the prefix of a stand."""
    if _CONTROL.match(path):
        return Reader.CONTROL
    return Reader.WIRE if _WIRE.search(path) else Reader.PERSON


def wire_error(status: int, description: str, reference: str) -> dict[str, str]:
    """The error object for a client; `status` from 500 on is the server's own fault, `description` is ASCII."""
    name = "server_error" if status >= 500 else "invalid_request"
    return {"error": name, "error_description": description, "reference": reference}
