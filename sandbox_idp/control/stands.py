"""Stands as the control API and the console tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from foundation.clock import SystemClock
from sandbox_idp.accounts.personas import BY_ID
from sandbox_idp.context import Stand
from sandbox_idp.control.calls import Answer
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.models import StandRecord


class StandRow(Answer):
    """What the register knows of a stand."""

    id: str
    name: str
    portal_url: str
    idp_url: str
    control_url: str
    limits: dict[str, float]
    """In seconds."""
    personas: list[str]
    """Those of the twelve that it keeps."""
    created_at: datetime
    expires_at: datetime | None
    """Real time; null for the default stand."""


class ClockAnswer(Answer):
    """A stand's time, and whether it stands still."""

    now: datetime
    frozen: bool


class StandAnswer(StandRow, ClockAnswer):
    """A stand with its time."""


class NewStandAnswer(StandAnswer):
    """A stand just made."""

    token: str
    """Opens only this stand; told this once."""


class StandsAnswer(Answer):
    """Every living stand."""

    stands: list[StandRow]


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


def row_answer(record: StandRecord, settings: SandboxSettings) -> StandRow:
    """What the register knows of a stand."""
    prefix = prefix_of(record.id)
    return StandRow(
        id=record.id,
        name=record.name,
        portal_url=settings.portal_url + prefix,
        idp_url=settings.public_url + prefix,
        control_url=f"{settings.public_url}{prefix}/control/v1",
        limits=record.limits,
        personas=list(BY_ID) if record.personas is None else record.personas,
        created_at=record.created_at,
        expires_at=record.expires_at,
    )


def clock_answer(stand: Stand) -> ClockAnswer:
    """The stand's time, and whether it stands still."""
    clock = clock_of(stand)
    return ClockAnswer(now=clock.refresh(), frozen=clock.is_frozen())


def stand_answer(stand: Stand, record: StandRecord, settings: SandboxSettings) -> StandAnswer:
    """A stand with its time."""
    return StandAnswer(**dict(row_answer(record, settings)), **dict(clock_answer(stand)))
