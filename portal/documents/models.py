"""What patients uploaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from portal.tables import PortalTable


class Upload(PortalTable, table=True):
    """A document that was inspected and is kept. Its content lies behind the Files door (S-56)."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("subject", "key", name="uq_upload_key"),
        UniqueConstraint("stored_as", name="uq_upload_stored"),
        CheckConstraint("kind in ('pdf', 'docx', 'xml')", name="kind"),
        CheckConstraint("size > 0", name="size"),
    )

    id: str = Field(primary_key=True, description="random: it stands in addresses")
    patient_id: str = Field(foreign_key="patient.id", index=True, description="who uploaded it")
    subject: str = Field(index=True, description="`Subject.key` of whom it is about")
    key: str = Field(description="of its form (`portal.web.form_keys`): the same form sent twice is one upload (U-17)")
    stored_as: str = Field(description="name behind the Files door")
    title: str = Field(description="what the patient calls it")
    file_name: str = Field(description="as it came, cleaned; a text only")
    kind: str
    size: int = Field(description="bytes")
    digest: str = Field(description="SHA-256 of the content, hexadecimal")
    uploaded_at: datetime
    wanted_by_clinic: bool = Field(default=False, description="the patient asked that it be passed on")
    handed_in_at: datetime | None = Field(default=None, description="when the clinic took it")
