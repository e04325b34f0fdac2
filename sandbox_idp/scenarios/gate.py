"""The gate: a WSGI layer around either program, where scenarios act on whole requests and sign-ins are followed.

It stands inside the stand layer. With nothing armed it costs one small query for each request. How a sign-in is
followed from the first request to the session: `docs/scenarios.md`, "Following one sign-in".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

from foundation.clock import steady_seconds
from foundation.web.cookies import cookie_rules
from sandbox_idp.context import Stand, current_sign_in, current_stand, set_current_sign_in
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.arming import sweep
from sandbox_idp.scenarios.effects.base import RECEIVED_AT, Answer, Call, RequestEffect
from sandbox_idp.scenarios.exchange import Exchange, use_exchange
from sandbox_idp.scenarios.faults import install_faults
from sandbox_idp.scenarios.follow import Follower, digest
from sandbox_idp.scenarios.live import Live, any_over, effect_line, in_scope, live, moment, strikes
from sandbox_idp.scenarios.paths import HEALTH, Program, Way, template_of, tidy, way_of
from sandbox_idp.scenarios.transactions import writing_or_joining
from sandbox_idp.scenarios.watching import notice_acts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "gate"

_VALUE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Gate:
    """WSGI middleware around one program, inside the stand layer."""

    def __init__(
        self, app: WSGIApplication, *, program: Program, public_url: str, paths: Mapping[str, str] | None = None
    ) -> None:
        """`public_url`: the program's address for browsers, without a stand's prefix.

        `paths`: what paths of a program that is not ours are called in the catalogue, and so in the journal.

        A Flask program is given the one hook by which a scenario can make it fail from within.
        """
        self._app = app
        self._program: Program = program
        self._public_url = public_url
        self._paths = paths or {}
        self._follower = Follower(program, public_url)
        if isinstance(app, Flask):
            install_faults(app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stand = current_stand()
        exchange = self._exchange(environ)
        with use_exchange(exchange):
            if exchange.way is Way.ASIDE:
                return self._app(environ, start_response)
            return self._answer(stand, exchange, environ, start_response)

    def _exchange(self, environ: WSGIEnvironment) -> Exchange:
        method = environ["REQUEST_METHOD"]
        path = tidy(environ.get("PATH_INFO", ""))
        path = self._paths.get(path, path)
        return Exchange(self._program, way_of(self._program, path), method, path, template_of(path))

    def _answer(
        self, stand: Stand, exchange: Exchange, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        began = steady_seconds()
        cookie = self._cookie(stand, exchange, environ)
        if self._program == "portal":
            environ[RECEIVED_AT] = stand.clock.now()
        set_current_sign_in(self._follower.look(stand, exchange, environ))
        self._follower.notice(stand, exchange, environ)
        if any_over(stand):
            sweep(stand)
            exchange.version = None
        proceed: Callable[[], Answer] = partial(_ask, self._app, environ)
        chosen = self._chosen(stand, exchange)
        for each, effect in reversed(chosen):
            proceed = partial(effect.around, Call(environ, moment(stand, each, effect), proceed))
        if chosen:
            self._tell(stand, [effect_line(stand, each, effect) for each, effect in chosen])
        try:
            answer = proceed()
        except BaseException:
            self._finish(stand, exchange, environ, None, began)
            raise
        try:
            self._finish(stand, exchange, environ, answer, began)
        except BaseException:
            answer.close()
            raise
        start_response(answer.status, [*answer.headers, *cookie])
        return answer.body

    def _cookie(self, stand: Stand, exchange: Exchange, environ: WSGIEnvironment) -> list[tuple[str, str]]:
        """Recognise the browser by the gate's own cookie; the header that gives it one, if it has none."""
        if exchange.way is Way.BACK:
            return []
        rules = cookie_rules(COOKIE, environ.get("SCRIPT_NAME", ""), self._public_url)
        value = _cookie_value(environ.get("HTTP_COOKIE", ""), rules.name)
        if value is not None:
            exchange.browser = digest(value)
        if value is not None or exchange.way is Way.QUIET:
            return []
        value = stand.ids.token(24)
        exchange.browser = digest(value)
        flags = "; Secure" if rules.secure else ""
        return [("Set-Cookie", f"{rules.name}={value}; Path={rules.path}; HttpOnly; SameSite=Lax{flags}")]

    def _chosen(self, stand: Stand, exchange: Exchange) -> list[tuple[Live, RequestEffect]]:
        """The effects that act on this request, outermost first."""
        found: list[tuple[Live, RequestEffect]] = []
        for each in live(stand):
            concerned = [
                effect
                for effect in each.effects
                if isinstance(effect, RequestEffect)
                and effect.concerns(self._program, exchange.way.value, exchange.method, exchange.path)
            ]
            if concerned and each.has_begun(stand.clock.now()) and in_scope(stand, each.row) and strikes(stand, each):
                found += [(each, effect) for effect in concerned]
        return sorted(found, key=lambda pair: pair[1].order)

    def _tell(self, stand: Stand, lines: list[journal.Line]) -> None:
        """Write effects down before they act: a trainer looks at a hanging request while it hangs."""
        with writing_or_joining(stand.database) as connection:
            journal.write(stand.database, connection, lines)

    def _finish(
        self, stand: Stand, exchange: Exchange, environ: WSGIEnvironment, answer: Answer | None, began: float
    ) -> None:
        """Write what was learnt: about the sign-in, what people did, and the exchange itself."""
        if answer is not None:
            self._follower.learn(stand, exchange, answer)
            if answer.complete:
                notice_acts(stand, exchange, environ, answer)
        number = current_sign_in()
        if exchange.facts or exchange.lines:
            self._follower.write(stand, exchange, number)
        if exchange.way is Way.QUIET or (exchange.path == HEALTH and number is None):
            return
        details: dict[str, Any] = {"ms": round((steady_seconds() - began) * 1000)}
        if answer is not None:
            details |= _outline(answer, stand.prefix)
        line = journal.Line(
            kind="exchange",
            at=stand.clock.now(),
            program=self._program,
            channel=exchange.way.value,
            sign_in=number,
            browser=exchange.browser,
            name=exchange.name,
            status=answer.code if answer is not None and answer.complete else None,
            details=details,
        )
        journal.note_exchange(stand.database, line)


def _outline(answer: Answer, prefix: str) -> dict[str, Any]:
    """What the journal keeps of an answer besides its status: kind and size of the body, and where it leads."""
    found: dict[str, Any] = {}
    for name, value in answer.headers:
        match name.lower():
            case "content-type":
                found["type"] = value
            case "content-length" if value.isdecimal():
                found["size"] = int(value)
            case "location" if value:
                to = urlsplit(value)
                found["to"] = template_of(to.path.removeprefix(prefix))
                if to.netloc:
                    found["to_host"] = f"{to.scheme}://{to.netloc}"
    return found


def _cookie_value(header: str, name: str) -> str | None:
    if name not in header:
        return None
    pairs = (pair.partition("=") for pair in header.split(";"))
    value = next((value.strip() for each, _, value in pairs if each.strip() == name), "")
    return value if _VALUE.fullmatch(value) else None


def _ask(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The program's own answer."""
    head: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], object]:
        head[:] = [(status, headers)]
        return _no_write

    body = app(environ, start_response)
    status, headers = head[0]
    return Answer(status, headers, body)


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("the programs behind the gate return their bodies")
