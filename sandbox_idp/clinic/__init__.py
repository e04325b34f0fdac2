"""The medical system of a stand: a region of clinics behind the portal's interface `portal.clinic`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.database import Session
from sandbox_idp.clinic import seeds


def seed(session: Session, *, now: datetime) -> None:
    """Put the cards and records of the twelve and their children into a new template."""
    seeds.put_cards(session, now=now)


def personalise(session: Session, *, personas: Sequence[str] | None = None) -> None:
    """`personas`: nobody's card but theirs is kept (all unless given)."""
    if personas is not None:
        seeds.keep_only(session, personas)
