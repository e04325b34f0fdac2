"""Small files to upload to a portal, of every kind, right and wrong, made as the programs of patients make them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from pypdf import PdfWriter
from pypdf.actions import JavaScript

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of scanners, put together here so that none takes this file for it."""
XML = "<?xml version='1.0' encoding='UTF-8'?><выписка><диагноз код='J06.9'/></выписка>".encode()
XXE = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:secret.txt'>]><a>&x;</a>"
LAUGHS = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY l 'ha'><!ENTITY m '&l;&l;&l;&l;'>]><a>&m;</a>"
_TYPES = (
    "<?xml version='1.0' encoding='UTF-8'?><Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
    "<Override PartName='/word/document.xml' ContentType='application/vnd.{main}+xml'/></Types>"
)
PLAIN_MAIN = "openxmlformats-officedocument.wordprocessingml.document.main"
MACRO_MAIN = "ms-word.document.macroEnabled.main"
_DOCUMENT = (
    b"<?xml version='1.0'?><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
    b"<w:body><w:p/></w:body></w:document>"
)


def pdf(*, password: str | None = None, script: bool = False, pages: int = 1) -> bytes:
    """A PDF with empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        writer.add_open_action(JavaScript("app.alert(1)"))
    if password is not None:
        writer.encrypt(password)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def archive(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return made.getvalue()


def docx(more: Mapping[str, bytes] | None = None, *, main: str = PLAIN_MAIN, without: str = "") -> bytes:
    """A document of Word, with more members or one fewer."""
    members = {"[Content_Types].xml": _TYPES.format(main=main).encode(), "word/document.xml": _DOCUMENT, **(more or {})}
    members.pop(without, None)
    return archive(members)


def encrypted_docx() -> bytes:
    """What Word makes of a document with a password: no zip, but an OLE container with a stream of that name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


def bomb() -> bytes:
    """A document that unpacks to eight megabytes of nothing."""
    return docx({"word/media/image1.bin": bytes(8 * 1024 * 1024)})


def nested(content: bytes, depth: int) -> bytes:
    """`content` in so many archives."""
    for _ in range(depth):
        content = archive({"inside.zip": content}, zipfile.ZIP_STORED)
    return content


def infected_docx() -> bytes:
    """A document with EICAR in it, compressed."""
    return docx({"word/media/test.txt": EICAR})


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))


def png(width: int = 8, height: int = 8, *, claims: tuple[int, int] | None = None) -> bytes:
    """A picture of the screen; with `claims` one that says it has another size."""
    head = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, 0, 0, 0, 0)
    drawn = zlib.compress((b"\0" + bytes(width)) * height)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", drawn) + _chunk(b"IEND", b"")


def jpeg(width: int = 8, height: int = 8) -> bytes:
    """The segments of a photograph; what is drawn in it is nothing."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xDB, b"\0" + b"\x01" * 64),
        (0xC0, frame),
        (0xC4, b"\0" + b"\0" * 15 + b"\x01\0"),
        (0xDA, b"\x01\x01\0\0\x3f\0"),
    )
    packed = b"".join(struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body for mark, body in segments)
    return b"\xff\xd8" + packed + b"\x00\x00" + b"\xff\xd9"
