"""Which sign-in a request belongs to, and what an answer tells about it."""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import TextClause, text, update
from sqlmodel import col, select

from sandbox_idp.context import Stand, current_sign_in, set_current_sign_in
from sandbox_idp.scenarios import engine, journal
from sandbox_idp.scenarios.effects.base import Answer
from sandbox_idp.scenarios.exchange import Exchange
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.paths import AUTHORIZE, BEARER, TOKEN, Program, Way
from sandbox_idp.scenarios.sign_ins import SIGN_IN_HEADER, find_or_start, key_of, start_at_portal, write_facts
from sandbox_idp.scenarios.transactions import writing_or_joining

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HEADER = "HTTP_" + SIGN_IN_HEADER.upper().replace("-", "_")
LARGEST_FORM = 64 * 1024
LOGIN = "/login"
CALLBACK = "/login/callback"

_NUMBER = re.compile(r"\d{1,9}")


def _query(which: str) -> TextClause:
    """One query for the version of what is armed and the sign-in at hand with its person."""
    beginning = "select s.armed_version, n.number, n.person_oid from stand_state s left join sign_in n on n.number = "
    return text(f"{beginning}({which}) where s.id = 1")


_NOTHING = _query("null")
_BY_NUMBER = _query(":number")
_BY_CODE = _query("coalesce((select sign_in from authorization_code where code_hash = :digest), :number)")
_BY_TOKEN = _query("coalesce((select sign_in from issued_token where token_hash = :digest), :number)")
_BY_REQUEST = _query("select max(number) from sign_in where request_id = :request")
_BY_SANDBOX_BROWSER = _query("select max(number) from sign_in where idp_browser = :browser")
_BY_PORTAL_BROWSER = _query(
    "select number from sign_in where portal_browser = :browser "
    "order by case when opened_at is null then 1 else 0 end, number desc limit 1"
)
_WHOSE_STATE = text(
    # By way of the systems, so that the unique index over system and state is used.
    "select n.number, n.portal_browser, n.opened_at from information_system i "
    "join sign_in n on n.system = i.mnemonic and n.state = :state"
)
_BY_STATE = _query(
    "select number from sign_in where portal_browser = :browser "
    "order by case when state = :state then 0 else 1 end, number desc limit 1"
)


def digest(secret: str) -> str:
    """How codes, tokens and the gate's cookies are kept: as SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Follower:
    """Follows the sign-ins that pass through one program's gate."""

    def __init__(self, program: Program, public_url: str) -> None:
        self._program = program
        self._host = urlsplit(public_url).netloc

    def look(self, stand: Stand, exchange: Exchange, environ: WSGIEnvironment) -> int | None:
        """The number of the sign-in that a request belongs to; begins one where one begins.

        Also learns `armed_version` in the same query.
        """
        if self._program == "portal":
            number = self._run(stand, exchange, *_at_portal(exchange, environ))
            if exchange.browser is not None and self._begins(exchange, environ):
                return start_at_portal(exchange.browser)
            return number
        number = self._run(stand, exchange, *_at_sandbox(exchange, environ))
        if AUTHORIZE.search(exchange.path):
            asked = _form(environ) if exchange.method == "POST" else _parameters(environ)
            system, state = asked.get("client_id"), key_of(asked)
            if system and state:
                return find_or_start(system=system, state=state, idp_browser=exchange.browser)
        return number

    def notice(self, stand: Stand, exchange: Exchange, environ: WSGIEnvironment) -> None:
        """Tell the journal of a return that is not its browser's first: what a person did wrong, if one did."""
        state = _parameters(environ).get("state")
        if self._program != "portal" or exchange.path != CALLBACK or exchange.method != "GET" or state is None:
            return
        with stand.database.engine.connect() as connection:
            found = connection.execute(_WHOSE_STATE, {"state": state}).first()
        if found is None:
            return
        number, browser, opened_at = found
        if browser == exchange.browser and opened_at is None:
            return
        own = current_sign_in()
        set_current_sign_in(number)
        engine.act("returned-again" if browser == exchange.browser else "returned-elsewhere")
        set_current_sign_in(own)

    def _begins(self, exchange: Exchange, environ: WSGIEnvironment) -> bool:
        """Whether this is a press on «Войти» (not a browser's guess, nor a request under a wrong host name)."""
        return (
            exchange.path == LOGIN
            and exchange.method == "GET"
            and "prefetch" not in environ.get("HTTP_SEC_PURPOSE", "")
            and environ.get("HTTP_HOST", "") == self._host
        )

    def _run(self, stand: Stand, exchange: Exchange, query: TextClause, values: dict[str, Any]) -> int | None:
        with stand.database.engine.connect() as connection:
            version, number, person = connection.execute(query, values).one()
        exchange.version = version
        if number is not None:
            exchange.people[number] = person
        return int(number) if number is not None else None

    def learn(self, stand: Stand, exchange: Exchange, answer: Answer) -> None:
        """What an answer of the portal tells: the `state` of a sign-in that has begun, or that a session was opened."""
        if self._program != "portal" or exchange.method != "GET" or not 300 <= answer.code < 400:
            return
        location = urlsplit(answer.header("Location"))
        if exchange.path == LOGIN:
            query = parse_qs(location.query)
            if "client_id" in query and "state" in query:
                exchange.facts.update(system=query["client_id"][0], state=query["state"][0])
        elif exchange.path == CALLBACK and not _begins_again(location.path):
            exchange.facts["opened_at"] = stand.clock.now()

    def write(self, stand: Stand, exchange: Exchange, number: int | None) -> None:
        """Write the facts and lines of a request in one transaction, with the exchanges that came before them."""
        with writing_or_joining(stand.database) as connection:
            facts = dict(exchange.facts)
            if number is not None:
                state = {name: facts.pop(name) for name in ("system", "state") if name in facts}
                write_facts(connection, number, facts)
                if state:
                    taken = select(SignIn.number).where(*(col(getattr(SignIn, name)) == state[name] for name in state))
                    connection.execute(
                        update(SignIn).where(col(SignIn.number) == number, ~taken.exists()).values(**state)
                    )
            journal.write(stand.database, connection, exchange.lines)


def _begins_again(path: str) -> bool:
    """Whether a redirect leads back into a sign-in, this one or another: then no session was opened."""
    return path.endswith((CALLBACK, LOGIN)) or AUTHORIZE.search(path) is not None


def _at_portal(exchange: Exchange, environ: WSGIEnvironment) -> tuple[TextClause, dict[str, Any]]:
    if exchange.browser is None:
        return _NOTHING, {}
    if exchange.path == CALLBACK:
        return _BY_STATE, {"browser": exchange.browser, "state": _parameters(environ).get("state", "")}
    return _BY_PORTAL_BROWSER, {"browser": exchange.browser}


def _at_sandbox(exchange: Exchange, environ: WSGIEnvironment) -> tuple[TextClause, dict[str, Any]]:
    if exchange.way is Way.BACK:
        return _between_servers(exchange, environ)
    request = _parameters(environ).get("request")
    if request:
        return _BY_REQUEST, {"request": request}
    if exchange.browser is None:
        return _NOTHING, {}
    return _BY_SANDBOX_BROWSER, {"browser": exchange.browser}


def _between_servers(exchange: Exchange, environ: WSGIEnvironment) -> tuple[TextClause, dict[str, Any]]:
    """By the code or the token that the call carries (also in the query, as ESIA does), else by our own door's word."""
    told = environ.get(_HEADER, "")
    number = int(told) if _NUMBER.fullmatch(told) else None
    if TOKEN.search(exchange.path) and exchange.method == "POST":
        form = {**_parameters(environ), **_form(environ)}
        for name, query in (("code", _BY_CODE), ("refresh_token", _BY_TOKEN)):
            if name in form:
                return query, {"digest": digest(form[name]), "number": number}
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if BEARER.search(exchange.path) and scheme.lower() == "bearer":
        return _BY_TOKEN, {"digest": digest(token.strip()), "number": number}
    return (_NOTHING, {}) if number is None else (_BY_NUMBER, {"number": number})


def _parameters(environ: WSGIEnvironment) -> dict[str, str]:
    query = environ.get("QUERY_STRING", "")
    return _first(parse_qs(query)) if query else {}


def _form(environ: WSGIEnvironment) -> dict[str, str]:
    """The fields of a form, which the program can read once more; nothing if it is too large or of unknown length."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LARGEST_FORM:
        return {}
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return _first(parse_qs(body.decode("utf-8", "replace")))


def _first(fields: dict[str, list[str]]) -> dict[str, str]:
    """The first value of each field. One with a NUL in it is nobody's, and no database takes it."""
    return {name: values[0] for name, values in fields.items() if "\0" not in values[0]}
