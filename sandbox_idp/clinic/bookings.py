"""Appointments: booking, moving, cancelling, and how they end (R-038)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from foundation.database import Session
from portal.clinic.errors import NotFoundError, SlotTakenError, StateError, TooLateError
from portal.clinic.values import Booking, Slot
from sandbox_idp.clinic import cards, rules, slots, visits, waiting
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard
from sandbox_idp.clinic.once import done, once
from sandbox_idp.clinic.region import Reception, region
from sandbox_idp.clinic.schedule import Place, find
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios.points import ClinicDraft

PAST_SHOWN = timedelta(days=366)


def found_slot(slot_id: str) -> tuple[Reception, Place]:
    """What a slot's id says. NotFoundError."""
    found = find(slot_id)
    if found is None:
        raise NotFoundError
    return region().receptions[found[0]], found[1]


def list_free(
    line: Line, *, since: datetime, until: datetime, site_id: str, speciality_id: str, doctor_id: str, limit: int
) -> list[Slot]:
    """See `Bookings.slots`. Of clinics that do not answer nothing is free, unless one of them alone was asked."""
    if not speciality_id and not doctor_id:
        raise ValueError("a speciality or a doctor must be named")
    here = region()
    if doctor_id:
        chosen = [here.by_doctor[doctor_id]] if doctor_id in here.by_doctor else []
        chosen = [each for each in chosen if each in here.select(site_id=site_id, speciality_id=speciality_id)]
    else:
        chosen = here.select(site_id=site_id, speciality_id=speciality_id)
    sites = list(dict.fromkeys(each.doctor.site.id for each in chosen))
    if len(sites) == 1:
        sites = [site for site in sites if not line.ask("slots", site).full]
    else:
        sites = line.answering("slots", sites)
    chosen = [each for each in chosen if each.doctor.site.id in sites]
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return slots.free(session, chosen, since=since, until=until, now=now, limit=limit)


def book(line: Line, card_id: str, slot_id: str, *, key: str, reason: str) -> Booking:
    """See `Bookings.book`."""
    reception, place = found_slot(slot_id)
    _known(card_id)

    def do(session: Session, now: datetime) -> str:
        card = cards.known(session, card_id)
        doctor = reception.doctor
        visits.settle(session, card, now)
        rules.check_person(card, doctor.speciality, now)
        rules.check_attached(card, doctor.site, doctor.speciality, draft)
        rules.check_referral(session, card, doctor.speciality, now)
        rules.check_same(session, card, doctor.speciality)
        _check_free(session, card, (reception, place), now, draft)
        row = ClinicBooking(
            id=current_stand().ids.token(12),
            number=current_stand().ids.reference(),
            card_id=card.id,
            doctor=reception.number,
            start=place.start,
            end=place.end,
            site=doctor.site.id,
            speciality=doctor.speciality.id,
            reason=reason,
            made_at=now,
        )
        session.add(row)
        session.flush()
        waiting.served(session, card.id, doctor.site.id, doctor.speciality.id, now)
        return row.id

    with line.asking("book", reception.doctor.site.id) as draft:
        booking_id = once(card_id, key, f"book {slot_id}", do, card_id=card_id)
    return read(card_id, booking_id)


def move(line: Line, card_id: str, booking_id: str, slot_id: str, *, key: str) -> Booking:
    """See `Bookings.move`."""
    reception, place = found_slot(slot_id)

    def do(session: Session, now: datetime) -> str:
        card = cards.known(session, card_id)
        visits.settle(session, card, now)
        row = changeable(session, card_id, booking_id, now)
        if row.speciality != reception.doctor.speciality.id:
            raise StateError
        if (row.doctor, row.start) == (reception.number, place.start):
            return row.id
        rules.check_attached(card, reception.doctor.site, reception.doctor.speciality, draft)
        _check_free(session, card, (reception, place), now, draft)
        before = (row.doctor, row.start)
        row.doctor, row.start, row.end = reception.number, place.start, place.end
        row.site, row.revision, row.changed_at = reception.doctor.site.id, row.revision + 1, now
        session.add(row)
        session.flush()
        waiting.offer(session, *before, now)
        return row.id

    with line.asking("move", reception.doctor.site.id) as draft:
        once(card_id, key, f"move {booking_id} {slot_id}", do, card_id=card_id)
    return read(card_id, booking_id)


def cancel(line: Line, card_id: str, booking_id: str, *, key: str) -> Booking:
    """See `Bookings.cancel`."""
    site = _of(card_id, booking_id).site

    def do(session: Session, now: datetime) -> str:
        visits.settle(session, cards.known(session, card_id), now)
        row = _row(session, card_id, booking_id)
        if row.state != "cancelled":
            row = changeable(session, card_id, booking_id, now)
            row.state, row.revision, row.changed_at = "cancelled", row.revision + 1, now
            session.add(row)
            session.flush()
            waiting.offer(session, row.doctor, row.start, now)
        return row.id

    with line.asking("cancel", site):
        once(card_id, key, f"cancel {booking_id}", do, card_id=card_id)
    return read(card_id, booking_id)


def read(card_id: str, booking_id: str) -> Booking:
    """One booking. NotFoundError."""
    visits.settle_due(card_id)
    with current_stand().database.reading() as session:
        return rules.value(_row(session, card_id, booking_id))


def by_key(line: Line, card_id: str, key: str) -> Booking | None:
    """See `Bookings.booking_by_key`."""
    line.ask("booking_by_key")
    with current_stand().database.reading() as session:
        object_id = done(session, card_id, key)
        row = session.get(ClinicBooking, object_id) if object_id is not None else None
        return rules.value(row) if row is not None and row.card_id == card_id else None


def one(line: Line, card_id: str, booking_id: str) -> Booking:
    """See `Bookings.booking`."""
    line.ask("booking", _of(card_id, booking_id).site)
    return read(card_id, booking_id)


def listed(line: Line, card_id: str) -> list[Booking]:
    """See `Bookings.bookings`."""
    _known(card_id)
    line.ask("bookings")
    visits.settle_due(card_id)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        since = now - PAST_SHOWN
        mine = select(ClinicBooking).where(ClinicBooking.card_id == card_id, ClinicBooking.start >= since)
        rows = list(session.exec(mine.order_by(col(ClinicBooking.start), col(ClinicBooking.id))))
    coming = [row for row in rows if row.state == "booked"]
    past = [row for row in reversed(rows) if row.state != "booked"]
    return [rules.value(row) for row in [*coming, *past]]


def changeable(session: Session, card_id: str, booking_id: str, now: datetime) -> ClinicBooking:
    """The booking, to be moved or cancelled. NotFoundError, StateError, TooLateError."""
    row = _row(session, card_id, booking_id)
    if row.state != "booked":
        raise StateError
    if now > row.start - rules.CUT_OFF:
        raise TooLateError(row.start - rules.CUT_OFF)
    return row


def _check_free(
    session: Session, card: ClinicCard, wanted: tuple[Reception, Place], now: datetime, draft: ClinicDraft
) -> None:
    reception, place = wanted
    if draft.taken or not slots.may_take(session, reception.number, place, now, card.id):
        others = slots.nearest(session, reception, now, card.id)
        raise SlotTakenError(tuple(each for each in others if each.start != place.start or not draft.taken))


def _known(card_id: str) -> None:
    with current_stand().database.reading() as session:
        cards.known(session, card_id)


def _of(card_id: str, booking_id: str) -> ClinicBooking:
    with current_stand().database.reading() as session:
        return _row(session, card_id, booking_id)


def _row(session: Session, card_id: str, booking_id: str) -> ClinicBooking:
    row = session.get(ClinicBooking, booking_id)
    if row is None or row.card_id != card_id:
        raise NotFoundError
    return row
