"""Sessions that the provider of the sign-in ends: its word is read by the Esia door, and counts once."""

# The error is named after what happened, as those of portal.esia.
# ruff: noqa: N818

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from portal.doors import Doors
from portal.esia.checks import SKEW
from portal.patients.models import Patient
from portal.sign_in.models import LogoutToken
from portal.sign_in.pending import digest
from portal.sign_in.sessions import end_sessions_of_patient, end_sessions_of_sid

LONGEST_KEPT = timedelta(days=1)
"""How long a token is remembered at most, whatever it says of its own end."""


class UsedBefore(Exception):
    """A logout token that has counted already: somebody repeats what they have overheard."""


def end_sessions(doors: Doors, token: str) -> int:
    """End what the token names; how many sessions were living. All of it is one transaction.

    Raises what `Esia.read_logout` raises, or UsedBefore.
    """
    logout = doors.esia.read_logout(token)
    now = doors.clock.now()
    until = min(datetime.fromtimestamp(min(logout.expires_at, 1e11), UTC) + 2 * SKEW, now + LONGEST_KEPT)
    try:
        with doors.database.writing() as session:
            session.execute(delete(LogoutToken).where(col(LogoutToken.expires_at) < now))
            session.add(LogoutToken(jti_hash=digest(f"{logout.issuer} {logout.jti}"), expires_at=until))
            session.flush()
            if logout.sid is not None:
                return end_sessions_of_sid(session, logout.sid, now=now)
            own = (col(Patient.issuer) == logout.issuer, col(Patient.subject) == logout.subject)
            patient = session.exec(select(Patient.id).where(*own)).first()
            return 0 if patient is None else end_sessions_of_patient(session, patient, now=now)
    except IntegrityError:
        raise UsedBefore from None
