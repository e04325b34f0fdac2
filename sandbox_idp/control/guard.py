"""Who may use the control API over HTTP (S-70): only this machine, never a browser, and only with a token.

`IDP_CONTROL_TOKEN` opens everything; the token that `POST /stands` returned opens that one stand.
"""

from __future__ import annotations

import hmac
import ipaddress

from flask import abort, current_app, request

from sandbox_idp.control.problems import ProblemError
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House

_BROWSER = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-User")
"""What only browsers send. Not `Sec-Fetch-Mode`: Node's own `fetch` sends it too, and no browser sends it alone."""
_PROXY = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def check_caller() -> None:
    """Refuse who may not call at all. Raises 404 while the API is off, ProblemError otherwise."""
    if settings().control != "on":
        abort(404)
    if not _is_loopback(request.remote_addr) or any(name in request.headers for name in _PROXY):
        raise ProblemError(403, "not-loopback", "Управление отвечает только этой машине и не через прокси.")
    if any(name in request.headers for name in _BROWSER):
        raise ProblemError(403, "browser", "Управление не отвечает браузерам. Для преподавателя есть пульт: /console/.")


def allow_all() -> None:
    """Only the token of the whole pair. Raises ProblemError."""
    if not _opens_all(_token()):
        raise ProblemError(403, "wrong-token", "Этот токен не открывает всю пару: нужен IDP_CONTROL_TOKEN.")


def allow_stand(stand_id: str) -> None:
    """The token of the whole pair, or that of this stand. Raises ProblemError."""
    token = _token()
    if not _opens_all(token) and not house().token_opens(stand_id, token):
        raise ProblemError(403, "wrong-token", "Этот токен не открывает этот стенд.")


def allow_any() -> None:
    """Any token that opens something. Raises ProblemError."""
    token = _token()
    if not _opens_all(token) and not house().knows_token(token):
        raise ProblemError(403, "wrong-token", "Этот токен ничего не открывает.")


def settings() -> SandboxSettings:
    """The sandbox's settings."""
    found: SandboxSettings = current_app.extensions["settings"]
    return found


def house() -> House:
    """The house of stands."""
    found: House = current_app.extensions["house"]
    return found


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError(401, "no-token", "Нужен заголовок Authorization: Bearer с токеном.")
    return token.strip()


def _opens_all(token: str) -> bool:
    known = settings().control_token
    return bool(known) and hmac.compare_digest(known.encode(), token.encode())


def _is_loopback(address: str | None) -> bool:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
