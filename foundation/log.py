"""Logging: one JSON object a line on standard error, with what must never be logged taken out.

Events carry a name and data, never a sentence with values in it; user text is data and JSON-escaped, so a line cannot
be forged (S-63). Values under telling names and values that look like a code, a token, a SNILS or a phone are
replaced (S-62).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(
    r"password|secret|token|cookie|authorization|^code$|_code$|snils|phone|totp|key$", re.IGNORECASE
)
_PERSONAL = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|\+7[\s(]*\d{3}[\s)]*\d{3}[\s-]*\d{2}[\s-]*\d{2}"  # a phone
    r"|\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b"  # a SNILS
)
_DETAIL = re.compile(r"^(DETAIL: +).*$", re.MULTILINE)
"""PostgreSQL tells the row that breaks a constraint, with all that stands in it."""
HIDDEN = "[hidden]"


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor that replaces what S-62 forbids in a log."""
    for name, value in list(event.items()):
        if name in ("event", "level", "timestamp", "ref"):
            continue
        if _SECRET_NAMES.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _DETAIL.sub(rf"\1{HIDDEN}", _PERSONAL.sub(HIDDEN, value))
    return event


def configure(level: str) -> None:
    """Set logging up for this process; `level` is debug, info, warning or error."""
    number = getattr(logging, level.upper())
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def get_log(room: str) -> Any:
    """The logger of one room, such as `portal.sign_in`."""
    return structlog.get_logger(room=room)
