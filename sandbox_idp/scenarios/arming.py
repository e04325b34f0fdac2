"""Switching scenarios on and off. The console and the control API call these functions (`docs/scenarios.md`)."""

# Errors are named after what happened.
# ruff: noqa: N818

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, or_
from sqlmodel import Session, col, select

from sandbox_idp.accounts.factory import TakenError
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import find_person
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.effects.base import Change, StateEffect
from sandbox_idp.scenarios.entries import ArmingRules, Entry
from sandbox_idp.scenarios.files import Problem, mistakes
from sandbox_idp.scenarios.live import raise_version
from sandbox_idp.scenarios.models import Armed, ArmedAsked, StandState
from sandbox_idp.scenarios.own import read_entries
from sandbox_idp.scenarios.wait import waits

State = Literal["idle", "armed", "watching", "happening", "recovered"]


class UnknownEntry(LookupError):
    """Neither the catalogue nor the stand has an entry of that id (404)."""

    def __init__(self, entry: str) -> None:
        super().__init__(entry)
        self.entry = entry
        self.reason = f"Сценария «{entry}» нет ни в каталоге, ни среди своих сценариев стенда."


class UnfitEntry(ValueError):
    """The stand's own file of that id cannot be used by these programs (409)."""

    def __init__(self, entry: str, problems: Sequence[Problem]) -> None:
        super().__init__(entry)
        self.entry = entry
        self.problems = tuple(problems)
        self.reason = f"Сценарий «{entry}» не подходит к этой версии стенда и не действует. Исправьте его текст."


class UnknownPerson(LookupError):
    """The stand has no such person (404)."""

    def __init__(self, person: str | int | None) -> None:
        super().__init__(person)
        self.person = person
        self.reason = f"На стенде нет человека «{person}»." if person is not None else "Не сказано, для кого сценарий."


class ScopeNotOffered(ValueError):
    """The entry is not armed like that (422 at `/scope`)."""

    path = "/scope"

    def __init__(self, entry: str, scope: str, offered: tuple[str, ...]) -> None:
        super().__init__(f"{entry}: {scope}")
        self.entry = entry
        self.scope = scope
        self.offered = offered
        self.reason = (
            f"Сценарий «{entry}» так не включают: возможно {', '.join(offered)}."
            if offered
            else f"Сценарий «{entry}» не включают: он показывает то, чего не должно случиться."
        )


class BadParameter(ValueError):
    """A value that cannot be used (422); `path` says which, as a JSON pointer."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Arming:
    """What was switched on, and what it replaced."""

    entry: Entry
    state: Literal["armed", "watching"]
    row: Armed
    replaced: Armed | None


def arm(
    stand: Stand,
    entry_id: str,
    scope: str | None = None,
    *,
    person: str | int | None = None,
    count: int | None = None,
    ttl: timedelta | None = None,
    probability: float | None = None,
    seed: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Arming:
    """Switch a scenario on, in what is not given as the entry says. It takes the place of an earlier arming.

    `person` is a persona's name or an oid. Raises UnknownEntry, UnfitEntry, ScopeNotOffered, UnknownPerson or
    BadParameter.
    """
    with stand.database.writing() as session:
        connection = session.connection()
        # First of all: from here on nobody else changes what is armed, nor the stand's own scenarios.
        raise_version(connection)
        entry = _entry(session, entry_id)
        rules = _rules(entry, scope)
        values = _parameters(entry, parameters or {})
        now = stand.clock.refresh()
        chance = rules.probability if probability is None else probability
        given_seed = rules.seed if seed is None else seed
        _check_limits(count=count, ttl=ttl, probability=chance, starts_at=starts_at, ends_at=ends_at, now=now)
        begins = max(now, starts_at) if starts_at is not None else now
        row = Armed(
            entry=entry.id,
            scope=scope or rules.default,
            person_oid=_person(session, person) if (scope or rules.default) == "person" else None,
            count_left=count,
            probability=chance,
            seed=session.get_one(StandState, 1).seed if given_seed is None else given_seed,
            parameters=values,
            armed_at=now,
            starts_at=starts_at,
            ends_at=ends_at,
            expires_at=max(begins + (ttl or rules.ttl), ends_at or now),
        )
        replaced = take_off(stand, session, entry.id)
        try:
            row.changed = _changed(stand, session, entry, row)
        except TakenError as error:
            raise BadParameter("/scope", error.reason) from None
        connection.execute(insert(Armed), [row.model_dump()])
        note(stand, connection, entry.id, "armed", _told(row))
    waits.nudge()
    return Arming(entry, _switched_on(entry), row, replaced)


def disarm(stand: Stand, entry_id: str) -> Armed | None:
    """Switch a scenario off; what was on, if it was. UnknownEntry if there is no such entry."""
    with stand.database.writing() as session:
        raise_version(session.connection())
        removed = take_off(stand, session, entry_id)
        if removed is not None:
            stand.clock.refresh()
            note(stand, session.connection(), entry_id, "disarmed", {})
        elif (entries := read_entries(session)).get(entry_id) is None and entry_id not in entries.files:
            raise UnknownEntry(entry_id)
    waits.nudge()
    return removed


def disarm_all(stand: Stand) -> list[Armed]:
    """Switch everything off; what was on."""
    with stand.database.writing() as session:
        raise_version(session.connection())
        rows = list(session.exec(select(Armed).order_by(col(Armed.entry))))
        stand.clock.refresh()
        for row in rows:
            take_off(stand, session, row.entry)
            note(stand, session.connection(), row.entry, "disarmed", {})
    waits.nudge()
    return rows


def sweep(stand: Stand) -> int:
    """Take away what is over on the stand's clock; tells how many."""
    now = stand.clock.now()
    is_over = or_(col(Armed.expires_at) <= now, col(Armed.ends_at) <= now)
    with stand.database.reading() as session:
        if session.exec(select(Armed.entry).where(is_over).limit(1)).first() is None:
            return 0
    with stand.database.writing() as session:
        raise_version(session.connection())
        over = list(session.exec(select(Armed.entry).where(is_over)))
        for entry_id in over:
            take_off(stand, session, entry_id)
            note(stand, session.connection(), entry_id, "expired", {})
    return len(over)


def _switched_on(entry: Entry) -> Literal["armed", "watching"]:
    return "watching" if entry.watch is not None else "armed"


def _entry(session: Session, entry_id: str) -> Entry:
    entries = read_entries(session)
    entry = entries.get(entry_id)
    if entry is not None:
        return entry
    own = entries.own_file(entry_id)
    raise UnknownEntry(entry_id) if own is None else UnfitEntry(entry_id, own.problems)


def _rules(entry: Entry, scope: str | None) -> ArmingRules:
    rules = entry.arming
    offered = rules.scopes if rules is not None else ()
    if rules is None or not offered or (scope is not None and scope not in offered):
        raise ScopeNotOffered(entry.id, scope or "", offered)
    return rules


def _person(session: Session, person: str | int | None) -> int:
    found = find_person(session, str(person)) if person is not None else None
    if found is None:
        raise UnknownPerson(person)
    return found.oid


def _parameters(entry: Entry, given: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        declared = entry.parameters.get(name)
        pointer = "/parameters/" + name.replace("~", "~0").replace("/", "~1")
        if declared is None:
            known = ", ".join(entry.parameters) or "у сценария их нет"
            raise BadParameter(pointer, f"такого параметра нет (есть: {known})")
        problem = declared.problem_with(value)
        if problem is not None:
            raise BadParameter(pointer, problem)
    values = {**entry.defaults(), **given}
    try:
        entry.build(values)
    except ValidationError as error:
        # A parameter without ends of its own: only its effect can tell what it may be.
        _, words = next(mistakes(error))
        raise BadParameter("/parameters", f"сбой с такими параметрами не включить: {words}") from None
    return values


def _check_limits(
    *,
    count: int | None,
    ttl: timedelta | None,
    probability: float,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    if count is not None and count < 1:
        raise BadParameter("/count", "не меньше 1")
    if ttl is not None and ttl <= timedelta(0):
        raise BadParameter("/ttl", "нужен положительный промежуток, например PT30M")
    if not 0 < probability <= 1:
        raise BadParameter("/probability", "больше 0 и не больше 1")
    for path, value in (("/starts_at", starts_at), ("/ends_at", ends_at)):
        if value is not None and value.tzinfo is None:
            raise BadParameter(path, "нужен часовой пояс, например 2026-11-22T06:00:00+03:00")
    if ends_at is not None and ends_at <= max(now, starts_at or now):
        raise BadParameter("/ends_at", "конец должен быть позже начала и позже времени стенда")


def _changed(stand: Stand, session: Session, entry: Entry, row: Armed) -> list[dict[str, Any]] | None:
    """Have the entry's state effects change the person's account; what they need to put it back."""
    effects = _state_effects(entry, row.parameters)
    if not effects:
        return None
    person = session.get_one(Person, row.person_oid)
    kept = [each.apply(Change(session, row.armed_at, stand.ids), person) for each in effects]
    if entry.watch is None:
        # Nobody will be seen to meet it, so what it did is told now.
        lines = [
            journal.Line(
                kind="effect",
                at=row.armed_at,
                program="sandbox_idp",
                entry=entry.id,
                name=each.kind,
                details=each.details(),
            )
            for each in effects
        ]
        journal.write(stand.database, session.connection(), lines)
    return kept


def _put_back(stand: Stand, session: Session, row: Armed) -> None:
    """Have what `_changed` did be undone, the last thing first. What has no entry any more cannot."""
    entry = read_entries(session).get(row.entry)
    person = session.get(Person, row.person_oid) if row.person_oid is not None else None
    if entry is None or person is None or not row.changed:
        return
    effects = _state_effects(entry, row.parameters)
    for each, kept in reversed(list(zip(effects, row.changed, strict=False))):
        each.restore(Change(session, stand.clock.now(), stand.ids), person, kept)


def _state_effects(entry: Entry, parameters: Mapping[str, Any]) -> list[StateEffect]:
    return [each for each in entry.build(parameters) if isinstance(each, StateEffect)]


def take_off(stand: Stand, session: Session, entry_id: str) -> Armed | None:
    """Switch an entry off inside a transaction that has raised the version; what was on, if it was."""
    row = session.get(Armed, entry_id)
    connection = session.connection()
    connection.execute(delete(ArmedAsked).where(col(ArmedAsked.entry) == entry_id))
    if row is not None:
        session.expunge(row)
        _put_back(stand, session, row)
        connection.execute(delete(Armed).where(col(Armed.entry) == entry_id))
    return row


def _told(row: Armed) -> dict[str, Any]:
    """What the journal says of an arming: enough to repeat it."""
    life = row.expires_at - row.armed_at if row.expires_at is not None else None
    return {
        "scope": row.scope,
        "person_oid": row.person_oid,
        "parameters": row.parameters,
        "count": row.count_left,
        "probability": row.probability,
        "chance": row.seed,
        "seconds": life.total_seconds() if life is not None else None,
        **{
            name: moment.isoformat(timespec="milliseconds")
            for name, moment in (("starts_at", row.starts_at), ("ends_at", row.ends_at))
            if moment is not None
        },
    }


def note(stand: Stand, connection: Connection, entry_id: str, name: str, details: dict[str, Any]) -> None:
    """Write a line of kind `change` about an entry."""
    line = journal.Line(
        kind="change", at=stand.clock.now(), program="sandbox_idp", entry=entry_id, name=name, details=details
    )
    journal.write(stand.database, connection, [line])
