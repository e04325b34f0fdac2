"""Keys by which a form that is sent twice does its work once (U-17)."""

from __future__ import annotations

import re

from portal.doors import doors

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def key_of(given: str | None) -> str:
    """The key that a form came with; a new one for a form whose key was tampered with."""
    return given if given is not None and _KEY.fullmatch(given) else doors().ids.token(16)
