"""Make the Node environment of the OpenID programs that others wrote, in .test-tools, from its own lock file.

Usage: python -m tools.interop_node

As for Python (`tools.interop_environment`): a stamp with the hash of the lock says that it is complete, and two calls
at a time wait for each other. No script of a package runs while it is installed. The lock was made with
`npm install --package-lock-only --omit-lockfile-registry-resolved`: hashes, and no addresses.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.interop_environment import ROOT, TOOLS, EnvironmentFailedError

PROGRAMS = ROOT / "tests" / "interop" / "node"
FOLDER = TOOLS / "node"


def program(name: str) -> Path:
    """The path of one of our small programs beside the packages that it imports, which are installed first if need be.

    Raises EnvironmentFailedError with what npm said.
    """
    stamp = FOLDER / f".installed-{_digest()}"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "node.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not stamp.exists():
            shutil.rmtree(FOLDER, ignore_errors=True)
            FOLDER.mkdir()
            for file in PROGRAMS.iterdir():
                shutil.copy(file, FOLDER / file.name)
            _install()
            stamp.touch()
    return FOLDER / name


def _digest() -> str:
    """What the environment is made of: the lock, and our programs beside it."""
    parts = [file.read_bytes() for file in sorted(PROGRAMS.iterdir())]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _install() -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=FOLDER, check=False, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailedError(f"npm: {type(error).__name__}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        raise EnvironmentFailedError(said[0] if said else f"npm ended with {done.returncode}")


if __name__ == "__main__":
    try:
        print(program("package.json").parent)
    except EnvironmentFailedError as error:
        sys.exit(error.reason)
