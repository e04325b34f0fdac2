"""Hashes of what must not lie in the database as it was typed or sent (S-32, S-37)."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app


def keyed_hash(purpose: str, value: str) -> str:
    """An HMAC with the program's secret key; `purpose` keeps equal values of different kinds apart.

    Six digits or a phone number are too few to be hidden by a plain hash: whoever reads the table could try them all.
    """
    key = str(current_app.secret_key or "").encode()
    return hmac.new(key, f"{purpose}|{value}".encode(), hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """SHA-256 of a random token: 256 random bits need no key."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def subject(oid: int) -> str:
    """What a log line says instead of the person (S-62)."""
    return keyed_hash("subject", str(oid))[:12]
