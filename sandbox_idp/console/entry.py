"""The console's own sign-in, as a signed cookie of the browser's session.

Entered without a prefix it opens the consoles of all stands of this pair (the cookie's path is `/`, so the browser
sends it under every prefix); entered under a stand's prefix it opens only that stand's.
"""

from __future__ import annotations

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from foundation.clock import SystemClock
from foundation.web.cookies import Cookie, cookie_rules
from sandbox_idp.console.doorkeeper import Doorkeeper
from sandbox_idp.context import current_stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT

COOKIE = "console"


def doorkeeper() -> Doorkeeper:
    """The doorkeeper of this pair."""
    settings = _settings()
    assert settings.stands_dir is not None
    return Doorkeeper(
        settings.stands_dir / "console",
        key=settings.console_key,
        password=settings.console_password,
        clock=SystemClock(),
    )


def let_in(response: Response) -> None:
    """Open the console for this browser: of every stand, or under a prefix of that stand."""
    Cookie(COOKIE, _settings().public_url).write(response, _serializer().dumps({"stand": current_stand().id}))


def let_out(response: Response) -> None:
    """Close it again, as far as it was opened under this prefix."""
    Cookie(COOKIE, _settings().public_url).delete(response)


def is_inside() -> bool:
    """Whether this browser may use the console of the current stand."""
    public_url = _settings().public_url
    stand = current_stand()
    ways = {("", DEFAULT), (stand.prefix, stand.id)}
    return any(_opened(cookie_rules(COOKIE, prefix, public_url).name) == opened for prefix, opened in ways)


def opens_all() -> bool:
    """Whether this browser entered without a prefix, and so may do what concerns other stands."""
    return _opened(cookie_rules(COOKIE, "", _settings().public_url).name) == DEFAULT


def _opened(cookie: str) -> str | None:
    """The stand that the cookie was given for; None for a missing or foreign one."""
    value = request.cookies.get(cookie)
    if value is None:
        return None
    try:
        data = _serializer().loads(value)
    except BadSignature:
        return None
    return data.get("stand") if isinstance(data, dict) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(_settings().secret_key, salt=f"console-{doorkeeper().fingerprint}")


def _settings() -> SandboxSettings:
    found: SandboxSettings = current_app.extensions["settings"]
    return found
