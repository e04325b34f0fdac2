"""Stands as the control API and the console tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from foundation.clock import SystemClock
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.models import StandRecord


def living(house: House) -> list[StandRecord]:
    """Every stand whose time is not over, the default one first, then by age."""
    now = SystemClock().now()
    records = [record for record in house.records() if record.expires_at is None or record.expires_at > now]
    return sorted(records, key=lambda record: (record.id != DEFAULT, record.created_at, record.id))


def prefix_of(stand_id: str) -> str:
    """The path prefix of a stand on both programs."""
    return "" if stand_id == DEFAULT else f"/s/{stand_id}"


def clock_of(stand: Stand) -> DatabaseClock:
    """The stand's clock with what moves it."""
    return cast("DatabaseClock", stand.clock)


def record_answer(record: StandRecord, settings: SandboxSettings) -> dict[str, Any]:
    """What the register knows of a stand."""
    prefix = prefix_of(record.id)
    return {
        "id": record.id,
        "name": record.name,
        "portal_url": settings.portal_url + prefix,
        "idp_url": settings.public_url + prefix,
        "control_url": f"{settings.public_url}{prefix}/control/v1",
        "limits": record.limits,
        "created_at": record.created_at.isoformat(),
        "expires_at": _iso(record.expires_at),
    }


def clock_answer(stand: Stand) -> dict[str, Any]:
    """The stand's time, and whether it stands still."""
    clock = clock_of(stand)
    return {"now": clock.refresh().isoformat(), "frozen": clock.is_frozen()}


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
