"""What has become of each scenario of a stand: idle, armed, watching, happening or recovered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.arming import State, sweep
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.models import Armed, JournalLine, SignIn
from sandbox_idp.scenarios.own import read_entries

SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class EntryState:
    """One scenario and what has become of it."""

    entry: Entry
    state: State
    row: Armed | None
    """How it is armed, if it is."""
    last: JournalLine | None
    """The last line of the journal in which it happened, since it was armed."""


def states(stand: Stand) -> list[EntryState]:
    """Every entry of the stand with its state: the catalogue's in its order, then the stand's own.

    `happening`: it has struck (or the person has done it) since it was armed. `recovered`: afterwards the same browser
    has got there all the same, whether it is still armed or not, until it is armed again.
    """
    sweep(stand)
    journal.settle(stand.database)
    with stand.database.reading() as session:
        armed = {row.entry: row for row in session.exec(select(Armed))}
        since = _armed_since(session)
        found = []
        for entry in read_entries(session):
            row = armed.get(entry.id)
            last = _last(session, entry, row, since[entry.id]) if entry.id in since else None
            found.append(EntryState(entry, _state(session, entry, row, last), row, last))
        return found


def state_of(stand: Stand, entry_id: str) -> EntryState | None:
    """The state of one entry."""
    return next((each for each in states(stand) if each.entry.id == entry_id), None)


def _armed_since(session: Session) -> dict[str, datetime]:
    """When each entry was last armed, in real time."""
    query = (
        select(JournalLine.entry, func.max(JournalLine.real_at))
        .where(JournalLine.kind == "change", JournalLine.name == "armed")
        .group_by(col(JournalLine.entry))
    )
    return {entry: at for entry, at in session.exec(query) if entry is not None}


def _state(session: Session, entry: Entry, row: Armed | None, last: JournalLine | None) -> State:
    if last is not None and _recovered(session, entry, last):
        return "recovered"
    if row is None:
        return "idle"
    if last is not None:
        return "happening"
    return "watching" if entry.watch is not None else "armed"


def _last(session: Session, entry: Entry, row: Armed | None, since: datetime) -> JournalLine | None:
    """The last time it happened since it was armed."""
    query = select(JournalLine).where(JournalLine.real_at >= since).order_by(col(JournalLine.id).desc())
    if entry.watch is None:
        return session.exec(query.where(JournalLine.kind == "effect", JournalLine.entry == entry.id).limit(1)).first()
    acts = query.where(JournalLine.kind == "act", JournalLine.name == entry.watch.act)
    if row is None:
        return session.exec(acts.where(JournalLine.entry == entry.id).limit(1)).first()
    return next((line for line in session.exec(acts.limit(200)) if _means(session, row, line)), None)


def _means(session: Session, row: Armed, line: JournalLine) -> bool:
    """Whether an act is by somebody for whom the entry is armed. Who it was may have become known only afterwards."""
    if row.scope == "everyone":
        return True
    if row.scope == "next-sign-in":
        return row.sign_in is not None and line.sign_in == row.sign_in
    if line.details.get("person_oid") == row.person_oid:
        return True
    sign_in = session.get(SignIn, line.sign_in) if line.sign_in is not None else None
    return sign_in is not None and sign_in.person_oid == row.person_oid


def _recovered(session: Session, entry: Entry, last: JournalLine) -> bool:
    """Whether afterwards the same browser reached the end, or got whole what had failed at the portal."""
    wanted = [f"GET {entry.recovers.ends_at}"]
    if last.kind == "effect" and last.program == "portal":
        wanted.append(str(last.details.get("exchange")))
    reached = and_(
        col(JournalLine.kind) == "exchange",
        col(JournalLine.program) == ("portal" if entry.recovers.at == "portal" else "sandbox_idp"),
        col(JournalLine.name).in_(wanted),
        col(JournalLine.status) < 400,
    )
    if entry.sees.at == "sandbox":
        reached = or_(reached, and_(col(JournalLine.kind) == "act", col(JournalLine.name) == SIGNED_IN))
    query = (
        select(JournalLine)
        .where(JournalLine.real_at > last.real_at, reached)
        .order_by(col(JournalLine.id).desc())
        .limit(100)
    )
    browsers = _browsers(session, last)
    return any(
        not browsers or line.browser in browsers or (line.sign_in is not None and line.sign_in == last.sign_in)
        for line in session.exec(query)
    )


def _browsers(session: Session, line: JournalLine) -> set[str]:
    """The browser of a line under its names on both hosts; empty if nobody is known."""
    sign_in = session.get(SignIn, line.sign_in) if line.sign_in is not None else None
    names = {line.browser, *((sign_in.portal_browser, sign_in.idp_browser) if sign_in is not None else ())}
    return {name for name in names if name is not None}
