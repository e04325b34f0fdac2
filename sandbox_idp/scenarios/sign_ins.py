"""Following one sign-in: the rooms tell here what they learn about the one at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update
from sqlmodel import col, select

from foundation.database import Database
from sandbox_idp.context import current_sign_in, current_stand, set_current_sign_in
from sandbox_idp.scenarios.exchange import current_exchange
from sandbox_idp.scenarios.live import claim, live
from sandbox_idp.scenarios.models import Armed, SignIn, StandState, plain
from sandbox_idp.scenarios.transactions import upsert, writing_or_joining

SIGN_IN_HEADER = "X-Stand-Sign-In"
"""A stand's own Esia door says here which sign-in its calls belong to; honoured on calls between servers only."""


LONGEST_KEY = 512


def key_of(parameters: Mapping[str, str]) -> str | None:
    """What tells the sign-ins of one system apart: `state`, else what an OpenID client sends in place of it.

    A client may put anything into it, at any length; a long one is known by its hash, which an index can hold.
    """
    found = parameters.get("state") or parameters.get("nonce") or parameters.get("code_challenge")
    if found is None or len(found) <= LONGEST_KEY:
        return found
    return hashlib.sha256(found.encode("utf-8", "replace")).hexdigest()


def bind_request(request_id: str, *, system: str, state: str) -> int | None:
    """An authorization request was accepted. Tells the number of the sign-in it belongs to."""
    number = current_sign_in()
    if number is None:
        number = find_or_start(system=system, state=state)
        set_current_sign_in(number)
    _tell(request_id=request_id)
    return number


def bind_person(oid: int) -> None:
    """The person of the sign-in at hand is known (right password, or «Продолжить» in a living session)."""
    number = current_sign_in()
    exchange = current_exchange()
    if exchange is not None and number is not None:
        exchange.people[number] = oid
    _tell(person_oid=oid)


def bind_session(sid: str) -> None:
    """The session at Gosuslugi (`urn:esia:sid`) of the sign-in at hand is known."""
    _tell(sid=sid)


def _tell(**facts: Any) -> None:
    number = current_sign_in()
    exchange = current_exchange()
    if number is None:
        return
    if exchange is not None:
        exchange.facts.update(facts)
        return
    with writing_or_joining(current_stand().database) as connection:
        write_facts(connection, number, facts)


def write_facts(connection: Connection, number: int, facts: dict[str, Any]) -> None:
    """Write what was told of a sign-in."""
    if facts:
        connection.execute(update(SignIn).where(col(SignIn.number) == number).values(**facts))


def find_or_start(*, system: str, state: str, idp_browser: str | None = None) -> int:
    """The sign-in that a system's authorization request belongs to; a foreign portal's begins with it.

    Raises nothing when two requests with the same `state` come at once: both get the same sign-in.
    """
    stand = current_stand()
    database = stand.database
    with database.reading() as session:
        known = session.exec(select(SignIn).where(SignIn.system == system, SignIn.state == state)).one_or_none()
    if known is not None and known.number is not None:
        if idp_browser is not None and known.idp_browser is None:
            with writing_or_joining(database) as connection:
                write_facts(connection, known.number, {"idp_browser": idp_browser})
        return known.number
    with writing_or_joining(database) as connection:
        number = _insert(connection, database, stand.clock.now(), system=system, state=state, idp_browser=idp_browser)
        if number is None:
            same = select(SignIn.number).where(SignIn.system == system, SignIn.state == state)
            return int(connection.execute(same).scalar_one())
        _claim_waiting(connection, number)
        return number


def start_at_portal(browser: str) -> int:
    """A sign-in begins with the request for our own portal's `/login`."""
    stand = current_stand()
    with writing_or_joining(stand.database) as connection:
        number = _insert(connection, stand.database, stand.clock.now(), portal_browser=browser)
        assert number is not None
        _claim_waiting(connection, number)
    return number


def _claim_waiting(connection: Connection, number: int) -> None:
    stand = current_stand()
    now = stand.clock.now()
    if any(each.unclaimed(now) for each in live(stand)):
        claim(connection, number, now)
        exchange = current_exchange()
        if exchange is not None:
            exchange.version = None


def _insert(connection: Connection, database: Database, now: datetime, **columns: Any) -> int | None:
    """A new row's number; None if there is one with this system and state already."""
    circumstances = _circumstances(connection)
    statement = upsert(database)(SignIn).values(started_at=now, circumstances=circumstances, **columns)
    if columns.get("state") is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["system", "state"])
    number: int | None = connection.execute(statement.returning(SignIn.number)).scalar_one_or_none()
    return number


def _circumstances(connection: Connection) -> dict[str, Any]:
    """What a sign-in meets as it begins: with this the stand can be set up once more (`sandbox_idp.stands.bundles`)."""
    frozen = connection.execute(select(col(StandState.frozen_at).is_not(None)).where(StandState.id == 1)).scalar_one()
    rows = connection.execute(select(Armed.__table__).order_by(col(Armed.armed_at), col(Armed.entry)))  # type: ignore[attr-defined]
    return {"frozen": bool(frozen), "armed": [plain(row) for row in rows.mappings()]}
