"""Documents that patients hand in: the clinic keeps that they came, and they are listed in the record."""

from __future__ import annotations

import hashlib
from datetime import datetime

from foundation.database import Session
from sandbox_idp.clinic import cards
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicDocument, ClinicEntry
from sandbox_idp.clinic.once import once
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.visits import entry_id
from sandbox_idp.context import current_stand


def hand_in(line: Line, card_id: str, *, name: str, media_type: str, content: bytes, key: str) -> None:
    """See `Papers.hand_in`."""
    digest = hashlib.sha256(content).hexdigest()
    with current_stand().database.reading() as session:
        site = cards.known(session, card_id).site

    def do(session: Session, now: datetime) -> str:
        row = ClinicDocument(
            id=current_stand().ids.token(12),
            card_id=card_id,
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=digest,
            at=now,
        )
        session.add(row)
        where = site or next(iter(region().sites))
        session.add(
            ClinicEntry(
                id=entry_id(row.id, "document"),
                card_id=card_id,
                kind="documents",
                at=now,
                year=cards.year_of(now, where),
                title=f"Документ от пациента: {name}",
                site=where,
                fields=[],
            )
        )
        session.flush()
        return row.id

    with line.asking("hand_in", site):
        once(card_id, key, f"document {name} {digest}", do, card_id=card_id)
