"""The doors' own implementations."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.clinic.base import NoClinic
from portal.doors import FolderFiles, InsideMessages


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """S-56: outside of everything that is served, readable by nobody else."""
    files = FolderFiles(tmp_path / "files")
    with files.write("abcdefgh") as handle:
        handle.write(b"content")
    with files.read("abcdefgh") as handle:
        assert handle.read() == b"content"
    assert (tmp_path / "files" / "abcdefgh").stat().st_mode & 0o077 == 0
    interrupted = files.write("interrupted")
    interrupted.__enter__().write(b"half")
    assert interrupted.__exit__(RuntimeError, RuntimeError(), None) is not True
    with pytest.raises(FileNotFoundError):
        files.read("interrupted")
    files.delete("abcdefgh")
    files.delete("abcdefgh")
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize("name", ["", "short", "../../etc/passwd", "a/bcdefgh", "abcdefg.h", "абвгдежз", "a" * 65])
def test_a_name_that_is_not_ours_is_refused(name: str, tmp_path: Path) -> None:
    """S-56: no path comes from a name."""
    files = FolderFiles(tmp_path)
    for touch in (files.read, files.delete, lambda given: files.write(given).__enter__()):
        with pytest.raises(ValueError):
            touch(name)


def test_without_a_mail_server_and_a_clinic_the_portal_knows_it() -> None:
    """Nothing is sent out, and what needs a clinic is hidden."""
    assert InsideMessages().mail(to="a@example.test", subject="x", text="y") is False
    assert InsideMessages().sms(to="+70001000101", text="y") is False
    assert NoClinic().is_there is False
