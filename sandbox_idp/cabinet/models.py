"""What the cabinet of Gosuslugi keeps for a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class Notice(SandboxTable, table=True):
    """A notice in the cabinet; what is to be told outside of it goes out as a message as well."""

    __tablename__ = "notice"

    id: int | None = Field(default=None, primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    title: str
    text: str
    link: str | None = Field(default=None, description="a path of this program, without the stand's prefix")
    link_words: str | None = None
    at: datetime
    read_at: datetime | None = None
