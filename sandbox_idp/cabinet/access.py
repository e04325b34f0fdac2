"""What has access to an account now: browsers with a session, and systems with a consent; and taking it away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, delete, or_, select

from foundation.database import Session
from sandbox_idp.accounts.models import Consent, Device, GosuslugiSession, LoginAttempt
from sandbox_idp.oauth import given_out
from sandbox_idp.sign_in.sessions import has_ended


def living(session: Session, person_oid: int, now: datetime) -> list[GosuslugiSession]:
    """The person's sessions at Gosuslugi that have not ended, the newest first."""
    mine = select(GosuslugiSession).where(*_living(person_oid, now))
    return list(session.exec(mine.order_by(col(GosuslugiSession.authenticated_at).desc())))


def end_sessions(
    session: Session, person_oid: int, now: datetime, *, only: str | None = None, keep: str | None = None
) -> int:
    """End the person's sessions, and take back what systems got in them; says how many ended (S-47, S-48).

    `only`: the one of that sid; `keep`: all but that one.
    """
    wanted = _living(person_oid, now)
    if only is not None:
        wanted.append(col(GosuslugiSession.sid) == only)
    if keep is not None:
        wanted.append(col(GosuslugiSession.sid) != keep)
    ended = list(session.exec(select(GosuslugiSession).where(*wanted).with_for_update()))
    for each in ended:
        each.ended_at = now
        session.add(each)
    session.flush()
    has_ended(*(each.sid for each in ended))
    given_out.take_back(session, person_oid, now, only=only, keep=keep)
    return len(ended)


def lock_everybody_out(session: Session, person_oid: int, now: datetime) -> None:
    """End every session and every sign-in under way, take back every token, and let no browser be known any more."""
    end_sessions(session, person_oid, now)
    session.exec(delete(LoginAttempt).where(col(LoginAttempt.person_oid) == person_oid))
    session.exec(delete(Device).where(col(Device.person_oid) == person_oid))


def consents_in_force(session: Session, person_oid: int, now: datetime) -> list[Consent]:
    """What the person shares with systems now, the newest first."""
    mine = select(Consent).where(Consent.person_oid == person_oid, col(Consent.revoked_at).is_(None))
    found = session.exec(mine.order_by(col(Consent.granted_at).desc()))
    return [each for each in found if each.expires_at is None or each.expires_at > now]


def earlier_consents(session: Session, person_oid: int, now: datetime, most: int = 20) -> list[Consent]:
    """What the person shared before: withdrawn, replaced or run out, the newest first."""
    mine = select(Consent).where(
        Consent.person_oid == person_oid, or_(col(Consent.revoked_at).is_not(None), col(Consent.expires_at) <= now)
    )
    return list(session.exec(mine.order_by(col(Consent.granted_at).desc()).limit(most)))


def _living(person_oid: int, now: datetime) -> list[ColumnElement[bool]]:
    return [
        col(GosuslugiSession.person_oid) == person_oid,
        col(GosuslugiSession.ended_at).is_(None),
        col(GosuslugiSession.expires_at) > now,
    ]
