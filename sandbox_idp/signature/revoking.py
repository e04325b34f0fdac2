"""Taking certificates back: the authority's operator revokes what a person holds; a new file is another certificate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select, update

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import notices
from sandbox_idp.signature.issuing import VALID
from sandbox_idp.signature.models import SignatureCertificate


def holds_one(session: Session, oid: int, now: datetime) -> bool:
    """Whether the person has a certificate in force, to be revoked."""
    mine = select(SignatureCertificate.serial).where(*_in_force(now), SignatureCertificate.person_oid == oid)
    return session.exec(mine.limit(1)).first() is not None


def holders(session: Session, now: datetime) -> list[Person]:
    """Everybody who has one, the first who got one first."""
    statement = select(Person).where(
        col(Person.oid).in_(select(SignatureCertificate.person_oid).where(*_in_force(now))), Person.state != "deleted"
    )
    return list(session.exec(statement.order_by(col(Person.oid))))


def revoke(session: Session, person: Person, now: datetime) -> int:
    """Revoke every certificate of the person that is in force, and tell them; says how many there were."""
    done = session.exec(
        update(SignatureCertificate)
        .where(*_in_force(now), col(SignatureCertificate.person_oid) == person.oid)
        .values(revoked_at=now)
    )
    if done.rowcount:
        notices.notify(
            session,
            person,
            "Сертификат подписи отозван",
            "Удостоверяющий центр отозвал его: войти с прежним файлом нельзя. Получите новый или войдите по паролю.",
            ways=["sms", "mail"],
        )
    return done.rowcount


def _in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SignatureCertificate.kind) == VALID,
        col(SignatureCertificate.revoked_at).is_(None),
        col(SignatureCertificate.not_after) > now,
    )
