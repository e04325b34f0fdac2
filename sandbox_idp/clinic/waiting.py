"""The waiting list: whoever waits longest is offered the slot that somebody gives up, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from portal.clinic.errors import NotFoundError
from portal.clinic.values import Slot, Waiting
from sandbox_idp.clinic import cards, rules, visits
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicBooking, ClinicWaiting
from sandbox_idp.clinic.once import once
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.schedule import place_at, slot_of
from sandbox_idp.context import current_stand

HELD_FOR = timedelta(hours=24)
"""So long a slot is held for whoever it is offered to, but never until less than `LAST_CALL` before it."""
LAST_CALL = timedelta(hours=2)


def join(line: Line, card_id: str, site_id: str, speciality_id: str, *, key: str) -> Waiting:
    """See `Bookings.wait`."""
    here = region()
    if not here.select(site_id=site_id, speciality_id=speciality_id) or not site_id or not speciality_id:
        raise NotFoundError
    speciality, site = here.specialities[speciality_id], here.sites[site_id]
    with current_stand().database.reading() as session:
        cards.known(session, card_id)

    def do(session: Session, now: datetime) -> str:
        card = cards.known(session, card_id)
        visits.settle(session, card, now)
        rules.check_person(card, speciality, now)
        rules.check_attached(card, site, speciality, draft)
        rules.check_referral(session, card, speciality, now)
        rules.check_same(session, card, speciality)
        here_already = session.exec(
            _held(card_id).where(ClinicWaiting.site == site_id, ClinicWaiting.speciality == speciality_id)
        ).first()
        if here_already is not None:
            return here_already.id
        row = ClinicWaiting(
            id=current_stand().ids.token(12), card_id=card_id, site=site_id, speciality=speciality_id, since=now
        )
        session.add(row)
        session.flush()
        return row.id

    with line.asking("wait", site_id) as draft:
        waiting_id = once(card_id, key, f"wait {site_id} {speciality_id}", do, card_id=card_id)
    now = current_stand().clock.now()
    with current_stand().database.reading() as session:
        return _value(session, session.get_one(ClinicWaiting, waiting_id), now)


def listed(line: Line, card_id: str) -> list[Waiting]:
    """See `Bookings.waiting`."""
    line.ask("waiting")
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards.known(session, card_id)
        rows = session.exec(_held(card_id).order_by(col(ClinicWaiting.since), col(ClinicWaiting.id)))
        return [_value(session, row, now) for row in rows.all()]


def leave(line: Line, card_id: str, waiting_id: str) -> None:
    """See `Bookings.stop_waiting`."""
    stand = current_stand()
    with stand.database.reading() as session:
        row = session.get(ClinicWaiting, waiting_id)
        if row is None or row.card_id != card_id:
            raise NotFoundError
    now = stand.clock.now()
    with line.asking("stop_waiting", row.site), stand.database.writing() as session:
        kept = session.get_one(ClinicWaiting, waiting_id, with_for_update=True)
        if kept.left_at is None:
            _leave(session, kept, now)


def offer(session: Session, number: int, start: datetime, now: datetime) -> None:
    """A slot has been given up: hold it for whoever waits longest for it, if anybody does."""
    until = min(now + HELD_FOR, start - LAST_CALL)
    if until <= now or _is_booked(session, number, start):
        return
    doctor = region().receptions[number].doctor
    first = (
        select(ClinicWaiting)
        .where(
            ClinicWaiting.site == doctor.site.id,
            ClinicWaiting.speciality == doctor.speciality.id,
            col(ClinicWaiting.left_at).is_(None),
            col(ClinicWaiting.offered_until).is_(None) | (col(ClinicWaiting.offered_until) <= now),
        )
        .order_by(col(ClinicWaiting.since), col(ClinicWaiting.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.exec(first).first()
    if row is not None:
        row.offered_doctor, row.offered_start, row.offered_until = number, start, until
        session.add(row)
        session.flush()


def served(session: Session, card_id: str, site_id: str, speciality_id: str, now: datetime) -> None:
    """Somebody who waited has an appointment: the place is given up, and so is a slot held for it that was not taken.

    Whoever waits for the same at several clinics gives up all of these places: one appointment of a speciality at a
    time.
    """
    del site_id
    for row in session.exec(_held(card_id).where(ClinicWaiting.speciality == speciality_id)).all():
        _leave(session, row, now)


def _leave(session: Session, row: ClinicWaiting, now: datetime) -> None:
    offered = (row.offered_doctor, row.offered_start, row.offered_until)
    row.left_at = now
    session.add(row)
    session.flush()
    doctor, start, until = offered
    if doctor is not None and start is not None and until is not None and until > now:
        offer(session, doctor, start, now)


def _is_booked(session: Session, number: int, start: datetime) -> bool:
    taken = select(ClinicBooking.id).where(
        ClinicBooking.doctor == number, ClinicBooking.start == start, ClinicBooking.state != "cancelled"
    )
    return session.exec(taken).first() is not None


def _held(card_id: str) -> SelectOfScalar[ClinicWaiting]:
    return select(ClinicWaiting).where(ClinicWaiting.card_id == card_id, col(ClinicWaiting.left_at).is_(None))


def _value(session: Session, row: ClinicWaiting, now: datetime) -> Waiting:
    earlier = select(func.count()).where(
        ClinicWaiting.site == row.site,
        ClinicWaiting.speciality == row.speciality,
        col(ClinicWaiting.left_at).is_(None),
        (col(ClinicWaiting.since) < row.since)
        | ((col(ClinicWaiting.since) == row.since) & (col(ClinicWaiting.id) < row.id)),
    )
    slot = _offered(row, now)
    return Waiting(
        id=row.id,
        card_id=row.card_id,
        site=region().sites[row.site],
        speciality=region().specialities[row.speciality],
        since=row.since,
        place=session.exec(earlier).one() + 1,
        state="left" if row.left_at is not None else "offered" if slot is not None else "waiting",
        offered=slot,
        offered_until=row.offered_until if slot is not None else None,
    )


def _offered(row: ClinicWaiting, now: datetime) -> Slot | None:
    """The slot that is held for it now."""
    if row.offered_doctor is None or row.offered_start is None or row.offered_until is None:
        return None
    place = place_at(row.offered_doctor, row.offered_start)
    return slot_of(row.offered_doctor, place) if place is not None and row.offered_until > now else None
