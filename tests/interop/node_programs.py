"""Runs the Node programs of `tests/interop/node` for the tests that talk to them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools import independent, interop_node
from tools.interop_environment import EnvironmentFailedError


@contextmanager
def running(name: str, settings: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """One program with its settings; it ends with the block. The test is not run where Node or a package is missing."""
    node = independent.need_command("node")
    independent.need_command("npm")
    try:
        program = interop_node.program(name)
    except EnvironmentFailedError as error:
        independent.could_not_run(f"{name} could not be installed: {error.reason}")
    command = [node, str(program), json.dumps(settings)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that the program prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answer_to(process: subprocess.Popen[str], line: str) -> Any:
    """What the program says to a line, as JSON."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return json.loads(line_of(process))
