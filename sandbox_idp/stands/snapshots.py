"""Snapshots: moments of a stand, kept beside it as a generation of both programs' data that nothing writes into."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from foundation.clock import Clock
from foundation.database import Database
from foundation.ids import Ids
from sandbox_idp.stands.folders import Folders
from sandbox_idp.stands.models import SnapshotRecord, StandRecord
from sandbox_idp.stands.storage import GoneError, Storage

MOST = 20
"""So many snapshots may a stand have: each takes as much room as the stand."""


class SnapshotError(Exception):
    """Base of what goes wrong with snapshots; `reason` is for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownSnapshotError(SnapshotError):
    """The stand has no such snapshot (any more)."""

    def __init__(self, snapshot_id: str) -> None:
        super().__init__(f"Нет снимка «{snapshot_id}».")


class TooManySnapshotsError(SnapshotError):
    """The stand has as many as it may have."""

    def __init__(self) -> None:
        super().__init__(f"У стенда уже {MOST} снимков. Удалите ненужные.")


class OutdatedSnapshotError(SnapshotError):
    """It was taken by programs with other migrations."""

    def __init__(self, version: str) -> None:
        super().__init__(f"Снимок сделан другой версией программ ({version}): его нельзя вернуть, сделайте новый.")


class MovedStandError(SnapshotError):
    """The stand was reset or thrown away while it was copied."""

    def __init__(self) -> None:
        super().__init__("Стенд в эту минуту сбросили или удалили. Повторите.")


class Snapshots:
    """The snapshots of all stands of one pair of programs."""

    def __init__(
        self, register: Database, *, idp: Storage, portal: Storage, folders: Folders, clock: Clock, ids: Ids
    ) -> None:
        self._register = register
        self._folders = folders
        self._idp = idp
        self._portal = portal
        self._real = clock
        self._ids = ids

    def of(self, stand_id: str) -> list[SnapshotRecord]:
        """The snapshots of a stand, oldest first."""
        query = select(SnapshotRecord).where(SnapshotRecord.stand_id == stand_id)
        with self._register.reading() as session:
            return list(session.exec(query.order_by(col(SnapshotRecord.created_at), col(SnapshotRecord.id))))

    def find(self, snapshot_id: str, *, stand_id: str | None = None) -> SnapshotRecord:
        """One snapshot, of this stand if one is named. Raises UnknownSnapshotError."""
        record = None
        if snapshot_id.isalnum():
            with self._register.reading() as session:
                record = session.get(SnapshotRecord, snapshot_id)
        if record is None or (stand_id is not None and record.stand_id != stand_id):
            raise UnknownSnapshotError(snapshot_id)
        return record

    def take(self, stand: StandRecord, name: str | None = None) -> SnapshotRecord:
        """Keep this moment of both programs' data. Raises TooManySnapshotsError or MovedStandError.

        Both are held still together, the portal first: what the portal knows of a sign-in, Gosuslugi knew before.
        """
        if len(self.of(stand.id)) >= MOST:
            raise TooManySnapshotsError
        generation = self._ids.stand()
        try:
            self._copy_moment(stand, generation)
            return self._enter(stand, generation, name, self._real.now())
        except BaseException:
            self._drop_data(generation)
            raise

    def copy(self, snapshot: SnapshotRecord, generation: str, *, version: str) -> None:
        """Make `generation` a copy of the snapshot. Raises OutdatedSnapshotError or UnknownSnapshotError."""
        if snapshot.schema_version != version:
            raise OutdatedSnapshotError(snapshot.schema_version)
        try:
            self._idp.copy(snapshot.generation, generation)
            self._portal.copy(snapshot.generation, generation)
            self._folders.copy(snapshot.generation, generation)
        except (GoneError, SQLAlchemyError):
            self.find(snapshot.id)
            raise

    def drop(self, snapshot: SnapshotRecord) -> None:
        """Throw a snapshot away; nothing happens if it is gone already."""
        with self._register.writing() as session:
            record = session.get(SnapshotRecord, snapshot.id)
            if record is not None:
                session.delete(record)
        self._drop_data(snapshot.generation)

    def _copy_moment(self, stand: StandRecord, generation: str) -> None:
        try:
            with self._portal.held(stand.generation) as portal, self._idp.held(stand.generation) as idp:
                portal.copy(generation)
                idp.copy(generation)
                # Held still, the portal deletes no upload: each row that was copied has its file.
                self._folders.copy(stand.generation, generation)
        except (GoneError, SQLAlchemyError) as error:
            with self._register.reading() as session:
                now = session.get(StandRecord, stand.id)
            if now is not None and now.generation == stand.generation:
                raise
            raise MovedStandError from error

    def _enter(self, stand: StandRecord, generation: str, name: str | None, now: datetime) -> SnapshotRecord:
        with self._register.writing() as session:
            # The stand's row is locked, so that neither the number is passed nor a stand thrown away meanwhile.
            living = session.get(StandRecord, stand.id, with_for_update=True)
            if living is None:
                raise MovedStandError
            mine = select(func.count()).select_from(SnapshotRecord).where(SnapshotRecord.stand_id == stand.id)
            number = session.exec(mine).one()
            if number >= MOST:
                raise TooManySnapshotsError
            record = SnapshotRecord(
                id=self._ids.stand(),
                stand_id=stand.id,
                name=name or f"Снимок {number + 1}",
                generation=generation,
                schema_version=stand.schema_version,
                created_at=now,
            )
            session.add(record)
        return record

    def _drop_data(self, generation: str) -> None:
        self._idp.drop(generation)
        self._portal.drop(generation)
        self._folders.drop(generation)
