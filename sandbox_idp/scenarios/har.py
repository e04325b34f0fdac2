"""Exchanges of the journal as HAR 1.2, which browsers' developer tools and Playwright read.

Nothing is in it that is not in the journal: addresses are templates (`:id` where an identifier stood) without their
query, and there are no cookies and no bodies. What HAR has no place for stands in fields of our own, which begin with
`_` as its specification asks for.
"""

from __future__ import annotations

import http
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import JournalLine

UNKNOWN = -1
"""HAR's word for a size or a time that nobody measured."""
CREATOR = {"name": "sandbox-idp", "version": "1"}


def har(stand: Stand, lines: Sequence[JournalLine]) -> dict[str, Any]:
    """The exchanges among `lines` by their times, each with the effects on it; what else happened is in `_events`."""
    entries, events = [], []
    waiting: dict[tuple[Any, ...], list[JournalLine]] = {}
    for line in lines:
        if line.kind == "exchange":
            struck = waiting.pop(_where(line, line.name), [])
            entries.append(_entry(stand, line, struck))
            continue
        events.append(_event(line))
        if line.kind == "effect":
            waiting.setdefault(_where(line, line.details.get("exchange")), []).append(line)
    entries.sort(key=lambda entry: entry["startedDateTime"])
    return {
        "version": "1.2",
        "creator": CREATOR,
        "pages": _pages(entries),
        "entries": entries,
        "_stand": stand.id,
        "_events": events,
    }


def _where(line: JournalLine, exchange: Any) -> tuple[Any, ...]:
    """What an effect and the exchange that it acted on have in common: the effect is written first."""
    return line.program, line.channel, line.sign_in, line.browser, exchange


def _pages(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A page for each sign-in: tools show its exchanges together."""
    first: dict[str, str] = {}
    for entry in entries:
        if "pageref" in entry:
            first.setdefault(entry["pageref"], entry["startedDateTime"])
    return [
        {
            "startedDateTime": began,
            "id": name,
            "title": name,
            "pageTimings": {"onContentLoad": UNKNOWN, "onLoad": UNKNOWN},
        }
        for name, began in first.items()
    ]


def _entry(stand: Stand, line: JournalLine, struck: Sequence[JournalLine]) -> dict[str, Any]:
    method, _, template = line.name.partition(" ")
    told = line.details
    milliseconds = int(told.get("ms", 0))
    own = stand.portal_url if line.program == "portal" else stand.idp_url
    entry: dict[str, Any] = {
        "startedDateTime": _moment(line.real_at - timedelta(milliseconds=milliseconds)),
        "time": milliseconds,
        "request": {
            "method": method,
            "url": _address(own, template),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": [],
            "headersSize": UNKNOWN,
            "bodySize": UNKNOWN,
        },
        "response": _response(line, own),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_id": line.id,
        "_at": _moment(line.at),
        "_program": line.program,
        "_channel": line.channel,
        "_sign_in": line.sign_in,
        "_template": template,
        "_effects": [{"entry": each.entry, "kind": each.name} for each in struck],
    }
    if line.sign_in is not None:
        entry["pageref"] = f"sign-in-{line.sign_in}"
    return entry


def _response(line: JournalLine, own: str) -> dict[str, Any]:
    told = line.details
    kind = str(told.get("type", ""))
    size = int(told.get("size", UNKNOWN))
    leads_to = _address(str(told.get("to_host") or own), str(told["to"])) if told.get("to") else ""
    headers = [("Content-Type", kind), ("Location", leads_to)]
    return {
        # HAR has no word for an answer that never came; tools write 0.
        "status": line.status or 0,
        "statusText": _reason(line.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers if value],
        "content": {"size": max(size, 0), "mimeType": kind or "x-unknown"},
        "redirectURL": leads_to,
        "headersSize": UNKNOWN,
        "bodySize": size,
    }


def _event(line: JournalLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "at": _moment(line.at),
        "kind": line.kind,
        "name": line.name,
        "program": line.program,
        "sign_in": line.sign_in,
        "entry": line.entry,
        "details": line.details,
    }


def _address(base: str, template: str) -> str:
    return base + template.replace("<id>", ":id")


def _reason(status: int | None) -> str:
    try:
        return http.HTTPStatus(status or 0).phrase
    except ValueError:
        return ""


def _moment(at: Any) -> str:
    return str(at.astimezone(UTC).isoformat(timespec="milliseconds"))
