"""The schedule of works that Gosuslugi publishes, as `{"windows": [{"start", "end", "kind", "title"}], "now": …}`.

It may also tell whether codes by SMS go out: `"sms": "works"` or `"down"`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal.esia.errors import Malformed
from portal.esia.shapes import mapping, objects, text, text_or_none

CALL = "works"


@dataclass(frozen=True)
class Works:
    """A window of works."""

    start: datetime
    end: datetime | None
    """None: nobody promises an end."""
    kind: str
    title: str


@dataclass(frozen=True)
class Announced:
    """What Gosuslugi tells about itself."""

    windows: list[Works]
    """Earliest first."""
    sms: bool | None
    """Whether codes by SMS go out; None where it does not tell."""


def parse_announced(answer: Any) -> Announced:
    """All of it; Malformed if the shape is another one."""
    sms = text_or_none(mapping(answer, CALL), "sms", CALL)
    return Announced(parse_works(answer), None if sms is None else sms == "works")


def parse_works(answer: Any) -> list[Works]:
    """The windows, earliest first; Malformed if the shape is another one."""
    windows = [
        Works(
            start=_moment(text(item, "start", CALL)),
            end=_moment_or_none(text_or_none(item, "end", CALL)),
            kind=text_or_none(item, "kind", CALL) or "",
            title=text_or_none(item, "title", CALL) or "",
        )
        for item in objects(mapping(answer, CALL), "windows", CALL)
    ]
    return sorted(windows, key=lambda window: window.start)


def current_works(windows: list[Works], now: datetime) -> Works | None:
    """What is on now, as one window: of windows that overlap the earliest start and the latest end count."""
    on = [window for window in windows if window.start <= now and (window.end is None or now < window.end)]
    if not on:
        return None
    end = _latest(on)
    for window in windows:
        if end is not None and now < window.start <= end:
            end = None if window.end is None else max(end, window.end)
    return Works(start=on[0].start, end=end, kind=on[0].kind, title=on[0].title)


def _latest(windows: list[Works]) -> datetime | None:
    ends = [window.end for window in windows]
    return None if None in ends else max(end for end in ends if end is not None)


def _moment_or_none(value: str | None) -> datetime | None:
    return None if value is None else _moment(value)


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Malformed(call=CALL, detail="a time is not ISO 8601") from None
    if moment.tzinfo is None:
        raise Malformed(call=CALL, detail="a time without a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed(call=CALL, detail="a time outside the calendar") from None
