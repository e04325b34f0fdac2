"""How an account gets from упрощённая to стандартная: documents that a person has given are checked (R-013, R-014)."""

from __future__ import annotations

from datetime import datetime

from foundation.database import Session
from sandbox_idp.accounts.models import Person


def submitted(session: Session, person: Person, now: datetime) -> None:
    """The person has given passport, SNILS and policy (as documents that are not verified yet): the checks begin."""
