"""The journal of a stand: every exchange, effect and act, without anything that must not be written down (S-62).

Effects, acts and changes are written at once. Exchanges are written in batches, at most a tenth of a second later;
`lines` and `settle` first write what this process still holds.
"""

from __future__ import annotations

import atexit
import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, delete, func, insert
from sqlmodel import col, select

from foundation import log
from foundation.clock import SystemClock
from foundation.database import Database
from sandbox_idp.scenarios.models import JournalLine
from sandbox_idp.scenarios.transactions import is_gone

BATCH_SECONDS = 0.1

_log = log.get_log("sandbox_idp.scenarios")
_real = SystemClock()

_SECRET_NAMES = re.compile(
    r"password|secret|token|cookie|authorization|^code$|_code$|snils|phone|^login$|mail|totp|^state$|surname|patronymic"
    r"|(?:^|_)key$",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"ESIA-\d{6}")
"""The code of a refusal is no secret."""
_PERSONAL = re.compile(
    r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"  # a JWT
    r"|(?<![\w-])\+?[78][\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\w)"  # a phone
    r"|(?<![\w-])\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}(?!\w)"  # a SNILS
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?<![\w-])\d{6}(?![\w-])"  # a code from a message
)


@dataclass(frozen=True)
class Retention:
    """How much of its journal a stand keeps (`IDP_JOURNAL_LINES`, `IDP_JOURNAL_AGE`)."""

    lines: int = 20_000
    age: timedelta = timedelta(days=7)
    """Real time."""


@dataclass
class Line:
    """A line before it is written."""

    kind: Literal["exchange", "effect", "act", "change"]
    at: datetime
    program: str
    name: str
    channel: str | None = None
    sign_in: int | None = None
    browser: str | None = None
    entry: str | None = None
    status: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    real_at: datetime = field(default_factory=_real.now)

    def values(self) -> dict[str, Any]:
        """As a row, with secrets taken out."""
        return {**vars(self), "name": storable(self.name), "details": redact(self.details)}


def redact(value: Any) -> Any:
    """`value` without passwords, codes, tokens and what tells a real person from another."""
    if isinstance(value, Mapping):
        return {str(name): _redact_member(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(each) for each in value]
    if isinstance(value, str):
        return _PERSONAL.sub(log.HIDDEN, storable(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    return _PERSONAL.sub(log.HIDDEN, str(value))


def storable(text: str) -> str:
    """`text` as every database takes it: what a browser sends may hold a NUL or half a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _redact_member(name: str, value: Any) -> Any:
    if isinstance(value, str) and _PUBLIC.fullmatch(value):
        return value
    if _SECRET_NAMES.search(name) and value is not None and not isinstance(value, bool):
        return log.HIDDEN
    return redact(value)


def write(database: Database, connection: Connection, lines: Sequence[Line]) -> int:
    """Write the exchanges of `database` that wait, then `lines`, in the transaction of `connection`; tells how many.

    What waits is taken only by whoever has a transaction open: otherwise a line that is written at once could get
    before the exchanges that another thread has taken and not written yet, and the journal would tell effect before
    cause.
    """
    with _batches.in_order(database) as waiting:
        values = [line.values() for line in (*waiting, *lines)]
        if values:
            connection.execute(insert(JournalLine), values)
    return len(values)


class _Batches:
    """Exchanges that wait to be written, per database, and the thread that writes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: WeakKeyDictionary[Database, list[Line]] = WeakKeyDictionary()
        self._flushing: WeakKeyDictionary[Database, threading.Lock] = WeakKeyDictionary()
        self._inserting: WeakKeyDictionary[Database, threading.Lock] = WeakKeyDictionary()
        self._written: WeakKeyDictionary[Database, int] = WeakKeyDictionary()
        self._retention: WeakKeyDictionary[Database, Retention] = WeakKeyDictionary()
        self._some = threading.Event()
        self._never = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, database: Database, line: Line) -> None:
        with self._lock:
            self._waiting.setdefault(database, []).append(line)
            # A process that was forked has not got the thread of the one it comes from.
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="scenario-journal", daemon=True)
                self._writer.start()
        if not self._some.is_set():
            self._some.set()

    def keep(self, database: Database, retention: Retention) -> None:
        with self._lock:
            self._retention[database] = retention

    @contextlib.contextmanager
    def in_order(self, database: Database) -> Iterator[list[Line]]:
        """What waits for `database`, handed to one writer at a time until he has inserted it."""
        with self._one_at_a_time(self._inserting, database):
            with self._lock:
                waiting = self._waiting.pop(database, [])
            yield waiting

    def _one_at_a_time(self, locks: WeakKeyDictionary[Database, threading.Lock], database: Database) -> threading.Lock:
        with self._lock:
            return locks.setdefault(database, threading.Lock())

    def flush_all(self) -> None:
        """Write what waits for any database."""
        with self._lock:
            databases = list(self._waiting)
        for database in databases:
            self.flush(database)

    def _write(self) -> None:
        while True:
            self._some.wait()
            self._never.wait(BATCH_SECONDS)
            self._some.clear()
            self.flush_all()

    def flush(self, database: Database) -> None:
        """Write what waits for `database`, and return when all of it is written, by whichever thread."""
        with self._one_at_a_time(self._flushing, database):
            with self._lock:
                waits = bool(self._waiting.get(database))
            # A stand that is gone needs no journal any more.
            if waits and not is_gone(database):
                self._write_waiting(database)

    def _write_waiting(self, database: Database) -> None:
        try:
            # Without a session: the same for every stand ten times a second, it would cost more than the rows.
            with database.writing_engine.begin() as connection:
                self._prune(database, connection, write(database, connection, ()))
        except Exception as error:  # noqa: BLE001 - a journal that cannot be written must not break what it tells of
            _log.warning("journal_not_written", reason=type(error).__name__)

    def _prune(self, database: Database, connection: Connection, count: int) -> None:
        """Take away what is too much or too old: with the first lines, then now and then.

        Ids and real time rise together, so the oldest line alone tells whether any is too old.
        """
        retention = self._retention.get(database, Retention())
        written = self._written.get(database, retention.lines) + count
        if written >= retention.lines // 10:
            written = 0
            newest = connection.execute(select(func.max(JournalLine.id))).scalar_one() or 0
            oldest = connection.execute(select(JournalLine.real_at).order_by(col(JournalLine.id)).limit(1)).scalar()
            connection.execute(delete(JournalLine).where(col(JournalLine.id) <= newest - retention.lines))
            end = _real.now() - retention.age
            if oldest is not None and oldest < end:
                connection.execute(delete(JournalLine).where(col(JournalLine.real_at) < end))
        self._written[database] = written


_batches = _Batches()
_never = threading.Event()
atexit.register(_batches.flush_all)


def note_exchange(database: Database, line: Line) -> None:
    """Have an exchange written soon."""
    _batches.add(database, line)


def keep(database: Database, retention: Retention) -> None:
    """Say how much is kept in `database`."""
    _batches.keep(database, retention)


def settle(database: Database) -> None:
    """Write at once what this process still holds."""
    _batches.flush(database)


def gather(database: Database) -> None:
    """Have written what any process still holds: this one at once, the others within their next batches."""
    settle(database)
    _never.wait(3 * BATCH_SECONDS)


def lines(
    database: Database,
    *,
    after: int = 0,
    kind: str | None = None,
    sign_in: int | None = None,
    entry: str | None = None,
    limit: int | None = 500,
) -> list[JournalLine]:
    """Lines with an id above `after`, oldest first; at most `limit`, if there is one."""
    settle(database)
    query = select(JournalLine).where(col(JournalLine.id) > after).order_by(col(JournalLine.id)).limit(limit)
    if kind is not None:
        query = query.where(JournalLine.kind == kind)
    if sign_in is not None:
        query = query.where(JournalLine.sign_in == sign_in)
    if entry is not None:
        query = query.where(JournalLine.entry == entry)
    with database.reading() as session:
        return list(session.exec(query))
