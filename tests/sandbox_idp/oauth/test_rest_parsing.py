"""Reading `embed` and paths, and the tag of a body: properties that hold for any text (quirks 9 and 10)."""

from __future__ import annotations

import re
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox_idp.oauth import person_data
from sandbox_idp.oauth.rest import parse_embed, split_path

NAMES = st.lists(st.text(string.ascii_letters, min_size=1, max_size=10), min_size=1, max_size=3).map(".".join)


@given(st.lists(NAMES, max_size=6))
def test_every_list_of_names_is_read(names: list[str]) -> None:
    assert parse_embed(f"({','.join(names)})") == set(names)
    assert parse_embed(",".join(names)) == set(names)
    assert parse_embed("(" + ", ".join(f"{name}-2" for name in names) + ")") == set(names)


@given(st.text(max_size=60))
def test_no_embed_makes_the_parser_fail(text: str) -> None:
    assert all(name for name in parse_embed(text))


@given(st.lists(st.text(string.ascii_letters + string.digits, min_size=1), max_size=5), st.integers(1, 3))
def test_a_path_is_its_segments_whatever_the_slashes(segments: list[str], slashes: int) -> None:
    assert split_path(("/" * slashes).join(["", *segments, ""])) == segments


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5)), max_size=4))
def test_an_etag_changes_with_the_content(body: dict[str, Any]) -> None:
    assert re.fullmatch(r"[0-9A-F]{40}", person_data.etag(body))
    assert person_data.etag(body) == person_data.etag(dict(reversed(body.items())))
    assert person_data.etag(body) != person_data.etag({**body, "another": 1})
