"""What a path means to the gate: which way it leads, and how it is written in the journal."""

from __future__ import annotations

import re
from enum import Enum
from typing import Literal

Program = Literal["portal", "sandbox_idp"]


class Way(Enum):
    """Whose call a path is."""

    FRONT = "front"
    """A browser's."""
    BACK = "back"
    """A server's."""
    QUIET = "quiet"
    """Assets and health: no part of a sign-in, touched only by an effect that names the path."""
    ASIDE = "aside"
    """The trainer's and the stand's own places: never touched."""


_SLASHES = re.compile(r"/{2,}")

_ASIDE = re.compile(r"/(?:console|control|phone|mail|join)(?:/|$)")
_QUIET = re.compile(r"/static/|/favicon\.ico$")
_SANDBOX_QUIET = re.compile(r"/healthz/ready$")
_PORTAL_QUIET = re.compile(r"/healthz(?:/|$)|/status(?:\.json)?$")
_SANDBOX_BACK = re.compile(
    r"/aas/oauth2/(?:v\d/)?te$|/oauth2/(?:token|userinfo|jwks)$|(?:/aas/oauth2)?/\.well-known/|/rs/|/public/"
    r"|/healthz/live$|/works\.json$"
)
_PORTAL_BACK = re.compile(r"/logout/back-channel$")

AUTHORIZE = re.compile(r"/aas/oauth2/(?:v\d/)?ac$|/oauth2/authorize$")
"""Where a system asks Gosuslugi for a sign-in."""
TOKEN = re.compile(r"/aas/oauth2/(?:v\d/)?te$|/oauth2/token$")
"""Where a system exchanges its code."""
BEARER = re.compile(r"/rs/|/oauth2/userinfo$")
"""Where a system shows an access token."""
HEALTH = "/healthz/live"

_IDENTIFIER = re.compile(r"\d+(?:[ -]+\d+)*|[0-9a-fA-F-]{16,}|(?=[^/]*\d)[\w~.-]{20,}|[\w~.-]{40,}")


def tidy(path: str) -> str:
    """The path with single slashes and none at the end: client libraries double them."""
    return _SLASHES.sub("/", path).rstrip("/") or "/"


def way_of(program: Program, path: str) -> Way:
    """Which way a (tidy) path leads."""
    sandbox = program == "sandbox_idp"
    if sandbox and _ASIDE.match(path):
        return Way.ASIDE
    if _QUIET.match(path) or (_SANDBOX_QUIET if sandbox else _PORTAL_QUIET).match(path):
        return Way.QUIET
    if (_SANDBOX_BACK if sandbox else _PORTAL_BACK).match(path):
        return Way.BACK
    return Way.FRONT


def template_of(path: str) -> str:
    """The path with what looks like an identifier taken out: `/rs/prns/1000000001/docs` → `/rs/prns/<id>/docs`."""
    return "/".join("<id>" if _IDENTIFIER.fullmatch(part) else part for part in path.split("/"))
