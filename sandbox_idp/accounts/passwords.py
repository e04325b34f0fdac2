"""Passwords: Argon2id by libsodium, through a gate as wide as the cores (S-30), one verification per try (S-32).

Hashes are PHC strings, so the parameters stand in them; `needs_rehash` tells when they are no longer today's. More
threads than cores make hashing slower, hence the gate; who does not get through in time gets `HashingBusyError`.
"""

from __future__ import annotations

import contextlib
import os
import threading
import unicodedata
from collections.abc import Iterator
from datetime import timedelta

import nacl.exceptions
import nacl.pwhash
from nacl.pwhash import argon2id

MEMORY_KIB = 19 * 1024
PASSES = 2
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$ACt/0NVESwYqiiFxsR1kGw$N/OObzApYmUlu6m939T0uiuI2Adyaw/5A6vxUrrwcxM"
"""The hash that is verified when there is no such login, so that the work is the same (S-32). Its answer is ignored."""


class HashingBusyError(Exception):
    """Too many people are signing in at once; `retry_after` says when to come again."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"hashing is busy, retry after {retry_after}")
        self.retry_after = retry_after


class Gate:
    """Lets a limited number of hashings run side by side; the others wait in line for a limited time."""

    def __init__(self, width: int, *, wait: timedelta = timedelta(seconds=10)) -> None:
        self.width = width
        self._wait = wait
        self._slots = threading.BoundedSemaphore(width)

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """Hold one place inside the block; HashingBusyError if none came free in time."""
        if not self._slots.acquire(timeout=self._wait.total_seconds()):
            raise HashingBusyError(self._wait)
        try:
            yield
        finally:
            self._slots.release()


gate = Gate(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
"""The gate of this process."""


def prepared(password: str) -> bytes:
    """The bytes that are hashed: NFKC, nothing cut off (S-28)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def hash_password(password: str) -> str:
    """A PHC string with a random salt and today's parameters."""
    with gate.passing():
        return argon2id.str(prepared(password), opslimit=PASSES, memlimit=MEMORY_KIB * 1024).decode("ascii")


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`.

    Without a stored hash (no such login) the same work is done and the answer is no. HashingBusyError if the gate
    is full.
    """
    with gate.passing():
        try:
            nacl.pwhash.verify((stored or NOBODY).encode("ascii"), prepared(password))
        except nacl.exceptions.InvalidkeyError:
            return False
    return stored is not None


def spend_the_work() -> None:
    """One verification, whose answer nobody asks for.

    A recovery or a registration names a contact and no password yet; known and unknown ones cost the same (S-32).
    HashingBusyError if the gate is full.
    """
    verify(None, "")


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's (S-30)."""
    return not stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
