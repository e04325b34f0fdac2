"""The stand layer: finds the stand in the address, moves its prefix to SCRIPT_NAME and makes it the current one.

It stands outermost around either program. What follows (gate, program) sees an ordinary WSGI program mounted under a
prefix, so `url_for` and clients with a configurable base address need to know nothing.

No program is there yet to catch what a database raises at this place, nor at the gate: the layer answers for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sandbox_idp.context import Stand, use_stand
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.works.without_stand import silent_database, unknown_stand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DATABASE_ERRORS = (DBAPIError, PoolTimeout)
"""What a database raises that is away, or in which what is asked for is missing."""


class _Layer:
    """Finds the stand and answers on it, or without one where a database is away."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._answer(environ, start_response)
        except DATABASE_ERRORS as error:
            return silent_database(error, environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise NotImplementedError


class StandLayer(_Layer):
    """WSGI middleware around one program."""

    def __init__(self, app: WSGIApplication, house: House) -> None:
        self._app = app
        self._house = house

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        stand_id, rest = _split(path)
        if stand_id == DEFAULT:
            stand = self._house.find(DEFAULT) if rest == path else None
        else:
            # Not every database can be asked for a name with a NUL in it; no stand is called like that.
            stand = None if "\0" in stand_id else self._house.find(stand_id)
        if stand is None:
            return unknown_stand(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + stand.prefix
        environ["PATH_INFO"] = rest
        return _Within(stand, self._app, environ, start_response)


class OneStand(_Layer):
    """The same where every address is one stand's: the paths are the program's own, and nothing is moved."""

    def __init__(
        self,
        app: WSGIApplication,
        house: House,
        stand_id: str,
        *,
        seen: Callable[[Stand], Stand] = lambda stand: stand,
    ) -> None:
        """`seen`: how the stand looks from here."""
        self._app = app
        self._house = house
        self._stand_id = stand_id
        self._seen = seen

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stand = self._house.find(self._stand_id)
        if stand is None:
            return unknown_stand(environ, start_response)
        return _Within(self._seen(stand), self._app, environ, start_response)


def _split(path: str) -> tuple[str, str]:
    """The stand's id and the rest of the path; the default stand where the path has no prefix."""
    if not path.startswith("/s/"):
        return DEFAULT, path
    stand_id, slash, rest = path[3:].partition("/")
    return stand_id, slash + rest or "/"


class _Within:
    """The response of `app` on `stand`, with the stand current until the response is closed."""

    def __init__(
        self, stand: Stand, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> None:
        self._stack = ExitStack()
        self._stack.enter_context(use_stand(stand))
        try:
            stand.clock.refresh()
            self._body = app(environ, start_response)
        except BaseException:
            self._stack.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._stack.close()
