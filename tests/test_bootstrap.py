"""`tools/bootstrap.py`: when the environment counts as made and its lock as installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import bootstrap


class Machine:
    """A folder with locks, in which commands are written down instead of run (an environment can be made)."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        self.ran: list[str] = []
        self.breaks_at = ""
        (folder / "requirements").mkdir()
        for name in bootstrap.INCLUDES:
            self.lock(name, "1")
        monkeypatch.setattr(bootstrap, "ROOT", folder)
        monkeypatch.setattr(bootstrap, "VENV", self.venv)
        monkeypatch.setattr(bootstrap, "PYTHON", self.venv / "bin" / "python")
        monkeypatch.setattr(bootstrap.subprocess, "run", self.run)

    def lock(self, name: str, content: str) -> None:
        (self.folder / "requirements" / f"{name}.txt").write_text(f"{name} {content}", encoding="utf-8")

    def run(self, command: list[Any], **_: Any) -> subprocess.CompletedProcess[bytes]:
        words = " ".join(str(word) for word in command)
        python, pip = self.venv / "bin" / "python", self.venv / "pip"
        if "-m venv" in words:
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()
        if self.breaks_at and self.breaks_at in words:
            raise KeyboardInterrupt
        if "-m venv" in words:
            assert "--clear" in words
            pip.touch()
        if "import pip" in words:
            return subprocess.CompletedProcess(command, 0 if pip.exists() else 1)
        self.ran.append("venv" if "-m venv" in words else Path(words.split()[-1]).stem)
        return subprocess.CompletedProcess(command, 0)

    def done(self, name: str) -> list[str]:
        """What a call does."""
        self.ran = []
        bootstrap.main(name)
        return self.ran


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_it_is_made_once_and_installed_once(machine: Machine) -> None:
    assert machine.done("runtime") == ["venv", "runtime"]
    assert machine.done("runtime") == []
    assert machine.done("development") == ["development"]
    assert machine.done("development") == []
    assert machine.done("runtime") == [], "the development lock holds the pins of the other"


def test_only_what_was_installed_last_counts(machine: Machine) -> None:
    """Back at an older commit, the pins of the newer one are still there."""
    machine.done("development")
    machine.lock("development", "2")
    machine.lock("runtime", "2")
    assert machine.done("runtime") == ["runtime"]
    machine.lock("development", "1")
    assert machine.done("development") == ["development"]


def test_an_installation_that_was_cut_short_is_repeated(machine: Machine) -> None:
    machine.done("runtime")
    machine.lock("runtime", "2")
    machine.breaks_at = "-m pip"
    with pytest.raises(KeyboardInterrupt):
        machine.done("runtime")
    machine.breaks_at = ""
    machine.lock("runtime", "1")
    assert machine.done("runtime") == ["runtime"], "some of the second lock may be there already"


def test_an_environment_that_was_cut_short_is_made_anew(machine: Machine) -> None:
    """Its Python is there before its pip."""
    machine.breaks_at = "-m venv"
    with pytest.raises(KeyboardInterrupt):
        machine.done("runtime")
    machine.breaks_at = ""
    assert (machine.venv / "bin" / "python").exists()
    assert machine.done("runtime") == ["venv", "runtime"]


def test_an_old_python_is_told_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10))
    with pytest.raises(SystemExit, match=r"3\.11"):
        machine.done("runtime")
