"""What a stand's medical system keeps: cards and their records, and all that patients do. The rest are rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


def _unique_where(name: str, *columns: str, where: str) -> Index:
    """What there may be only one of as long as a condition holds."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class ClinicCard(SandboxTable, table=True):
    """A patient's card. It is the clinics' own: Gosuslugi may know other things of the same person."""

    __tablename__ = "clinic_card"
    __table_args__ = (CheckConstraint("sex in ('female', 'male')", name="sex"),)

    id: str = Field(primary_key=True)
    number: str = Field(unique=True, description="as printed on the card")
    persona: str | None = Field(default=None, description="whose it is, or whose child's")
    surname: str
    name: str
    patronymic: str | None = None
    sex: str
    birth_date: date
    snils: str | None = Field(default=None, index=True)
    policy: str | None = Field(default=None, index=True)
    insurer: str | None = None
    site: str | None = Field(default=None, description="code of the clinic that it is attached to")
    area: str | None = None
    attached_on: date | None = None


class ClinicBooking(SandboxTable, table=True):
    """An appointment of somebody of the stand. Of one doctor's time there is at most one that is not cancelled."""

    __tablename__ = "clinic_booking"
    __table_args__ = (
        CheckConstraint("state in ('booked', 'cancelled', 'attended', 'missed')", name="state"),
        _unique_where("uq_clinic_booking_slot", "doctor", "start", where="state <> 'cancelled'"),
        _unique_where("uq_clinic_booking_speciality", "card_id", "speciality", where="state = 'booked'"),
        Index("ix_clinic_booking_card", "card_id", "start"),
        Index("ix_clinic_booking_site", "site", "start"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True, description="of the talon")
    card_id: str = Field(foreign_key="clinic_card.id")
    doctor: int = Field(description="number of the reception in the region")
    start: datetime
    end: datetime
    site: str
    speciality: str
    state: str = "booked"
    reason: str = ""
    made_at: datetime
    revision: int = 0
    changed_at: datetime | None = Field(default=None, description="when it was moved or cancelled last")
    called_off: bool = Field(default=False, description="whether the clinic cancelled it, and not the patient")


class ClinicBlock(SandboxTable, table=True):
    """A time of a doctor that is not as the schedule says: taken out by an operator, or given back by others."""

    __tablename__ = "clinic_block"
    __table_args__ = (CheckConstraint("kind in ('blocked', 'freed')", name="kind"),)

    doctor: int = Field(primary_key=True)
    start: datetime = Field(primary_key=True)
    kind: str


class ClinicKey(SandboxTable, table=True):
    """An idempotency key: what was done with it, once."""

    __tablename__ = "clinic_key"

    owner: str = Field(primary_key=True, description="id of a card, or whoever has none yet")
    key: str = Field(primary_key=True)
    what: str = Field(description="what it was used for; nothing else may use it")
    object_id: str
    at: datetime


class ClinicWaiting(SandboxTable, table=True):
    """A place in a waiting list, and the slot that is held for it for a while."""

    __tablename__ = "clinic_waiting"
    __table_args__ = (
        _unique_where("uq_clinic_waiting_place", "card_id", "site", "speciality", where="left_at is null"),
        Index("ix_clinic_waiting_list", "site", "speciality", "since"),
        Index("ix_clinic_waiting_offer", "offered_doctor", "offered_start"),
    )

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="clinic_card.id")
    site: str
    speciality: str
    since: datetime
    offered_doctor: int | None = None
    offered_start: datetime | None = None
    offered_until: datetime | None = None
    left_at: datetime | None = None


class ClinicHomeVisit(SandboxTable, table=True):
    """A doctor called home; a card has at most one such call that is open."""

    __tablename__ = "clinic_home_visit"
    __table_args__ = (
        CheckConstraint("state in ('accepted', 'cancelled', 'visited')", name="state"),
        _unique_where("uq_clinic_home_visit_open", "card_id", where="state = 'accepted'"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    card_id: str = Field(foreign_key="clinic_card.id", index=True)
    site: str
    address: str
    phone: str
    complaint: str
    asked_at: datetime
    begins_at: datetime = Field(description="of the time in which the doctor comes")
    ends_at: datetime
    state: str = "accepted"


class ClinicCertificate(SandboxTable, table=True):
    """A certificate that was asked for; of one kind a card has at most one in preparation."""

    __tablename__ = "clinic_certificate"
    __table_args__ = (
        CheckConstraint("state in ('requested', 'ready', 'refused')", name="state"),
        _unique_where("uq_clinic_certificate_open", "card_id", "kind", where="state = 'requested'"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    card_id: str = Field(foreign_key="clinic_card.id", index=True)
    kind: str
    answers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    asked_at: datetime
    ready_by: datetime
    state: str = "requested"
    decided_at: datetime | None = None
    refused_because: str = ""


class ClinicApplication(SandboxTable, table=True):
    """An application to a clinic; of one kind a person has at most one that is open."""

    __tablename__ = "clinic_application"
    __table_args__ = (
        CheckConstraint("kind in ('attachment', 'record-copy')", name="kind"),
        CheckConstraint("state in ('sent', 'granted', 'refused', 'withdrawn')", name="state"),
        _unique_where("uq_clinic_application_open", "owner", "kind", where="state = 'sent'"),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    owner: str = Field(index=True, description="who it is of: by SNILS, policy, or name and birth date")
    kind: str
    site: str
    text: str
    who: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False), description="what a new card would be made of")
    made_at: datetime
    decided_by: datetime
    state: str = "sent"
    decided_at: datetime | None = None
    reason: str = ""


class ClinicEntry(SandboxTable, table=True):
    """One entry of a record."""

    __tablename__ = "clinic_entry"
    __table_args__ = (
        Index("ix_clinic_entry_page", "card_id", "kind", "at", "id"),
        Index(
            "ix_clinic_entry_cost",
            "card_id",
            "year",
            "cost",
            sqlite_where=text("cost is not null"),
            postgresql_where=text("cost is not null"),
        ),
    )

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="clinic_card.id")
    kind: str
    at: datetime
    year: int = Field(description="of `at` in the clinic's calendar")
    name: str | None = Field(default=None, description="under which `stories` has its words; none: they stand here")
    title: str = ""
    site: str = Field(description="code of the clinic")
    doctor: int | None = Field(default=None, description="number of the reception in the region")
    code: str | None = Field(default=None, description="speciality of a referral or a visit, МКБ-10 of a diagnosis")
    until: date | None = Field(default=None, description="the last day on which it holds")
    state: str = ""
    text: str = ""
    fields: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    figures: str | None = Field(default=None, description="of a laboratory result: ` hgb=132 rbc=4.21`")
    cost: int | None = Field(default=None, description="kopecks that the insurance paid")


class ClinicTransfer(SandboxTable, table=True):
    """A document that was passed on (R-036)."""

    __tablename__ = "clinic_transfer"
    __table_args__ = (
        CheckConstraint("state in ('delivered', 'pending', 'failed')", name="state"),
        Index("ix_clinic_transfer_page", "card_id", "at", "id"),
    )

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="clinic_card.id")
    at: datetime
    document: str
    recipient: str
    purpose: str
    state: str


class ClinicDocument(SandboxTable, table=True):
    """A document that a patient handed in: what the clinic keeps of it is that it came."""

    __tablename__ = "clinic_document"

    id: str = Field(primary_key=True)
    card_id: str = Field(foreign_key="clinic_card.id", index=True)
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
