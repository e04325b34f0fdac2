"""Snapshots over the control API: moments of a stand that it, or a new one, can be put to in one call."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from sandbox_idp.context import Stand
from sandbox_idp.control.at_hand import stand_answer
from sandbox_idp.control.bodies import Body, Label, examples
from sandbox_idp.control.calls import Answer, Calls, SnapshotKey
from sandbox_idp.control.guard import house
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.control.stands import StandAnswer
from sandbox_idp.stands.errors import UnknownStandError
from sandbox_idp.stands.models import SnapshotRecord
from sandbox_idp.stands.snapshots import (
    MovedStandError,
    OutdatedSnapshotError,
    TooManySnapshotsError,
    UnknownSnapshotError,
)

calls = Calls("snapshots")
OTHER = ((409, "other-version"), (409, "stand-moved"))
"""What a snapshot may be refused with when something is to be made of it."""


class SnapshotBody(Body):
    """What to keep this moment as."""

    model_config = examples({"name": "Перед отказом"})

    name: Label | None = None


class SnapshotAnswer(Answer):
    """A moment of a stand."""

    id: str
    name: str
    created_at: datetime
    """Real time."""


class SnapshotsAnswer(Answer):
    """The stand's snapshots, oldest first."""

    snapshots: list[SnapshotAnswer]


@calls.get("/snapshots")
def list_snapshots(stand: Stand) -> SnapshotsAnswer:
    """The stand's snapshots, oldest first."""
    return SnapshotsAnswer(snapshots=[_answer(record) for record in house().snapshots.of(stand.id)])


@calls.post(
    "/snapshots", status=201, refuses=((404, "unknown-stand"), (409, "too-many-snapshots"), (409, "stand-moved"))
)
def take_snapshot(stand: Stand, body: SnapshotBody) -> SnapshotAnswer:
    """Keep this moment of the stand. Not idempotent: each call keeps another one."""
    with refusing():
        return _answer(house().take_snapshot(stand.id, body.name))


@calls.post("/snapshots/{snapshot}/restore", refuses=((404, "unknown-snapshot"), (404, "unknown-stand"), *OTHER))
def restore_snapshot(stand: Stand, snapshot: SnapshotKey) -> StandAnswer:
    """Everything as it was then, under the same addresses and the same token."""
    with refusing():
        return stand_answer(house().restore(stand.id, snapshot))


@calls.delete("/snapshots/{snapshot}", status=204, refuses=((404, "unknown-snapshot"),))
def delete_snapshot(stand: Stand, snapshot: SnapshotKey) -> None:
    """Throw a snapshot away; the stand stays as it is."""
    with refusing():
        house().snapshots.drop(house().snapshots.find(snapshot, stand_id=stand.id))


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """What the house refuses, as problems."""
    try:
        yield
    except UnknownSnapshotError as error:
        raise ProblemError(404, "unknown-snapshot", error.reason) from None
    except TooManySnapshotsError as error:
        raise ProblemError(409, "too-many-snapshots", error.reason) from None
    except OutdatedSnapshotError as error:
        raise ProblemError(409, "other-version", error.reason) from None
    except MovedStandError as error:
        raise ProblemError(409, "stand-moved", error.reason) from None
    except UnknownStandError as error:
        raise ProblemError(404, "unknown-stand", error.reason) from None


def _answer(record: SnapshotRecord) -> SnapshotAnswer:
    return SnapshotAnswer(id=record.id, name=record.name, created_at=record.created_at)
