"""Reading the journal of a stand: lines, HAR, verdicts. What the console shows, and calls of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlmodel import col, select

from foundation.database import Database
from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import LARGEST_ROW, NoQuery
from sandbox_idp.control.calls import Answer, Calls
from sandbox_idp.scenarios import journal, verdicts
from sandbox_idp.scenarios.har import har
from sandbox_idp.scenarios.models import JournalLine

calls = Calls("world")
MOST_VERDICTS = 500


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


def newest_lines(
    database: Database, limit: int, *, before: int | None = None, kind: str | None = None, sign_in: int | None = None
) -> list[JournalLine]:
    """The last `limit` lines (with an id below `before`, of one kind, of one sign-in), oldest first."""
    journal.settle(database)
    query = select(JournalLine).order_by(col(JournalLine.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(JournalLine.id) < before)
    if kind is not None:
        query = query.where(JournalLine.kind == kind)
    if sign_in is not None:
        query = query.where(JournalLine.sign_in == sign_in)
    with database.reading() as session:
        return list(session.exec(query))[::-1]


def line_answer(line: JournalLine) -> LineAnswer:
    """A line as the API tells it."""
    return LineAnswer.model_validate({name: getattr(line, name) for name in LineAnswer.model_fields})


class HarQuery(NoQuery):
    """`GET …/journal.har`."""

    sign_in: int | None = Field(None, ge=1, le=LARGEST_ROW, description="only this sign-in; all exchanges without it")


class HarAnswer(Answer):
    """An HTTP archive (HAR 1.2)."""

    log: dict[str, Any]


class VerdictsQuery(NoQuery):
    """`GET …/verdicts`."""

    sign_in: int | None = Field(None, ge=1, le=LARGEST_ROW)
    since: int = Field(0, ge=0, le=LARGEST_ROW, description="number of the last sign-in seen")


class VerdictAnswer(Answer):
    """What can be said of a sign-in from its journal."""

    sign_in: int
    person_oid: int | None
    started_at: datetime
    armed: list[str]
    """Ids of the entries that struck, in the order in which they first did."""
    ended: verdicts.Ended
    status: int | None
    """Of the answer with which it failed; null if none came, or if it did not fail."""
    called_on: verdicts.Answer
    """Whether the portal used what it must not trust."""
    half_open: verdicts.Answer
    """Whether somebody is signed in at the portal without a sign-in that came to its end."""
    looped: verdicts.Answer
    """Whether the browser was sent round in circles without a page in between."""


class VerdictsAnswer(Answer):
    """Verdicts, oldest sign-in first."""

    verdicts: list[VerdictAnswer]


@calls.get("/journal.har")
def export_journal(stand: Stand, query: HarQuery) -> HarAnswer:
    """The exchanges of one sign-in, or all that the journal has, as HAR 1.2 without anything secret."""
    journal.gather(stand.database)
    return HarAnswer(log=har(stand, journal.lines(stand.database, sign_in=query.sign_in, limit=None)))


@calls.get("/verdicts")
def read_verdicts(stand: Stand, query: VerdictsQuery) -> VerdictsAnswer:
    """How each sign-in ended, what struck it, and whether the portal behaved; at most 500, oldest first."""
    journal.gather(stand.database)
    found = verdicts.verdicts(stand.database, sign_in=query.sign_in, after=query.since, limit=MOST_VERDICTS)
    return VerdictsAnswer(verdicts=[verdict_answer(each) for each in found])


def verdict_answer(verdict: verdicts.Verdict) -> VerdictAnswer:
    """A verdict as the API tells it."""
    return VerdictAnswer.model_validate({**vars(verdict), "armed": list(verdict.armed)})
