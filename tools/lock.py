"""Resolve both lock files anew from pyproject.toml: every pin with its hashes, and no address of any index.

Usage: python tools/lock.py (needs uv on the path, or its path in UV)
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "runtime": ["--extra", "postgres"],
    "development": ["--extra", "postgres", "--extra", "test", "--extra", "lint"],
}
COMMON = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet")
OLDEST = "3.11"


def main() -> None:
    """Write requirements/*.txt."""
    for name, extras in LOCKS.items():
        command = [os.environ.get("UV", "uv"), "pip", "compile", *COMMON, "--python-version", OLDEST, *extras]
        subprocess.run(
            [*command, "pyproject.toml", "-o", f"requirements/{name}.txt"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        print(f"requirements/{name}.txt: written")


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{error}")
