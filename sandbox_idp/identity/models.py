"""Confirmations that leave the page they began on: to a bank, or by a letter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable

_OPEN = text("state = 'open'")


class IdentityConfirmation(SandboxTable, table=True):
    """One try by bank card or e-mail link, bound to the session it began in (R-087); at most one is open there."""

    __tablename__ = "identity_confirmation"
    __table_args__ = (
        CheckConstraint("method in ('mail', 'card')", name="method"),
        CheckConstraint(
            "state in ('open', 'passed', 'declined', 'timeout', 'cancelled', 'unsupported', 'not-linked', "
            "'wrong-code', 'replaced')",
            name="state",
        ),
        CheckConstraint("(state = 'open') = (finished_at is null)", name="finished"),
        Index("uq_identity_confirmation_open", "session_hash", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    session_hash: str = Field(description="of the session at Gosuslugi in which it began")
    method: str
    card: str | None = Field(default=None, description="success, declined, timeout, plain: the demo card chosen")
    link_hash: str | None = Field(default=None, unique=True, description="SHA-256 of the token in the letter")
    wrong_codes: int = Field(default=0, description="wrong codes carried over from another browser")
    state: str = "open"
    started_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None
