"""Databases: one SQLAlchemy engine behind a small door, the same for SQLite and PostgreSQL.

SQLite runs in WAL mode with foreign keys on. A transaction that writes begins with `BEGIN IMMEDIATE`, so that two
writers wait for each other instead of failing in the middle. Reading needs no transaction: each statement sees what is
committed when it begins, on SQLite as on PostgreSQL.

On PostgreSQL a schema may be given (a stand is a schema there). All databases of one address then share one pool of
connections, so that a thousand stands cost no more connections than one; a connection changes its search path when it
changes its schema.

An error of the database names the statement and never what it was given, because errors end in logs (S-62).
"""

from __future__ import annotations

import contextlib
import copy
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    MetaData,
    PoolProxiedConnection,
    QueuePool,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from sqlmodel import Session

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names, so that migrations can name what they change on both databases."""


def new_metadata() -> MetaData:
    """Metadata for one program's tables; the two programs never share one."""
    return MetaData(naming_convention=NAMING)


class Database:
    """Sessions over one URL (and, on PostgreSQL, one schema)."""

    def __init__(self, url: str, *, schema: str | None = None) -> None:
        parsed = make_url(url)
        self.url = url
        self.schema = schema
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine, writing = _sqlite_engines(parsed)
        else:
            self.engine = writing = _SHARED.take(url).execution_options(search_path=schema or "public")
        self.writing_engine = writing.execution_options(writes=True)
        """Where transactions that write are begun."""
        self._closed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is one transaction: committed at the end, rolled back on any exception."""
        with Session(self.writing_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give back every connection; the object is not used afterwards."""
        if self._closed:
            return
        self._closed = True
        if self.is_sqlite:
            self.engine.dispose()
            self.writing_engine.pool = self.engine.pool
        else:
            _SHARED.give_back(self.url)

    def is_alive(self) -> bool:
        """Whether a query is answered."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is no
            return False
        return True


class _SharedEngines:
    """The engines of this process on servers, one an address, each closed when its last database is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engines: dict[str, Engine] = {}
        self._users: dict[str, int] = {}

    def take(self, url: str) -> Engine:
        with self._lock:
            engine = self._engines.get(url)
            if engine is None:
                engine = create_engine(url, pool_size=8, max_overflow=12, pool_timeout=10, hide_parameters=True)
                event.listen(engine, "engine_connect", _enter_schema)
                self._engines[url] = engine
            self._users[url] = self._users.get(url, 0) + 1
            return engine

    def give_back(self, url: str) -> None:
        with self._lock:
            self._users[url] -= 1
            if self._users[url]:
                return
            del self._users[url]
            engine = self._engines.pop(url)
        engine.dispose()


_SHARED = _SharedEngines()


def _enter_schema(connection: Connection) -> None:
    """Point a connection from the pool at the schema of the database that took it out, if it was elsewhere before."""
    wanted = connection.get_execution_options().get("search_path", "public")
    pooled = connection.connection
    if pooled.info.get("search_path") == wanted:
        return
    driver: Any = pooled.driver_connection
    try:
        # Outside a transaction, because a rollback would take the setting back with it.
        driver.autocommit = True
        driver.execute("select set_config('search_path', %s, false)", (f'"{wanted}"',))
        driver.autocommit = False
    except connection.dialect.loaded_dbapi.Error:
        # Asked by way of SQLAlchemy it fails with an error of that, which also gives up what else is lost in the pool.
        connection.exec_driver_sql("select 1")
        raise
    pooled.info["search_path"] = wanted


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


class _WritingDialect(SQLiteDialect_pysqlite):
    """SQLite where every transaction is one that writes."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        driver: Any = dbapi_connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")


@functools.cache
def _sqlite_dialects() -> tuple[Dialect, Dialect]:
    """The dialects of all SQLite databases of this process, for reading and for writing.

    What SQLAlchemy compiles it keeps per dialect. With one dialect a database, every new stand would have each of its
    statements compiled anew, which costs far more than running them.
    """
    engine = create_engine("sqlite://")
    with engine.connect():
        reading = engine.dialect
    engine.dispose()
    writing = copy.copy(reading)
    writing.__class__ = _WritingDialect
    return reading, writing


_COMPILED: Final = LRUCache[Any, Any](2000)
"""Compiled statements of all SQLite databases of this process."""


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """Two engines on one pool of connections to a file: one to read, and one whose transactions write.

    A listener for the engine's event `begin` would tell them apart too, but makes every statement slower.
    """
    reading, writing = _sqlite_dialects()
    arguments, options = reading.create_connect_args(url)
    pool = QueuePool(
        functools.partial(reading.connect, *arguments, **options),
        pool_size=8,
        max_overflow=56,
        timeout=10,
        dialect=reading,
    )
    event.listen(pool, "connect", _prepare_sqlite)
    make = functools.partial(
        Engine, pool, url=url, execution_options={"compiled_cache": _COMPILED}, hide_parameters=True
    )
    return make(dialect=reading), make(dialect=writing)


def migrate(database: Database, scripts: Path) -> None:
    """Bring `database` to the newest revision of the migration folder `scripts`."""
    # Loaded only where something is migrated: a program that merely serves starts a tenth of a second sooner.
    import alembic.command
    import alembic.config

    config = alembic.config.Config()
    config.set_main_option("script_location", str(scripts))
    with database.writing_engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")


@functools.cache
def newest_revision(scripts: Path) -> str:
    """The id of the newest migration in `scripts`."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(scripts)).get_current_head()
    if head is None:
        raise LookupError(f"no migration in {scripts}")
    return head


def run_migrations(metadata: MetaData) -> None:
    """The body of both programs' `migrations/env.py`."""
    from alembic import context as alembic_context

    connection: Connection = alembic_context.config.attributes["connection"]
    alembic_context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with alembic_context.begin_transaction():
        alembic_context.run_migrations()


__all__ = ["Database", "Engine", "Session", "migrate", "new_metadata", "newest_revision", "run_migrations"]
