"""Reading JSON strictly: each function gives the value in its type or raises Malformed with the member's name.

A member that is absent, null or an empty string is "not there"; only the required ones complain about that.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from portal.esia.errors import Malformed

LONGEST = 4096
"""Characters of one text; more is no name, number or address."""


def parse_json(body: bytes, call: str) -> Any:
    """The value in `body`; Malformed if it is not JSON in UTF-8. NaN, Infinity and absurd depth are not JSON."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed(call=call, detail="not JSON") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def mapping(value: Any, call: str) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise Malformed(call=call, detail="not an object")
    return value


def objects(item: dict[str, Any], name: str, call: str) -> list[dict[str, Any]]:
    """A required list of objects; an empty collection may tell its size alone, `{"size": 0}`."""
    value = item.get(name)
    if value is None and item.get("size") == 0:
        return []
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        raise Malformed(call=call, detail=name)
    return value


def text(item: dict[str, Any], name: str, call: str) -> str:
    """A required text."""
    value = text_or_none(item, name, call)
    if value is None:
        raise Malformed(call=call, detail=name)
    return value


def text_or_none(item: dict[str, Any], name: str, call: str) -> str | None:
    """An optional text; control characters count as spaces, and several spaces as one.

    NUL and lone surrogates are refused: no database keeps them and no page can show them.
    """
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Malformed(call=call, detail=name)
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise Malformed(call=call, detail=name)
    readable = "".join(letter if letter.isprintable() else " " for letter in value)
    return " ".join(readable.split()) or None


def boolean(item: dict[str, Any], name: str, call: str) -> bool:
    """An optional truth value; absent means no."""
    value = item.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Malformed(call=call, detail=name)
    return value


def date_or_none(item: dict[str, Any], name: str, call: str) -> date | None:
    """An optional day as `26.05.2000`."""
    value = text_or_none(item, name, call)
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise Malformed(call=call, detail=name) from None


def identifier(item: dict[str, Any], name: str, call: str) -> str:
    """A required number of ESIA's (a JSON integer, or digits as text), as text that is safe in a path."""
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**19:
        return str(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return value
    raise Malformed(call=call, detail=name)


def digits_or_none(item: dict[str, Any], name: str, call: str, *, count: int) -> str | None:
    """An optional number of exactly `count` digits; spaces and dashes are dropped."""
    value = text_or_none(item, name, call)
    if value is None:
        return None
    digits = "".join(letter for letter in value if letter not in " -\u00a0")
    if len(digits) != count or not digits.isascii() or not digits.isdigit():
        raise Malformed(call=call, detail=name)
    return digits
