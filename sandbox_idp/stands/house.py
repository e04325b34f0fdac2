"""The house of stands: makes, opens, resets and throws away, and keeps a limited number open in this process."""

from __future__ import annotations

import functools
import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from foundation import log
from foundation.clock import Clock
from foundation.database import Database, migrate
from foundation.ids import Ids
from sandbox_idp.context import Stand
from sandbox_idp.keys import KeyPool
from sandbox_idp.scenarios import journal
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands import archive, bundles, ownership
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.errors import StandError, UnknownStandError
from sandbox_idp.stands.generations import Generations, Origin, Pour
from sandbox_idp.stands.models import SnapshotRecord, StandRecord
from sandbox_idp.stands.snapshots import Snapshots

DEFAULT = "default"
HERE = Path(__file__).resolve().parent
SWEPT = 4
"""So many stands whose time is over does one call throw away in passing."""
_log = log.get_log("sandbox_idp.stands")
_WHERE = select(col(StandRecord.generation), col(StandRecord.expires_at)).where(
    col(StandRecord.id) == bindparam("stand_id")
)
"""Asked with every request, so without the mapper."""


@dataclass(frozen=True)
class NewStand:
    """A stand just made, with the token that opens only it (shown this once)."""

    stand: Stand
    token: str
    expires_at: datetime | None


class House:
    """All stands of one pair of programs. Safe to use from many threads; several processes may share the data."""

    def __init__(self, settings: SandboxSettings, *, clock: Clock, ids: Ids, keys: KeyPool | None = None) -> None:
        """`keys`: where keys come from, if not from the pool in the stands' folder."""
        assert settings.stands_dir is not None
        self._settings = settings
        self._real = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Stand] = OrderedDict()
        self._data = Generations(settings, clock=clock, ids=ids, keys=keys)
        self._register = Database(settings.database_url)
        self.snapshots = Snapshots(
            self._register,
            idp=self._data.idp,
            portal=self._data.portal,
            folders=self._data.folders,
            clock=clock,
            ids=ids,
        )

    @property
    def schema_version(self) -> str:
        """The newest migrations of both programs; the data of another version is never opened."""
        return self._data.schema_version

    def prepare(self, keys: int = 8) -> None:
        """Bring the register up to date, make the default stand if it is missing, and have `keys` keys lie ready."""
        migrate(self._register, HERE / "migrations")
        self._data.keys.fill(keys)
        with self._register.reading() as session:
            missing = session.get(StandRecord, DEFAULT) is None
        if missing:
            self._make(DEFAULT, "Основной стенд", None, {})
        self._throw_away_outdated()

    def keep_ready(self) -> None:
        """From now on until the house is closed, have what `IDP_STANDS_READY` new stands are made of lie ready."""
        self._data.stock.open()

    def create(
        self,
        name: str | None = None,
        *,
        ttl: timedelta | None = None,
        limits: dict[str, float] | None = None,
        personas: list[str] | None = None,
        snapshot: str | None = None,
        pour: Pour | None = None,
        moment: datetime | None = None,
    ) -> NewStand:
        """Make a new stand that lives for `ttl` of real time (default: `IDP_STAND_TTL`).

        With `snapshot` it begins as a copy of that moment of another stand, without anybody signed in and with keys of
        its own; raises what `Snapshots` raises. With `pour` it begins with the rows that this puts into it instead of
        the seeds; raises what it raises. With `moment` its clock begins there, whatever came with the rows. `personas`:
        those of the twelve that it keeps, also after a reset; all unless given.
        """
        self.sweep(SWEPT)
        origin: Origin | None = None
        if snapshot is not None:
            taken = self.snapshots.find(snapshot)
            origin = functools.partial(self.snapshots.copy, taken, version=self.schema_version)
        elif pour is not None:
            origin = self._data.poured(pour)
        return self._make(
            self._ids.stand(),
            name or "Стенд без имени",
            ttl or self._settings.stand_ttl,
            dict(limits or {}),
            personas=personas,
            origin=origin,
            moment=moment,
        )

    def find(self, stand_id: str) -> Stand | None:
        """The stand of that id, opened; None if there is none or its time is over."""
        with self._register.engine.connect() as connection:
            row = connection.execute(_WHERE, {"stand_id": stand_id}).first()
        if row is None:
            return None
        if row.expires_at is not None and row.expires_at <= self._real.now():
            self._expire(stand_id)
            return None
        with self._lock:
            stand = self._open.get(row.generation)
            if stand is not None:
                self._open.move_to_end(row.generation)
                return stand
        with self._register.reading() as session:
            record = session.get(StandRecord, stand_id)
        return None if record is None else self._opened(record)

    def record(self, stand_id: str) -> StandRecord | None:
        """The register's row of one stand."""
        with self._register.reading() as session:
            return session.get(StandRecord, stand_id)

    def _known(self, stand_id: str) -> StandRecord:
        record = self.record(stand_id)
        if record is None:
            raise UnknownStandError(stand_id)
        return record

    def records(self) -> list[StandRecord]:
        """Every stand in the register, oldest first; some whose time is over are thrown away in passing."""
        self.sweep(SWEPT)
        with self._register.reading() as session:
            return list(session.exec(select(StandRecord).order_by(col(StandRecord.created_at), col(StandRecord.id))))

    def token_opens(self, stand_id: str, token: str) -> bool:
        """Whether `token` is the one made together with this stand."""
        with self._register.reading() as session:
            record = session.get(StandRecord, stand_id)
        return (
            record is not None
            and record.token_hash is not None
            and hmac.compare_digest(record.token_hash, _digest(token))
        )

    def knows_token(self, token: str) -> bool:
        """Whether `token` is the one of any living stand."""
        with self._register.reading() as session:
            mine = session.exec(select(StandRecord).where(StandRecord.token_hash == _digest(token))).first()
        return mine is not None and (mine.expires_at is None or mine.expires_at > self._real.now())

    def reset(self, stand_id: str) -> Stand:
        """Put a fresh generation in place of the stand's data: all as on the first day, but its own scenarios stay."""
        known = self._known(stand_id)
        generation = self._data.make(redirect_uri=self._redirect_uri(stand_id), personas=known.personas)
        if known.schema_version == self.schema_version:
            ownership.carry(self._opened(known).database, self._data.idp, generation)
        return self._replace(stand_id, generation)

    def restore(self, stand_id: str, snapshot_id: str) -> Stand:
        """Put a copy of a snapshot in place of the stand's data, with its keys, sessions and clock as they were then.

        The clock's offset to real time is that of the snapshot (a clock that stood still stands where it stood).
        Raises what `Snapshots` raises, or UnknownStandError.
        """
        snapshot = self.snapshots.find(snapshot_id, stand_id=stand_id)
        generation = self._ids.stand()
        try:
            self.snapshots.copy(snapshot, generation, version=self.schema_version)
        except BaseException:
            self._data.drop(generation)
            raise
        return self._replace(stand_id, generation)

    def take_snapshot(self, stand_id: str, name: str | None = None) -> SnapshotRecord:
        """Keep this moment of the stand. Raises what `Snapshots` raises, or UnknownStandError."""
        record = self._known(stand_id)
        journal.settle(self._opened(record).database)
        return self.snapshots.take(record, name)

    def export(self, stand_id: str, sign_in: int | None = None) -> bytes:
        """The stand at this moment as one file (`archive`), or with `sign_in` that one's bundle (`bundles`).

        Raises UnknownStandError, or what `bundles.look` raises.
        """
        record = self._known(stand_id)
        database = self._opened(record).database
        bundle = None
        if sign_in is None:
            journal.settle(database)
        else:
            journal.gather(database)
            bundle = bundles.look(database, sign_in, policy=self._settings.policy)
        with self._data.portal.held(record.generation) as portal_held, self._data.idp.held(record.generation) as held:
            return archive.write(
                record,
                {"sandbox": held.connection, "portal": portal_held.connection},
                self._data.folders.of(record.generation),
                bundle,
            )

    def delete(self, stand_id: str) -> None:
        """Throw a stand away, with its snapshots. The default stand can only be reset."""
        if stand_id == DEFAULT:
            raise StandError("Основной стенд нельзя удалить, его можно сбросить.")
        with self._register.writing() as session:
            record = session.get(StandRecord, stand_id, with_for_update=True)
            if record is None:
                raise UnknownStandError(stand_id)
            snapshots = list(session.exec(select(SnapshotRecord).where(SnapshotRecord.stand_id == stand_id)))
            session.exec(delete(SnapshotRecord).where(col(SnapshotRecord.stand_id) == stand_id))
            session.delete(record)
        self._forget(record.generation)
        for generation in (record.generation, *(snapshot.generation for snapshot in snapshots)):
            self._data.drop(generation)

    def sweep(self, most: int | None = None) -> int:
        """Throw away stands whose time is over, the longest over first and at most so many; tells how many."""
        over = (
            select(StandRecord.id)
            .where(col(StandRecord.expires_at) <= self._real.now())
            .order_by(col(StandRecord.expires_at))
            .limit(most)
        )
        with self._register.reading() as session:
            found = list(session.exec(over))
        return sum(self._expire(stand_id) for stand_id in found)

    def close(self) -> None:
        """Close every database this process holds open."""
        with self._lock:
            stands, self._open = list(self._open.values()), OrderedDict()
        for stand in stands:
            stand.database.close()
            stand.portal_database.close()
        self._data.close()
        self._register.close()

    def _make(
        self,
        stand_id: str,
        name: str,
        ttl: timedelta | None,
        limits: dict[str, float],
        *,
        personas: list[str] | None = None,
        origin: Origin | None = None,
        moment: datetime | None = None,
    ) -> NewStand:
        generation = self._data.make(
            redirect_uri=self._redirect_uri(stand_id), personas=personas, origin=origin, moment=moment
        )
        token = self._ids.token()
        now = self._real.now()
        record = StandRecord(
            id=stand_id,
            name=name,
            generation=generation,
            token_hash=_digest(token),
            limits=limits,
            personas=personas,
            created_at=now,
            expires_at=None if ttl is None else now + ttl,
            schema_version=self.schema_version,
        )
        with self._register.writing() as session:
            session.add(record)
        return NewStand(self._opened(record), token, record.expires_at)

    def _redirect_uri(self, stand_id: str) -> str:
        """Where Gosuslugi sends people back to from that stand."""
        return f"{self._settings.portal_url}{_prefix(stand_id)}/login/callback"

    def _replace(self, stand_id: str, generation: str) -> Stand:
        """Put `generation` in place of the stand's data, which is thrown away. Raises UnknownStandError."""
        with self._register.writing() as session:
            record = session.get(StandRecord, stand_id, with_for_update=True)
            if record is not None:
                old = record.generation
                record.generation = generation
                record.schema_version = self.schema_version
                session.add(record)
        if record is None:
            self._data.drop(generation)
            raise UnknownStandError(stand_id)
        self._forget(old)
        self._data.drop(old)
        return self._opened(record)

    def _throw_away_outdated(self) -> None:
        """After an upgrade: stands with data of other migrations go, the default one begins anew."""
        outdated = select(StandRecord).where(StandRecord.schema_version != self.schema_version)
        with self._register.reading() as session:
            found = list(session.exec(outdated))
        for record in found:
            _log.warning("stand_of_another_version", stand=record.id, version=record.schema_version)
            if record.id == DEFAULT:
                self.reset(DEFAULT)
            else:
                self.delete(record.id)

    def _expire(self, stand_id: str) -> bool:
        """Throw away a stand whose time is over; False if another process was quicker."""
        try:
            self.delete(stand_id)
        except UnknownStandError:
            return False
        return True

    def _opened(self, record: StandRecord) -> Stand:
        prefix = _prefix(record.id)
        database = self._data.idp.open(record.generation)
        journal.keep(database, journal.Retention(self._settings.journal_lines, self._settings.journal_age))
        stand = Stand(
            id=record.id,
            name=record.name,
            prefix=prefix,
            database=database,
            portal_database=self._data.portal.open(record.generation),
            clock=DatabaseClock(database, self._real),
            ids=self._ids,
            idp_url=self._settings.public_url + prefix,
            portal_url=self._settings.portal_url + prefix,
            limits=record.limits,
            files=self._data.folders.of(record.generation),
        )
        with self._lock:
            kept = self._open.setdefault(record.generation, stand)
            surplus = []
            while len(self._open) > self._settings.stands_open:
                surplus.append(self._open.popitem(last=False)[1])
        for old in surplus:
            old.database.close()
            old.portal_database.close()
        return kept

    def _forget(self, generation: str) -> None:
        with self._lock:
            stand = self._open.pop(generation, None)
        if stand is not None:
            # Nothing may still be on its way into data that is about to be thrown away, or given to another stand.
            journal.settle(stand.database)
            stand.database.close()
            stand.portal_database.close()


def _prefix(stand_id: str) -> str:
    return "" if stand_id == DEFAULT else f"/s/{stand_id}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
