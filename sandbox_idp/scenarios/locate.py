"""Where in a TOML file a key stands, so that a mistake in the catalogue is reported with line and column.

`tomllib` tells values but not places. The text given here has already been read by it, so this reader may trust the
syntax and only keeps track of where each key and each item of an array begins.
"""

from __future__ import annotations

import functools
import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_STRINGS = (
    ('"""', re.compile(r'"""(?:\\.|"{0,2}[^"\\])*"{3,5}', re.DOTALL)),
    ("'''", re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL)),
    ('"', re.compile(r'"(?:\\.|[^"\\])*"')),
    ("'", re.compile(r"'[^']*'")),
)


class Places:
    """The places of all keys of one TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @functools.cached_property
    def _places(self) -> dict[Path, int]:
        """Found when somebody asks: of files without a mistake nobody does."""
        return _Reader(self._text).read()

    def of(self, path: Path) -> tuple[int, int]:
        """Line and column (from 1) of the key at `path`, or of the nearest one above it that is there."""
        for length in range(len(path), 0, -1):
            offset = self._places.get(path[:length])
            if offset is not None:
                return self._line_and_column(offset)
        return 1, 1

    def has(self, path: Path) -> bool:
        """Whether something stands at `path`."""
        return path in self._places

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        before = self._text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._places: dict[Path, int] = {}
        self._arrays: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()
        return self._places

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._at)
        assert match is not None
        self._at = match.end()

    def _header(self) -> Path:
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        self._skip()
        start = self._at
        keys = self._key()
        self._at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._last((*path, key))
        path = (*path, keys[-1])
        self._places.setdefault(path, start)
        if not many:
            return self._last(path)
        count = self._arrays.get(path, 0)
        self._arrays[path] = count + 1
        self._places[*path, count] = start
        return (*path, count)

    def _last(self, path: Path) -> Path:
        """The last table of an array of tables, if `path` is one."""
        count = self._arrays.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table
        for key in self._key():
            path = (*path, key)
            self._places.setdefault(path, start)
        self._at += 1
        self._skip()
        self._value(path)

    def _key(self) -> list[str]:
        """The parts of a key up to the sign that follows it (`=` or `]`)."""
        keys = []
        while True:
            self._skip()
            if self._text[self._at] in "\"'":
                keys.append(_plain(self._string()))
            else:
                match = _BARE_KEY.match(self._text, self._at)
                assert match is not None
                self._at = match.end()
                keys.append(match.group())
            self._skip()
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _string(self) -> str:
        for opening, pattern in _STRINGS:
            if self._text.startswith(opening, self._at):
                match = pattern.match(self._text, self._at)
                assert match is not None
                self._at = match.end()
                return match.group()
        raise AssertionError("not a string")

    def _value(self, path: Path) -> None:
        sign = self._text[self._at]
        if sign in "\"'":
            self._string()
        elif sign in "[{":
            self._at += 1
            self._skip()
            count = 0
            while self._text[self._at] not in "]}":
                if sign == "{":
                    self._pair(path)
                else:
                    self._places[*path, count] = self._at
                    self._value((*path, count))
                    count += 1
                self._skip()
                if self._text[self._at] == ",":
                    self._at += 1
                    self._skip()
            self._at += 1
        else:
            match = _BARE_VALUE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()


def _plain(quoted: str) -> str:
    """A quoted key without its quotes and escapes."""
    value: str = tomllib.loads(f"key = {quoted}")["key"]
    return value
