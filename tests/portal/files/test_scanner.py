"""The built-in scanner: EICAR wherever it lies, within bounds (S-56)."""

from __future__ import annotations

import zipfile

import pytest

from portal.files.scanner import EICAR, EICAR_NAME, BuiltInScanner
from sandbox_idp.testing import uploads as files


@pytest.mark.parametrize(
    "content",
    [
        EICAR,
        b"text before " + EICAR,
        files.infected_docx(),
        files.archive({"a.txt": EICAR}),
        files.nested(files.infected_docx(), 2),
        files.archive({"a.bin": files.archive({"b.bin": files.archive({"c": EICAR})})}),
    ],
)
def test_it_is_found(content: bytes) -> None:
    assert BuiltInScanner().scan(content) == EICAR_NAME


@pytest.mark.parametrize(
    "content", [b"", files.pdf(), files.docx(), files.docx()[:-30], b"PK\x03\x04" + bytes(50), EICAR[:-1]]
)
def test_a_clean_file_is_clean(content: bytes) -> None:
    assert BuiltInScanner().scan(content) is None


def test_it_stops_at_its_bounds() -> None:
    """A bomb takes no more than the bounds; what lies beyond them is the inspection's to refuse."""
    small = BuiltInScanner(depth=1, members=3, unpacked=10_000)
    assert small.scan(files.nested(files.archive({"a": EICAR}), 3)) is None
    assert small.scan(files.archive({"big": bytes(20_000), "a": EICAR})) is None
    many = {f"{number}": b"" for number in range(5)} | {"last": EICAR}
    assert small.scan(files.archive(many)) is None


def test_a_member_that_cannot_be_read_hides_no_other() -> None:
    """A broken member before it does not keep the next one from being looked at."""
    content = bytearray(files.archive({"first": bytes(range(200)), "second": EICAR}))
    place = content.find(b"first") + 5
    content[place : place + 20] = b"\xff" * 20
    assert zipfile.is_zipfile(__import__("io").BytesIO(bytes(content)))
    assert BuiltInScanner().scan(bytes(content)) == EICAR_NAME
