"""Independent checks: programs that others wrote and that must run against ours unmodified.

One that cannot run here (a missing command, no network) says so and is counted as not run; with `REQUIRE_INDEPENDENT=1`
it fails instead.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

REQUIRED = "REQUIRE_INDEPENDENT"


def could_not_run(reason: str) -> NoReturn:
    """End the test at hand as an independent check that could not run."""
    print(f"Independent check could not run: {reason}", flush=True)
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {reason}", pytrace=False)
    pytest.skip(f"could not run: {reason}")


def need_command(name: str) -> str:
    """The path of a command that the check needs."""
    found = shutil.which(name)
    if found is None:
        could_not_run(f"the command {name} is missing")
    return found
