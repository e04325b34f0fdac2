"""The example for `@playwright/test`, run as it stands: its client is today's, its types are right, its tests pass.

An independent check: Node's programs come from npm, the browser is the one that all the other tests have.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from sandbox_idp.testing.pair import PairInfo
from tools import browsers, independent, interop_node, typescript_client
from tools.interop_environment import EnvironmentFailedError


@pytest.fixture
def example() -> Path:
    """The example's folder with its packages. The test is not run where Node or a package is missing."""
    independent.need_command("node")
    independent.need_command("npm")
    try:
        return interop_node.example()
    except EnvironmentFailedError as error:
        independent.could_not_run(f"the TypeScript example could not be installed: {error.reason}")


def run(folder: Path, program: str, *arguments: str, **environ: str) -> str:
    """What a program of one of the packages prints; AssertionError with it if it fails."""
    command = [str(folder / "node_modules" / ".bin" / program), *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environ},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_client_is_what_the_generator_makes_of_todays_document(example: Path) -> None:
    """Whoever changes the control API makes it anew."""
    is_todays = typescript_client.CLIENT.read_text(encoding="utf-8") == typescript_client.generated()
    assert is_todays, "run `python -m tools.typescript_client`"


def test_its_types_are_right(example: Path) -> None:
    """Strictly, the generated ones included."""
    run(example, "tsc", "--noEmit")


def test_its_failures_strike_and_are_survived(
    example: Path, pair: PairInfo, playwright: Playwright, artefacts: Path
) -> None:
    """R-030, R-061: `token-500` and `sms-lost` against our portal, in the Chromium of this machine."""
    path = browsers.installed("chromium", playwright, os.environ).path
    said = run(
        example,
        "playwright",
        "test",
        "--workers=1",
        f"--output={artefacts.resolve() / 'typescript'}",
        SANDBOX_URL=pair.idp_url,
        IDP_CONTROL_TOKEN=pair.control_token,
        **({} if path is None else {"CHROMIUM": path}),
    )
    assert "2 passed" in said
