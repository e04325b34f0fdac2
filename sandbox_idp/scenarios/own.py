"""The scenarios of one stand: the catalogue, and the files that were added to this stand alone.

Whoever asks which scenarios there are asks here. `authoring` adds, replaces and takes away. A file is kept as text and
read anew by every process: after an upgrade it may name a kind that is gone or an id that the catalogue has taken, and
then it strikes nobody and `StandEntries.unfit` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection
from sqlmodel import Session, col, select

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.catalogue import Catalogue, shared
from sandbox_idp.scenarios.entries import Entry, Id
from sandbox_idp.scenarios.files import EntryFile, FileError, Problem, read_own
from sandbox_idp.scenarios.models import OwnScenario

_ID: TypeAdapter[str] = TypeAdapter(Id)
MOST = 50
"""So many files may be added to one stand."""


@dataclass(frozen=True)
class OwnFile:
    """A file that was added to the stand, as it is now."""

    id: str
    text: str
    changed_at: datetime
    file: EntryFile | None
    """None: it does not fit."""
    problems: tuple[Problem, ...] = ()
    """Why it does not fit."""


class StandEntries:
    """Every scenario of a stand by its id: those of the catalogue in its order, then the stand's own."""

    def __init__(self, catalogue: Catalogue, files: Iterable[OwnFile]) -> None:
        self._catalogue = catalogue
        self.files = {file.id: file for file in files}
        """The stand's own files by their ids."""
        self._own = {
            entry.id: (entry, own) for own in self.files.values() if own.file is not None for entry in own.file.entries
        }

    def __iter__(self) -> Iterator[Entry]:
        yield from self._catalogue.entries.values()
        yield from (entry for entry, _ in self._own.values())

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id; None if there is none, or if its file does not fit."""
        found = self._catalogue.get(entry_id)
        if found is None and entry_id in self._own:
            return self._own[entry_id][0]
        return found

    def is_of_catalogue(self, entry_id: str) -> bool:
        """Whether the catalogue has it."""
        return self._catalogue.get(entry_id) is not None

    def own_file(self, entry_id: str) -> OwnFile | None:
        """The stand's own file in which the entry stands, or whose id this is."""
        return self._own[entry_id][1] if entry_id in self._own else self.files.get(entry_id)

    def text_of(self, entry_id: str) -> tuple[str, str] | None:
        """Id and text of the file in which the entry stands."""
        own = self.own_file(entry_id)
        if own is not None:
            return own.id, own.text
        file = self._catalogue.files.get(entry_id)
        return None if file is None else (file.id, file.text)

    @property
    def unfit(self) -> list[OwnFile]:
        """The stand's own files that do not fit these programs."""
        return [file for file in self.files.values() if file.file is None]


def is_id(text: str) -> bool:
    """Whether a file could have this id."""
    try:
        _ID.validate_python(text)
    except ValidationError:
        return False
    return True


def entries_of(stand: Stand) -> StandEntries:
    """The scenarios of a stand at this moment."""
    with stand.database.reading() as session:
        return read_entries(session)


def read_entries(session: Session | Connection) -> StandEntries:
    """The scenarios of the stand whose database this is, as this transaction sees them."""
    rows = session.execute(
        select(OwnScenario.id, OwnScenario.text, OwnScenario.changed_at).order_by(col(OwnScenario.id))
    )
    return StandEntries(shared(), compiled(shared(), [OwnScenario(id=a, text=b, changed_at=c) for a, b, c in rows]))


def compiled(catalogue: Catalogue, rows: Iterable[OwnScenario]) -> Iterator[OwnFile]:
    """The files of these rows. An id that the catalogue or an earlier file has is a problem of the file."""
    taken: set[str] = set()
    for row in rows:
        try:
            file = read_own(row.text)
            check_ids(file, catalogue, taken)
        except FileError as error:
            yield OwnFile(row.id, row.text, row.changed_at, None, tuple(error.problems))
            continue
        taken |= {entry.id for entry in file.entries}
        yield OwnFile(row.id, row.text, row.changed_at, file)


def check_ids(file: EntryFile, catalogue: Catalogue, taken: Iterable[str]) -> None:
    """Whether the ids in `file` are nobody else's. Raises FileError."""
    others = set(taken)
    problems = []
    for index, entry in enumerate(file.entries):
        whose = "в каталоге" if catalogue.get(entry.id) is not None else "на стенде" if entry.id in others else ""
        if whose:
            keys = ("id",) if index == 0 else ("variants", index - 1, "id")
            problems.append(file.problem(keys, f"id: сценарий «{entry.id}» уже есть {whose}, выберите другой id"))
    if problems:
        raise FileError(problems)
