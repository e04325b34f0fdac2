"""File names as texts (S-53, S-56)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.names import LONGEST, cleaned, ending_of


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("/etc/passwd", "passwd"),
        ("..", ""),
        ("a\x00b\n.pdf", "ab .pdf"),
        ("  .pdf ", "pdf"),
        (None, ""),
        ("й" + ".pdf", "й.pdf"),
        ("x" * 200 + ".docx", "x" * 115 + ".docx"),
        ("x" * 200 + "." + "y" * 20, "x" * 120),
    ],
)
def test_what_is_left_of_a_name(given_name: str | None, shown: str) -> None:
    assert cleaned(given_name) == shown


@given(st.text(max_size=300))
def test_whatever_comes_it_is_one_short_line_and_no_path(name: str) -> None:
    """S-56: no separator of folders, nothing invisible, and cleaning twice changes nothing."""
    text = cleaned(name)
    assert len(text) <= LONGEST
    assert not {"/", "\\", "\n"} & set(text)
    assert all(unicodedata.category(letter)[0] != "C" for letter in text)
    assert "." not in ending_of(text)
