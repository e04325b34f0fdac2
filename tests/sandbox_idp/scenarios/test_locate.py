"""Places of keys in a TOML file."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_idp.scenarios.locate import Places

TEXT = '''# a comment with [brackets] and = signs
id = "x"   # another
texts = [
  "one # not a comment",
  """two
  lines = [1]""",
  { name = 'three', to = "/" },
]

[sees]
at.screen = "a"

[[effects]]
kind = "status"
match = { method = "POST", path = ["/a", "/b"] }

[[effects]]
kind = "delay"

[effects.match]
"quoted \\u0061" = 2026-11-22T06:00:00+03:00
'''


def test_every_key_and_item_is_found_where_it_stands() -> None:
    places = Places(TEXT)
    lines = TEXT.split("\n")
    for path, begins in {
        ("id",): 'id = "x"',
        ("texts", 1): '"""two',
        ("texts", 2, "to"): 'to = "/"',
        ("sees",): "sees]",
        ("sees", "at", "screen"): "at.screen",
        ("effects", 0): "effects]]",
        ("effects", 0, "match", "path", 1): '"/b"',
        ("effects", 1, "kind"): 'kind = "delay"',
        ("effects", 1, "match", "quoted a"): '"quoted',
    }.items():
        line, column = places.of(path)
        assert lines[line - 1][column - 1 :].startswith(begins), path


def test_what_is_missing_is_placed_at_the_nearest_thing_above() -> None:
    places = Places(TEXT)
    assert places.of(("effects", 0, "channel")) == places.of(("effects", 0))
    assert places.of(("journey", "steps")) == (1, 1)
    assert not places.has(("journey",))


KEYS = st.text("abcdefghij-_0123456789", min_size=1, max_size=6)
SCALARS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
TABLES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def write_value(value: Any) -> str:
    """The value as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {write_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + ",\n".join(write_value(each) for each in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)


def all_paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [deep for key, each in value.items() for deep in [(*path, key), *all_paths(each, (*path, key))]]
    if isinstance(value, list):
        return [deep for index, each in enumerate(value) for deep in [(*path, index), *all_paths(each, (*path, index))]]
    return []


@settings(deadline=None, max_examples=60)
@given(plain=TABLES, tables=st.lists(TABLES, max_size=3))
def test_any_file_that_toml_reads_has_a_place_for_every_key(
    plain: dict[str, Any], tables: list[dict[str, Any]]
) -> None:
    """Property: whatever `tomllib` reads, each key's place begins with that key, and items follow one another."""
    lines = [f"{key} = {write_value(value)}" for key, value in plain.items()]
    for table in tables:
        lines += [
            "",
            "[[many-tables]]  # [not] = a key",
            *(f"{key} = {write_value(each)}" for key, each in table.items()),
        ]
    text = "\n".join(lines)
    read = tomllib.loads(text)
    places = Places(text)
    for path in all_paths(read):
        assert places.has(path)
        line, column = places.of(path)
        here = text.split("\n")[line - 1][column - 1 :]
        if isinstance(path[-1], str):
            assert here.startswith(path[-1])
