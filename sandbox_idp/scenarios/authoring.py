"""A stand's own scenarios are added, replaced and taken away. Console and control API call these functions.

Each change is one transaction that first raises the version of what is armed: arming and changing one stand's scenarios
thereby wait for each other, and every process reads them anew.
"""

# Errors are named after what happened.
# ruff: noqa: N818

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.arming import UnknownEntry, note, take_off
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.files import EntryFile, read_own, unified
from sandbox_idp.scenarios.live import raise_version
from sandbox_idp.scenarios.models import Armed, OwnScenario
from sandbox_idp.scenarios.own import MOST, StandEntries, check_ids, read_entries
from sandbox_idp.scenarios.wait import waits


class TooManyFiles(ValueError):
    """The stand has as many files of its own as it may have."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = f"На стенде уже {MOST} своих сценариев. Удалите ненужные."


class CatalogueEntry(ValueError):
    """It belongs to the catalogue, which no stand changes."""

    def __init__(self, entry: str) -> None:
        super().__init__(entry)
        self.reason = f"Сценарий «{entry}» из каталога, менять можно только свои. Сделайте его копию под другим id."


class OtherId(ValueError):
    """The text that is to replace a file has another id."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found = found
        self.reason = f"В тексте id «{found}», а у сценария — «{expected}». Чтобы сменить id, добавьте новый."


@dataclass(frozen=True)
class Change:
    """What was done to a stand's own scenarios."""

    file: EntryFile
    disarmed: tuple[str, ...] = ()
    """What was armed and no longer is, because it is not there or does not fit any more."""


def add(stand: Stand, text: str) -> Change:
    """Add a file to the stand. Raises FileError (also for an id that is taken) or TooManyFiles."""
    file = read_own(unified(text))
    with stand.database.writing() as session:
        raise_version(session.connection())
        known = read_entries(session)
        check_ids(file, shared(), {entry.id for entry in known} | set(known.files))
        if len(known.files) >= MOST:
            raise TooManyFiles
        session.add(OwnScenario(id=file.id, text=file.text, changed_at=stand.clock.refresh()))
        note(stand, session.connection(), file.id, "scenario-added", {})
    return Change(file)


def replace(stand: Stand, file_id: str, text: str) -> Change:
    """Put another text in place of a file; what is armed of it stays so if it still fits.

    Raises UnknownEntry, CatalogueEntry, OtherId or FileError.
    """
    file = read_own(unified(text))
    with stand.database.writing() as session:
        raise_version(session.connection())
        known = read_entries(session)
        row = _row(session, known, file_id)
        if file.id != row.id:
            raise OtherId(file.id, row.id)
        others = [other for other in known.files.values() if other.id != row.id]
        check_ids(
            file,
            shared(),
            {each.id for each in others} | {entry.id for each in others if each.file for entry in each.file.entries},
        )
        # Accounts are put back by the text that changed them.
        disarmed = _take_off(stand, session, known, row.id, lambda armed: armed.changed is not None)
        row.text, row.changed_at = file.text, stand.clock.refresh()
        session.add(row)
        session.flush()
        note(stand, session.connection(), file.id, "scenario-changed", {})
        disarmed += _take_off_misfits(stand, session)
    waits.nudge()
    return Change(file, disarmed)


def put(stand: Stand, file_id: str, text: str) -> tuple[Change, bool]:
    """Add the file or replace the one of that id; whether it was added. Raises what both raise."""
    with stand.database.reading() as session:
        there = session.get(OwnScenario, file_id) is not None
    if there or shared().get(file_id) is not None:
        # Between these two looks another process may have taken it away.
        with contextlib.suppress(UnknownEntry):
            return replace(stand, file_id, text), False
    found = read_own(unified(text))
    if found.id != file_id:
        raise OtherId(found.id, file_id)
    return add(stand, text), True


def remove(stand: Stand, file_id: str) -> tuple[str, ...]:
    """Take a file away, and switch off what is armed of it; tells what was. Raises UnknownEntry or CatalogueEntry."""
    with stand.database.writing() as session:
        raise_version(session.connection())
        known = read_entries(session)
        row = _row(session, known, file_id)
        name = row.id
        stand.clock.refresh()
        disarmed = _take_off(stand, session, known, name, lambda _: True)
        session.delete(row)
        session.flush()
        disarmed += _take_off_misfits(stand, session)
        note(stand, session.connection(), name, "scenario-removed", {})
    waits.nudge()
    return disarmed


def carry(old: Session, new: Session) -> None:
    """Put the own scenarios of one stand's data into other data that has none."""
    for row in old.exec(select(OwnScenario)):
        new.add(OwnScenario(**row.model_dump()))


def _row(session: Session, known: StandEntries, file_id: str) -> OwnScenario:
    own = known.own_file(file_id)
    row = session.get(OwnScenario, own.id) if own is not None else None
    if row is not None:
        return row
    raise CatalogueEntry(file_id) if known.is_of_catalogue(file_id) else UnknownEntry(file_id)


def _take_off_misfits(stand: Stand, session: Session) -> tuple[str, ...]:
    """Switch off what is armed and has no entry that it fits."""
    entries = read_entries(session)
    return _take_off_where(stand, session, lambda row: not _fits(entries.get(row.entry), row))


def _take_off(
    stand: Stand, session: Session, known: StandEntries, file_id: str, wanted: Callable[[Armed], bool]
) -> tuple[str, ...]:
    """Switch off what is armed of a file and `wanted`."""
    file = known.files[file_id].file
    ids = {entry.id for entry in file.entries} if file is not None else set()
    return _take_off_where(stand, session, lambda row: row.entry in ids and wanted(row))


def _take_off_where(stand: Stand, session: Session, wanted: Callable[[Armed], bool]) -> tuple[str, ...]:
    taken = [row.entry for row in session.exec(select(Armed).order_by(col(Armed.entry))) if wanted(row)]
    for entry in taken:
        take_off(stand, session, entry)
        note(stand, session.connection(), entry, "disarmed", {})
    return tuple(taken)


def _fits(entry: Entry | None, row: Armed) -> bool:
    return (
        entry is not None
        and entry.arming is not None
        and row.scope in entry.arming.scopes
        and set(row.parameters) == set(entry.parameters)
        and not any(entry.parameters[name].problem_with(value) for name, value in row.parameters.items())
    )
