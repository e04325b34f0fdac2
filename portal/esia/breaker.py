"""The circuit breaker towards Gosuslugi (S-67)."""

from __future__ import annotations

import math
import threading
from datetime import datetime, timedelta

from foundation.clock import Clock

FAILURES = 5
REST = timedelta(seconds=15)


class Breaker:
    """Opens after five failures in a row; then nothing is asked for 15 s, after which one call at a time may try.

    Only silence and 5xx count as failures. The check before a sign-in (preflight) does not close it while it is shut
    anyway: a healthy front page must not hide a token endpoint that hangs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: datetime | None = None
        self._trying_since: datetime | None = None

    def rest_left(self) -> int:
        """Whole seconds until the next call may be made; 0: now. A call that is told 0 must report what came of it."""
        with self._lock:
            if self._opened_at is None:
                return 0
            now = self._clock.now()
            last = self._trying_since or self._opened_at
            left = (last + REST - now).total_seconds()
            if left > 0:
                return math.ceil(left)
            self._trying_since = now
            return 0

    def is_open(self) -> bool:
        """Whether Gosuslugi is taken to be down."""
        with self._lock:
            return self._opened_at is not None

    def failed(self) -> None:
        """A call ended in silence or with 5xx."""
        with self._lock:
            self._failures += 1
            self._trying_since = None
            if self._failures >= FAILURES:
                self._opened_at = self._clock.now()

    def passed(self, *, preflight: bool = False) -> None:
        """A call was answered."""
        with self._lock:
            if preflight and self._opened_at is None:
                return
            self._failures = 0
            self._opened_at = None
            self._trying_since = None
