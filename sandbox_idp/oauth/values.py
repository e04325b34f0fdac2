"""Reading what came over the wire: parameters, timestamps, base64url. Tolerant only where ESIA is."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sandbox_idp.oauth.errors import ParameterMissingError, TimestampWrongError

TIMESTAMP_TOLERANCE = timedelta(minutes=5)
_TIMESTAMP = re.compile(r"(\d{4})\.(\d\d)\.(\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)
_PLUS_LOST = re.compile(r"[\d.]{10} [\d:]{8}  ?\d{4}", re.ASCII)
_TO_URL_ALPHABET = str.maketrans(" +/", "--_", "\r\n")


@dataclass(frozen=True)
class Parameters:
    """Parameters of one request, from query and body together; an empty one counts as absent (quirks 12 and 14)."""

    values: dict[str, str]
    spoilt: frozenset[str]
    """Names that came more than once with different values, or with a character that no database stores."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Parameters:
        """Gather name and value pairs; the first value of a name that comes twice is kept."""
        values: dict[str, str] = {}
        spoilt = set()
        for name, value in pairs:
            if value and (values.setdefault(name, value) != value or "\0" in value):
                spoilt.add(name)
        return cls(values, frozenset(spoilt))

    def get(self, name: str) -> str | None:
        """The value, None when absent."""
        return self.values.get(name)

    def need(self, name: str) -> str:
        """The value; ParameterMissingError (ESIA-007014) when absent."""
        value = self.values.get(name)
        if value is None:
            raise ParameterMissingError(name)
        return value

    def scopes(self) -> list[str]:
        """The scopes asked for, each once, in their order."""
        return list(dict.fromkeys(self.need("scope").split()))


def parse_timestamp(value: str) -> datetime:
    """The moment that `yyyy.MM.dd HH:mm:ss Z` names, in UTC; TimestampWrongError when it cannot be read."""
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        lost = _PLUS_LOST.fullmatch(value) is not None
        reason = "the + of the zone was not percent-encoded" if lost else "not yyyy.MM.dd HH:mm:ss Z"
        raise TimestampWrongError(value, reason)
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(offset if sign == "+" else -offset)
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise TimestampWrongError(value, "no such date, time or zone") from None


def check_timestamp(value: str, now: datetime) -> None:
    """TimestampWrongError (ESIA-007015) unless `value` lies within five minutes of `now`, on either side."""
    distance = parse_timestamp(value) - now
    if abs(distance) > TIMESTAMP_TOLERANCE:
        raise TimestampWrongError(value, f"{round(distance.total_seconds())} s from the clock of the stand")


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; ValueError when it is none."""
    value = json.loads(body.decode("utf-8"))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def normalise_base64(value: str) -> str:
    """Base64 as it arrives (`+` as a space, either alphabet, with or without padding, in lines) as padded base64url."""
    plain = value.translate(_TO_URL_ALPHABET).rstrip("=")
    return plain + "=" * (-len(plain) % 4)


def decode_base64(value: str) -> bytes:
    """The bytes in `value`; ValueError when it is not base64 in either alphabet."""
    text = normalise_base64(value)
    if re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text, re.ASCII) is None:
        raise ValueError("characters outside base64")
    try:
        return base64.urlsafe_b64decode(text)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
