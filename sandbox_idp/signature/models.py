"""The stand's certificate authority, and the register of what it has issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class SignatureAuthority(SandboxTable, table=True):
    """Key and certificate of the one authority that the stand trusts; never copied into another stand."""

    __tablename__ = "signature_authority"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    private_pem: str
    certificate_pem: str
    created_at: datetime


class SignatureCertificate(SandboxTable, table=True):
    """A certificate that the authority has issued. File, key and PIN are not kept, only that there was one (S-57)."""

    __tablename__ = "signature_certificate"

    serial: str = Field(primary_key=True, description="hex, lower case")
    person_oid: int | None = Field(
        sa_type=BigInteger, default=None, foreign_key="person.oid", index=True, description="on whose phone it was made"
    )
    kind: str = Field(description="valid, or of which failure it is a specimen")
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
