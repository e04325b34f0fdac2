"""A browser on its way from «Забыли пароль?» to a new password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class PasswordRecovery(SandboxTable, table=True):
    """One recovery. It exists for a contact that nobody has just as well (S-32)."""

    __tablename__ = "password_recovery"
    __table_args__ = (
        CheckConstraint("kind in ('sms', 'mail')", name="kind"),
        CheckConstraint("person_oid is not null or proved_at is null", name="somebody_proved"),
        CheckConstraint("proved_at is not null or done_at is null", name="proved_before_done"),
    )

    token_hash: str = Field(primary_key=True, description="SHA-256 of the cookie's value")
    kind: str = Field(description="by which way the code goes: sms or mail")
    contact: str = Field(description="+70001000001 or an e-mail address, as it was typed")
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid", index=True)
    created_at: datetime
    expires_at: datetime
    proved_at: datetime | None = Field(default=None, description="the code was right")
    done_at: datetime | None = Field(default=None, description="the new password was saved")
