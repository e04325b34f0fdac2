"""What stands are made of lies ready: a thread makes keys, and schemas on PostgreSQL, when some were used."""

from __future__ import annotations

import threading
from collections.abc import Callable

from foundation import log

SETTLING = 2.0
"""Real seconds before the first work, so that it does not take the processor from programs that are being started."""
BREATH = 0.25
"""Real seconds between the use and the work: several stands that are made in one go come first."""
_log = log.get_log("sandbox_idp.stands")


class Stock:
    """A thread that fills up what was taken."""

    def __init__(self, work: Callable[[], bool]) -> None:
        """`work` does one piece and tells whether there may be more to do."""
        self._work = work
        self._used = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Begin, unless that has been done."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="stands-stock", daemon=True)
            self._thread.start()

    def used(self) -> None:
        """Say that something was taken."""
        self._used.set()

    def close(self) -> None:
        """End, after the piece of work at hand."""
        self._closing.set()
        self._used.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        self._closing.wait(SETTLING)
        while not self._closing.is_set():
            self._used.clear()
            self._fill_up()
            self._used.wait()
            self._closing.wait(BREATH)

    def _fill_up(self) -> None:
        try:
            while not self._closing.is_set() and self._work():
                pass
        except Exception as error:  # noqa: BLE001 - stands are made without it too, only more slowly
            _log.warning("stock_not_filled", reason=type(error).__name__)
