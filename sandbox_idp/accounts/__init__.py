"""Accounts: people of a stand."""

from __future__ import annotations

from datetime import datetime

from foundation.database import Session
from foundation.ids import Ids


def seed(session: Session, *, now: datetime) -> None:
    """Put the twelve people of `docs/personas.md` into a new template."""


def personalise(session: Session, *, now: datetime, ids: Ids) -> None:
    """Give a new stand's people what is its own (TOTP secrets)."""
