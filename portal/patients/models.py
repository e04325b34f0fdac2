"""Patients, their children, and what was fetched about them at which time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field

from portal.tables import PortalTable


class Patient(PortalTable, table=True):
    """A person who has signed in at least once. The key towards Gosuslugi is (issuer, subject), nothing else (S-11)."""

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_patient_subject"),
        UniqueConstraint("number", name="uq_patient_number"),
        CheckConstraint("level in ('simplified', 'standard', 'confirmed')", name="level"),
    )

    id: str = Field(primary_key=True)
    number: str | None = Field(default=None, description="of the cabinet, to be told to support: `4K7-Q2M-81D` (R-110)")
    issuer: str
    subject: str = Field(description="the oid, as a string")
    surname: str
    name: str
    patronymic: str | None = None
    snils: str | None = Field(
        default=None, description="11 digits; a known patient whose SNILS differs is not let in (S-09)"
    )
    birth_date: date | None = None
    inn: str | None = None
    level: str
    person_as_of: datetime = Field(description="when the person data above was fetched")
    created_at: datetime


class PatientItem(PortalTable, table=True):
    """One item of «Загружаем ваши данные» with its state (R-003)."""

    __tablename__ = "patient_item"
    __table_args__ = (
        CheckConstraint("state in ('loading', 'loaded', 'not-permitted', 'not-found', 'failed')", name="state"),
    )

    patient_id: str = Field(foreign_key="patient.id", primary_key=True)
    kind: str = Field(primary_key=True, description="contacts, policy, children, child-documents")
    state: str
    as_of: datetime | None = Field(default=None, description="when `data` was fetched; kept when a later try fails")
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    tried_at: datetime | None = Field(default=None, description="when it was last asked for, whatever came back")
    reference: str | None = Field(default=None, description="the reference of the failure, if the last try failed")


class Child(PortalTable, table=True):
    """A child of a patient as Gosuslugi tells it."""

    __tablename__ = "child"
    __table_args__ = (UniqueConstraint("patient_id", "esia_id", name="uq_child_esia"),)

    id: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id", index=True)
    esia_id: str
    surname: str
    name: str
    patronymic: str | None = None
    birth_date: date | None = None
    snils: str | None = None
    policy_number: str | None = None
    certificate: str | None = None
