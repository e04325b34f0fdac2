"""What commands print: tables and colours for a person at a terminal, JSON for a program."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - the type has no public name
else:
    Commands = Any

Colour = Literal["red", "green", "yellow", "dim"]
_CODES: Mapping[Colour, str] = {"red": "31", "green": "32", "yellow": "33", "dim": "2"}


@dataclass(frozen=True)
class Terminal:
    """Where a command writes, and how."""

    out: TextIO
    err: TextIO
    json: bool = False
    """Whether a program reads what is told."""
    colours: bool = False

    @classmethod
    def here(cls, *, json_wanted: bool, environ: Mapping[str, str] = os.environ) -> Terminal:
        """This process's own. Colours only for a person at a terminal who has not set NO_COLOR."""
        colours = sys.stdout.isatty() and not json_wanted and not environ.get("NO_COLOR")
        return cls(sys.stdout, sys.stderr, json_wanted, colours)

    def tell(self, value: Any, lines: Iterable[str]) -> None:
        """The result: `value` as a line of JSON, or `lines` for people."""
        text = json.dumps(value, ensure_ascii=False) if self.json else "\n".join(lines)
        print(text, file=self.out, flush=True)

    def note(self, words: str) -> None:
        """How far the work is: for people only, and never into the result."""
        if not self.json:
            print(words, file=self.err, flush=True)

    def complain(self, words: str) -> None:
        """Why it did not work."""
        print(self.paint(words, "red"), file=self.err, flush=True)

    def paint(self, words: str, colour: Colour) -> str:
        """`words` in `colour`, where there are colours."""
        return f"\x1b[{_CODES[colour]}m{words}\x1b[0m" if self.colours else words


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose columns stand under each other; the last column runs free."""
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(max(map(len, rows), default=1) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
