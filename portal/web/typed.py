"""What somebody typed into a form, as far as it may be shown or kept: nothing secret, nothing of the form's own."""

from __future__ import annotations

from collections.abc import Iterable

Typed = list[tuple[str, str]]
"""Name and value of each field, in the order of the form; a name may come more than once."""

_SECRET = ("password", "code", "token", "secret", "pin")
"""A field with one of these in its name is never shown again or kept (U-9, S-51, U-30)."""

_NO_SECRET = frozenset({"error_code"})
"""Fields that are only named like a secret: «Код для поддержки» opens nothing and is read out to anybody (R-110)."""

_OF_THE_FORM = frozenset({"clinic", "form_key", "key", "kind", "next", "session", "slot", "speciality"})
"""Fields that a page fills in by itself: sent again with the rest, and nothing that anybody typed."""


def to_be_shown(values: Typed) -> list[str]:
    """What the person would recognise as typed by themselves."""
    return [value for name, value in values if value and name not in _OF_THE_FORM]


def typed_in(fields: Iterable[tuple[str, str]]) -> Typed:
    """The fields without those that are secret; the CSRF token is one of them."""
    return [(name, value) for name, value in fields if not _is_secret(name)]


def _is_secret(name: str) -> bool:
    return name not in _NO_SECRET and any(word in name.lower() for word in _SECRET)
