"""Putting the cards of the twelve, and of their children, into a stand's database, with ten years of records.

What happened to whom stands in `courses.toml`. Days are counted back from the day on which the template is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import SQLModel, col, select

from foundation.database import Session
from foundation.russian import msk
from portal.clinic.values import Sex
from sandbox_idp.accounts import personas
from sandbox_idp.accounts.personas import PERSONAS, Persona, PersonaChild
from sandbox_idp.clinic.course import Course, Taken
from sandbox_idp.clinic.models import (
    ClinicBooking,
    ClinicCard,
    ClinicEntry,
    ClinicTransfer,
)
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.stories import courses
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
    made = all_courses(msk(now).date())
    tables: tuple[tuple[type[SQLModel], str], ...] = (
        (ClinicCard, "cards"),
        (ClinicEntry, "entries"),
        (ClinicBooking, "bookings"),
        (ClinicTransfer, "transfers"),
    )
    for table, name in tables:
        session.execute(insert(table), [row for course in made for row in getattr(course, name)])


def all_courses(today: date) -> list[Course]:
    """The rows of every card, for a template that is made on that day."""
    taken: Taken = set()
    made = []
    for persona in PERSONAS:
        made += [_course(persona.id, persona.id, persona, today, taken)] if persona.id in ATTACHED else []
        children = (child for child in persona.children if child.certificate in ATTACHED)
        made += [_course(child.certificate, persona.id, child, today, taken) for child in children]
    return made


def keep_only(session: Session, wanted: Sequence[str]) -> None:
    """Take away the cards of everybody else, with all that is in them."""
    others = select(ClinicCard.id).where(col(ClinicCard.persona).not_in(wanted))
    for table in (ClinicEntry, ClinicTransfer, ClinicBooking):
        session.execute(delete(table).where(col(table.card_id).in_(others)))
    session.execute(delete(ClinicCard).where(col(ClinicCard.persona).not_in(wanted)))


def _course(key: str, persona: str, person: Persona | PersonaChild, today: date, taken: Taken) -> Course:
    course = Course(_card(key, persona, person, today), today, taken)
    course.fill(courses()["people"][key])
    return course


def _card(key: str, persona: str, person: Persona | PersonaChild, today: date) -> dict[str, Any]:
    site, area = ATTACHED[key]
    place = list(ATTACHED).index(key)
    sex: Sex = "female" if person.sex == "F" else "male"
    born = personas.born(today, person.years, person.days)
    return {
        "id": entry_id("card", key),
        "number": f"{site}-{1137 + 137 * place}",
        "persona": persona,
        "surname": person.surname,
        "name": person.name,
        "patronymic": person.patronymic,
        "sex": sex,
        "birth_date": born,
        "snils": person.snils,
        "policy": person.policy,
        "insurer": INSURERS[place % 2] if person.policy else None,
        "site": site,
        "area": region().facts[site].areas[area],
        "attached_on": max(born + timedelta(days=20), today - timedelta(days=2200 + 97 * place)),
    }
