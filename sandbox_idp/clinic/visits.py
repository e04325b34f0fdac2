"""How appointments end: who did not cancel has come, and the visit is in the record; an operator may say otherwise."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from foundation.russian import age
from portal.clinic.values import Speciality
from sandbox_idp.clinic import cards, laboratory, tariffs
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard, ClinicEntry
from sandbox_idp.clinic.once import lock_card
from sandbox_idp.clinic.region import region
from sandbox_idp.context import current_stand

GENERAL = ("therapist", "paediatrician", "family")
"""Whose visits bring something more."""


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
    speciality = region().specialities[row.speciality]
    session.add(
        _entry(
            card,
            row,
            "visits",
            title=visit_title(speciality),
            code=speciality.id,
            text=row.reason and f"Жалобы: {row.reason}",
            fields=[["Заключение", "Осмотр проведён, рекомендации даны."]],
            cost=tariffs.visit(speciality.id, cards.year_of(row.start, row.site)),
        )
    )
    if row.speciality in GENERAL:
        session.add(_outcome(card, row))
    referral = session.exec(_referral_for(row).order_by(col(ClinicEntry.until))).first()
    if referral is not None:
        referral.state = "used"
        session.add(referral)
    session.flush()


def miss(session: Session, row: ClinicBooking) -> None:
    """The patient has not come: nothing of the visit is in the record."""
    row.state = "missed"
    session.add(row)
    for kind in ("visits", "results", "prescriptions"):
        entry = session.get(ClinicEntry, entry_id(row.id, kind))
        if entry is not None:
            session.delete(entry)
    session.flush()


def _outcome(card: ClinicCard, row: ClinicBooking) -> ClinicEntry:
    """What a district doctor's visit brings: a blood test or a prescription, always the same for one appointment."""
    noise = int.from_bytes(hashlib.blake2b(row.id.encode(), digest_size=1).digest(), "big")
    if noise % 2:
        until = cards.local_day(row.end, row.site) + timedelta(days=30)
        return _entry(card, row, "prescriptions", name="colecalciferol", doctor=row.doctor, until=until)
    years = age(card.birth_date, cards.local_day(row.end, row.site))
    tests = (laboratory.tests()[code] for code in laboratory.panels()["blood"][1])
    luck = Decimal(noise - 128) / 128
    figures = {test.code: test.healthy(sex=card.sex, years=years, noise=luck) for test in tests}
    return _entry(card, row, "results", name="blood", doctor=None, figures=laboratory.written(figures))


def _entry(card: ClinicCard, row: ClinicBooking, kind: str, **more: Any) -> ClinicEntry:
    """An entry that an appointment has brought; one of a kind."""
    at = row.start if kind == "visits" else row.end
    members = {"doctor": row.doctor, "fields": [], "year": cards.year_of(at, row.site), **more}
    return ClinicEntry(id=entry_id(row.id, kind), card_id=card.id, kind=kind, at=at, site=row.site, **members)


def _referral_for(row: ClinicBooking) -> SelectOfScalar[ClinicEntry]:
    return select(ClinicEntry).where(
        ClinicEntry.card_id == row.card_id,
        ClinicEntry.kind == "referrals",
        ClinicEntry.code == row.speciality,
        ClinicEntry.at <= row.start,
        ClinicEntry.state == "",
    )


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
