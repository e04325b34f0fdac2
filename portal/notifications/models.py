"""Notifications, how each kind is wanted, and when the clinic was last heard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from portal.tables import PortalTable


class Notification(PortalTable, table=True):
    """One thing that the patient was told. The same thing (`key`) is told once."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("patient_id", "key", name="uq_notification_key"),)

    id: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id", index=True)
    key: str = Field(description="what it is about: told again it is the same notification")
    kind: str
    title: str
    text: str
    path: str | None = Field(default=None, description="where in the portal it leads")
    about: str | None = Field(default=None, description="name of the child that it is about")
    child_id: str | None = Field(default=None, description="that child: what it leads to is seen when acting for it")
    at: datetime
    read_at: datetime | None = None
    mail: str | None = Field(default=None, description="sent, failed; None: not wanted, or no address")
    sms: str | None = None


class NotificationChoice(PortalTable, table=True):
    """How a patient wants one kind; without a row as `kinds.KINDS` says."""

    __tablename__ = "notification_choice"

    patient_id: str = Field(foreign_key="patient.id", primary_key=True)
    kind: str = Field(primary_key=True)
    mail: bool
    sms: bool


class ClinicFeed(PortalTable, table=True):
    """How far the clinic's events of one card were read."""

    __tablename__ = "clinic_feed"

    patient_id: str = Field(foreign_key="patient.id", primary_key=True)
    subject: str = Field(primary_key=True, description="`Subject.key`: the patient, or one of the children")
    heard_at: datetime | None = Field(default=None, description="when the clinic last answered")
    tried_at: datetime
    silent: bool = Field(description="whether it did not answer the last time")
