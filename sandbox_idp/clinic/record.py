"""The electronic card (R-035): entries of three sources, each of which can be silent; paged by key."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import date_long
from portal.clinic.errors import NoAnswerError, NotFoundError
from portal.clinic.values import Entry, Expense, Listing, Measurement, Point, RecordKind, Source, Transfer
from sandbox_idp.clinic import cards, laboratory, visits
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicCard, ClinicEntry, ClinicTransfer
from sandbox_idp.clinic.region import region, short_name
from sandbox_idp.clinic.stories import Story, story
from sandbox_idp.context import current_stand

LONGEST_PAGE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SOURCES = {
    "clinic": "Поликлиника",
    "laboratory": "Региональная лаборатория",
    "vaccinations": "Регистр прививок",
}
"""Id and name of each source."""
_OF = {"results": "laboratory", "vaccinations": "vaccinations"}
"""Whose entries of a kind are, if not the clinic's own."""
_Table = TypeVar("_Table", ClinicEntry, ClinicTransfer)


def sources(line: Line, card_id: str, operation: str = "sources") -> list[Source]:
    """See `Record.sources`."""
    stand = current_stand()
    with stand.database.reading() as session:
        card = cards.known(session, card_id)
    now = stand.clock.now()
    found = []
    for source, title in SOURCES.items():
        answered = line.hears(operation, source, card.site)
        name = region().sites[card.site].name if source == "clinic" and card.site is not None else title
        found.append(Source(source, name, answered, now if answered else None))
    return found


def entries(line: Line, card_id: str, kind: RecordKind, *, after: str | None, limit: int) -> Listing[Entry]:
    """See `Record.entries`."""
    asked = _sources(line, card_id, "entries")
    visits.settle_due(card_id)
    limit = min(max(limit, 1), LONGEST_PAGE)
    now = current_stand().clock.now()
    with current_stand().database.reading() as session:
        page = select(ClinicEntry).where(ClinicEntry.card_id == card_id, ClinicEntry.kind == kind)
        if _source(kind) not in _heard(asked):
            return Listing((), None, tuple(asked))
        rows, following = _page(session, page, ClinicEntry, after, limit)
        card = cards.known(session, card_id)
        items = tuple(_entry(row, card, now) for row in rows)
    return Listing(items, following, tuple(asked))


def entry(line: Line, card_id: str, kind: RecordKind, entry_id: str) -> Entry:
    """See `Record.entry`. NoAnswerError if its source is silent."""
    visits.settle_due(card_id)
    now = current_stand().clock.now()
    with current_stand().database.reading() as session:
        card = cards.known(session, card_id)
        row = session.get(ClinicEntry, entry_id)
        if row is None or row.card_id != card_id or row.kind != kind:
            raise NotFoundError
        source = _source(kind)
        if not line.hears("entry", source, card.site):
            raise NoAnswerError(region().sites[card.site] if source == "clinic" and card.site else None)
        return _entry(row, card, now)


def counts(line: Line, card_id: str) -> Mapping[RecordKind, int]:
    """See `Record.counts`; what silent sources have is not counted."""
    asked = _sources(line, card_id, "counts")
    visits.settle_due(card_id)
    with current_stand().database.reading() as session:
        grouped = (
            select(ClinicEntry.kind, func.count()).where(ClinicEntry.card_id == card_id).group_by(ClinicEntry.kind)
        )
        found: dict[Any, int] = dict(session.exec(grouped).all())
    return {kind: many for kind, many in found.items() if _source(kind) in _heard(asked)}


def series(line: Line, card_id: str, code: str, *, limit: int) -> list[Point]:
    """See `Record.series`. NoAnswerError if the laboratory is silent."""
    with current_stand().database.reading() as session:
        card = cards.known(session, card_id)
        if not line.hears("series", "laboratory", card.site):
            raise NoAnswerError(None)
        if code not in laboratory.tests():
            return []
        newest = (
            select(ClinicEntry)
            .where(ClinicEntry.card_id == card_id, ClinicEntry.kind == "results")
            .where(col(ClinicEntry.figures).contains(laboratory.mark(code), autoescape=True))
            .order_by(col(ClinicEntry.at).desc(), col(ClinicEntry.id).desc())
            .limit(max(limit, 0))
        )
        rows = list(session.exec(newest))
    measured = ((row, _measurements(row, card)) for row in reversed(rows))
    return [Point(row.at, each, row.id) for row, figures in measured for each in figures if each.code == code]


def transfers(line: Line, card_id: str, *, after: str | None, limit: int) -> Listing[Transfer]:
    """See `Record.transfers`."""
    line.ask("transfers")
    limit = min(max(limit, 1), LONGEST_PAGE)
    with current_stand().database.reading() as session:
        cards.known(session, card_id)
        page = select(ClinicTransfer).where(ClinicTransfer.card_id == card_id)
        rows, following = _page(session, page, ClinicTransfer, after, limit)
    items = (
        Transfer(row.id, row.at, row.document, row.recipient, row.purpose, row.state)  # type: ignore[arg-type]  # Only these by a constraint.
        for row in rows
    )
    return Listing(tuple(items), following)


def expenses(line: Line, card_id: str, year: int) -> list[Expense]:
    """See `Record.expenses`."""
    line.ask("expenses")
    visits.settle_due(card_id)
    with current_stand().database.reading() as session:
        cards.known(session, card_id)
        spent = select(ClinicEntry).where(
            ClinicEntry.card_id == card_id, ClinicEntry.year == year, col(ClinicEntry.cost).is_not(None)
        )
        rows = list(session.exec(spent.order_by(col(ClinicEntry.at), col(ClinicEntry.id))))
    return [
        Expense(
            row.id,
            cards.local_day(row.at, row.site),
            words(row).title,
            region().sites[row.site].name,
            _roubles(row.cost),
        )
        for row in rows
    ]


def expense_totals(line: Line, card_id: str) -> Mapping[int, Decimal]:
    """See `Record.expense_totals`."""
    line.ask("expense_totals")
    visits.settle_due(card_id)
    with current_stand().database.reading() as session:
        cards.known(session, card_id)
        totals = (
            select(ClinicEntry.year, func.sum(ClinicEntry.cost))
            .where(ClinicEntry.card_id == card_id, col(ClinicEntry.cost).is_not(None))
            .group_by(col(ClinicEntry.year))
            .order_by(col(ClinicEntry.year).desc())
        )
        return {year: _roubles(total) for year, total in session.exec(totals)}


def _sources(line: Line, card_id: str, operation: str) -> list[Source]:
    return sources(line, card_id, operation)


def _source(kind: str) -> str:
    return _OF.get(kind, "clinic")


def _heard(asked: list[Source]) -> list[str]:
    return [source.id for source in asked if source.answered]


def _roubles(kopecks: Any) -> Decimal:
    return Decimal(int(kopecks or 0)).scaleb(-2)


def _page(
    session: Session, page: Any, table: type[_Table], after: str | None, limit: int
) -> tuple[list[_Table], str | None]:
    """A page, newest first, and what to ask the next one by."""
    if after is not None:
        at, last = _place(after)
        page = page.where(
            (col(table.at) < at) | ((col(table.at) == at) & (col(table.id) < last)),
            col(table.at) <= at,
        )
    rows = list(session.exec(page.order_by(col(table.at).desc(), col(table.id).desc()).limit(limit + 1)))
    shown = rows[:limit]
    return shown, _token(shown[-1]) if len(rows) > limit else None


def _token(row: ClinicEntry | ClinicTransfer) -> str:
    micros = (row.at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(struct.pack(">q", micros) + row.id.encode()).decode().rstrip("=")


def _place(token: str) -> tuple[datetime, str]:
    """NotFoundError for a token that nobody gave out."""
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        (micros,) = struct.unpack(">q", packed[:8])
        return _EPOCH + timedelta(microseconds=micros), packed[8:].decode()
    except (ValueError, OverflowError, struct.error):
        raise NotFoundError from None


def _measurements(row: ClinicEntry, card: ClinicCard) -> tuple[Measurement, ...]:
    return tuple(
        laboratory.measurement(code, value, sex=card.sex, born=card.birth_date, on=row.at.date())
        for code, value in laboratory.read(row.figures or "").items()
    )


def _entry(row: ClinicEntry, card: ClinicCard, now: datetime) -> Entry:
    told = words(row)
    return Entry(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # Only these are written.
        at=row.at,
        title=told.title,
        site=region().sites[row.site].name,
        doctor=_doctor(row),
        source=_source(row.kind),
        state=_state(row, cards.local_day(now, row.site)),
        text=told.text,
        fields=told.fields,
        measurements=_measurements(row, card),
    )


def words(row: ClinicEntry) -> Story:
    """What an entry says: its own words after those that it has by name."""
    told = story(row.kind, row.name) if row.name is not None else Story("")
    title = row.title or told.title
    if not title and row.code is not None:
        title = visits.visit_title(region().specialities[row.code])
    return Story(title, row.text or told.text, (*told.fields, *((label, text) for label, text in row.fields)))


def _doctor(row: ClinicEntry) -> str:
    if row.doctor is None:
        return ""
    doctor = region().receptions[row.doctor].doctor
    return f"{short_name(doctor.name)}, {doctor.speciality.name}"


def _state(row: ClinicEntry, today: date) -> str:
    if row.state == "used":
        return "использовано"
    if row.until is None:
        return row.state
    if row.until < today:
        return f"срок истёк {date_long(row.until)}"
    return f"действует до {date_long(row.until)}"
