"""What this machine can do, and whether something else used it meanwhile."""

from __future__ import annotations

import contextlib
import os
import statistics
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import nacl.pwhash
import psutil
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from nacl.pwhash import argon2id

T = TypeVar("T")
PASSWORD = b"bench"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
DISTURBED = 0.1
"""A share of the machine's time that others may take before a run counts as disturbed."""

_HASH = argon2id.str(PASSWORD, opslimit=2, memlimit=19 * 1024 * 1024)
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def verify() -> None:
    """One Argon2id verification at the sandbox's setting: 19 MiB, two passes, one lane."""
    nacl.pwhash.verify(_HASH, PASSWORD)


def sign() -> bytes:
    """One RS256 signature."""
    return _KEY.sign(b"bench", padding.PKCS1v15(), hashes.SHA256())


def verifications_per_second(seconds: float) -> float:
    """Argon2id verifications a second, with as many threads as cores."""
    counts = [0] * CORES
    begun = time.perf_counter()
    end = begun + seconds

    def work(place: int) -> None:
        while time.perf_counter() < end:
            verify()
            counts[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(CORES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def verification_cpu(times: int = 20) -> float:
    """Processor seconds of one verification, alone on its core."""
    begun = time.process_time()
    for _ in range(times):
        verify()
    return (time.process_time() - begun) / times


def verification_and_two_signatures(times: int = 5) -> float:
    """Seconds that one verification and two signatures take."""
    return statistics.median(_timed_work() for _ in range(times))


def _timed_work() -> float:
    begun = time.perf_counter()
    verify()
    sign()
    sign()
    return time.perf_counter() - begun


def cpu_of(pids: Iterable[int]) -> float:
    """Processor seconds that these processes and everything below them have used so far."""
    total = 0.0
    seen: set[int] = set()
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(pid)
            for process in (parent, *parent.children(recursive=True)):
                if process.pid in seen:
                    continue
                seen.add(process.pid)
                with contextlib.suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    total += times.user + times.system
    return total


@dataclass
class Watch:
    """What was seen of the machine during a measurement."""

    wall: float = 0.0
    ours: float = 0.0
    """Processor seconds of the watched processes."""
    others: float = 0.0
    """Share of the machine's time that somebody else took."""
    newcomers: list[int] = field(default_factory=list)
    """Processes that were started meanwhile and belong to the measurement."""
    gone: float = 0.0
    """Processor seconds of such processes that have ended already."""

    @property
    def is_disturbed(self) -> bool:
        """Whether somebody else took too much."""
        return self.others > DISTURBED


@contextlib.contextmanager
def watching(pids: Iterable[int]) -> Iterator[Watch]:
    """Watch these processes (and this one) during the block."""
    processes = [*pids, os.getpid()]
    watch = Watch()
    busy, ours, wall = _busy(), cpu_of(processes), time.perf_counter()
    yield watch
    watch.wall = time.perf_counter() - wall
    watch.ours = cpu_of(processes) - ours + cpu_of(watch.newcomers) + watch.gone
    watch.others = max(0.0, _busy() - busy - watch.ours) / (watch.wall * (psutil.cpu_count() or 1))


def _busy() -> float:
    times = psutil.cpu_times()
    further = (getattr(times, name, 0.0) for name in ("nice", "irq", "softirq", "steal"))
    return float(times.user + times.system + sum(further))


def calm(samples: list[tuple[T, Watch]]) -> tuple[list[T], int]:
    """The samples in which nobody else took the processor (else the calmer half), and how many were left out."""
    found = [value for value, watch in samples if not watch.is_disturbed]
    if not found:
        calmer = sorted(samples, key=lambda sample: sample[1].others)[: (len(samples) + 1) // 2]
        found = [value for value, _ in calmer]
    return found, len(samples) - len(found)


def undisturbed(samples: list[tuple[float, Watch]]) -> tuple[float, int]:
    """Median of the calm samples, and how many were left out."""
    found, left_out = calm(samples)
    return statistics.median(found), left_out
