"""Reading the journal of a stand: what the console's timeline and `GET …/journal` show."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from foundation.database import Database
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.models import JournalLine


def newest_lines(database: Database, limit: int) -> list[JournalLine]:
    """The last `limit` lines, oldest first."""
    journal.settle(database)
    with database.reading() as session:
        newest = session.exec(select(JournalLine).order_by(col(JournalLine.id).desc()).limit(limit))
        return list(newest)[::-1]


def line_answer(line: JournalLine) -> dict[str, Any]:
    """A line as the API tells it."""
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "kind": line.kind,
        "program": line.program,
        "channel": line.channel,
        "sign_in": line.sign_in,
        "entry": line.entry,
        "name": line.name,
        "status": line.status,
        "details": line.details,
    }
