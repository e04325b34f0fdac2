"""What Gosuslugi has asked the registries, and what they said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class RegistryCheck(SandboxTable, table=True):
    """One question to a registry; a person has at most one open question to each."""

    __tablename__ = "registry_check"
    __table_args__ = (
        CheckConstraint("asked_of in ('passport', 'snils', 'insured')", name="asked_of"),
        CheckConstraint("answer in ('found', 'not-found', 'mismatch', 'taken', 'withdrawn', 'refused')", name="answer"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="answered"),
        Index(
            "uq_registry_check_open",
            "person_oid",
            "asked_of",
            unique=True,
            sqlite_where=text("answered_at is null"),
            postgresql_where=text("answered_at is null"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    asked_of: str
    number: str = Field(description="digits: series and number of the passport, SNILS, policy")
    asked_at: datetime
    due_at: datetime = Field(description="before this nobody looks whether it has answered")
    slow: bool = Field(default=False, description="the registry has said that it needs longer")
    postponed_at: datetime | None = Field(default=None, description="when it was last found out of order")
    answered_at: datetime | None = None
    answer: str | None = None
