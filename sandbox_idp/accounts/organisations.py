"""Organisations: who belongs to which, and registering one (R-011; scope `usr_org`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, or_, select

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import people, personas
from sandbox_idp.accounts.models import Organisation, Person
from sandbox_idp.sign_in.secrecy import subject

_log = log.get_log("sandbox_idp.accounts")


@dataclass(frozen=True)
class NewOrganisation:
    """What is told of an organisation that is to be registered; numbers in the form in which they are stored."""

    name: str
    inn: str
    ogrn: str
    chief: bool
    """Whether whoever registers it is its head; else somebody with a power of attorney."""


class TakenError(Exception):
    """An organisation with this number is registered already: `what` is `inn` or `ogrn`, `own` whether by this very
    person (a second click)."""

    def __init__(self, what: str, *, own: bool) -> None:
        super().__init__(what)
        self.what = what
        self.own = own


def of(session: Session, person_oid: int) -> list[Organisation]:
    """The organisations that a person belongs to, in the order of their registration."""
    mine = select(Organisation).where(Organisation.person_oid == person_oid)
    return list(session.exec(mine.order_by(col(Organisation.oid))))


def register(session: Session, person: Person, new: NewOrganisation) -> Organisation:
    """Register an organisation that this person answers for. The caller keeps others from doing so at the same time.

    Raises TakenError.
    """
    _refuse_taken(session, person, new)
    phone, mail = people.confirmed_phone(session, person.oid), people.confirmed_mail(session, person.oid)
    last = session.exec(select(func.max(Organisation.oid))).one()
    row = Organisation(
        oid=max((last or 0) + 1, personas.FIRST_ORGANISATION_OID),
        person_oid=person.oid,
        full_name=new.name,
        short_name=new.name,
        ogrn=new.ogrn,
        inn=new.inn,
        chief=new.chief,
        phone=phone,
        email=mail,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise TakenError("inn", own=False) from error
    _log.info("organisation_registered", subject=subject(person.oid), organisation=row.oid, chief=row.chief)
    return row


def _refuse_taken(session: Session, person: Person, new: NewOrganisation) -> None:
    same = or_(col(Organisation.inn) == new.inn, col(Organisation.ogrn) == new.ogrn)
    found = session.exec(select(Organisation).where(same)).first()
    if found is not None:
        what = "inn" if found.inn == new.inn else "ogrn"
        own = found.person_oid == person.oid and (found.inn, found.ogrn) == (new.inn, new.ogrn)
        raise TakenError(what, own=own)
