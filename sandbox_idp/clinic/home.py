"""Doctors called home: the district doctor of the clinic that one is attached to comes on a working day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from portal.clinic.errors import NotAttachedError, NotFoundError, StateError
from portal.clinic.values import HomeVisit
from sandbox_idp.clinic import cards
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.holidays import is_working_day
from sandbox_idp.clinic.models import ClinicHomeVisit
from sandbox_idp.clinic.once import lock_card, once
from sandbox_idp.clinic.region import region
from sandbox_idp.context import current_stand

MORNING = (time(9), time(14))
EVENING = (time(14), time(18))


def call(line: Line, card_id: str, *, address: str, phone: str, complaint: str, key: str) -> HomeVisit:
    """See `Bookings.call_home`."""
    with current_stand().database.reading() as session:
        site_id = cards.known(session, card_id).site

    def do(session: Session, now: datetime) -> str:
        card = cards.known(session, card_id)
        site = cards.attached_to(card, draft)
        if site is None:
            raise NotAttachedError(region().sites[card.site or next(iter(region().sites))])
        _settle(session, card_id, now)
        if session.exec(_open(card_id)).first() is not None:
            raise StateError
        begins_at, ends_at = window(site, now)
        row = ClinicHomeVisit(
            id=current_stand().ids.token(12),
            number=current_stand().ids.reference(),
            card_id=card_id,
            site=site,
            address=address,
            phone=phone,
            complaint=complaint,
            asked_at=now,
            begins_at=begins_at,
            ends_at=ends_at,
        )
        session.add(row)
        session.flush()
        return row.id

    with line.asking("call_home", site_id) as draft:
        visit_id = once(card_id, key, f"home {address} {phone} {complaint}", do, card_id=card_id)
    now = current_stand().clock.now()
    with current_stand().database.reading() as session:
        return _value(session.get_one(ClinicHomeVisit, visit_id), now)


def listed(line: Line, card_id: str) -> list[HomeVisit]:
    """See `Bookings.home_visits`."""
    line.ask("home_visits")
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards.known(session, card_id)
        mine = select(ClinicHomeVisit).where(ClinicHomeVisit.card_id == card_id)
        rows = session.exec(mine.order_by(col(ClinicHomeVisit.asked_at).desc(), col(ClinicHomeVisit.id)))
        return [_value(row, now) for row in rows]


def cancel(line: Line, card_id: str, visit_id: str) -> HomeVisit:
    """See `Bookings.cancel_home_visit`."""
    stand = current_stand()
    with stand.database.reading() as session:
        found = session.get(ClinicHomeVisit, visit_id)
        if found is None or found.card_id != card_id:
            raise NotFoundError
    now = stand.clock.now()
    with line.asking("cancel_home_visit", found.site), stand.database.writing() as session:
        lock_card(session, card_id)
        row = session.get_one(ClinicHomeVisit, visit_id)
        if row.state == "visited" or (row.state == "accepted" and now >= row.begins_at):
            raise StateError
        row.state = "cancelled"
        session.add(row)
        session.flush()
        return _value(row, now)


def window(site: str, now: datetime) -> tuple[datetime, datetime]:
    """When the doctor comes who is called now: after the morning's visits, or on the next working day's morning."""
    zone = ZoneInfo(region().sites[site].zone)
    local = now.astimezone(zone)
    day, hours = local.date(), EVENING if local.time() < time(12) else None
    if hours is None or not is_working_day(day):
        day, hours = day + timedelta(days=is_working_day(day)), MORNING
        while not is_working_day(day):
            day += timedelta(days=1)
    if hours is MORNING and is_working_day(local.date()) and local.time() < time(8):
        day = local.date()
    begins, ends = (datetime.combine(day, each, zone).astimezone(UTC) for each in hours)
    return begins, ends


def _settle(session: Session, card_id: str, now: datetime) -> None:
    for row in session.exec(_open(card_id).where(ClinicHomeVisit.ends_at <= now)).all():
        row.state = "visited"
        session.add(row)
    session.flush()


def _open(card_id: str) -> SelectOfScalar[ClinicHomeVisit]:
    return select(ClinicHomeVisit).where(ClinicHomeVisit.card_id == card_id, ClinicHomeVisit.state == "accepted")


def _value(row: ClinicHomeVisit, now: datetime) -> HomeVisit:
    zone = ZoneInfo(region().sites[row.site].zone)
    begins, ends = row.begins_at.astimezone(zone), row.ends_at.astimezone(zone)
    return HomeVisit(
        id=row.id,
        number=row.number,
        card_id=row.card_id,
        site=region().sites[row.site],
        address=row.address,
        phone=row.phone,
        complaint=row.complaint,
        asked_at=row.asked_at,
        day=begins.date(),
        window=f"с {begins.hour}:{begins:%M} до {ends.hour}:{ends:%M}",
        state="visited" if row.state == "accepted" and row.ends_at <= now else row.state,  # type: ignore[arg-type]  # Only these by a constraint.
    )
