"""The built-in scanner: knows the test file of the trade (EICAR), and looks for it inside archives too.

It stands where a real one stands, so that everything around it (what a person reads, what is not kept) is real.
"""

from __future__ import annotations

import io
import zipfile
import zlib

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""Put together here, so that no scanner takes this file for what it looks for."""
EICAR_NAME = "EICAR-Test-File"


class BuiltInScanner:
    """Looks for EICAR in the file itself and in archives inside it, within bounds."""

    def __init__(self, *, depth: int = 4, members: int = 2_000, unpacked: int = 64 * 1024 * 1024) -> None:
        """`depth`: archives inside archives; `members` and `unpacked` (bytes): of one file altogether.

        What lies beyond the bounds is not looked at: such a file is no document, and the inspection refuses it.
        """
        self._depth = depth
        self._members = members
        self._unpacked = unpacked

    def scan(self, content: bytes) -> str | None:
        """The name of what was found; None for a clean file."""
        return EICAR_NAME if self._found(content, _Left(self._members, self._unpacked), self._depth) else None

    def _found(self, content: bytes, left: _Left, depth: int) -> bool:
        if EICAR in content:
            return True
        if depth <= 0 or not content.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return any(self._found(left.read(archive, info), left, depth - 1) for info in archive.infolist())
        except _NothingLeftError:
            return False
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError):
            # What cannot be unpacked cannot be run either; the inspection tells what is wrong with it.
            return False


class _NothingLeftError(Exception):
    """A bound was reached."""


class _Left:
    """What may still be unpacked."""

    def __init__(self, members: int, unpacked: int) -> None:
        self._members = members
        self._bytes = unpacked

    def read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        """The content of a member, empty if it cannot be read; _NothingLeftError beyond the bounds."""
        self._members -= 1
        if self._members < 0 or self._bytes <= 0:
            raise _NothingLeftError
        try:
            with archive.open(info) as member:
                content = member.read(self._bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            return b""
        self._bytes -= len(content)
        if self._bytes < 0:
            raise _NothingLeftError
        return content
