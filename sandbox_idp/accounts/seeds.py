"""Putting the twelve people into a stand's database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from foundation.database import Session
from foundation.ids import Ids
from foundation.russian import msk
from sandbox_idp import policy
from sandbox_idp.accounts import passwords, personas
from sandbox_idp.accounts.models import Address, Child, Contact, Document, Organisation, Person
from sandbox_idp.accounts.personas import PERSONAS, Persona, PersonaChild
from sandbox_idp.factors import backup_codes

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class _Numbers:
    """Rising row numbers, one row of them a table, so that every template gets the same."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, table: str) -> int:
        self._last[table] = self._last.get(table, 0) + 1
        return self._last[table]


def put_people(session: Session, *, now: datetime) -> None:
    """Put every persona with contacts, documents, addresses, children and organisation into a new template.

    The password is hashed once for all of them: in a template a hash of its own for each would only cost time.
    """
    today = msk(now).date()
    password_hash = passwords.hash_password(personas.PASSWORD)
    numbers = _Numbers()
    oids = range(personas.FIRST_OID, personas.FIRST_OID + len(PERSONAS))
    session.add_all(
        _person(persona, oid, today, now, password_hash) for oid, persona in zip(oids, PERSONAS, strict=True)
    )
    session.flush()
    for oid, persona in zip(oids, PERSONAS, strict=True):
        session.add_all(_contacts(persona, oid, numbers))
        session.add_all(_papers(persona, oid, today, numbers))
        session.add_all(_homes(persona, oid, numbers))
        if persona.organisation is not None:
            session.add(_organisation(persona, oid, numbers))
        for child in persona.children:
            row = _child(child, oid, today, numbers)
            session.add(row)
            session.flush()
            session.add_all(_child_papers(child, row, numbers))
    session.flush()


def keep_only(session: Session, wanted: Sequence[str]) -> None:
    """Take away every persona that is not `wanted`, with all that is theirs."""
    others = list(session.exec(select(Person.oid).where(col(Person.persona).not_in(wanted))))
    children = select(Child.id).where(col(Child.parent_oid).in_(others))
    session.execute(delete(Document).where(col(Document.child_id).in_(children)))
    session.execute(delete(Child).where(col(Child.parent_oid).in_(others)))
    for table in (Contact, Document, Address, Organisation):
        session.execute(delete(table).where(col(table.person_oid).in_(others)))
    session.execute(delete(Person).where(col(Person.oid).in_(others)))


def give_secrets(session: Session, *, now: datetime, ids: Ids) -> None:
    """Give those who use an authenticator app a secret of this stand's own, and backup codes to who has them."""
    count = policy.load().totp.backup_codes
    with_totp = [persona.id for persona in PERSONAS if persona.totp]
    for person in session.exec(select(Person).where(col(Person.persona).in_(with_totp)).order_by(col(Person.oid))):
        person.totp_secret = new_totp_secret(ids)
        person.updated_at = now
        session.add(person)
        if person.persona is not None and personas.BY_ID[person.persona].backup_codes:
            backup_codes.make(session, person.oid, count=count, now=now, ids=ids)
    session.flush()


def new_totp_secret(ids: Ids) -> str:
    """160 random bits in base32, as authenticator apps take them (RFC 4226, section 4)."""
    return "".join(BASE32[ids.number(0, 31)] for _ in range(32))


def _person(persona: Persona, oid: int, today: date, now: datetime, password_hash: str) -> Person:
    return Person(
        oid=oid,
        persona=persona.id,
        surname=persona.surname,
        name=persona.name,
        patronymic=persona.patronymic,
        sex=persona.sex,
        birth_date=personas.born(today, persona.years, persona.days),
        birth_place="Учебный город" if persona.passport else None,
        snils=persona.snils,
        inn=persona.inn,
        level=persona.level,
        region=persona.region,
        zone=persona.zone,
        password_hash=password_hash,
        sms_enabled=persona.sms,
        app_installed_at=now if persona.push else None,
        created_at=now,
        updated_at=now,
    )


def _contacts(persona: Persona, oid: int, numbers: _Numbers) -> list[Contact]:
    contacts = [Contact(id=numbers.next("contact"), person_oid=oid, type="MBT", value=persona.phone)]
    if persona.mail:
        contacts.append(Contact(id=numbers.next("contact"), person_oid=oid, type="EML", value=persona.mail))
    return contacts


def _papers(persona: Persona, oid: int, today: date, numbers: _Numbers) -> list[Document]:
    birth_date = personas.born(today, persona.years, persona.days)
    papers = []
    if persona.passport:
        papers.append(
            Document(
                id=numbers.next("document"),
                person_oid=oid,
                type="RF_PASSPORT",
                series=personas.PASSPORT_SERIES,
                number=persona.passport,
                issued_on=passport_day(birth_date, persona.years),
                issued_by=personas.ISSUED_BY,
                issuer_code=personas.ISSUER_CODE,
            )
        )
    if persona.policy:
        papers.append(Document(id=numbers.next("document"), person_oid=oid, type="MDCL_PLCY", number=persona.policy))
    return papers


def passport_day(birth_date: date, years: int) -> date:
    """A passport is issued at 14, 20 and 45: here a month after the last of these birthdays."""
    age = max((step for step in (14, 20, 45) if step <= years), default=14)
    return date(birth_date.year + age, birth_date.month, min(birth_date.day, 28)) + timedelta(days=30)


def _homes(persona: Persona, oid: int, numbers: _Numbers) -> list[Address]:
    if persona.home is None:
        return []
    home = persona.home
    return [
        Address(
            id=numbers.next("address"),
            person_oid=oid,
            type=kind,
            zip_code=home.zip_code,
            region=home.region,
            city=home.city,
            street=home.street,
            house=home.house,
            flat=home.flat,
        )
        for kind in ("PRG", "PLV")
    ]


def _organisation(persona: Persona, oid: int, numbers: _Numbers) -> Organisation:
    given = persona.organisation
    assert given is not None
    return Organisation(
        oid=personas.FIRST_ORGANISATION_OID + numbers.next("organisation") - 1,
        person_oid=oid,
        full_name=given.full_name,
        short_name=given.short_name,
        ogrn=given.ogrn,
        inn=given.inn,
        type=given.type,
        chief=given.chief,
        phone=given.phone,
        email=given.email,
    )


def _child(child: PersonaChild, oid: int, today: date, numbers: _Numbers) -> Child:
    return Child(
        id=numbers.next("child"),
        parent_oid=oid,
        surname=child.surname,
        name=child.name,
        patronymic=child.patronymic,
        sex=child.sex,
        birth_date=personas.born(today, child.years, child.days),
        snils=child.snils,
    )


def _child_papers(child: PersonaChild, row: Child, numbers: _Numbers) -> list[Document]:
    registered = row.birth_date + timedelta(days=7)
    papers = [
        Document(
            id=numbers.next("document"),
            child_id=row.id,
            type="RF_BRTH_CERT",
            series=child.certificate_series,
            number=child.certificate,
            issued_on=registered,
            issued_by=personas.REGISTRY_OFFICE,
            act_number=child.certificate.lstrip("0"),
            act_date=registered,
        )
    ]
    if child.policy:
        papers.append(Document(id=numbers.next("document"), child_id=row.id, type="MDCL_PLCY", number=child.policy))
    return papers
