"""Reading the journal of a stand: what the console's timeline and `GET …/journal` show."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlmodel import col, select

from foundation.database import Database
from sandbox_idp.control.calls import Answer
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.models import JournalLine


class LineAnswer(Answer):
    """A line of the journal, redacted (S-62)."""

    id: int
    at: datetime
    """On the stand's clock."""
    kind: Literal["exchange", "effect", "act", "change"]
    program: Literal["portal", "sandbox_idp"]
    channel: Literal["front", "back"] | None
    sign_in: int | None
    """Number of the sign-in it belongs to."""
    entry: str | None
    """Id of the scenario it belongs to."""
    name: str
    status: int | None
    details: dict[str, Any]


class LinesAnswer(Answer):
    """Lines of the journal, oldest first."""

    lines: list[LineAnswer]


def newest_lines(database: Database, limit: int) -> list[JournalLine]:
    """The last `limit` lines, oldest first."""
    journal.settle(database)
    with database.reading() as session:
        newest = session.exec(select(JournalLine).order_by(col(JournalLine.id).desc()).limit(limit))
        return list(newest)[::-1]


def line_answer(line: JournalLine) -> LineAnswer:
    """A line as the API tells it."""
    return LineAnswer.model_validate({name: getattr(line, name) for name in LineAnswer.model_fields})
