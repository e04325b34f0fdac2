"""Seeded chance: the same sign-in meets the same luck, in whatever order its calls come."""

from __future__ import annotations

import hashlib
import hmac


def strikes(
    probability: float, *, seed: int, entry: str, sign_in: int | None, method: str, template: str, asked: int
) -> bool:
    """Whether an effect of `probability` strikes this call.

    It depends on what is given and on nothing else: no running index, because calls run side by side. `asked` says how
    often the same sign-in has asked for the same thing (1 for the first time), so a repeated call has luck of its own.
    """
    return fraction(seed, entry, str(sign_in or 0), method, template, str(asked)) < probability


def fraction(seed: int, *parts: str) -> float:
    """A number from 0 to 1 (excluded) that depends on what is given and on nothing else."""
    digest = hmac.digest(str(seed).encode(), "\0".join(parts).encode(), hashlib.sha256)
    return (int.from_bytes(digest[:8], "big") >> 11) / 2.0**53
