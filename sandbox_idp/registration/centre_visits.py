"""Registering at a service centre: the operator sees person and passport, and the wizard goes on from there (R-010).

What the operator writes down stands for the passport, SNILS and policy that would lie on the desk: numbers of the
training ranges that nobody else has. The account is then confirmed at once.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import age, msk
from sandbox_idp.accounts import factory, personas, seeds
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import phone_codes, wizard
from sandbox_idp.registration.models import Registration
from sandbox_idp.registration.profile import Profile
from sandbox_idp.scenarios import engine

_HOME_REGION = "36"
_NUMBER = re.compile(r"[0-9A-Z]{3}-[0-9A-Z]{3}")


def waiting(session: Session, number: str, now: datetime) -> Registration | None:
    """The visit of that number, if it has not been made yet; kept for this transaction."""
    wanted = number.strip().upper()
    if not _NUMBER.fullmatch(wanted):
        return None
    found = session.exec(
        select(Registration)
        .where(Registration.centre_number == wanted, Registration.stage == wizard.CENTRE)
        .with_for_update()
    ).first()
    return found if found is not None and found.expires_at > now and found.identified_at is None else None


def all_waiting(session: Session, now: datetime) -> list[Registration]:
    """Every visit that was not made yet, the oldest first."""
    statement = select(Registration).where(
        Registration.stage == wizard.CENTRE,
        col(Registration.identified_at).is_(None),
        col(Registration.expires_at) > now,
    )
    return list(session.exec(statement.order_by(col(Registration.created_at))))


def identify(session: Session, registration: Registration, now: datetime) -> None:
    """The person was there with the passport; the caller holds the registration."""
    today = msk(now).date()
    made = factory.invent(session, today=today, level="confirmed", sex=None, region=_HOME_REGION)
    assert made.passport is not None
    assert made.snils is not None
    registration.profile = Profile(
        patronymic=made.patronymic,
        sex=made.sex,
        birth_date=made.birth_date,
        passport=made.passport,
        issued_on=seeds.passport_day(made.birth_date, age(made.birth_date, today)),
        issuer_code=personas.ISSUER_CODE,
        issued_by=personas.ISSUED_BY,
        snils=made.snils,
        policy=made.policy,
        region=_HOME_REGION,
        city="Учебный город",
        street="Школьная",
        house="1",
        flat=None,
    ).as_json()
    registration.identified_at = now
    session.add(registration)


def go_on(session: Session, registration: Registration, *, address: str, now: datetime) -> None:
    """On to the code by SMS, which everybody who registers gets. Raises TooSoonError."""
    registration.stage = wizard.CODE
    session.add(registration)
    phone_codes.send_first(session, registration, address=address, policy=current_policy(), now=now)
    engine.act("centre-confirmed")
