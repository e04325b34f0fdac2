"""Scenarios written down: the text of a file made of its tables, for what the console puts together or copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox_idp.scenarios.entries import Entry

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LATIN = str.maketrans("абвгдеёзийклмнопрстуфхыэ", "abvgdeeziyklmnoprstufhye", "ъь") | str.maketrans(
    {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
)
LONGEST_ID = 50


def toml_text(tables: Mapping[str, Any]) -> str:
    """A file with these tables: the plain fields first, then each table under its name."""
    plain = {name: value for name, value in tables.items() if not _is_table(value)}
    parts = [_lines(plain)]
    for name, value in tables.items():
        if name == "parameters":
            parts += [f"[parameters.{_key(each)}]\n{_lines(table)}" for each, table in value.items()]
        elif isinstance(value, Mapping):
            parts.append(f"[{_key(name)}]\n{_lines(value)}")
        elif _is_table(value):
            parts += [f"[[{_key(name)}]]\n{_lines(table)}" for table in value]
    return "\n".join(part for part in parts if part)


def copy_of(entry: Entry, new_id: str) -> str:
    """The text of one entry (a variant with what it has of its file) under another id."""
    return toml_text({**entry.model_dump(mode="json", exclude_unset=True, exclude_none=True), "id": new_id})


def id_for(title: str, taken: Iterable[str]) -> str:
    """An id made of a Russian title (or of another id) that nobody has."""
    latin = title.casefold().translate(_LATIN)
    base = re.sub(r"[^a-z0-9]+", "-", latin)[:LONGEST_ID].strip("-") or "svoy-sboy"
    others = set(taken)
    number, found = 1, base
    while found in others:
        number += 1
        found = f"{base}-{number}"
    return found


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )


def _lines(table: Mapping[str, Any]) -> str:
    width = max((len(_key(name)) for name in table), default=0)
    return "".join(f"{_key(name).ljust(width)} = {_value(value)}\n" for name, value in table.items())


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # What JSON writes of a string, a number or a truth value is TOML too.
    return json.dumps(value, ensure_ascii=False)
