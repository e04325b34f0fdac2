"""The end of the wizard: one account, made in one piece from what the steps gave (S-60, C-01)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import contacts, factory, levels
from sandbox_idp.accounts.contacts import ContactTakenError
from sandbox_idp.accounts.models import Address, Document, Person
from sandbox_idp.accounts.regions import REGIONS
from sandbox_idp.context import current_stand
from sandbox_idp.registration import wizard
from sandbox_idp.registration.models import DataConsent, Registration
from sandbox_idp.registration.profile import Profile
from sandbox_idp.sign_in.secrecy import subject

_log = log.get_log("sandbox_idp.registration")

SNILS = "SNILS"
"""Kind of document under which a SNILS waits until the registry has found it; `Person.snils` holds proven ones only."""


class AlreadyRegisteredError(Exception):
    """Somebody else has finished with this phone meanwhile. Whoever reads this has proved that the phone is theirs."""


def make(session: Session, registration: Registration, *, now: datetime) -> Person:
    """Make the account. The caller holds the registration; the stand is held here, so that numbers do not clash.

    A phone can be proved in two browsers at once: the one that comes second gets AlreadyRegisteredError, and its whole
    transaction goes back.
    """
    wizard.hold_stand(session)
    if contacts.owner(session, "phone", registration.phone) is not None:
        raise AlreadyRegisteredError
    assert registration.profile is not None
    assert registration.password_hash is not None
    given = Profile.from_json(registration.profile)
    identified = registration.identified_at is not None
    person = Person(
        oid=factory.next_oid(session),
        surname=registration.surname,
        name=registration.name,
        patronymic=given.patronymic,
        sex=given.sex,
        birth_date=given.birth_date,
        level="confirmed" if identified else "simplified",
        snils=given.snils if identified else None,
        region=given.region,
        zone=REGIONS[given.region].zone,
        password_hash=registration.password_hash,
        sms_enabled=True,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    try:
        session.flush()
        contacts.claim(session, person.oid, "phone", registration.phone)
    except (IntegrityError, ContactTakenError) as error:
        raise AlreadyRegisteredError from error
    for paper in _papers(person.oid, given, verified=identified):
        session.execute(insert(Document), [paper])
    session.execute(insert(Address), _homes(person.oid, given))
    session.add(
        DataConsent(
            id=current_stand().ids.token(16),
            person_oid=person.oid,
            text_version=registration.consent_version,
            text_hash=registration.consent_hash,
            address=registration.consent_address,
            given_at=registration.consented_at,
        )
    )
    session.flush()
    if not identified:
        levels.submitted(session, person, now)
    _log.info("registered", subject=subject(person.oid), centre=registration.centre or "none")
    return person


def _papers(oid: int, given: Profile, *, verified: bool) -> list[dict[str, Any]]:
    passport = {
        "series": given.passport[:4],
        "number": given.passport[4:],
        "issued_on": given.issued_on,
        "issued_by": given.issued_by,
        "issuer_code": given.issuer_code,
    }
    papers: list[dict[str, Any]] = [{"type": factory.PASSPORT, **passport}]
    if not verified:
        papers.append({"type": SNILS, "number": given.snils})
    if given.policy is not None:
        papers.append({"type": factory.POLICY, "number": given.policy})
    return [{"person_oid": oid, "verified": verified, **paper} for paper in papers]


def _homes(oid: int, given: Profile) -> list[dict[str, Any]]:
    home = {
        "zip_code": "000000",
        "region": REGIONS[given.region].name,
        "city": given.city,
        "street": given.street,
        "house": given.house,
        "flat": given.flat,
    }
    return [{"person_oid": oid, "type": kind, **home} for kind in ("PRG", "PLV")]
