"""Make the environment of a client library that somebody else wrote, in .test-tools, from its own lock file.

Usage: python -m tools.interop_environment esia-connector

The library gets an environment of its own because its dependencies are not ours. A stamp with the hash of the lock
says that it is complete, so a second call returns at once, and two at a time wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".test-tools"


class EnvironmentFailedError(Exception):
    """The environment could not be made; `reason` is the last thing that the failing command said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lock(name: str) -> Path:
    """The lock file of the library `name`."""
    return ROOT / "requirements" / f"interop-{name}.txt"


def interpreter(name: str) -> Path:
    """The Python of the library's environment, which is made first if it is missing or out of date."""
    folder = TOOLS / name
    python = folder / "bin" / "python"
    stamp = folder / f".installed-{hashlib.sha256(lock(name).read_bytes()).hexdigest()[:16]}"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (stamp.exists() and python.exists()):
            shutil.rmtree(folder, ignore_errors=True)
            _run(sys.executable, "-m", "venv", str(folder))
            pip = (str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input")
            _run(*pip, "--require-hashes", "-r", str(lock(name)))
            stamp.touch()
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise EnvironmentFailedError(said[-1] if said else f"{command[1:]} ended with {done.returncode}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not lock(sys.argv[1]).exists():
        sys.exit(__doc__)
    try:
        print(interpreter(sys.argv[1]))
    except EnvironmentFailedError as error:
        sys.exit(error.reason)
