"""Everything one look at the console needs, read once; the page and its parts are drawn from the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from sqlmodel import Session, SQLModel, select

from foundation.russian import msk
from sandbox_idp.accounts import people as accounts
from sandbox_idp.cabinet import unusual
from sandbox_idp.console import board, words
from sandbox_idp.console.timeline import arrows
from sandbox_idp.context import Stand
from sandbox_idp.control.journal import newest_lines
from sandbox_idp.control.stands import clock_of
from sandbox_idp.registration import centre_visits
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.own import StandEntries, entries_of
from sandbox_idp.scenarios.states import EntryState, states
from sandbox_idp.signature import revoking
from sandbox_idp.world import phones

LINES = 30
PARTS = ("list", "state", "overview", "wire", "phone")


@dataclass(frozen=True)
class Look:
    """What was asked for: a scenario, words to find, and whose phone lies on the right."""

    entry: str | None
    query: str
    person: str

    def address(self, endpoint: str, **more: Any) -> str:
        """The address of a page of the console with the same choice."""
        return url_for(endpoint, q=self.query or None, person=self.person or None, **more)

    def of(self, entry: str) -> str:
        """The page of a scenario with the same choice, at the scenario itself: on a phone the list stands before it."""
        return self.address("console.scenario", entry=entry, _anchor="what")

    @property
    def here(self) -> str:
        """The page at hand."""
        return self.of(self.entry) if self.entry else self.address("console.home")


def look_from_request(entry: str | None) -> Look:
    """The choice that the address at hand makes."""
    return Look(entry, request.args.get("q", "").strip()[:80], request.args.get("person", "").strip()[:40])


def context(stand: Stand, look: Look) -> dict[str, Any]:
    """The variables of `board.html` and of its parts, except the form."""
    now = stand.clock.now()
    found = states(stand)
    lines = newest_lines(stand.database, LINES)
    with stand.database.reading() as session:
        everybody = accounts.list_people(session)
        chosen = next((each for each in found if each.entry.id == look.entry), None)
        happened_to = _happened_to(session, chosen, everybody)
        holders = phones.everybody(session)
        waiting = _waiting(session, now)
        owner = phones.choose(session, holders, look.person) or phones.choose(session, holders, None)
        phone = phones.look_at(session, owner, now) if owner is not None else None
    titles = {each.entry.id: each.entry.title for each in found}
    entries = entries_of(stand)
    shown, unfit = _groups(entries, look, found), [file.id for file in entries.unfit]
    state = chosen and board.chosen_state(chosen, people=everybody, happened_to=happened_to, now=now)
    on = board.switched_on(found, href=look.of, people=everybody)
    drawn = arrows(lines, titles.get)
    versions = {
        "list": board.version(shown, unfit),
        "state": board.version(state),
        "overview": board.version(on, waiting),
        "wire": board.version(drawn),
        "phone": board.version(phone),
    }
    return {
        "stand": stand,
        "words": WORDS,
        "states": words.STATES,
        "frozen": clock_of(stand).is_frozen(),
        "now_words": f"{msk(now):%H:%M:%S} (мск)",
        "day_words": msk(now),
        "query": look.query,
        "person": look.person,
        "here": look.here,
        "address": url_for("console.scenario", entry=look.entry) if look.entry else url_for("console.home"),
        "unfiltered": Look(look.entry, "", look.person).here,
        "groups": shown,
        "found_words": board.found_words(shown),
        "switched_on": on,
        "unfit": unfit,
        "own_file": own.id if (own := entries.own_file(look.entry or "")) is not None else None,
        "chosen": chosen.entry if chosen is not None else None,
        "chosen_state": state,
        "sources": [words.source_words(source) for source in chosen.entry.sources] if chosen is not None else [],
        "arrows": drawn,
        "phone": phone,
        "phones": holders,
        **waiting,
        "versions": versions,
        "pulse": look.address("console.pulse", entry=look.entry, seen=".".join(versions[part] for part in PARTS)),
    }


def _waiting(session: Session, now: datetime) -> dict[str, Sequence[SQLModel]]:
    """What an operator can decide now: visits to centres, signatures to revoke, restrictions to lift."""
    return {
        "visits": centre_visits.all_waiting(session, now),
        "signers": revoking.holders(session, now),
        "restricted": unusual.restricted(session, now),
    }


def _happened_to(
    session: Session, chosen: EntryState | None, everybody: Sequence[accounts.PersonCard]
) -> accounts.PersonCard | None:
    if chosen is None or chosen.last is None or chosen.last.sign_in is None:
        return None
    oid = session.exec(select(SignIn.person_oid).where(SignIn.number == chosen.last.sign_in)).first()
    return next((each for each in everybody if each.oid == oid), None)


def _groups(entries: StandEntries, look: Look, found: list[EntryState]) -> list[board.Group]:
    return board.groups(
        found,
        is_own=lambda entry: not entries.is_of_catalogue(entry),
        query=look.query,
        current=look.entry,
        href=look.of,
    )


def changed(versions: dict[str, str], seen: str) -> set[str]:
    """The parts that differ from what the browser has; all of them if it does not say."""
    had = seen.split(".")
    if len(had) != len(PARTS):
        return set(PARTS)
    return {part for part, version in zip(PARTS, had, strict=True) if versions[part] != version}


WORDS = {
    "sides": words.SIDES,
    "stages": words.STAGES,
    "places": words.PLACES,
    "sessions": words.SESSIONS,
    "recovers_by": words.RECOVERS_BY,
    "triggers": words.TRIGGERS,
}
