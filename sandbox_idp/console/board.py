"""What the console shows of a stand's scenarios: the list by the four causes, what is on, the chosen one's state."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.russian import counted, span
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.console import words
from sandbox_idp.scenarios.catalogue import CAUSES
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.models import Armed
from sandbox_idp.scenarios.states import EntryState

_GROUPS = {0: "Свои", **CAUSES}
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Row:
    """One scenario in a list."""

    id: str
    title: str
    state: str
    words: str
    """State and scope: «включён: следующий вход»."""
    href: str
    current: bool


@dataclass(frozen=True)
class Group:
    """The scenarios of one cause, or the stand's own."""

    cause: int
    """0 for the stand's own."""
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class ChosenState:
    """What has become of the scenario on the page."""

    state: str
    words: str
    left: str
    """When it ends by itself; empty if it is not on."""
    is_on: bool


def matches(entry: Entry, query: str) -> bool:
    """Whether every word of `query` begins a word of the entry's texts; ё counts as е, case and endings do not."""
    text = _plain(" ".join([entry.id, entry.title, entry.story, entry.learner, *entry.sees.texts, *entry.rules]))
    known = _WORD.findall(text)
    return all(any(word.startswith(_stem(asked)) for word in known) for asked in _WORD.findall(_plain(query)))


def groups(
    found: Iterable[EntryState],
    *,
    is_own: Callable[[str], bool],
    query: str,
    current: str | None,
    href: Callable[[str], str],
) -> list[Group]:
    """The entries that match `query`: the stand's own, then the others by cause; empty groups are left out."""
    rows: dict[int, list[Row]] = {}
    for each in found:
        if not query or matches(each.entry, query):
            group = 0 if is_own(each.entry.id) else each.entry.cause
            rows.setdefault(group, []).append(row_of(each, current=current, href=href, people=()))
    return [Group(group, title, rows[group]) for group, title in _GROUPS.items() if group in rows]


def row_of(each: EntryState, *, current: str | None, href: Callable[[str], str], people: Sequence[PersonCard]) -> Row:
    """One entry as a row."""
    said = words.STATES[each.state]
    if each.row is not None:
        said += f": {scope_words(each.row, people)}"
    return Row(each.entry.id, each.entry.title, each.state, said, href(each.entry.id), each.entry.id == current)


def switched_on(found: Iterable[EntryState], *, href: Callable[[str], str], people: Sequence[PersonCard]) -> list[Row]:
    """What is armed now."""
    return [row_of(each, current=None, href=href, people=people) for each in found if each.row is not None]


def chosen_state(
    each: EntryState, *, people: Sequence[PersonCard], happened_to: PersonCard | None, now: datetime
) -> ChosenState:
    """The state of the entry on the page, in words."""
    said = words.STATES[each.state].capitalize()
    if each.state == "happening" and happened_to is not None:
        said = f"Происходит у {happened_to.genitive}" if happened_to.genitive else f"{said}: {happened_to.short_name}"
    elif each.state == "recovered" and happened_to is not None:
        said = f"Прошёл: {happened_to.short_name}"
    elif each.row is not None:
        said += f": {scope_words(each.row, people)}"
    return ChosenState(each.state, said, _left(each.row, now), each.row is not None)


def scope_words(row: Armed, people: Sequence[PersonCard]) -> str:
    """Whom an arming means: «следующий вход», «все», «Анна Лесная»; and how often, if that is counted."""
    if row.scope == "person":
        person = next((each for each in people if each.oid == row.person_oid), None)
        said = person.short_name if person else "один человек"
    elif row.scope == "next-sign-in":
        said = "следующий вход" if row.sign_in is None else "один вход"
    else:
        said = "все"
    if row.count_left is not None:
        said += ", ещё " + counted(row.count_left, "раз", "раза", "раз")
    return said


def found_words(found: Sequence[Group]) -> str:
    """`Нашлось 3 сценария.`"""
    count = sum(len(group.rows) for group in found)
    if not count:
        return "Ничего не нашлось. Попробуйте одно слово: «код», «полис», «маркер»."
    return f"Нашлось {counted(count, 'сценарий', 'сценария', 'сценариев')}."


def version(*parts: object) -> str:
    """A short mark that differs when what is shown differs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def _left(row: Armed | None, now: datetime) -> str:
    if row is None:
        return ""
    if row.starts_at is not None and row.starts_at > now:
        return f"Начнётся через {_minutes(row.starts_at, now)}"
    if row.expires_at is None:
        return ""
    return f"Снимется само через {_minutes(row.expires_at, now)}"


def _minutes(end: datetime, now: datetime) -> str:
    """In minutes while there is more than one, so that the words do not change with every look."""
    seconds = (end - now).total_seconds()
    return span(seconds if seconds < 60 else -(-seconds // 60) * 60)


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _stem(word: str) -> str:
    """A word without its ending, so that «маркера» finds «маркер»."""
    return word[:-2] if len(word) > 6 else word[:-1] if len(word) > 4 else word
