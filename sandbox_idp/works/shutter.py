"""While works are going on, the sign-in of Gosuslugi answers with one page that says until when (R-030, U-2).

A sign-in that has its token already is not interrupted: person data, keys and logout stay open.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from babel.dates import format_date
from flask import Response, jsonify, make_response, render_template, request

from foundation.russian import msk
from sandbox_idp.context import current_stand
from sandbox_idp.works.schedule import Closure, closures, running, windows

_CLOSED = re.compile(r"/(?:aas|login|consent|region|register|recovery|cabinet|oauth2/authorize|oauth2/token)(?:/|$)")
_TOKEN = re.compile(r"/(?:aas/oauth2/(?:v\d/)?te|oauth2/token)$")
_SLASHES = re.compile(r"/{2,}")


def shut() -> Response | None:
    """The answer of a closed sign-in; None where the request may go on."""
    path = _SLASHES.sub("/", request.path).rstrip("/")
    if not _CLOSED.match(path):
        return None
    now = current_stand().clock.now()
    closure = running(closures(windows()), now)
    if closure is None:
        return None
    response = _token_answer() if _TOKEN.match(path) else works_page(closure, again=_same_address())
    response.status_code = 503
    response.headers["Retry-After"] = str(closure.retry_after(now))
    return response


def works_page(closure: Closure, *, again: str) -> Response:
    """The page about a closure that is on; `again` is the address that «Проверить снова» asks for."""
    stand = current_stand()
    now = stand.clock.now()
    left = closure.left(now)
    body = render_template(
        "sandbox_idp/works/closed.html",
        closure=closure,
        heading=heading(closure, now),
        left=left,
        countdown=None if left is None else iso_duration(left),
        passed=(now - closure.start).total_seconds(),
        whole=None if closure.end is None else (closure.end - closure.start).total_seconds(),
        again=again,
        portal_url=stand.portal_url,
    )
    return make_response(body)


def heading(closure: Closure, now: datetime) -> str:
    """When the sign-in opens; no promise while nobody knows (U-2)."""
    if closure.end is None:
        return "Госуслуги сейчас недоступны"
    end = msk(closure.end)
    if end.date() == msk(now).date():
        return f"Вход откроется в {end:%H:%M}"
    return f"Вход откроется {format_date(end.date(), 'd MMMM', locale='ru')} в {end:%H:%M}"


def iso_duration(length: timedelta) -> str:
    """`PT4320S`, as the `datetime` of a `<time>`."""
    return f"PT{int(length.total_seconds())}S"


def _token_answer() -> Response:
    """ESIA-007008 as a system reads it."""
    answer = {
        "error": "temporarily_unavailable",
        "error_description": "ESIA-007008: The authorization server is currently unable to handle the request",
    }
    state = request.form.get("state")
    if state:
        answer["state"] = state
    return jsonify(answer)


def _same_address() -> str:
    """The address at hand for a GET: forms post to the address they were shown under."""
    query = request.query_string.decode("latin-1")
    return f"{request.script_root}{request.path}" + (f"?{query}" if query else "")
