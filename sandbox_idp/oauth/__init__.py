"""ESIA on the wire."""

from __future__ import annotations

from datetime import datetime

from foundation.database import Session
from foundation.ids import Ids


def seed(session: Session) -> None:
    """Put the information systems that every stand knows into a new template."""


def personalise(
    session: Session,
    *,
    signing_key: str,
    mnemonic: str,
    certificate: str,
    redirect_uri: str,
    now: datetime,
    ids: Ids,
) -> None:
    """Give a new stand its signing key, and register our own portal's certificate and exact redirect address."""
