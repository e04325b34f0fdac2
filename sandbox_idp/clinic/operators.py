"""What an operator of the clinics can do: take a doctor's time out, say who came, decide what is waiting."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import and_, or_
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts.models import Child, Document, Person
from sandbox_idp.clinic import applications, papers, schedule, visits, waiting
from sandbox_idp.clinic.models import (
    ClinicApplication,
    ClinicBlock,
    ClinicBooking,
    ClinicCard,
    ClinicCertificate,
)
from sandbox_idp.clinic.once import lock_card


class NotYetError(Exception):
    """The appointment has not begun: nobody can know whether the patient comes."""


class BookedError(Exception):
    """Somebody of the stand has that time: only they give it up."""


def bookings_of(session: Session, person: Person) -> list[tuple[ClinicCard, ClinicBooking]]:
    """All appointments of a person and of the children in the profile, oldest first."""
    snils = [*session.exec(select(Child.snils).where(Child.parent_oid == person.oid)), person.snils]
    children = select(Child.id).where(Child.parent_oid == person.oid)
    papers_here = select(Document.number).where(
        Document.type == "MDCL_PLCY", or_(col(Document.person_oid) == person.oid, col(Document.child_id).in_(children))
    )
    policies = list(session.exec(papers_here))
    theirs = or_(
        col(ClinicCard.snils).in_([each for each in snils if each]),
        col(ClinicCard.policy).in_(policies),
        # A newborn's card has no number to be found by.
        and_(col(ClinicCard.persona) == person.persona, col(ClinicCard.persona).is_not(None)),
    )
    rows = select(ClinicCard, ClinicBooking).where(ClinicBooking.card_id == ClinicCard.id, theirs)
    return list(session.exec(rows.order_by(col(ClinicBooking.start), col(ClinicBooking.id))).all())


def say_who_came(
    session: Session, booking_id: str, state: Literal["attended", "missed"], now: datetime
) -> tuple[ClinicCard, ClinicBooking] | None:
    """The patient came, or did not; None for an unknown appointment or one that was cancelled. NotYetError."""
    row = session.get(ClinicBooking, booking_id)
    if row is None:
        return None
    card = lock_card(session, row.card_id)
    session.refresh(row)
    if row.state == "cancelled":
        return None
    if now < row.start:
        raise NotYetError
    if row.state != state and state == "attended":
        visits.attend(session, card, row)
    elif row.state != state:
        visits.miss(session, row)
    return card, row


def call_off(session: Session, booking_id: str, now: datetime) -> tuple[ClinicCard, ClinicBooking] | None:
    """The clinic cancels an appointment and takes the time out of the schedule; once more changes nothing.

    None for an unknown appointment, and for one that was given up or is over: it has nothing to be called off.
    """
    row = session.get(ClinicBooking, booking_id)
    if row is None:
        return None
    card = lock_card(session, row.card_id)
    session.refresh(row)
    if row.called_off:
        return card, row
    if row.state != "booked" or row.end <= now:
        return None
    row.state, row.revision, row.changed_at, row.called_off = "cancelled", row.revision + 1, now, True
    session.add(row)
    session.merge(ClinicBlock(doctor=row.doctor, start=row.start, kind="blocked"))
    session.flush()
    return card, row


def set_slot(session: Session, number: int, start: datetime, kind: Literal["blocked", "freed"], now: datetime) -> None:
    """Take a time out of a doctor's schedule, or give back one that others have. BookedError."""
    taken = select(ClinicBooking.id).where(
        ClinicBooking.doctor == number, ClinicBooking.start == start, ClinicBooking.state != "cancelled"
    )
    if session.exec(taken).first() is not None:
        raise BookedError
    session.merge(ClinicBlock(doctor=number, start=start, kind=kind))
    session.flush()
    place = schedule.place_at(number, start)
    if kind == "freed" and place is not None:
        waiting.offer(session, number, start, now)


def waiting_certificate(session: Session, number: str) -> ClinicCertificate | None:
    """The certificate of that number that is being prepared."""
    found = select(ClinicCertificate).where(ClinicCertificate.number == number, ClinicCertificate.state == "requested")
    return session.exec(found).first()


def waiting_application(session: Session, number: str) -> ClinicApplication | None:
    """The application of that number that is open."""
    found = select(ClinicApplication).where(ClinicApplication.number == number, ClinicApplication.state == "sent")
    return session.exec(found).first()


decide_certificate = papers.decide
decide_application = applications.decide
