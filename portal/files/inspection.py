"""Looking into an uploaded file: is it what its name says, whole, open, and without anything that acts (S-56).

`check` reads a file with parsers that strangers feed, so `portal.files.apart` runs this module as a program of its
own with limited time and memory; that is why it imports nothing of the portal, and pypdf only when a PDF has come.
Whatever a parser does, only the errors below get out.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zipfile
import zlib
from dataclasses import dataclass
from typing import ClassVar, Literal
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

Kind = Literal["pdf", "docx", "xml", "png", "jpeg"]
KINDS: tuple[Kind, ...] = ("pdf", "docx", "xml", "png", "jpeg")

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF_MAGIC = b"%PDF-"
"""Within the first kilobyte, as readers of PDF take it."""
PDF_END = b"%%EOF"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Bounds:
    """How much is read of what a file holds."""

    members: int = 2_000
    """Files in an archive, those of archives inside it included."""
    unpacked: int = 64 * 1024 * 1024
    """Bytes of all of them."""
    ratio: int = 200
    """Unpacked to packed; looked at from a megabyte on, because text packs well."""
    depth: int = 3
    """Archives inside archives."""
    nesting: int = 256
    """Elements of XML inside each other."""
    elements: int = 2_000_000
    pages: int = 5_000
    pixels: int = 100_000_000
    """Of a picture: whoever opens a larger one runs out of memory, however few bytes it has."""


BOUNDS = Bounds()
RATIO_FROM = 1024 * 1024
CHUNK = 64 * 1024


class ProblemError(Exception):
    """Base of what can be wrong with a file; `code` is how the program of its own tells it."""

    code: ClassVar[str]


class MismatchError(ProblemError):
    """The content is not what the name says."""

    code = "mismatch"


class EncryptedError(ProblemError):
    """It cannot be read without a password."""

    code = "encrypted"


class BrokenError(ProblemError):
    """It begins like such a file, but cannot be read to its end, or not within the limits of time and memory."""

    code = "broken"


class ZipBombError(ProblemError):
    """It unpacks to far more than a document is."""

    code = "zip-bomb"


class MacroError(ProblemError):
    """There is a program in it: macros, ActiveX, a template from elsewhere, a script of a PDF."""

    code = "macro"


class EntitiesError(ProblemError):
    """Its XML has a document type declaration: entities could fetch or multiply what is not in the file."""

    code = "entities"


PROBLEMS: dict[str, type[ProblemError]] = {
    problem.code: problem
    for problem in (MismatchError, EncryptedError, BrokenError, ZipBombError, MacroError, EntitiesError)
}


def check(kind: Kind, content: bytes, bounds: Bounds = BOUNDS) -> None:
    """Raise the ProblemError that `content` has as a file of that kind; nothing else is ever raised."""
    try:
        _CHECKS[kind](content, bounds)
    except ProblemError:
        raise
    except Exception as error:
        # Parsers raise whatever occurs to them, RecursionError and MemoryError among it.
        raise BrokenError(type(error).__name__) from error


# XML


def _check_xml(content: bytes, bounds: Bounds) -> None:
    if not _begins_like_xml(content):
        raise MismatchError
    _parse_xml(io.BytesIO(content), bounds)


def _begins_like_xml(content: bytes) -> bool:
    head = content[:256]
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.lstrip(b"\x00 \t\r\n").startswith(b"<")


def _parse_xml(stream: io.BufferedIOBase | io.BytesIO, bounds: Bounds) -> None:
    """Read XML once, keeping nothing of it. A DTD is refused at its first word, before any entity is looked at."""
    depth = elements = 0
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                element.clear()
                continue
            depth, elements = depth + 1, elements + 1
            if depth > bounds.nesting or elements > bounds.elements:
                raise BrokenError("too deep or too long")
    except DefusedXmlException as error:
        raise EntitiesError from error
    except ParseError as error:
        raise BrokenError(str(error)) from error


# DOCX

MAIN = "word/document.xml"
TYPES = "[Content_Types].xml"
_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def _check_docx(content: bytes, bounds: Bounds) -> None:
    if content.startswith(OLE_MAGIC):
        # What Word makes of a document with a password is no zip any more.
        raise EncryptedError if _ENCRYPTED_PACKAGE in content else MismatchError
    if not content.startswith(ZIP_MAGIC):
        raise MismatchError
    budget = _Budget(bounds)
    parts = _unpack(content, budget, depth=1)
    if TYPES not in parts or MAIN not in parts:
        raise MismatchError
    for name, part in parts.items():
        lower = name.lower()
        if lower.endswith(_MACRO_NAMES) or lower.startswith("word/activex/"):
            raise MacroError
        if lower.endswith((".xml", ".rels")):
            _parse_xml(io.BytesIO(part), bounds)
    if b"macroEnabled" in parts[TYPES]:
        raise MacroError
    for name, part in parts.items():
        if name.endswith(".rels") and b"attachedTemplate" in part and b"External" in part:
            raise MacroError


class _Budget:
    """What may still be unpacked of one upload, however deep it lies."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._members = bounds.members
        self._bytes = bounds.unpacked

    def member(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise ZipBombError

    def take(self, count: int) -> None:
        self._bytes -= count
        if self._bytes < 0:
            raise ZipBombError


def _unpack(content: bytes, budget: _Budget, depth: int) -> dict[str, bytes]:
    """The members of an archive, archives among them looked through as well. What it says of sizes is not believed."""
    if depth > budget.bounds.depth:
        raise ZipBombError
    found: dict[str, bytes] = {}
    packed = unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                budget.member()
                if info.flag_bits & 0x1:
                    raise EncryptedError
                if info.filename in found or _leaves_the_archive(info.filename):
                    raise BrokenError("names")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise BrokenError("compression")
                found[info.filename] = _member(archive, info, budget)
                packed += max(info.compress_size, 1)
                unpacked += len(found[info.filename])
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BrokenError(str(error)) from error
    if unpacked > RATIO_FROM and unpacked > budget.bounds.ratio * min(packed, len(content)):
        raise ZipBombError
    for part in found.values():
        if part.startswith(ZIP_MAGIC):
            _unpack(part, budget, depth + 1)
    return found


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    read = io.BytesIO()
    with archive.open(info) as member:
        while chunk := member.read(CHUNK):
            budget.take(len(chunk))
            read.write(chunk)
            if read.tell() > RATIO_FROM and read.tell() > budget.bounds.ratio * max(info.compress_size, 1):
                raise ZipBombError
    return read.getvalue()


def _leaves_the_archive(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name


# PDF


def _check_pdf(content: bytes, bounds: Bounds) -> None:
    if content.find(PDF_MAGIC, 0, 1024) < 0:
        raise MismatchError
    if PDF_END not in content[-2048:]:
        raise BrokenError("no end")
    import pypdf
    from pypdf.generic import DictionaryObject

    reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise EncryptedError
    count = 0
    for count, page in enumerate(reader.pages, start=1):
        if count > bounds.pages:
            raise BrokenError("pages")
        _refuse_script(page.get("/AA"))
    if not count:
        raise BrokenError("no pages")
    root = reader.root_object
    names = root.get("/Names")
    names = names.get_object() if names is not None else None
    if isinstance(names, DictionaryObject) and "/JavaScript" in names:
        raise MacroError
    _refuse_script(root.get("/OpenAction"))
    _refuse_script(root.get("/AA"))


def _refuse_script(action: object, depth: int = 0) -> None:
    """Refuse an action that runs a script or starts a program."""
    from pypdf.generic import DictionaryObject, PdfObject

    found = action.get_object() if isinstance(action, PdfObject) else None
    if not isinstance(found, DictionaryObject) or depth > 3:
        return
    if found.get("/S") in ("/JavaScript", "/Launch") or "/JS" in found:
        raise MacroError
    for each in found.values():
        _refuse_script(each, depth + 1)


# Pictures: whole, and of a size that can be opened. Their pixels are not looked at.


def _check_png(content: bytes, bounds: Bounds) -> None:
    if not content.startswith(PNG_MAGIC):
        raise MismatchError
    at, first, drawn = len(PNG_MAGIC), True, False
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        body = memoryview(content)[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(body, zlib.crc32(name)) != checksum:
            raise BrokenError("checksum")
        if first != (name == b"IHDR"):
            raise BrokenError("head")
        if first:
            width, height = struct.unpack_from(">II", body)
            _check_pixels(width, height, bounds)
        drawn, first = drawn or name == b"IDAT", False
        if name == b"IEND":
            break
        at += 12 + length
    if not drawn:
        raise BrokenError("nothing drawn")


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Marks of the segment that has the size; those left out are tables."""
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Marks without a segment."""
_JPEG_SCAN, _JPEG_END = 0xDA, b"\xff\xd9"


def _check_jpeg(content: bytes, bounds: Bounds) -> None:
    if not content.startswith(JPEG_MAGIC):
        raise MismatchError
    at, framed = 2, False
    while True:
        lead, mark = struct.unpack_from(">BB", content, at)
        if lead != 0xFF:
            raise BrokenError("segments")
        if mark == 0xFF or mark in _JPEG_ALONE:
            at += 1 if mark == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if mark in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            _check_pixels(width, height, bounds)
            framed = True
        at += 2 + length
        if mark == _JPEG_SCAN:
            break
    # Telephones put more behind the end of a picture; a picture that has been cut short has no end at all.
    if not framed or content.find(_JPEG_END, at) < 0:
        raise BrokenError("no end")


def _check_pixels(width: int, height: int, bounds: Bounds) -> None:
    if not width or not height:
        raise BrokenError("no size")
    if width * height > bounds.pixels:
        raise ZipBombError


_CHECKS = {"pdf": _check_pdf, "docx": _check_docx, "xml": _check_xml, "png": _check_png, "jpeg": _check_jpeg}


# The program of its own

CPU_SECONDS = 10
MEMORY = 768 * 1024 * 1024


def main() -> None:
    """Check what comes in for the kind that the command line names; tell the code of the problem, or nothing."""
    import logging
    import resource
    import warnings

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    warnings.simplefilter("ignore")
    kind: Kind = next(each for each in KINDS if each == sys.argv[1])
    answer: str | None = None
    try:
        check(kind, sys.stdin.buffer.read())
    except ProblemError as problem:
        answer = problem.code
    sys.stdout.write(json.dumps({"problem": answer}))
    sys.stdout.flush()
    # What was parsed need not be taken apart: a deep tree could take longer than reading it.
    os._exit(0)


if __name__ == "__main__":
    main()
