"""The catalogue: every `catalogue/*.toml`, read once when the program starts and refused as a whole if one is wrong."""

from __future__ import annotations

import contextlib
import re
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import sandbox_idp.scenarios.effects  # noqa: F401 - registers every kind
from sandbox_idp.scenarios.effects.base import KINDS
from sandbox_idp.scenarios.entries import Entry, fill_in, references
from sandbox_idp.scenarios.locate import Path as Keys
from sandbox_idp.scenarios.locate import Places

FOLDER = Path(__file__).resolve().parent / "catalogue"

GROUPS = {
    "A": "Учётная запись",
    "B": "Вход и коды",
    "C": "Права и доступ",
    "D": "Госуслуги недоступны",
    "E": "Ответ, которому нельзя верить",
    "F": "Портал",
    "G": "Взлом",
}
"""What the groups are called."""

CAUSES = {
    1: "Учётная запись",
    2: "Вход и коды",
    3: "Госуслуги",
    4: "Портал",
}
"""The four causes of «Почему я не могу войти в личный кабинет», which group the console."""

_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class CatalogueError(Exception):
    """The catalogue cannot be used; `problems` names each mistake and its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Catalogue:
    """All entries by their ids, in the order of groups and files."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = dict(entries)

    def get(self, entry_id: str) -> Entry | None:
        """The entry of that id."""
        return self.entries.get(entry_id)

    def by_group(self) -> dict[str, list[Entry]]:
        """Entries under their group's letter; groups without entries are left out."""
        return {
            group: found
            for group in GROUPS
            if (found := [entry for entry in self.entries.values() if entry.group == group])
        }

    def by_cause(self) -> dict[int, list[Entry]]:
        """Entries under their cause; causes without entries are left out."""
        return {
            cause: found
            for cause in CAUSES
            if (found := [entry for entry in self.entries.values() if entry.cause == cause])
        }


def load(folder: Path = FOLDER) -> Catalogue:
    """Read every file of `folder`; CatalogueError names every mistake in all of them."""
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found = read_file(path)
        except CatalogueError as error:
            problems += error.problems
            continue
        for entry in found:
            if entry.id in entries:
                problems.append(Problem(path.name, 1, 1, f"a second entry with the id {entry.id!r}"))
            entries[entry.id] = entry
    if problems:
        raise CatalogueError(problems)
    return Catalogue(dict(sorted(entries.items(), key=lambda item: (item[1].group, list(entries).index(item[0])))))


def read_file(path: Path) -> list[Entry]:
    """The entry of one file and its variants; CatalogueError names every mistake."""
    text = path.read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([_syntax_problem(path.name, text, str(error))]) from None
    return _File(path, text, tables).entries()


def _syntax_problem(file: str, text: str, message: str) -> Problem:
    place = _PLACE.search(message)
    if place is None or place[1] is None:
        lines = text.split("\n")
        return Problem(file, len(lines), len(lines[-1]) + 1, _PLACE.sub("", message))
    return Problem(file, int(place[1]), int(place[2]), _PLACE.sub("", message))


class _File:
    """One file while it is read; collects what is wrong."""

    def __init__(self, path: Path, text: str, tables: dict[str, Any]) -> None:
        self._name = path.name
        self._id = path.stem
        self._places = Places(text)
        self._tables = tables
        self._problems: list[Problem] = []

    def entries(self) -> list[Entry]:
        variants = self._tables.get("variants", [])
        main = {name: value for name, value in self._tables.items() if name != "variants"}
        if main.get("id", self._id) != self._id:
            self._problem(("id",), f"the id must be the file's name, {self._id!r}")
        found = [self._entry(main, ())]
        if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
            self._problem(("variants",), "variants are tables: [[variants]]")
            variants = []
        for index, variant in enumerate(variants):
            here: Keys = ("variants", index)
            if "id" not in variant:
                self._problem(here, "a variant without an id")
                continue
            found.append(self._entry(_variant(main, variant), here))
        if self._problems:
            raise CatalogueError(sorted(self._problems, key=lambda problem: (problem.line, problem.column)))
        return [entry for entry in found if entry is not None]

    def _problem(self, keys: Keys, message: str) -> None:
        line, column = self._places.of(keys)
        problem = Problem(self._name, line, column, message)
        if problem not in self._problems:
            self._problems.append(problem)

    def _place(self, keys: Keys, within: Keys) -> Keys:
        """Where a field of a variant stands: in the variant if it is given there, else in the main entry."""
        return (*within, *keys) if within and self._places.has((*within, *keys[:1])) else keys or within

    def _entry(self, tables: dict[str, Any], within: Keys) -> Entry | None:
        entry = None
        try:
            entry = Entry.model_validate(tables)
        except ValidationError as error:
            for keys, message in _mistakes(error):
                missing = len(keys) == 1 and keys[0] not in tables
                self._problem(self._place(() if missing else keys, within), message)
        self._check_effects(tables, within)
        return entry

    def _check_effects(self, tables: dict[str, Any], within: Keys) -> None:
        declared = tables.get("parameters", {})
        effects = tables.get("effects", [])
        if not isinstance(declared, dict) or not isinstance(effects, list):
            return
        named = list(references(effects))
        for keys, parameter in named:
            if parameter not in declared:
                self._problem(self._place(("effects", *keys), within), f"parameter {parameter!r} is not declared")
        for parameter in declared.keys() - {parameter for _, parameter in named}:
            self._problem(self._place(("parameters", parameter), within), "no effect takes this parameter")
        if all(parameter in declared for _, parameter in named):
            for index, table in enumerate(effects):
                self._check_effect(index, table, declared, within)

    def _check_effect(self, index: int, table: Any, declared: dict[str, Any], within: Keys) -> None:
        """An effect must fit its class with every value that its parameters can have at their ends."""
        if not isinstance(table, dict):
            return
        kind = KINDS.get(str(table.get("kind")))
        if kind is None:
            keys: Keys = ("effects", index, "kind")
            self._problem(self._place(keys, within), f"no class for the effect kind {table.get('kind')!r}")
            return
        for parameters in _ends(declared):
            try:
                kind.model_validate(fill_in(table, parameters))
            except ValidationError as error:
                for found, message in _mistakes(error):
                    self._problem(self._place(("effects", index, *found), within), message)


def _mistakes(error: ValidationError) -> Iterator[tuple[Keys, str]]:
    """What pydantic has found, without what only follows from a mistake further inside."""
    items = error.errors(include_url=False, include_input=False)
    places = [tuple(item["loc"]) for item in items]
    for place, item in zip(places, items, strict=True):
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places):
            name = next((part for part in reversed(place) if isinstance(part, str)), "")
            yield place, f"{name}: {item['msg']}" if name else item["msg"]


def _variant(main: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    """The main entry with the variant's fields; parameters that no effect of the variant takes are left out."""
    tables = {**main, **variant}
    used = {parameter for _, parameter in references(tables.get("effects", []))}
    declared = tables.get("parameters")
    if "parameters" not in variant and isinstance(declared, dict):
        tables["parameters"] = {name: value for name, value in declared.items() if name in used}
    return tables


def _ends(declared: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The defaults, and the defaults with one parameter at each of its other ends."""
    tables = {name: table for name, table in declared.items() if isinstance(table, dict)}
    defaults = {name: table.get("default") for name, table in tables.items()}
    yield defaults
    for name, table in tables.items():
        ends = table.get("enum") or [table[end] for end in ("minimum", "maximum") if end in table]
        for value in ends:
            if value != table.get("default"):
                yield {**defaults, name: value}


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
