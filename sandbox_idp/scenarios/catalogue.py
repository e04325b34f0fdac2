"""The catalogue: every `catalogue/*.toml`, read once when the program starts and refused as a whole if one is wrong.

How one file is read: `files`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.files import EntryFile, FileError, Problem, read_text

FOLDER = Path(__file__).resolve().parent / "catalogue"

CAUSES = {
    1: "Учётная запись",
    2: "Вход и коды",
    3: "Госуслуги",
    4: "Портал",
}
"""The four causes of «Почему я не могу войти в личный кабинет», which group the console."""


class CatalogueError(FileError):
    """The catalogue cannot be used; `problems` names each mistake and its place."""


class Catalogue:
    """All entries by their ids, in the order of groups and files."""

    def __init__(self, files: Iterable[EntryFile]) -> None:
        self.files = {entry.id: file for file in files for entry in file.entries}
        """The file of each entry."""
        found = [entry for file in dict.fromkeys(self.files.values()) for entry in file.entries]
        self.entries = {entry.id: entry for entry in sorted(found, key=lambda entry: entry.group)}

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id."""
        return self.entries.get(entry_id)


def load(folder: Path = FOLDER) -> Catalogue:
    """Read every file of `folder`; CatalogueError names every mistake in all of them."""
    problems: list[Problem] = []
    files: list[EntryFile] = []
    ids: set[str] = set()
    for path in sorted(folder.glob("*.toml")):
        try:
            files.append(read_text(path.read_text(encoding="utf-8"), file_id=path.stem))
        except FileError as error:
            problems += error.problems
            continue
        for entry in files[-1].entries:
            if entry.id in ids:
                problems.append(Problem(path.name, 1, 1, f"второй сценарий с id «{entry.id}»"))
            ids.add(entry.id)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(files)


_lock = threading.Lock()
_shared: list[Catalogue] = []


def shared() -> Catalogue:
    """The catalogue of this process, read at the first call (the programs make it when they start)."""
    with _lock:
        if not _shared:
            _shared.append(load())
        return _shared[-1]


@contextlib.contextmanager
def using(catalogue: Catalogue) -> Iterator[Catalogue]:
    """Have the whole process use another catalogue inside the block; for tests."""
    _shared.append(catalogue)
    try:
        yield catalogue
    finally:
        _shared.remove(catalogue)
