"""What kind of answer a request can use."""

from __future__ import annotations

from flask import request


def wants_fragment() -> bool:
    """Whether htmx asked for a part of the page (a link or form that replaces the whole page gets a whole page)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"
