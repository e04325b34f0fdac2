"""Noticing what a person does at a program that knows nothing of scenarios: by the request, and by its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.effects.base import Answer
from sandbox_idp.scenarios.entries import WatchedExchange
from sandbox_idp.scenarios.exchange import Exchange
from sandbox_idp.scenarios.live import in_scope, live

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def notice_acts(stand: Stand, exchange: Exchange, environ: WSGIEnvironment, answer: Answer) -> None:
    """Tell the journal of the acts that entries which are on describe by an exchange like this one."""
    acts = {
        each.entry.watch.act
        for each in live(stand)
        if each.entry.watch is not None
        and each.entry.watch.when is not None
        and each.has_begun(stand.clock.now())
        and in_scope(stand, each.row)
        and _is_meant(each.entry.watch.when, exchange, environ, answer)
    }
    for name in sorted(acts):
        engine.act(name)


def _is_meant(when: WatchedExchange, exchange: Exchange, environ: WSGIEnvironment, answer: Answer) -> bool:
    if when.program != exchange.program or not when.match.covers(exchange.method, exchange.path):
        return False
    if when.status is not None and when.status != answer.code:
        return False
    if when.header is not None and not when.header.fits(
        environ.get("HTTP_" + when.header.name.upper().replace("-", "_"))
    ):
        return False
    if when.query is not None and when.query not in unquote_plus(environ.get("QUERY_STRING", "")):
        return False
    if when.location is not None and when.location not in _location(answer):
        return False
    return when.contains is None or when.contains.encode() in _body(answer)


def _location(answer: Answer) -> str:
    return answer.header("location")


def _body(answer: Answer) -> bytes:
    """The whole body, which is kept for the browser."""
    whole = answer.whole_body()
    answer.body = [whole]
    return whole
