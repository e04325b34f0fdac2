"""The structure of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as JSON schema."""

from __future__ import annotations

from typing import Any

MOMENT = {"type": "string", "format": "date-time"}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}
TEXT = {"type": "string"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Members that must and may be there; others only if their name begins with an underscore."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {}), "comment": TEXT},
        "required": list(required),
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


PAIRS = _list(_object({"name": TEXT, "value": TEXT}))
COOKIES = _list(_object({"name": TEXT, "value": TEXT}))
REQUEST = _object(
    {
        "method": TEXT,
        "url": {"type": "string", "format": "uri"},
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": PAIRS,
        "queryString": PAIRS,
        "headersSize": SIZE,
        "bodySize": SIZE,
    },
    {"postData": {"type": "object"}},
)
RESPONSE = _object(
    {
        "status": {"type": "integer", "minimum": 0},
        "statusText": TEXT,
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": PAIRS,
        "content": _object({"size": {"type": "integer", "minimum": 0}, "mimeType": TEXT}, {"text": TEXT}),
        "redirectURL": TEXT,
        "headersSize": SIZE,
        "bodySize": SIZE,
    }
)
TIMINGS = _object(
    {name: {"type": "number", "minimum": 0} for name in ("send", "wait", "receive")},
    dict.fromkeys(("blocked", "dns", "connect", "ssl"), TIME),
)
ENTRY = _object(
    {
        "startedDateTime": MOMENT,
        "time": {"type": "number", "minimum": 0},
        "request": REQUEST,
        "response": RESPONSE,
        "cache": {"type": "object"},
        "timings": TIMINGS,
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
)
PAGE = _object(
    {
        "startedDateTime": MOMENT,
        "id": TEXT,
        "title": TEXT,
        "pageTimings": _object({}, {"onContentLoad": TIME, "onLoad": TIME}),
    }
)
HAR = _object(
    {
        "log": _object(
            {"version": {"const": "1.2"}, "creator": _object({"name": TEXT, "version": TEXT}), "entries": _list(ENTRY)},
            {"browser": _object({"name": TEXT, "version": TEXT}), "pages": _list(PAGE)},
        )
    }
)
