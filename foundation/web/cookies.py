"""Names, paths and flags of cookies, so that two stands of one host never see each other's (S-49).

The path is the prefix the program was called under. With a prefix the name ends in the first eight hex digits of its
SHA-256; without one it begins with `__Host-` and the cookie is Secure if the public address is https or loopback.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


@dataclass(frozen=True)
class CookieRules:
    """How a cookie of one base name is set under one prefix."""

    name: str
    path: str
    secure: bool


@functools.lru_cache(maxsize=1024)
def cookie_rules(base: str, prefix: str, public_url: str) -> CookieRules:
    """The rules for cookie `base` under path `prefix` of the program at `public_url`."""
    parts = urlsplit(public_url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if prefix:
        digest = hashlib.sha256(prefix.encode()).hexdigest()[:8]
        return CookieRules(f"{base}-{digest}", prefix, parts.scheme == "https")
    if parts.scheme == "https" or loopback:
        return CookieRules(f"__Host-{base}", "/", True)
    return CookieRules(base, "/", False)


class Cookie:
    """One cookie of a Flask program, read and written by the rules of the prefix at hand."""

    def __init__(self, base: str, public_url: str) -> None:
        self._base = base
        self._public_url = public_url

    def _rules(self) -> CookieRules:
        return cookie_rules(self._base, request.root_path, self._public_url)

    def read(self) -> str | None:
        """The cookie's value as the browser sent it."""
        return request.cookies.get(self._rules().name)

    def write(self, response: Response, value: str, *, keep_for: timedelta | None = None) -> None:
        """Set it for the browser's session (no Max-Age: age is the server's matter), or to outlive it by `keep_for`."""
        rules = self._rules()
        response.set_cookie(
            rules.name,
            value,
            max_age=keep_for,
            path=rules.path,
            secure=rules.secure,
            httponly=True,
            samesite="Lax",
        )

    def delete(self, response: Response) -> None:
        """Have the browser forget it."""
        rules = self._rules()
        response.delete_cookie(rules.name, path=rules.path, secure=rules.secure, httponly=True, samesite="Lax")


NOBODY_ASKED = "web.nobody_asked"
"""Key of the WSGI environment: the answer is known already, so the session of this request is not opened."""


class PrefixSessions(SecureCookieSessionInterface):
    """Flask's signed session cookie (it carries the CSRF token and nothing private), named and placed by the rules."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if NOBODY_ASKED in request.environ else super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_rules("form", request.root_path, self._public_url).name

    def get_cookie_path(self, app: Flask) -> str:
        return cookie_rules("form", request.root_path, self._public_url).path

    def get_cookie_secure(self, app: Flask) -> bool:
        return cookie_rules("form", request.root_path, self._public_url).secure

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"

    def get_cookie_domain(self, app: Flask) -> None:
        return None
