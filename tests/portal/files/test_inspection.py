"""Looking into files: what is refused with which error, and that nothing else ever comes out (S-56, R-065)."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.files import inspection
from portal.files.apart import check_apart
from portal.files.inspection import (
    Bounds,
    BrokenError,
    EncryptedError,
    EntitiesError,
    Kind,
    MacroError,
    MismatchError,
    ProblemError,
    ZipBombError,
    check,
)
from sandbox_idp.testing import uploads as files


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("xml", files.XML),
        ("xml", b"\xef\xbb\xbf" + files.XML),
        ("xml", "<?xml version='1.0' encoding='UTF-16'?><a>да</a>".encode("utf-16")),
        ("pdf", files.pdf()),
        ("pdf", files.pdf(pages=3)),
        ("docx", files.docx()),
        ("docx", files.docx({"word/embeddings/table.xlsx": files.archive({"xl/workbook.xml": b"<a/>"})})),
        ("png", files.png()),
        ("jpeg", files.jpeg()),
        ("jpeg", files.jpeg() + b"a film that the telephone puts behind the picture"),
    ],
)
def test_a_sound_file_passes(kind: Kind, content: bytes) -> None:
    """R-065, R-104: PDF, DOCX and XML; pictures for the support."""
    check(kind, content)


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("pdf", b"\x89PNG\r\n\x1a\n" + bytes(100), MismatchError),
        ("pdf", files.docx(), MismatchError),
        ("docx", files.pdf(), MismatchError),
        ("docx", files.archive({"readme.txt": b"no document"}), MismatchError),
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), MismatchError),
        ("xml", b"plain text", MismatchError),
        ("xml", files.pdf(), MismatchError),
        ("pdf", files.pdf(password="secret"), EncryptedError),
        ("docx", files.encrypted_docx(), EncryptedError),
        ("pdf", files.pdf()[:-40], BrokenError),
        ("pdf", b"%PDF-1.7\nnothing here\n%%EOF\n", BrokenError),
        ("docx", files.docx()[:200], BrokenError),
        ("docx", files.docx({"word/styles.xml": b"<unclosed>"}), BrokenError),
        ("docx", files.docx({"../../etc/cron.d/x": b"x"}), BrokenError),
        (
            "docx",
            files.archive({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}, zipfile.ZIP_BZIP2),
            BrokenError,
        ),
        ("xml", b"<a><b></a>", BrokenError),
        ("xml", b"<?xml version='1.0' encoding='no-such'?><a/>", BrokenError),
        ("xml", b"<a>" * 300 + b"</a>" * 300, BrokenError),
        ("png", files.jpeg(), MismatchError),
        ("jpeg", files.png(), MismatchError),
        ("png", files.png()[:-8], BrokenError),
        ("png", files.png()[:-12], BrokenError),
        ("png", files.png().replace(b"IDAT", b"IDAX"), BrokenError),
        ("png", files.png(claims=(0, 8)), BrokenError),
        ("jpeg", files.jpeg()[:-2], BrokenError),
        ("jpeg", files.jpeg()[:60], BrokenError),
        ("jpeg", files.jpeg(height=0), BrokenError),
        ("png", files.png(claims=(50_000, 50_000)), ZipBombError),
        ("jpeg", files.jpeg(width=60_000, height=60_000), ZipBombError),
        ("docx", files.bomb(), ZipBombError),
        ("docx", files.docx({"inside.zip": files.nested(b"x", 4)}), ZipBombError),
        ("docx", files.docx({"word/vbaProject.bin": b"macro"}), MacroError),
        ("docx", files.docx(main=files.MACRO_MAIN), MacroError),
        ("docx", files.docx({"word/activeX/activeX1.bin": b"x"}), MacroError),
        (
            "docx",
            files.docx(
                {
                    "word/_rels/settings.xml.rels": b"<Relationships><Relationship Type='x/attachedTemplate' "
                    b"Target='http://far.example/t.dotm' TargetMode='External'/></Relationships>"
                }
            ),
            MacroError,
        ),
        ("pdf", files.pdf(script=True), MacroError),
        ("xml", files.XXE, EntitiesError),
        ("xml", files.LAUGHS, EntitiesError),
        ("xml", b"<!DOCTYPE a SYSTEM 'http://far.example/a.dtd'><a/>", EntitiesError),
        ("docx", files.docx({"word/styles.xml": files.XXE}), EntitiesError),
    ],
)
def test_a_file_that_is_not_fit_is_refused_for_its_reason(
    kind: Kind, content: bytes, problem: type[ProblemError]
) -> None:
    """S-56: magic bytes, encryption, damage, zip bomb, macro, DTD, each told apart."""
    with pytest.raises(problem):
        check(kind, content)


def test_a_member_encrypted_by_zip_is_told() -> None:
    """The flag of the member says it, whatever its bytes are."""
    content = bytearray(files.docx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(mark, place + 4)
    with pytest.raises(EncryptedError):
        check("docx", bytes(content))


def test_what_an_archive_says_of_its_sizes_is_not_believed() -> None:
    """S-56: a member that declares ten bytes and unpacks to megabytes is stopped by what really comes out of it."""
    packed = bytearray(files.bomb())
    place = packed.find(b"PK\x01\x02", packed.find(b"word/media/image1.bin") + 40)
    while place >= 0:
        if struct.unpack_from("<I", packed, place + 24)[0] == 8 * 1024 * 1024:
            struct.pack_into("<I", packed, place + 24, 10)
        place = packed.find(b"PK\x01\x02", place + 4)
    with pytest.raises(ProblemError):
        check("docx", bytes(packed))


def test_the_number_of_members_is_bounded() -> None:
    """S-56: many small members are a bomb too."""
    with pytest.raises(ZipBombError):
        check("docx", files.docx({f"word/{number}.bin": b"" for number in range(20)}), Bounds(members=10))


def test_the_pages_of_a_pdf_are_bounded() -> None:
    with pytest.raises(BrokenError):
        check("pdf", files.pdf(pages=3), Bounds(pages=2))


def test_in_a_process_of_its_own_the_answers_are_the_same() -> None:
    """The problem comes out of the other process by its name."""
    check_apart("docx", files.docx())
    for kind, content, problem in (
        ("pdf", files.pdf(password="secret"), EncryptedError),
        ("xml", files.XXE, EntitiesError),
    ):
        with pytest.raises(problem):
            check_apart(kind, content)  # type: ignore[arg-type]  # mypy widens the literals of the tuple.


def test_time_is_limited() -> None:
    """A file that is not looked through in time is one that cannot be read."""
    with pytest.raises(BrokenError):
        check_apart("pdf", files.pdf(), seconds=0.001)


def test_a_process_that_dies_is_a_file_that_cannot_be_read(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Killed by its limit of memory or time, it says nothing."""
    program = tmp_path / "dies.py"
    program.write_text("import os; os._exit(9)")
    monkeypatch.setattr("portal.files.apart.PROGRAM", program)
    with pytest.raises(BrokenError, match="exit 9"):
        check_apart("xml", files.XML)


SOUND = {
    "pdf": files.pdf(),
    "docx": files.docx({"word/styles.xml": b"<a><b c='d'/></a>"}),
    "xml": files.XML,
    "png": files.png(),
    "jpeg": files.jpeg(),
}
SMALL = Bounds(members=50, unpacked=1024 * 1024, nesting=50, elements=5_000, pages=20)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(inspection.KINDS),
    source=st.sampled_from(inspection.KINDS),
    cuts=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 40), st.binary(max_size=12)), max_size=4),
)
def test_whatever_comes_only_its_own_errors_come_out(
    kind: Kind, source: Kind, cuts: list[tuple[int, int, bytes]]
) -> None:
    """S-56: sound files with pieces taken out and put in never raise anything but a ProblemError."""
    content = SOUND[source]
    for distance, length, piece in cuts:
        place = distance % (len(content) + 1)
        content = content[:place] + piece + content[place + length :]
    with contextlib.suppress(ProblemError):
        assert check(kind, content, SMALL) is None  # type: ignore[func-returns-value]  # It answers by raising only.


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(inspection.KINDS),
    head=st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<"]),
    tail=st.binary(max_size=400),
)
def test_noise_is_refused(kind: Kind, head: bytes, tail: bytes) -> None:
    """S-56: noise with a right beginning is refused, or is by luck a sound file."""
    try:
        check(kind, head + tail, SMALL)
    except ProblemError:
        return
    assert kind == "xml"


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 3_000_000), method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_no_more_is_unpacked_than_the_bounds_allow(size: int, method: int) -> None:
    """S-56: whatever is packed, what is accepted unpacks to no more than the bounds."""
    content = (
        files.docx({"word/media/a.bin": bytes(size)})
        if method
        else files.archive({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>", "a.bin": bytes(size)}, method)
    )
    try:
        check("docx", content, SMALL)
    except ZipBombError:
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sum(info.file_size for info in archive.infolist()) <= SMALL.unpacked
