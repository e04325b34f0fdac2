"""The package as somebody else installs it: built, unpacked into an empty folder, and used from another repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
THEIR_TESTS = """
from datetime import timedelta


def test_a_stand_of_ones_own(stand, inbox, clock):
    before = stand.control.advance(timedelta(seconds=1))
    clock.advance(timedelta(minutes=6))
    assert stand.control.advance(timedelta(seconds=1)) - before >= timedelta(minutes=6)
    assert inbox.is_empty()


def test_somebody_new(stand, person):
    made = person(surname="Новикова", factors=["totp"])
    assert made["oid"] in {each["oid"] for each in stand.control.people()}
    assert stand.control.totp(made["oid"]).isdigit()


def test_a_scenario_is_armed_in_it_alone(stand, make_stand, arm):
    assert arm("token-500")["state"] == "armed"
    assert stand.control.scenario("token-500")["state"] == "armed"
    assert make_stand().control.scenario("token-500")["state"] == "idle"


def test_pages_come_with_their_templates_and_styles(stand):
    import httpx2

    for address in (stand.portal_url + "/", stand.idp_url + "/"):
        page = httpx2.get(address, trust_env=False)
        assert page.status_code == 200
        assert "/static/" in page.text
"""
"""What stands in the tests of another repository, whose only tie to this one is the installed package."""


def pip(command: str, *arguments: str | Path) -> None:
    """Run pip without asking anybody for anything."""
    options = ["--disable-pip-version-check", "--no-input", "-q"]
    line = [sys.executable, "-m", "pip", *options, command, "--no-index", *arguments]
    done = subprocess.run(line, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "e2e/", "docs/")):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    made, target = folder / "made", folder / "target"
    pip("wheel", "--no-build-isolation", "--no-deps", "-w", made, source)
    pip("install", "--no-deps", "--target", target, *made.glob("*.whl"))
    return target


def test_the_fixtures_work_in_somebody_elses_repository(installed: Path, tmp_path: Path) -> None:
    """The plug-in is found by its entry point, in a parallel worker too, and brings everything that it needs.

    One worker: each starts a pair of programs of its own.
    """
    (tmp_path / "test_theirs.py").write_text(THEIR_TESTS, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    arguments = ["-q", "-n", "1", "-p", "no:randomly", "-p", "no:cacheprovider", "-W", "error"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, tmp_path],
        cwd=tmp_path,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_the_command_is_installed(installed: Path) -> None:
    """`sandbox-idp` leads to the same commands as `python -m sandbox_idp`."""
    command = installed / "bin" / "sandbox-idp"
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, command, "--help"],
        cwd=installed,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
