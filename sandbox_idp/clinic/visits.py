"""How appointments end: who did not cancel has come, and the visit is in the record; an operator may say otherwise."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from portal.clinic.values import Speciality
from sandbox_idp.clinic import cards, tariffs
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard, ClinicEntry
from sandbox_idp.clinic.once import lock_card
from sandbox_idp.clinic.region import region
from sandbox_idp.context import current_stand


def settle_due(card_id: str) -> None:
    """Let what is over be over, before somebody looks at it; writes only if there is something to write."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        if session.exec(_over(card_id, now)).first() is None:
            return
    with stand.database.writing() as session:
        settle(session, lock_card(session, card_id), now)


def settle(session: Session, card: ClinicCard, now: datetime) -> None:
    """The same in a transaction that holds the card."""
    for row in session.exec(_over(card.id, now)).all():
        attend(session, card, row)


def attend(session: Session, card: ClinicCard, row: ClinicBooking) -> None:
    """The patient has come: the visit is in the record from its end on, and its referral is used."""
    row.state = "attended"
    session.add(row)
    site, speciality = region().sites[row.site], region().specialities[row.speciality]
    session.add(
        ClinicEntry(
            id=entry_id(row.id, "visit"),
            card_id=card.id,
            kind="visits",
            at=row.start,
            year=cards.year_of(row.start, site.id),
            title=visit_title(speciality),
            site=site.id,
            doctor=row.doctor,
            code=speciality.id,
            text=row.reason and f"Жалобы: {row.reason}",
            fields=[["Заключение", "Осмотр проведён, рекомендации даны."]],
            cost=tariffs.visit(speciality.id, cards.year_of(row.start, site.id)),
        )
    )
    used = select(ClinicEntry).where(
        ClinicEntry.card_id == card.id,
        ClinicEntry.kind == "referrals",
        ClinicEntry.code == row.speciality,
        ClinicEntry.at <= row.start,
        ClinicEntry.state == "",
    )
    referral = session.exec(used.order_by(col(ClinicEntry.until))).first()
    if referral is not None:
        referral.state = "used"
        session.add(referral)
    session.flush()


def entry_id(*parts: str) -> str:
    """The id of an entry that follows from something else: the same whoever makes it first."""
    digest = hashlib.blake2b("/".join(parts).encode(), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


def visit_title(speciality: Speciality) -> str:
    """`Приём: терапевт`."""
    return f"Приём: {speciality.name}"


def _over(card_id: str, now: datetime) -> SelectOfScalar[ClinicBooking]:
    return select(ClinicBooking).where(
        ClinicBooking.card_id == card_id, ClinicBooking.state == "booked", ClinicBooking.end <= now
    )
