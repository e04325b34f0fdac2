"""Make the environment in .venv, or bring it up to date with the lock file. Needs nothing but Python itself.

Usage: python tools/bootstrap.py runtime|development

A stamp in .venv holds the hash of the lock that was installed last, so a second call returns at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
INCLUDES = {"runtime": ("runtime", "development"), "development": ("development",)}
"""Which installed locks are enough for what is asked: the development lock holds the runtime's pins as well."""


def lock(name: str) -> Path:
    """The lock file of that name."""
    return ROOT / "requirements" / f"{name}.txt"


def stamp(name: str) -> Path:
    """The file that says that this very lock is installed."""
    return VENV / f".installed-{name}-{hashlib.sha256(lock(name).read_bytes()).hexdigest()[:16]}"


def is_made() -> bool:
    """Whether .venv is whole: where making it was cut short there is a Python, but no pip yet."""
    return (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", "import pip"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


def make_environment() -> None:
    """Make .venv; on Debian its module `venv` may be a package of its own."""
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing Debian's {package}…", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        return
    sys.exit(f"Python's module venv does not work here. On Debian and Ubuntu: apt install {package}")


def main(name: str) -> None:
    """Install the lock `name` unless it is installed."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}: make PYTHON=…")
    if PYTHON.exists() and any(stamp(other).exists() for other in INCLUDES[name]):
        return
    if not is_made():
        print(f"Making the environment in {VENV.name}…", flush=True)
        make_environment()
    # Whatever lock was installed before, what is there from now on is not it.
    for old in VENV.glob(".installed-*"):
        old.unlink()
    print(f"Installing {lock(name).relative_to(ROOT)}…", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock(name))], check=True)
    stamp(name).touch()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in INCLUDES:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(f"Failed: {' '.join(str(part) for part in error.cmd)}")
