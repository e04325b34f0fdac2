"""What is armed in a stand right now, and whether it strikes what is at hand."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, and_, func, or_, update
from sqlmodel import col, select

from foundation import log
from foundation.clock import SystemClock
from foundation.database import Database
from sandbox_idp.context import Stand, current_sign_in
from sandbox_idp.scenarios import chance, journal
from sandbox_idp.scenarios.catalogue import Catalogue, shared
from sandbox_idp.scenarios.effects.base import Effect, Moment, PointEffect
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.exchange import Exchange, Waiting, current_exchange
from sandbox_idp.scenarios.models import Armed, ArmedAsked, JournalLine, SignIn, StandState
from sandbox_idp.scenarios.own import StandEntries, read_entries
from sandbox_idp.scenarios.paths import Way
from sandbox_idp.scenarios.transactions import upsert, writing_or_joining
from sandbox_idp.scenarios.wait import waits

ONE_ACT = timedelta(seconds=5)
"""Repeats of a request within this real time are one act of the person (a browser or a double click resends)."""

_log = log.get_log("sandbox_idp.scenarios")
_real = SystemClock()


@dataclass(frozen=True)
class Live:
    """An armed row with its entry and the effects made with its parameters."""

    row: Armed
    entry: Entry
    effects: tuple[Effect, ...]

    def is_over(self, now: datetime) -> bool:
        """Whether its time to live or its schedule has ended."""
        return any(end is not None and end <= now for end in (self.row.expires_at, self.row.ends_at))

    def has_begun(self, now: datetime) -> bool:
        """Whether its schedule has begun."""
        return self.row.starts_at is None or self.row.starts_at <= now

    def unclaimed(self, now: datetime) -> bool:
        """Whether the next sign-in gets it."""
        return (
            self.row.scope == "next-sign-in"
            and self.row.sign_in is None
            and not self.is_over(now)
            and (self.has_begun(now) or any(isinstance(each, PointEffect) and each.ahead for each in self.effects))
        )


class _Cache:
    """Armed rows of the stands this process has open, as of one version each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Database, tuple[int, Catalogue, tuple[Live, ...]]] = WeakKeyDictionary()

    def get(self, database: Database, version: int | None) -> tuple[int, tuple[Live, ...]]:
        """What is armed as of `version`, read anew where that is not known; and the version it is of."""
        catalogue = shared()
        with self._lock:
            known = self._known.get(database)
        if known is not None and known[0] == version and known[1] is catalogue:
            return known[0], known[2]
        with database.reading() as session:
            # The version is read first: rows that are newer than it are read again the next time, never the reverse.
            version = session.exec(select(StandState.armed_version)).one()
            rows = session.exec(select(Armed).order_by(col(Armed.armed_at), col(Armed.entry))).all()
            found = tuple(_lives(rows, read_entries(session))) if rows else ()
        with self._lock:
            self._known[database] = (version, catalogue, found)
        return version, found


def _lives(rows: Sequence[Armed], entries: StandEntries) -> Iterator[Live]:
    for row in rows:
        entry = entries.get(row.entry)
        if entry is None:
            # Its file does not fit these programs (any more). Such an arming strikes nobody, and requests go on.
            _log.warning("armed_without_an_entry", entry=row.entry)
            continue
        try:
            effects = entry.build(row.parameters)
        except (KeyError, ValidationError) as error:
            # The file has changed since this was armed. Such an arming strikes nobody, and requests go on.
            _log.warning("arming_does_not_fit", entry=row.entry, reason=type(error).__name__)
            continue
        yield Live(row, entry, effects)


_cache = _Cache()


def live(stand: Stand) -> tuple[Live, ...]:
    """What is armed in `stand` and not over, by the time at hand."""
    found = _armed(stand)
    if not found:
        return found
    now = stand.clock.now()
    return tuple(each for each in found if not each.is_over(now))


def any_over(stand: Stand) -> bool:
    """Whether something is armed whose time is over: it can be taken away."""
    found = _armed(stand)
    return bool(found) and any(each.is_over(stand.clock.now()) for each in found)


def _armed(stand: Stand) -> tuple[Live, ...]:
    exchange = current_exchange()
    version, found = _cache.get(stand.database, exchange.version if exchange is not None else None)
    if exchange is not None:
        exchange.version = version
    return found


def claim(connection: Connection, number: int, now: datetime) -> None:
    """Give the sign-in `number` everything that waits for the next one.

    One conditional UPDATE: whichever sign-in comes first gets it, whatever number of workers tries. The version is
    raised first, so that everybody locks the two tables in the same order.
    """
    raise_version(connection)
    waiting = [
        col(Armed.scope) == "next-sign-in",
        col(Armed.sign_in).is_(None),
        or_(col(Armed.expires_at).is_(None), col(Armed.expires_at) > now),
        or_(col(Armed.ends_at).is_(None), col(Armed.ends_at) > now),
    ]
    later = connection.execute(select(Armed.entry).where(*waiting, col(Armed.starts_at) > now)).scalars().all()
    announced = _announced(connection, later) if later else []
    begun = or_(col(Armed.starts_at).is_(None), col(Armed.starts_at) <= now, col(Armed.entry).in_(announced))
    connection.execute(update(Armed).where(*waiting, begun).values(sign_in=number))


def _announced(connection: Connection, entry_ids: Sequence[str]) -> list[str]:
    """Those of these entries that act before their schedule begins, by announcing it."""
    entries = read_entries(connection)
    found = [entry for entry_id in entry_ids if (entry := entries.get(entry_id)) is not None]
    return [
        entry.id for entry in found if any(isinstance(each, PointEffect) and each.ahead for each in entry.build({}))
    ]


def raise_version(connection: Connection) -> None:
    """Tell every process that what is armed, or what could be, has changed."""
    connection.execute(
        update(StandState).where(col(StandState.id) == 1).values(armed_version=col(StandState.armed_version) + 1)
    )


def person_of(stand: Stand, sign_in: int) -> int | None:
    """The person of a sign-in, as far as it is known."""
    exchange = current_exchange()
    if exchange is not None and sign_in in exchange.people:
        return exchange.people[sign_in]
    with stand.database.reading() as session:
        person = session.exec(select(SignIn.person_oid).where(SignIn.number == sign_in)).one_or_none()
    if exchange is not None:
        exchange.people[sign_in] = person
    return person


def in_scope(stand: Stand, row: Armed) -> bool:
    """Whether the arming means the sign-in at hand."""
    number = current_sign_in()
    if row.scope == "everyone":
        return True
    if number is None:
        return False
    if row.scope == "next-sign-in":
        return row.sign_in == number
    return person_of(stand, number) == row.person_oid


def strikes(stand: Stand, each: Live) -> bool:
    """Whether an entry that concerns the request at hand acts on it: chance and count decide, once for each request."""
    exchange = current_exchange()
    if exchange is not None and each.entry.id in exchange.verdicts:
        return exchange.verdicts[each.entry.id]
    verdict = _strikes(stand, each, exchange)
    if exchange is not None:
        exchange.verdicts[each.entry.id] = verdict
    return verdict


def _strikes(stand: Stand, each: Live, exchange: Exchange | None) -> bool:
    row = each.row
    if row.probability >= 1 and row.count_left is None:
        return True
    number = current_sign_in()
    who = f"#{number}" if number is not None else (exchange.browser if exchange is not None else None) or ""
    method, template = (exchange.method, exchange.template) if exchange is not None else ("", "")
    with writing_or_joining(stand.database) as connection:
        if row.probability < 1:
            asked, _ = _ask(connection, stand.database, each.entry.id, who, f"{method} {template}")
            if not chance.strikes(
                row.probability,
                seed=row.seed,
                entry=each.entry.id,
                sign_in=number,
                method=method,
                template=template,
                asked=asked,
            ):
                return False
        if row.count_left is None:
            return True
        between_servers = exchange is not None and exchange.way is Way.BACK and number is not None
        what = "*" if between_servers else f"={method} {template}"
        return _count(connection, stand.database, row, who, what)


def _ask(connection: Connection, database: Database, entry: str, who: str, what: str) -> tuple[int, datetime | None]:
    """Note that something was asked for; how often it has been by now, and when it was counted. Locks its row."""
    statement = upsert(database)(ArmedAsked).values(entry=entry, who=who, what=what, times=1)
    statement = statement.on_conflict_do_update(
        index_elements=["entry", "who", "what"], set_={"times": col(ArmedAsked.times) + 1}
    ).returning(ArmedAsked.times, ArmedAsked.counted_at)
    times, counted_at = connection.execute(statement).one()
    return times, counted_at


def _count(connection: Connection, database: Database, row: Armed, who: str, what: str) -> bool:
    """Take one off the count, unless this is a repeat of what was counted a moment ago."""
    now = _real.now()
    _, counted_at = _ask(connection, database, row.entry, who, what)
    if counted_at is not None and now - counted_at < ONE_ACT:
        return True
    taken = connection.execute(
        update(Armed)
        .where(col(Armed.entry) == row.entry, col(Armed.armed_at) == row.armed_at, col(Armed.count_left) > 0)
        .values(count_left=col(Armed.count_left) - 1)
    )
    if taken.rowcount != 1:
        return False
    connection.execute(
        update(ArmedAsked)
        .where(col(ArmedAsked.entry) == row.entry, col(ArmedAsked.who) == who, col(ArmedAsked.what) == what)
        .values(counted_at=now)
    )
    return True


def moment(stand: Stand, each: Live, effect: Effect) -> Moment:
    """What `effect` may know of this moment."""
    now = stand.clock.now()
    ends = [end for end in (each.row.ends_at, each.row.expires_at) if end is not None]

    asked = current_exchange()
    waiting = asked.waiting if asked is not None else Waiting()

    def hold(seconds: float) -> None:
        # Counted from the moment that the journal tells of (a clock that is moved right after it ends the wait), and
        # from the end of an earlier wait of the same request.
        waiting.until = (waiting.until or now) + timedelta(seconds=seconds)
        until = min([waiting.until, *ends])
        if not waits.hold(stand, until, entry=each.entry.id, armed_at=each.row.armed_at):
            raise ConnectionResetError(errno.ECONNRESET, "the stand of a waiting request is gone")
        stand.clock.refresh()

    return Moment(
        now=now,
        armed_at=each.row.armed_at,
        starts_at=each.row.starts_at,
        ends_at=each.row.ends_at,
        ids=stand.ids,
        earlier=lambda: _earlier(stand, each, effect),
        hold=hold,
        luck=partial(_luck, each, effect),
        person_known=partial(_person_known, stand),
    )


def _luck(each: Live, effect: Effect) -> float:
    exchange = current_exchange()
    method, template = (exchange.method, exchange.template) if exchange is not None else ("", "")
    number = str(current_sign_in() or 0)
    return chance.fraction(each.row.seed, each.entry.id, effect.kind, number, method, template)


def _person_known(stand: Stand) -> bool:
    number = current_sign_in()
    return number is not None and person_of(stand, number) is not None


def _earlier(stand: Stand, each: Live, effect: Effect) -> int:
    number = current_sign_in()
    exchange = current_exchange()
    conditions: list[ColumnElement[bool]] = [
        col(JournalLine.kind) == "effect",
        col(JournalLine.entry) == each.entry.id,
        col(JournalLine.name) == effect.kind,
        col(JournalLine.at) >= each.row.armed_at,
    ]
    if number is not None:
        conditions.append(col(JournalLine.sign_in) == number)
    elif exchange is not None:
        conditions.append(col(JournalLine.browser) == exchange.browser)
    with stand.database.reading() as session:
        written = session.exec(select(func.count()).select_from(JournalLine).where(and_(*conditions))).one()
    here = [line for line in exchange.lines if line.entry == each.entry.id] if exchange is not None else []
    return written + len([line for line in here if line.name == effect.kind])


def effect_line(stand: Stand, each: Live, effect: Effect) -> journal.Line:
    """The line of the journal that tells of an effect."""
    exchange = current_exchange()
    return journal.Line(
        kind="effect",
        at=stand.clock.now(),
        program=exchange.program if exchange is not None else "sandbox_idp",
        channel=exchange.channel if exchange is not None else None,
        sign_in=current_sign_in(),
        browser=exchange.browser if exchange is not None else None,
        entry=each.entry.id,
        name=effect.kind,
        details={"exchange": exchange.name if exchange is not None else None, **effect.details()},
    )
