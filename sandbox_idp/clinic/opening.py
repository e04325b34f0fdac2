"""Opening cards for people of the stand who are none of the personas, when the clinic is first asked for them.

The account factory and the registration make people at Gosuslugi; the clinic learns of them as a real one would, from
the insurance: an empty record, attached in the region of the address. Personas have the cards of `seeds`, or none.
"""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import age, msk
from portal.clinic.values import Identity
from sandbox_idp.accounts.models import Child, Document, Person
from sandbox_idp.clinic.models import ClinicCard
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.seeds import INSURERS
from sandbox_idp.clinic.visits import entry_id
from sandbox_idp.context import current_stand

ADULT = 18
ATTACHED_BEFORE = timedelta(days=730)
"""Long enough ago to change the clinic."""


def open_for(who: Identity) -> None:
    """Open a card for that person, if Gosuslugi knows them and there is none; else nothing happens."""
    stand = current_stand()
    today = msk(stand.clock.now()).date()
    with stand.database.reading() as session:
        card = _card_of(session, who, today)
    if card is None:
        return
    # Two who ask at once open the same card: its id follows from whose it is.
    with contextlib.suppress(IntegrityError), stand.database.writing() as session:
        if session.get(ClinicCard, card.id) is None:
            session.add(card)


def _card_of(session: Session, who: Identity, today: date) -> ClinicCard | None:
    if who.snils:
        mine = select(Person).where(Person.snils == who.snils, col(Person.persona).is_(None), Person.state == "active")
        person = session.exec(mine).first()
        if person is not None:
            policy = _policy(session, person.oid, None)
            return _card(person, f"{person.oid}", person.region, policy, today)
    child = _child(session, who)
    if child is None:
        return None
    parent = session.get_one(Person, child.parent_oid)
    return _card(child, f"{parent.oid}-{child.id}", parent.region, _policy(session, None, child.id), today)


def _child(session: Session, who: Identity) -> Child | None:
    """By a number that the child has, else by name and birth date."""
    if who.snils:
        return session.exec(select(Child).where(Child.snils == who.snils)).first()
    if who.policy:
        papers = select(Document.child_id).where(Document.type == "MDCL_PLCY", Document.number == who.policy)
        return session.exec(select(Child).where(col(Child.id).in_(papers))).first()
    if who.birth_date is None:
        return None
    named = select(Child).where(Child.surname == who.surname, Child.name == who.name)
    return session.exec(named.where(Child.birth_date == who.birth_date)).first()


def _policy(session: Session, oid: int | None, child_id: int | None) -> str | None:
    whose = Document.person_oid == oid if oid is not None else Document.child_id == child_id
    return session.exec(select(Document.number).where(Document.type == "MDCL_PLCY", whose)).first()


def _card(whose: Person | Child, key: str, code: str, policy: str | None, today: date) -> ClinicCard:
    site = _site(code, adult=age(whose.birth_date, today) >= ADULT)
    attached_on = max(whose.birth_date, today - ATTACHED_BEFORE)
    return ClinicCard(
        id=entry_id("card", "opened", key),
        number=f"{site or code + '9000'}-{key}",
        surname=whose.surname,
        name=whose.name,
        patronymic=whose.patronymic,
        sex="female" if whose.sex == "F" else "male",
        birth_date=whose.birth_date,
        snils=whose.snils,
        policy=policy,
        insurer=INSURERS[len(key) % 2] if policy else None,
        site=site,
        area=region().facts[site].areas[0] if site is not None else None,
        attached_on=attached_on if site is not None else None,
    )


def _site(code: str, *, adult: bool) -> str | None:
    """The first clinic of the region that attaches such people; for a child any, if the region has none for children.

    None where the region has no clinic: an application attaches to one elsewhere.
    """
    here = [each for each in region().sites.values() if each.region == code and region().facts[each.id].areas]
    fitting = [each for each in here if each.for_children is not adult] or ([] if adult else here)
    return fitting[0].id if fitting else None
