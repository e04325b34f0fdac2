"""The world around Gosuslugi: what was sent to phones and mailboxes of a stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class Message(SandboxTable, table=True):
    """One message of the stand's phones and mailboxes; ids rise."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_recipient", "recipient", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(description="sms, push or mail")
    recipient: str = Field(description="+70001000001 or an e-mail address")
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid")
    subject: str | None = None
    text: str
    code: str | None = Field(
        default=None, description="the code in it, for tests and for the big digits on the phone page"
    )
    sent_at: datetime
    delivered_at: datetime | None = Field(default=None, description="none: lost on the way, shown nowhere")
    sender: str | None = Field(
        default=None, description="who it says it is from, where that is not Gosuslugi: a message of a phishing lesson"
    )
    reported_at: datetime | None = Field(default=None, description="when the person reported it as phishing")
    replaced_at: datetime | None = Field(default=None, description="a newer code took its place")
    echo_of: int | None = Field(
        default=None, foreign_key="message.id", index=True, description="the message that this one repeats"
    )


class BackupSheet(SandboxTable, table=True):
    """The sheet of paper on which somebody has their backup codes; Gosuslugi itself has only hashes of them."""

    __tablename__ = "backup_sheet"

    person_oid: int = Field(sa_type=BigInteger, primary_key=True, foreign_key="person.oid")
    codes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    written_at: datetime
