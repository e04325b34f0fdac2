"""Tickets and what was said in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from portal.tables import PortalTable


class Ticket(PortalTable, table=True):
    """A question to support. Its number is told at once; a form that is sent twice is one ticket."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("number", name="uq_ticket_number"),
        UniqueConstraint("form_key", name="uq_ticket_form_key"),
        CheckConstraint("state in ('open', 'escalated', 'answered', 'closed')", name="state"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(description="`2026-000123`, shown as `ЕГ-2026-000123`")
    form_key: str
    patient_id: str | None = Field(default=None, foreign_key="patient.id", index=True)
    kind: str
    full_name: str
    phone: str
    mail: str | None = None
    inn: str | None = None
    happened: str = Field(description="date and time of the attempt, as the person wrote it")
    error_text: str
    error_code: str | None = Field(default=None, description="«Код для поддержки» of the page that failed")
    description: str
    previous: str | None = Field(default=None, description="number of an earlier ticket")
    checked: str = Field(default="", description="which of the self-checks were done")
    diagnostics: str | None = Field(default=None, description="what the person let the portal add, as JSON")
    state: str
    made_at: datetime
    answer_by: datetime
    remote_asked_at: datetime | None = None


class TicketFile(PortalTable, table=True):
    """The picture of the screen, or another file, that came with a ticket. Its content lies behind the Files door."""

    __tablename__ = "ticket_file"
    __table_args__ = (
        UniqueConstraint("stored_as", name="uq_ticket_file_stored"),
        CheckConstraint("kind in ('pdf', 'docx', 'xml', 'png', 'jpeg')", name="kind"),
        CheckConstraint("size > 0", name="size"),
    )

    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id")
    stored_as: str = Field(description="name behind the Files door")
    file_name: str = Field(description="as it came, cleaned; a text only")
    kind: str
    size: int = Field(description="bytes")
    digest: str = Field(description="SHA-256 of the content, hexadecimal")
    uploaded_at: datetime


class TicketMessage(PortalTable, table=True):
    """Something said in a ticket after it was made."""

    __tablename__ = "ticket_message"

    id: str = Field(primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    at: datetime
    author: str = Field(description="patient, support, portal")
    text: str
