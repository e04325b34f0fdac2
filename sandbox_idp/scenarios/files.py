"""One file of scenarios: read, and refused with line and column of everything that is wrong with it.

The catalogue's own files and those that are added to a stand (`own`) are read by the same code. The words are for
trainers too, so they are Russian.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pydantic import ValidationError

import sandbox_idp.scenarios.effects  # noqa: F401 - registers every kind
from sandbox_idp.scenarios.effects.base import KINDS
from sandbox_idp.scenarios.entries import LONGEST_ENUM, MOST_EFFECTS, MOST_PARAMETERS, Entry, fill_in, references
from sandbox_idp.scenarios.locate import Path as Keys
from sandbox_idp.scenarios.locate import Places

LARGEST = 32 * 1024
"""Bytes of a file that comes from outside; the catalogue's are a tenth of that."""
LONGEST_LINE = 1500
"""Characters. A key stands on one line, and the time that TOML takes grows with the square of a key's parts."""
DEEPEST = 12
MOST_VARIANTS = 10
LARGEST_NUMBER = 2**53 - 1
"""The largest number that every JSON reader takes as it is (RFC 8259, section 6)."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What nobody can see in a text: control characters but tabs and line ends."""

REQUIRED_IN_THE_CATALOGUE = ("sources", "rules")
"""What an entry of the catalogue must not leave empty: somebody asked for it."""
OWN_DEFAULTS: dict[str, Any] = {
    "group": "D",
    "cause": 3,
    "side": "gosuslugi",
    "trigger": "effect",
    "stage": "authorize",
    "sources": [],
    "rules": [],
    "profiles": ["esia-v1", "esia-v2", "openid"],
    "javascript": ["on", "off"],
    "learner": "Войдите как обычно. Прочитайте, что написано на экране, и сделайте, что там предложено.",
    "explain": "Этот сценарий добавили на стенде.",
    "journey": {"person": "anna", "steps": "sign_in"},
}
"""What a file that is added to a stand may leave out, and what then holds."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file."""

    file: str
    line: int
    column: int
    message: str
    keys: Keys = ()
    """The field, as a path into the file's tables; empty if it is none."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class FileError(Exception):
    """A file cannot be used; `problems` names each mistake and its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, eq=False)
class EntryFile:
    """A file without a mistake."""

    id: str
    """That of its first entry; the others are its variants."""
    text: str
    entries: tuple[Entry, ...]

    def problem(self, keys: Keys, message: str) -> Problem:
        """Something that is wrong at one of its fields all the same."""
        line, column = Places(self.text).of(keys)
        return Problem("", line, column, message, keys)


def read_text(text: str, *, file_id: str) -> EntryFile:
    """A file of the catalogue, whose name without `.toml` is `file_id`. FileError names every mistake."""
    return _read(text, file_id, {})


@functools.lru_cache(maxsize=1024)
def read_own(text: str) -> EntryFile:
    """A file that is added to a stand; it may leave out `OWN_DEFAULTS`. FileError names every mistake.

    What has been read stays at hand: every process of every stand asks for the same few texts again and again.
    """
    if len(text.encode()) > LARGEST:
        raise FileError([Problem("", 1, 1, f"файл больше {LARGEST // 1024} КиБ")])
    return _read(text, None, OWN_DEFAULTS)


def decode(data: bytes) -> str:
    """The text of a file as an editor saves it, with one kind of line end. FileError if it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise FileError([Problem("", line, column, "это не UTF-8: сохраните файл в кодировке UTF-8")]) from None
    return unified(text)


def unified(text: str) -> str:
    """`text` with the one kind of line end that is kept: browsers and Windows send another."""
    return text.replace("\r\n", "\n")


def _read(text: str, file_id: str | None, defaults: dict[str, Any]) -> EntryFile:
    name = "" if file_id is None else f"{file_id}.toml"
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            message = f"строка длиннее {LONGEST_LINE} знаков: разбейте её"
            raise FileError([Problem(name, number, LONGEST_LINE + 1, message)])
    try:
        tables = tomllib.loads(text)
        return _File(name, file_id, text, tables, defaults).read()
    except tomllib.TOMLDecodeError as error:
        raise FileError([_syntax_problem(name, text, str(error))]) from None
    except RecursionError:
        raise FileError([Problem(name, 1, 1, "вложено слишком глубоко")]) from None


class _File:
    """One file while it is read; collects what is wrong."""

    def __init__(
        self, name: str, file_id: str | None, text: str, tables: dict[str, Any], defaults: dict[str, Any]
    ) -> None:
        self._name = name
        self._id = file_id
        self._text = text
        self._places = Places(text)
        self._tables = tables
        self._defaults = defaults
        self._problems: list[Problem] = []

    def read(self) -> EntryFile:
        for keys, message in _unusable(self._tables):
            self._problem(keys, message)
        if self._problems:
            raise FileError(self._problems)
        found = self._entries()
        if self._problems:
            raise FileError(sorted(self._problems, key=lambda problem: (problem.line, problem.column)))
        return EntryFile(found[0].id, self._text, tuple(found))

    def _entries(self) -> list[Entry]:
        variants = self._tables.get("variants", [])
        main = {name: value for name, value in self._tables.items() if name != "variants"}
        if self._id is not None and main.get("id", self._id) != self._id:
            self._problem(("id",), f"id должен совпадать с именем файла: «{self._id}»")
        found = [self._entry(main, ())]
        if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
            self._problem(("variants",), "варианты пишут таблицами: [[variants]]")
            variants = []
        if len(variants) > MOST_VARIANTS:
            self._problem(("variants", MOST_VARIANTS), f"вариантов не больше {MOST_VARIANTS}")
        for index, variant in enumerate(variants[:MOST_VARIANTS]):
            here: Keys = ("variants", index)
            if "id" not in variant:
                self._problem(here, "у варианта нет id")
                continue
            found.append(self._entry(_variant(main, variant), here))
            if found[-1] is not None and any(each and each.id == found[-1].id for each in found[:-1]):
                self._problem((*here, "id"), f"второй сценарий с id «{found[-1].id}»")
        return [entry for entry in found if entry is not None]

    def _problem(self, keys: Keys, message: str) -> None:
        line, column = self._places.of(keys)
        known = next((keys[:length] for length in range(len(keys), 0, -1) if self._places.has(keys[:length])), ())
        problem = Problem(self._name, line, column, message, known)
        if problem not in self._problems:
            self._problems.append(problem)

    def _place(self, keys: Keys, within: Keys) -> Keys:
        """Where a field of a variant stands: in the variant if it is given there, else in the main entry."""
        return (*within, *keys) if within and self._places.has((*within, *keys[:1])) else keys or within

    def _entry(self, tables: dict[str, Any], within: Keys) -> Entry | None:
        entry = None
        try:
            entry = Entry.model_validate({**self._defaults, **tables})
        except ValidationError as error:
            for keys, message in mistakes(error):
                missing = len(keys) == 1 and keys[0] not in tables
                self._problem(self._place(() if missing else keys, within), message)
        if self._id is not None:
            for name in REQUIRED_IN_THE_CATALOGUE:
                if tables.get(name) == []:
                    self._problem(self._place((name,), within), f"{name}: нужно хотя бы одно значение")
        self._check_effects(tables, within)
        return entry

    def _check_effects(self, tables: dict[str, Any], within: Keys) -> None:
        declared = tables.get("parameters", {})
        effects = tables.get("effects", [])
        if not isinstance(declared, dict) or not isinstance(effects, list):
            return
        if len(declared) > MOST_PARAMETERS or len(effects) > MOST_EFFECTS:
            return
        named = list(references(effects))
        for keys, parameter in named:
            if parameter not in declared:
                self._problem(self._place(("effects", *keys), within), f"параметр «{parameter}» не объявлен")
        for parameter in declared.keys() - {parameter for _, parameter in named}:
            self._problem(self._place(("parameters", parameter), within), "ни один сбой не берёт этот параметр")
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
            known = ", ".join(KINDS)
            self._problem(self._place(keys, within), f"нет вида сбоя {table.get('kind')!r}; есть: {known}")
            return
        for parameters in _ends(declared):
            try:
                kind.model_validate(fill_in(table, parameters))
            except ValidationError as error:
                for found, message in mistakes(error):
                    self._problem(self._place(("effects", index, *found), within), message)


def mistakes(error: ValidationError) -> Iterator[tuple[Keys, str]]:
    """What pydantic has found, in Russian, without what only follows from a mistake further inside."""
    items = error.errors(include_url=False, include_input=False)
    places = [tuple(item["loc"]) for item in items]
    for place, item in zip(places, items, strict=True):
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places):
            name = next((part for part in reversed(place) if isinstance(part, str)), "")
            words = in_russian(item["type"], item["msg"], item.get("ctx", {}))
            yield place, f"{name}: {words}" if name else words


_MISSING = "обязательное поле"
_WORDS = {
    "missing": _MISSING,
    "extra_forbidden": "такого поля нет",
    "literal_error": "возможно: {expected}",
    "string_pattern_mismatch": "не подходит к образцу {pattern}",
    "string_too_short": "не может быть пустым",
    "string_too_long": "не длиннее {max_length} знаков",
    "too_short": "нужно хотя бы одно значение",
    "too_long": "не больше {max_length} значений",
    "greater_than": "нужно больше {gt}",
    "greater_than_equal": "не меньше {ge}",
    "less_than": "нужно меньше {lt}",
    "less_than_equal": "не больше {le}",
    "int_type": "нужно целое число",
    "int_parsing": "нужно целое число",
    "int_from_float": "нужно целое число",
    "float_type": "нужно число",
    "float_parsing": "нужно число",
    "finite_number": "нужно конечное число",
    "bool_type": "нужно true или false",
    "bool_parsing": "нужно true или false",
    "string_type": "нужна строка в кавычках",
    "tuple_type": "нужен список в квадратных скобках",
    "dict_type": "нужна таблица",
    "model_type": "нужна таблица",
    "time_delta_parsing": "нужна длительность, например PT30M",
    "time_delta_type": "нужна длительность, например PT30M",
}


def in_russian(kind: str, message: str, values: dict[str, Any]) -> str:
    """The words for what pydantic found."""
    if kind in _WORDS:
        return _WORDS[kind].format(**{name: str(value).replace(" or ", ", ") for name, value in values.items()})
    return message.removeprefix("Value error, ")


def _unusable(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """What TOML can say and no effect, journal or page could use."""
    if len(keys) > DEEPEST:
        yield keys[:DEEPEST], "вложено слишком глубоко"
    elif isinstance(value, dict):
        for name, each in value.items():
            if not _is_plain(name):
                yield (*keys, name), "уберите невидимые знаки"
            yield from _unusable(each, (*keys, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unusable(each, (*keys, index))
    elif words := _unusable_scalar(value):
        yield keys, words


def _unusable_scalar(value: Any) -> str:
    if isinstance(value, str) and not _is_plain(value):
        return "уберите невидимые знаки"
    if isinstance(value, float) and not math.isfinite(value):
        return "нужно конечное число"
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        return "число слишком большое"
    if isinstance(value, date | time):
        return "дату и время пишут строкой в кавычках"
    return ""


def _is_plain(text: str) -> bool:
    return _CONTROL.search(text) is None


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
        for value in ends[:LONGEST_ENUM] if isinstance(ends, list) else ():
            if value != table.get("default"):
                yield {**defaults, name: value}


_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")
_SYNTAX = (
    (r"Invalid statement", "здесь нужно имя поля или [таблица]"),
    (r"Expected newline or end of document after a statement", "после значения нужна новая строка"),
    (r"Expected '=' after a key in a key/value pair", "после имени поля нужен знак ="),
    (r"Expected '\]' at the end of a table declaration", "имя таблицы закрывают скобкой ]"),
    (r"Expected '\]\]' at the end of an array declaration", "имя таблицы закрывают скобками ]]"),
    (r"Expected (.+)", r"здесь нужно \1"),
    (r"Cannot declare (.+) twice", "такая таблица уже есть"),
    (r"Cannot overwrite a value", "такое поле уже есть"),
    (r"Cannot (?:mutate immutable|redefine) namespace .+", "к этой таблице больше нельзя добавлять"),
    (r"Duplicate inline table key .+", "такое поле уже есть"),
    (r"Invalid initial character for a key part", "с этого знака имя поля не начинается"),
    (r"Unclosed array", "список не закрыт скобкой ]"),
    (r"Unclosed inline table", "таблица не закрыта скобкой }"),
    (r"Unescaped '\\' in a string", r"знак \\ в строке пишут дважды: \\\\"),
    (r"(?:Invalid hex value|Escaped character is not a Unicode scalar value)", r"после \\u нужен код знака"),
    (r"Unterminated string", "строка не закрыта кавычкой"),
    (r"(?:Illegal|Found invalid) character (.+)", r"недопустимый знак \1"),
    (r"Invalid date or datetime", "такой даты нет"),
    (r"Invalid value", "здесь нужно значение: строка в кавычках, число, список"),
)


def _syntax_problem(file: str, text: str, message: str) -> Problem:
    place = _PLACE.search(message)
    said = _PLACE.sub("", message)
    words = next((match.expand(russian) for known, russian in _SYNTAX if (match := re.fullmatch(known, said))), said)
    if place is None or place[1] is None:
        lines = text.split("\n")
        return Problem(file, len(lines), len(lines[-1]) + 1, words)
    return Problem(file, int(place[1]), int(place[2]), words)
