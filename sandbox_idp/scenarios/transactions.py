"""Writing from the middle of a room's work without getting in its way.

A room may hand a value to the engine while its own transaction is open. SQLite has one writer at a time, so a second
transaction would wait for the first, which waits for the engine. What the engine must write at that moment therefore
joins the open transaction: it is committed, or rolled back, with the room's own work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, event, make_url
from sqlalchemy.orm import Session, SessionTransaction

from foundation.database import Database

Place = tuple[Pool, Any]
"""A database: its pool of connections, and on a server the schema in it."""


@dataclass(frozen=True)
class _Open:
    """A writing transaction that is open here."""

    session: Session
    connection: Connection


_open: ContextVar[Mapping[Place, _Open] | None] = ContextVar("open_transactions", default=None)


def _place(bind: Engine | Connection) -> Place:
    return bind.engine.pool, bind.get_execution_options().get("search_path")


def _began(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        _open.set({**(_open.get() or {}), _place(connection): _Open(session, connection)})


def _ended(session: Session, transaction: SessionTransaction) -> None:
    open_here = _open.get()
    if open_here and transaction.parent is None:
        _open.set({place: each for place, each in open_here.items() if each.session is not session})


event.listen(Session, "after_begin", _began)
event.listen(Session, "after_transaction_end", _ended)


@contextlib.contextmanager
def writing_or_joining(database: Database) -> Iterator[Connection]:
    """A connection that writes: of the transaction that is open here, else of one of its own (committed at the end)."""
    open_here = (_open.get() or {}).get(_place(database.engine))
    if open_here is not None:
        yield open_here.connection
        return
    with database.writing() as session:
        yield session.connection()


def is_gone(database: Database) -> bool:
    """Whether the stand has been thrown away meanwhile. Asking a deleted SQLite file would make it anew."""
    if not database.is_sqlite:
        return False
    name = make_url(database.url).database
    return bool(name) and not Path(str(name)).exists()


def upsert(database: Database) -> Any:
    """The `insert` of this database's dialect, which knows `on_conflict_do_update`."""
    if database.is_sqlite:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert
