"""What the second factors remember: requests to the mobile app, backup codes, and apps being connected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable

WAITING, APPROVED, WRONG, REJECTED, EXPIRED, REPLACED = (
    "waiting",
    "approved",
    "wrong",
    "rejected",
    "expired",
    "replaced",
)


class PushRequest(SandboxTable, table=True):
    """A request for confirmation that the mobile app shows (S-40). It is worth nothing outside of what it belongs to.

    The number stands on the page that asked, so there is nothing in it to be hidden; what proves something is that
    whoever holds the phone knows it.
    """

    __tablename__ = "push_request"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'approved', 'wrong', 'rejected', 'expired', 'replaced')",
            name="state",
        ),
        Index("ix_push_request_person", "person_oid", "asked_at"),
        Index("ix_push_request_address", "address", "asked_at"),
        Index(
            "uq_push_request_newest",
            "key",
            "purpose",
            unique=True,
            sqlite_where=text("state <> 'replaced'"),
            postgresql_where=text("state <> 'replaced'"),
        ),
    )

    id: str = Field(primary_key=True)
    key: str = Field(description="hash of the token of the attempt (or of the session) that it belongs to")
    purpose: str = Field(description="login, …")
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    words: str = Field(description="what is confirmed, as the app shows it: «Вход в РС ЕГИСЗ»")
    number: int = Field(description="the one on the page that asked, 10 to 99")
    choices: list[int] = Field(sa_column=Column(JSON, nullable=False), description="the three that the app shows")
    state: str = WAITING
    sign_in: int | None = Field(default=None, description="the sign-in that it is part of, for the journal")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    address: str = Field(default="", description="network address of the browser that asked for it")
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    used_at: datetime | None = Field(default=None, description="when the page that asked went on with it: once")


class BackupCode(SandboxTable, table=True):
    """One backup code: ten at a time, each good for one sign-in, known only to whoever was shown it (S-37, S-42)."""

    __tablename__ = "backup_code"
    __table_args__ = (UniqueConstraint("person_oid", "code_hash", name="uq_backup_code_hash"),)

    id: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    code_hash: str
    made_at: datetime
    used_at: datetime | None = None


class TotpSetup(SandboxTable, table=True):
    """An authenticator app that is being connected: its secret counts for nothing until one of its codes has come."""

    __tablename__ = "totp_setup"

    key: str = Field(primary_key=True, description="hash of the token of the session or attempt that connects it")
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    secret: str
    wrong_codes: int = 0
    begun_at: datetime
