"""Make the Node environments of checks with programs that others wrote, in .test-tools, each from its own lock file.

Usage: python -m tools.interop_node

`node` is that of the OpenID programs, `typescript` that of the example in `e2e/examples/typescript`, `html` that of the
validator of HTML. As for Python
(`tools.interop_environment`): a stamp with the hash of the lock says that the packages are complete, and two calls at a
time wait for each other. No script of a package runs while it is installed. The locks were made with
`npm install --package-lock-only --omit-lockfile-registry-resolved`: hashes, and no addresses of an index.
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
EXAMPLE = ROOT / "e2e" / "examples" / "typescript"
VALIDATOR = ROOT / "tests" / "interop" / "html"
LOCK = ("package.json", "package-lock.json")
MODULES = "node_modules"


def program(name: str) -> Path:
    """The path of one of our small programs beside the packages that it imports, which are installed first if need be.

    Raises EnvironmentFailedError with what npm said.
    """
    return installed(PROGRAMS, "node") / name


def example() -> Path:
    """The folder of the TypeScript example with its packages. Raises EnvironmentFailedError with what npm said."""
    return installed(EXAMPLE, "typescript")


def validator() -> Path:
    """The validator of HTML as a Java archive. Raises EnvironmentFailedError with what npm said."""
    return installed(VALIDATOR, "html") / MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def installed(source: Path, name: str) -> Path:
    """A copy of the folder `source` as it is now, with the packages of its lock. EnvironmentFailedError as above."""
    folder = TOOLS / name
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        packages = folder / f".installed-{_digest([source / locked for locked in LOCK])}"
        if not packages.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for locked in LOCK:
                shutil.copy(source / locked, folder / locked)
            _install(folder)
            packages.touch()
        files = [file for file in sorted(source.rglob("*")) if file.is_file() and MODULES not in file.parts]
        copied = folder / f".copied-{_digest(files)}"
        if not copied.exists():
            for each in folder.iterdir():
                if each.name != MODULES and each != packages:
                    shutil.rmtree(each) if each.is_dir() else each.unlink()
            for file in files:
                target = folder / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
            copied.touch()
    return folder


def _digest(files: list[Path]) -> str:
    """What these files are: their names and all that is in them."""
    parts = [part for file in files for part in (file.name.encode(), file.read_bytes())]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailedError(f"npm: {type(error).__name__}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        raise EnvironmentFailedError(said[0] if said else f"npm ended with {done.returncode}")


if __name__ == "__main__":
    try:
        print(program("package.json").parent, example(), validator(), sep="\n")
    except EnvironmentFailedError as error:
        sys.exit(error.reason)
