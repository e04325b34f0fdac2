"""Long answers: hold a request until there is something to say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from foundation.clock import steady_seconds

Item = TypeVar("Item")
PAUSE = 0.2
"""The database is asked five times a second at most."""


def wait_for(read: Callable[[], Sequence[Item]], seconds: float) -> Sequence[Item]:
    """What `read` gives as soon as it is not empty, or after `seconds` of real time."""
    pause = threading.Event()
    end = steady_seconds() + seconds
    while True:
        found = read()
        left = end - steady_seconds()
        if found or left <= 0:
            return found
        pause.wait(min(PAUSE, left))
