"""What the scenario engine remembers of a stand: what is armed, which sign-ins there were, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class StandState(SandboxTable, table=True):
    """The one row of a stand's own state: its clock and its counters."""

    __tablename__ = "stand_state"

    id: int = Field(default=1, primary_key=True)
    clock_offset: int = Field(sa_type=BigInteger, default=0, description="microseconds added to real time")
    frozen_at: datetime | None = Field(default=None, description="the stand's time while the clock is frozen")
    armed_version: int = Field(default=0, description="rises with every change of what is armed and of own scenarios")
    created_at: datetime
    seed: int = Field(sa_type=BigInteger, description="for probabilities and for what is made per stand")
    portal_client_key: str = Field(description="PEM of the key that the stand's own portal signs `client_secret` with")
    portal_client_certificate: str = Field(description="PEM of the certificate registered for it")
    portal_openid_secret: str | None = Field(
        default=None, description="what the stand's own portal shows on the OpenID paths (`ESIA_PROFILE=openid`)"
    )


class Armed(SandboxTable, table=True):
    """An entry of the catalogue that is switched on."""

    __tablename__ = "armed"

    entry: str = Field(primary_key=True, description="id of the entry (or of its variant)")
    scope: str = Field(description="everyone, next-sign-in or person")
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid")
    sign_in: int | None = Field(default=None, description="the sign-in that claimed a next-sign-in arming")
    count_left: int | None = Field(default=None, description="none: until disarmed, healed or its time to live")
    probability: float = 1.0
    seed: int = Field(default=0, sa_type=BigInteger)
    parameters: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed: list[dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSON, nullable=True), description="what its state effects have to put back"
    )
    armed_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    expires_at: datetime | None = None


def plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as JSON holds it: times in UTC as ISO 8601."""
    return {
        str(name): value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


class SignIn(SandboxTable, table=True):
    """One sign-in, followed from the first request to the session (`docs/architecture.md`, "Following one sign-in")."""

    __tablename__ = "sign_in"
    __table_args__ = (
        UniqueConstraint("system", "state", name="uq_sign_in_state"),
        Index("ix_sign_in_portal_browser", "portal_browser"),
        Index("ix_sign_in_idp_browser", "idp_browser"),
    )

    number: int | None = Field(default=None, primary_key=True)
    system: str | None = Field(default=None, description="mnemonic; none until the first request has been answered")
    state: str | None = None
    portal_browser: str | None = Field(default=None, description="hash of the gate's cookie at the portal")
    idp_browser: str | None = Field(default=None, description="hash of the gate's cookie at the sandbox")
    request_id: str | None = Field(default=None, index=True)
    sid: str | None = Field(default=None, index=True)
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid")
    started_at: datetime
    opened_at: datetime | None = Field(default=None, description="when our portal went on with a session of its own")
    circumstances: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JSON(none_as_null=True)),
        description="what was armed when it began, and whether the clock stood still",
    )


class ArmedAsked(SandboxTable, table=True):
    """How often something was asked while an entry with a count or a probability is on."""

    __tablename__ = "armed_asked"

    entry: str = Field(primary_key=True)
    who: str = Field(primary_key=True, description="#number of a sign-in, else a browser; empty: nobody known")
    what: str = Field(primary_key=True, description="METHOD path template; * for all calls between servers")
    times: int = 1
    counted_at: datetime | None = Field(default=None, description="real time at which it was taken off the count")


class JournalLine(SandboxTable, table=True):
    """One thing that happened: an exchange, an effect or what a person did. Ids rise."""

    __tablename__ = "journal_line"
    __table_args__ = (Index("ix_journal_line_kind", "kind", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    real_at: datetime
    kind: str = Field(description="exchange, effect, act or change")
    program: str = Field(description="portal or sandbox_idp")
    channel: str | None = Field(default=None, description="front or back, of an exchange")
    sign_in: int | None = Field(default=None, index=True)
    browser: str | None = Field(default=None, description="hash of the gate's cookie")
    entry: str | None = Field(default=None, index=True)
    name: str = Field(description="METHOD path of an exchange; the effect's kind; the act's name")
    status: int | None = None
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class OwnScenario(SandboxTable, table=True):
    """A file of scenarios that was added to this stand (`own`)."""

    __tablename__ = "own_scenario"

    id: str = Field(primary_key=True, description="of the file's first entry")
    text: str = Field(description="TOML, as it was added; read anew by every version of the programs")
    changed_at: datetime = Field(description="on the stand's clock")
