"""File names of patients: kept as text to recognise a file by, never used as a path (S-53, S-56)."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_SPACES = re.compile(r"\s+")


def cleaned(name: str | None) -> str:
    """`name` without folders and invisible characters, at most 120 characters with its ending kept; may be empty.

    Direction marks go too: `отчёт\\u202efdp.exe` must not look like another kind of file.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    last = _SPACES.sub(" ", unicodedata.normalize("NFC", last))
    last = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip(" .")
    if len(last) <= LONGEST:
        return last
    stem, dot, ending = last.rpartition(".")
    if not dot or len(ending) > 10:
        return last[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"


def ending_of(name: str) -> str:
    """`pdf` of `Выписка.PDF`; empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""
