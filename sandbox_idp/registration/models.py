"""What a registration leaves behind: its own row while it goes on, then the consent and the link that was mailed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class Registration(SandboxTable, table=True):
    """A browser on its way through the wizard. The account itself is made at the end, in one piece."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("stage in ('centre', 'code', 'password', 'profile', 'review', 'done')", name="stage"),
        CheckConstraint("(centre is null) = (centre_number is null)", name="centre_has_number"),
        CheckConstraint("stage <> 'done' or person_oid is not null", name="done_has_person"),
    )

    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True, description="SHA-256 of the cookie's value")
    stage: str = Field(description="where the browser stopped")
    request_id: str | None = Field(default=None, description="the system's pending sign-in that it goes back to")
    surname: str
    name: str
    phone: str
    mail: str
    consent_version: str = Field(description="of the document that the box was ticked for (C-19)")
    consent_hash: str
    consent_address: str = Field(description="network address of the browser that ticked it")
    consented_at: datetime
    password_hash: str | None = None
    profile: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    centre: str | None = Field(default=None, description="the centre that will be visited, if the person chose so")
    centre_number: str | None = Field(default=None, unique=True, description="what the operator finds the visit by")
    identified_at: datetime | None = Field(default=None, description="the operator saw the person and the passport")
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid", index=True)
    created_at: datetime
    expires_at: datetime = Field(index=True)


class DataConsent(SandboxTable, table=True):
    """Consent to the processing of personal data, given at registration as a document of its own (C-19, S-64)."""

    __tablename__ = "data_consent"

    id: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    text_version: str
    text_hash: str
    address: str = Field(description="network address of the browser")
    given_at: datetime
    revoked_at: datetime | None = None


class MailLink(SandboxTable, table=True):
    """A link that proves a mailbox; the address becomes the person's only when it has been pressed (C-01, U-15)."""

    __tablename__ = "mail_link"
    __table_args__ = (Index("ix_mail_link_person", "person_oid", "sent_at"),)

    token_hash: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    mail: str = Field(index=True)
    address: str = Field(description="network address of the browser that asked for it (S-39)")
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    replaced_at: datetime | None = None
