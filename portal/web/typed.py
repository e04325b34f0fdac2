"""What somebody typed into a form, as far as it may be shown or kept: nothing secret, nothing of the form's own."""

from __future__ import annotations

from collections.abc import Iterable

Typed = list[tuple[str, str]]
"""Name and value of each field, in the order of the form; a name may come more than once."""

_SECRET = ("password", "code", "token", "secret", "pin")
"""A field with one of these in its name is never shown again or kept (U-9, S-51, U-30)."""


def typed_in(fields: Iterable[tuple[str, str]]) -> Typed:
    """The fields without those that are secret; the CSRF token is one of them."""
    return [(name, value) for name, value in fields if not any(word in name.lower() for word in _SECRET)]
