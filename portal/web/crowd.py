"""How many requests one process works on at a time; whoever comes on top of them gets the queue page (S-68).

A process that takes on everything serves nobody in time. Refused is before any work is done: no session, no database.
Whoever sends something is let in for twice as long as whoever looks, because a form costs a person more than a page.
Who waits for another system takes no part of the processor and is not counted meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Response, request

from foundation.web.cookies import NOBODY_ASKED
from portal.web.context import given
from portal.web.errors import Action, Failure, Resend, failure_answer, resend, restart_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AHEAD = "portal.ahead"
"""Key of the WSGI environment: how many requests wait in front of this program, if a server there tells."""
PLACE = "portal.place"
"""Key of the WSGI environment: the place of the request among those that are worked on, from 1."""
SOONEST, LATEST = 5, 12
"""Seconds after which a browser asks again; drawn anew for each, so that a crowd does not come back all at once."""
LOOKING = ("GET", "HEAD")
"""Methods of requests that send nothing."""
SENDING = 2
"""So many times the limit is there for requests that send something."""

Door = TypeVar("Door")


class Crowd:
    """Counts the requests of one process."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._inside = 0

    @contextlib.contextmanager
    def inside(self) -> Iterator[int]:
        """Work on one more request; its place."""
        place = self._move(1)
        try:
            yield place
        finally:
            self._move(-1)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Wait for somebody else meanwhile."""
        self._move(-1)
        try:
            yield
        finally:
            self._move(1)

    def beside(self, door: Door) -> Door:
        """`door` to another system, whose functions are waited for aside."""
        return cast(Door, _Beside(door, self))

    def _move(self, by: int) -> int:
        with self._lock:
            self._inside += by
            return self._inside


class _Beside:
    """A door all of whose functions step aside."""

    def __init__(self, door: Any, crowd: Crowd) -> None:
        self._door = door
        self._crowd = crowd

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._door, name)
        if not callable(found):
            return found

        @wraps(found)
        def call(*arguments: Any, **named: Any) -> Any:
            with self._crowd.aside():
                return found(*arguments, **named)

        return call


class _Entrance:
    """The layer that counts."""

    def __init__(self, app: WSGIApplication, crowd: Crowd) -> None:
        self._app = app
        self._crowd = crowd

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._crowd.inside() as place:
            environ[PLACE] = place + environ.get(AHEAD, 0)
            if environ["REQUEST_METHOD"] in LOOKING and environ[PLACE] > self._crowd.limit:
                # Refused whoever it is, so nobody asks. (Of a form it is asked before, whether it is one of ours.)
                environ[NOBODY_ASKED] = True
            return self._app(environ, start_response)


def install_crowd(app: Flask, crowd: Crowd) -> None:
    """Let nobody into `app` beyond the limit. To be called before other `before_request` functions are added."""
    app.extensions["portal.crowd"] = crowd
    app.wsgi_app = _Entrance(app.wsgi_app, crowd)  # type: ignore[method-assign]  # Flask documents this assignment.

    @app.before_request
    def refuse_beyond_the_limit() -> Response | None:
        sends = request.method not in LOOKING
        if request.environ[PLACE] <= crowd.limit * (SENDING if sends else 1):
            return None
        if request.endpoint == "static" or request.path.startswith("/healthz/"):
            return None
        return failure_answer(_later(resend() if sends else None))


def _later(form: Resend | None) -> Failure:
    """Too many at once: nobody's fault, and it passes by itself."""
    wait = given().ids.number(SOONEST, LATEST)
    return Failure(
        screen="queue",
        status=503,
        side="portal",
        heading="Сейчас на портале много посетителей",
        lead="Портал не успевает ответить всем сразу. Обычно это проходит за минуту.",
        what="Портал занят другими посетителями.",
        safe=form.safe if form else "Ваши записи и документы на месте.",
        then="Подождите немного и отправьте форму ещё раз." if form else "Подождите немного и проверьте снова.",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=[] if form else [Action("Проверить снова", restart_address())],
        retry_after=wait,
        queue=form is None,
        resend=form,
        reason="crowd",
    )
