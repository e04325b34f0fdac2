"""What the cabinet of Gosuslugi keeps for a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
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


class SignInRecord(SandboxTable, table=True):
    """One line of «История входов» (R-079): a sign-in, or one that was refused after the right password.

    What can be shown is all there is: the device in words and the network address masked.
    """

    __tablename__ = "sign_in_record"
    __table_args__ = (Index("ix_sign_in_record_person", "person_oid", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    at: datetime
    event: str = Field(description="what happened, in words: «Вход», «Личность подтверждена»")
    method: str = Field(description="in words: «Пароль и код из СМС»")
    device: str = Field(description="in words: «Chrome, Windows»")
    address: str = Field(description="masked: 127.0.•.•")
    refused: str | None = Field(default=None, description="why, in words; none: it succeeded")
    sid: str | None = Field(default=None, description="of the session that began")
    link_hash: str | None = Field(
        default=None, unique=True, description="SHA-256 of the token in «это не я»; none: no notice of a new device"
    )
    link_until: datetime | None = None
    disowned_at: datetime | None = Field(default=None, description="when somebody said «это не я»")


class Compromise(SandboxTable, table=True):
    """«Мой аккаунт взломали» of one person, with the number that support knows it by (R-142)."""

    __tablename__ = "compromise"
    __table_args__ = (
        Index(
            "uq_compromise_open",
            "person_oid",
            unique=True,
            sqlite_where=text("closed_at is null"),
            postgresql_where=text("closed_at is null"),
        ),
    )

    number: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    opened_at: datetime
    contacts_checked_at: datetime | None = None
    factors_checked_at: datetime | None = None
    closed_at: datetime | None = Field(default=None, description="at most one of a person is open")
