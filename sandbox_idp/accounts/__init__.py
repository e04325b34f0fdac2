"""Accounts: people of a stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.accounts import seeds


def seed(session: Session, *, now: datetime) -> None:
    """Put the twelve people of `docs/personas.md` into a new template."""
    seeds.put_people(session, now=now)


def personalise(session: Session, *, now: datetime, ids: Ids, personas: Sequence[str] | None = None) -> None:
    """Give a new stand's people what is its own (TOTP secrets); `personas`: nobody but those (all unless given)."""
    if personas is not None:
        seeds.keep_only(session, personas)
    seeds.give_secrets(session, now=now, ids=ids)
