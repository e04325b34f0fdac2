"""Running the inspection of a file in a process of its own, so that no file can take the portal's time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from portal.files import inspection
from portal.files.inspection import BrokenError, Kind

SECONDS = 15.0
"""Wall time; the processor's own limit in the process is shorter, but it may have to wait for its turn."""
PROGRAM = Path(inspection.__file__)


def check_apart(kind: Kind, content: bytes, *, seconds: float = SECONDS) -> None:
    """As `inspection.check`, in another process. A file that needs more than the limits is BrokenError."""
    try:
        done = subprocess.run(  # noqa: S603 - this very interpreter, a program of this package, no word of a stranger
            [sys.executable, "-I", str(PROGRAM), kind], input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenError("time") from error
    except BrokenPipeError as error:
        raise BrokenError("ended") from error
    try:
        problem = json.loads(done.stdout)["problem"]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenError(f"exit {done.returncode}") from error
    if problem is not None:
        raise inspection.PROBLEMS[problem]
