"""Putting the cards of the twelve, and of their children, into a stand's database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import msk
from portal.clinic.values import Sex
from sandbox_idp.accounts import personas
from sandbox_idp.accounts.personas import PERSONAS, Persona, PersonaChild
from sandbox_idp.clinic.models import ClinicCard, ClinicEntry, ClinicMeasurement, ClinicTransfer
from sandbox_idp.clinic.visits import entry_id

ATTACHED = {
    "anna": ("369001", 0),
    "viktor": ("369002", 0),
    "igor": ("169001", 0),
    "olga": ("779001", 0),
    "timur": ("059001", 0),
    "elena": ("669001", 0),
    "pavel": ("549001", 0),
    "nina": ("259001", 0),
    "kirill": ("369001", 2),
    "svetlana": ("789001", 0),
    "000123": ("369003", 0),
    "000126": ("369003", 0),
    "000129": ("669001", 1),
    "000132": ("789001", 0),
}
"""Clinic and number of the area of each who has a card: personas by id, children by the birth certificate's number."""
INSURERS = ("СМК «Учебная гарантия»", "СМК «Тренировка-Мед»")


def put_cards(session: Session, *, now: datetime) -> None:
    """Every card with its record; ages are counted back from `now` as those of the accounts are."""
    today = msk(now).date()
    for persona in PERSONAS:
        if persona.id in ATTACHED:
            session.add(_card(persona.id, persona.id, persona, today))
        for child in persona.children:
            if child.certificate in ATTACHED:
                session.add(_card(child.certificate, persona.id, child, today))
    session.flush()


def keep_only(session: Session, wanted: Sequence[str]) -> None:
    """Take away the cards of everybody else, with all that is in them."""
    others = list(session.exec(select(ClinicCard.id).where(col(ClinicCard.persona).not_in(wanted))))
    for table in (ClinicMeasurement, ClinicEntry, ClinicTransfer):
        session.execute(delete(table).where(col(table.card_id).in_(others)))
    session.execute(delete(ClinicCard).where(col(ClinicCard.id).in_(others)))


def _card(key: str, persona: str, person: Persona | PersonaChild, today: date) -> ClinicCard:
    from sandbox_idp.clinic.region import region

    site, area = ATTACHED[key]
    places = list(ATTACHED)
    sex: Sex = "female" if person.sex == "F" else "male"
    born = personas.born(today, person.years, person.days)
    attached = max(born + timedelta(days=20), today - timedelta(days=2200 + 97 * places.index(key)))
    return ClinicCard(
        id=entry_id("card", key),
        number=f"{site}-{1000 + 137 * (places.index(key) + 1)}",
        persona=persona,
        surname=person.surname,
        name=person.name,
        patronymic=person.patronymic,
        sex=sex,
        birth_date=born,
        snils=person.snils,
        policy=person.policy,
        insurer=INSURERS[places.index(key) % 2] if person.policy else None,
        site=site,
        area=region().facts[site].areas[area],
        attached_on=attached,
    )
