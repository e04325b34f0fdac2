"""The portal's own time limit for one request (U-18): it counts from the moment the request reached the server.

Whoever receives a request first notes the time in the WSGI environment under `RECEIVED_AT`; the portal's outermost
layer does it where nobody has. Doors to the outside get what is left as their limit, and a request whose time is over
before any work began is answered 503 by the portal's own page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request

from foundation.clock import Clock
from foundation.web.requests import WireRequest
from portal.web.errors import Failure, failure_answer, restart

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RECEIVED_AT = "portal.received_at"
"""Key of the WSGI environment: an aware datetime of the portal's clock."""

RETRY_AFTER = 5
"""Seconds after which a request that came too late may be repeated."""


class _Arrival:
    """The outermost layer: notes when a request came, if nobody in front of it has."""

    def __init__(self, app: WSGIApplication, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.setdefault(RECEIVED_AT, self._clock.now())
        return self._app(environ, start_response)


class Limits:
    """How long one request of the portal may take, and how much of that is left."""

    def __init__(self, clock: Clock, limit: timedelta) -> None:
        self._clock = clock
        self._limit = limit

    def seconds_left(self, environ: dict[str, Any]) -> float:
        """What is left for the request of `environ`; never below zero."""
        received: datetime = environ.get(RECEIVED_AT) or self._clock.now()
        return max(0.0, (self._limit - (self._clock.now() - received)).total_seconds())


def seconds_left() -> float:
    """Seconds that the request at hand may still take, for the limit of a call to another system."""
    limits: Limits = current_app.extensions["portal.limits"]
    return limits.seconds_left(request.environ)


def install_limits(app: Flask, *, clock: Clock, limit: timedelta) -> None:
    """Watch the time of every request of `app`. To be called before other `before_request` functions are added."""
    app.extensions["portal.limits"] = Limits(clock, limit)
    app.wsgi_app = _Arrival(app.wsgi_app, clock)  # type: ignore[method-assign]  # Flask documents this assignment.

    @app.before_request
    def refuse_what_came_too_late() -> Response | None:
        if isinstance(request, WireRequest) and request.upload_limits() is not None:
            # A file may come as slowly as its line is: the work on it begins when it is there.
            request.environ[RECEIVED_AT] = clock.now()
        if request.endpoint == "static" or request.path.startswith("/healthz/") or seconds_left() > 0:
            return None
        return failure_answer(too_late())


def too_late() -> Failure:
    """The portal did not get to this request in time."""
    return Failure(
        screen="error",
        status=503,
        side="portal",
        what="Портал не успел ответить вовремя.",
        safe="Ничего не записано, ваши данные не изменились.",
        then="Нажмите «Перезапустить»: страница откроется заново.",
        actions=restart(),
        retry_after=RETRY_AFTER,
        reason="work-limit",
    )
