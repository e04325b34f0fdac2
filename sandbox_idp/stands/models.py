"""The register of stands: which there are, where their data lies, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from foundation.database import new_metadata


class RegisterTable(SQLModel, registry=registry(metadata=new_metadata())):
    """Base of the register's tables; it is a database of its own, shared by all stands."""


class StandRecord(RegisterTable, table=True):
    """One stand."""

    __tablename__ = "stand"

    id: str = Field(primary_key=True)
    name: str
    generation: str = Field(description="names the files or schemas; a reset puts a new one in place at once")
    token_hash: str | None = Field(default=None, description="SHA-256 of the token that opens only this stand")
    limits: dict[str, float] = Field(sa_column=Column(JSON, nullable=False))
    personas: list[str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True)), description="those it keeps; none: all of them"
    )
    created_at: datetime
    expires_at: datetime | None = Field(default=None, index=True, description="real time; none for the default stand")
    schema_version: str = Field(description="migrations of both programs that its data was made with")


class SnapshotRecord(RegisterTable, table=True):
    """One moment of a stand that it can be put back to. It goes with its stand."""

    __tablename__ = "snapshot"

    id: str = Field(primary_key=True)
    stand_id: str = Field(foreign_key="stand.id", index=True)
    name: str
    generation: str = Field(description="names the files or schemas; nothing ever writes into them")
    schema_version: str = Field(description="migrations of both programs that its data was made with")
    created_at: datetime = Field(description="real time")
