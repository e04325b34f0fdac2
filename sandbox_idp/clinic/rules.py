"""The rules of booking: whom a speciality is for, and that there is one appointment of it at a time (R-038)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import age
from portal.clinic.errors import AgeError, NotAttachedError, ReferralError, SameSpecialityError, SexError
from portal.clinic.values import Booking, Site, Speciality
from sandbox_idp.clinic import cards
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard, ClinicEntry
from sandbox_idp.clinic.schedule import Place, place_at, slot_of
from sandbox_idp.scenarios.points import ClinicDraft

CUT_OFF = timedelta(hours=2)
"""So long before its start an appointment can be neither moved nor cancelled any more."""


def check_person(card: ClinicCard, speciality: Speciality, now: datetime) -> None:
    """Whether the speciality is for that person. AgeError, SexError."""
    years = age(card.birth_date, cards.local_day(now, card.site))
    if not speciality.since_age <= years <= speciality.until_age:
        raise AgeError(speciality, years)
    if speciality.sex is not None and speciality.sex != card.sex:
        raise SexError(speciality)


def check_attached(card: ClinicCard, site: Site, speciality: Speciality, draft: ClinicDraft) -> None:
    """Whether one has to belong to the clinic. NotAttachedError."""
    if speciality.attached_only and cards.attached_to(card, draft) != site.id:
        raise NotAttachedError(site, speciality)


def check_referral(session: Session, card: ClinicCard, speciality: Speciality, now: datetime) -> None:
    """Whether there is a referral that holds, where one is needed. ReferralError."""
    if not speciality.needs_referral:
        return
    valid = select(ClinicEntry.id).where(
        ClinicEntry.card_id == card.id,
        ClinicEntry.kind == "referrals",
        ClinicEntry.code == speciality.id,
        col(ClinicEntry.until) >= cards.local_day(now, card.site),
        ClinicEntry.state != "used",
    )
    if session.exec(valid).first() is None:
        raise ReferralError(speciality)


def check_same(session: Session, card: ClinicCard, speciality: Speciality) -> None:
    """Whether there is no other appointment of the speciality. SameSpecialityError."""
    same = select(ClinicBooking).where(
        ClinicBooking.card_id == card.id, ClinicBooking.speciality == speciality.id, ClinicBooking.state == "booked"
    )
    row = session.exec(same).first()
    if row is not None:
        raise SameSpecialityError(value(row))


def value(row: ClinicBooking) -> Booking:
    """As the portal knows it."""
    place = place_at(row.doctor, row.start)
    slot = slot_of(row.doctor, place if place is not None else Place(row.start, row.end, 0.0))
    return Booking(
        id=row.id,
        number=row.number,
        card_id=row.card_id,
        slot=slot,
        state=row.state,  # type: ignore[arg-type]  # A constraint of the table allows only these.
        made_at=row.made_at,
        changeable_until=row.start - CUT_OFF,
        revision=row.revision,
        reason=row.reason,
        changed_at=row.changed_at,
        called_off=row.called_off,
    )
