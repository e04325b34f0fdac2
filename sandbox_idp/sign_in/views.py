"""How the pages of the sign-in are answered, and the pages that several of them end on."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Response, make_response, redirect, render_template

from foundation import log
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in import attempts, throttle
from sandbox_idp.sign_in.pending import Visit

_log = log.get_log("sandbox_idp.sign_in")


def show(
    template: str, status: int = 200, *, visit: Visit, retry_after: timedelta | None = None, **values: Any
) -> Response:
    """A page of this room; `retry_after` becomes the header of that name."""
    response = make_response(render_template(f"sandbox_idp/sign_in/{template}", visit=visit, **values), status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(whole_seconds(retry_after))
    return response


def trouble(template: str, status: int, *, visit: Visit, reason: str, **values: Any) -> Response:
    """A page that ends this try, with a reference that leads support to the line in the log."""
    return show(template, status, visit=visit, reference=stopped(reason), **values)


def stopped(reason: str) -> str:
    """Note in the log why a try ends; the reference that the page shows."""
    reference = current_stand().ids.reference()
    _log.info("sign_in_stopped", ref=reference, reason=reason)
    return reference


def go(address: str) -> Response:
    """Go on with a GET (303)."""
    return cast("Response", redirect(address, code=303))


def locked_out(visit: Visit, until: datetime, now: datetime, *, codes: bool) -> Response:
    """Too many wrong tries: until when, and what can be done now (U-5). `codes`: it were codes, not passwords."""
    closed = throttle.is_closed(until, now)
    return trouble(
        "locked.html",
        429,
        visit=visit,
        reason="closed" if closed else "locked",
        until=until,
        left=until - now,
        codes=codes,
        closed=closed,
        retry_after=None if closed else until - now,
    )


def start_over(visit: Visit, why: str) -> Response:
    """The sign-in begins anew, and why (`tries`: the code's tries are used up; `time`: it took too long)."""
    response = trouble("start_over.html", 422 if why == "tries" else 400, visit=visit, reason=f"over-{why}", why=why)
    attempts.cookie().delete(response)
    return response


def whole_seconds(length: timedelta) -> int:
    """Seconds rounded up: a countdown must not end too early."""
    return max(math.ceil(length.total_seconds()), 0)
