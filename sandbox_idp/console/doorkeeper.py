"""Who may open the console: by the one-time key that is printed at start, or by the console's password (S-70).

What must outlive a request and hold for every process of the pair lies in small files beside the stands: a spent key
is a file made with "only if it is not there", so exactly one use wins; wrong passwords are counted per address.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from foundation.clock import Clock

FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)
MOST_ADDRESSES = 1000


class WrongKeyError(Exception):
    """The key is not the one of this start."""


class SpentKeyError(Exception):
    """The key was used before."""


class WrongPasswordError(Exception):
    """The password is not the console's."""


class LockedError(Exception):
    """Too many wrong passwords from this address: the next try is looked at in `seconds` of real time."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(left)
        self.seconds = max(1, round(left.total_seconds()))


class Doorkeeper:
    """Checks keys and passwords of one pair; safe to use from several processes."""

    def __init__(self, folder: Path, *, key: str, password: str, clock: Clock) -> None:
        """`key` or `password` may be empty: then that way in does not exist."""
        self._folder = folder
        self._key = key
        self._password = password
        self._clock = clock

    @property
    def has_password(self) -> bool:
        """Whether the console can be entered by password."""
        return bool(self._password)

    @property
    def fingerprint(self) -> str:
        """Changes with the key and the password: what was opened with others stays closed."""
        return hashlib.sha256(f"{self._key}\0{self._password}".encode()).hexdigest()

    def spend(self, key: str) -> None:
        """Use the one-time key up. Raises WrongKeyError or SpentKeyError."""
        if not self._is_key(key):
            raise WrongKeyError
        try:
            self._spent_file().touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise SpentKeyError from None

    def look_at(self, key: str) -> None:
        """Whether `spend` would do, without doing it: a page opened ahead by a browser costs nothing."""
        if not self._is_key(key):
            raise WrongKeyError
        if self._spent_file().exists():
            raise SpentKeyError

    def check_password(self, password: str, address: str) -> None:
        """Compare, and count the wrong ones per address. Raises LockedError or WrongPasswordError."""
        now = self._clock.now()
        name = hashlib.sha256(f"{self.fingerprint}{address}".encode()).hexdigest()[:24]
        with self._counters() as counters:
            failures, locked_until = counters.get(name, (0, None))
            if locked_until is not None and now < datetime.fromisoformat(locked_until):
                raise LockedError(datetime.fromisoformat(locked_until) - now)
            if self._password and hmac.compare_digest(self._password.encode(), password.encode()):
                counters.pop(name, None)
                return
            failures += 1
            lock = None
            if failures >= FREE_TRIES:
                lock = now + min(FIRST_LOCK * 2 ** min(failures - FREE_TRIES, 10), LONGEST_LOCK)
            counters[name] = (failures, lock and lock.isoformat())
            while len(counters) > MOST_ADDRESSES:
                counters.pop(next(iter(counters)))
        if lock is not None:
            raise LockedError(lock - now)
        raise WrongPasswordError

    def _is_key(self, key: str) -> bool:
        return bool(self._key) and hmac.compare_digest(self._key.encode(), key.encode())

    def _spent_file(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / f"{hashlib.sha256(self._key.encode()).hexdigest()}.spent"

    @contextlib.contextmanager
    def _counters(self) -> Iterator[dict[str, Any]]:
        """The counters under a lock, written back unless the block ends with an error."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / "wrong-passwords.json"
        path.touch(mode=0o600)
        with path.open("r+", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            counters: dict[str, Any] = {}
            with contextlib.suppress(json.JSONDecodeError):
                counters = json.loads(handle.read())
            yield counters
            handle.seek(0)
            handle.truncate()
            json.dump(counters, handle)
