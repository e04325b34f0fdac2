"""Idempotency keys of forms: made with the form, kept in it, and worth something only for what it was made for (U-17).

A key is random and carries its purpose under a signature: which act, for whom, on what. So a form that is sent twice,
from wherever and whenever, is the same wish twice, and a form that was opened for somebody else or has been tampered
with is none.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app

from portal.web.context import given

_SIZE = 18
"""Random bytes in a key (S-03 asks for 128 bits; these are 144)."""


def new_form_key(*purpose: str) -> str:
    """A key for one form: `random.signature`, ASCII, at most 80 characters."""
    value = given().ids.token(_SIZE)
    return f"{value}.{signature_of(str(current_app.config['SECRET_KEY']), value, *purpose)}"


def read_form_key(sent: str | None, *purpose: str) -> str | None:
    """The random part of a key that was made for exactly this purpose; None for anything else."""
    value, _, signature = (sent or "").partition(".")
    expected = signature_of(str(current_app.config["SECRET_KEY"]), value, *purpose)
    if not value.isascii() or not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    return value


def signature_of(secret: str, value: str, *purpose: str) -> str:
    """What binds a random value to its purpose: 32 hex digits."""
    key = hmac.new(secret.encode(), b"portal form keys", hashlib.sha256).digest()
    # Lengths keep the parts apart: ("ab", "c") is another purpose than ("a", "bc").
    text = "".join(f"{len(part)}:{part}" for part in (value, *purpose))
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
