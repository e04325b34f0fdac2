"""Growth: a large portal and a long record are as quick as small ones."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Table, func, insert, literal, select, text, true
from sqlmodel import col

from bench import machine
from bench.clients import code_reader
from bench.crowd import FIRST, settle
from bench.journey import sign_in
from bench.running import SETTLING, expect, pids, place_of
from bench.table import Row, Size
from foundation.database import Database, Session
from portal.patients.models import Patient, PatientItem
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.clinic.models import ClinicCard, ClinicEntry
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair
from sandbox_idp.stands.house import House
from sandbox_idp.testing.browser import Browser

FEW_PATIENTS, FEW_ENTRIES = 1_000, 100
Expression = Callable[[Any], Any]
"""A value for the row of a number."""
OTHERS = 3_000_000_000
"""Oids of those who are only there."""
MOST = 1.2
FIGURES = " hgb=131 rbc=4.21 wbc=6.4"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
SITE = "369001"


# Long records


def records(pair: Pair, house: House, size: Size) -> Iterator[Row]:
    """The list and the overview of a long record ÷ the same of a short one."""
    stand = house.create("records").stand
    short, long = settle(stand, 2)
    for number, count in enumerate((FEW_ENTRIES, size.entries)):
        _write_record(stand, number, count)
    with contextlib.closing(Browser("127.0.0.25")) as one, contextlib.closing(Browser("127.0.0.26")) as other:
        for browser, phone in ((one, short), (other, long)):
            sign_in(browser, stand.portal_url, phone, code_reader(place_of(stand)))
            browser.headers = FRAGMENT
        for row, what, path in (
            ("record", "the list of results", "/record/parts/results"),
            ("record overview", "the overview of the record", "/record/parts/overview"),
        ):
            asks = [partial(expect, browser, stand.portal_url + path) for browser in (one, other)]
            means = f"CPU of {what}, {size.entries:,} entries ÷ {FEW_ENTRIES}"
            yield _row(row, means, *_in_turns(pair, size, *asks))
    house.delete(stand.id)


def _write_record(stand: Stand, number: int, count: int) -> None:
    """A card for the patient of that number in the crowd, with so many blood tests, a day apart."""
    now, card = stand.clock.now(), f"bench-{number}"
    with stand.database.writing() as session:
        person = session.get_one(Person, FIRST + number)
        session.add(
            ClinicCard(
                id=card,
                number=card,
                surname=person.surname,
                name=person.name,
                patronymic=person.patronymic,
                sex="male",
                birth_date=person.birth_date,
                snils=person.snils,
                policy=f"0000{number:012d}",
                site=SITE,
                attached_on=now.date(),
            )
        )
        session.flush()
        for index in range(count):
            at = now - timedelta(days=index % 3650, minutes=index)
            entry = ClinicEntry(
                id=f"{card}-{index:06d}",
                card_id=card,
                kind="results",
                at=at,
                year=at.year,
                title="Общий анализ крови",
                site=SITE,
                fields=[],
                figures=FIGURES,
            )
            session.add(entry)
            if index % 1000 == 999:
                session.flush()


# Many patients


@dataclass
class _Town:
    """A stand with patients, of whom some come."""

    stand: Stand
    phones: Iterator[str]
    browser: Browser
    read_code: Callable[[str], str]

    def sign_in(self) -> None:
        """Somebody who was never here signs in."""
        self.browser.forget()
        sign_in(self.browser, self.stand.portal_url, next(self.phones), self.read_code)

    def home(self) -> None:
        """The one who is here looks at the home page."""
        expect(self.browser, f"{self.stand.portal_url}/home")


def patients(pair: Pair, house: House, size: Size) -> Iterator[Row]:
    """Sign-in and home page where a million patients are known ÷ where a thousand are, in programs of one process."""
    with contextlib.ExitStack() as open_until_then:
        few, many = (
            open_until_then.enter_context(_town(house, count, size, source))
            for count, source in ((FEW_PATIENTS, "127.0.0.27"), (size.patients, "127.0.0.28"))
        )
        walls: list[list[float]] = [[], []]
        samples = []
        for _ in range(size.alone):
            with machine.watching(pids(pair)) as watch:
                for found, town in zip(walls, (few, many), strict=True):
                    begun = time.perf_counter()
                    town.sign_in()
                    found.append(time.perf_counter() - begun)
            samples.append((walls[1][-1] / walls[0][-1], watch))
        what = f"one sign-in, {size.patients:,} patients ÷ {FEW_PATIENTS:,}"
        yield _row("sign-in", what, samples, *walls)
        what = f"CPU of the home page, {size.patients:,} patients ÷ {FEW_PATIENTS:,}"
        yield _row("home page", what, *_in_turns(pair, size, few.home, many.home))


def _oid(number: Any) -> Any:
    return OTHERS + number


def _written(form: str) -> Expression:
    return lambda number: func.printf(form, number)


_SNILS = _written("1%010d")
_OTHER = _written("other-%d")


@contextlib.contextmanager
def _town(house: House, count: int, size: Size, source: str) -> Iterator[_Town]:
    stand = house.create(f"{count} patients").stand
    town = _Town(stand, iter(settle(stand, size.alone + 2)), Browser(source), code_reader(place_of(stand)))
    town.sign_in()
    with stand.portal_database.reading() as session:
        known = session.scalars(select(Patient)).first()
    assert known is not None
    with stand.database.writing() as session:
        _multiply(session, Person, count, {"oid": _oid, "snils": _SNILS}, col(Person.oid) == FIRST)
        changes = {"id": _oid, "person_oid": _oid, "value": _written("+7001%07d")}
        _multiply(session, Contact, count, changes, col(Contact.id) == FIRST)
    with stand.portal_database.writing() as session:
        changes = {"id": _OTHER, "number": _OTHER, "subject": lambda x: func.printf("%d", _oid(x)), "snils": _SNILS}
        _multiply(session, Patient, count, changes, col(Patient.id) == known.id)
        _multiply(session, PatientItem, count, {"patient_id": _OTHER}, col(PatientItem.patient_id) == known.id)
    for database in (stand.database, stand.portal_database):
        _learn(database)
    town.sign_in()
    yield town
    town.browser.close()
    house.delete(stand.id)


def _multiply(session: Session, model: type, count: int, changes: dict[str, Expression], like: Any) -> None:
    """So many copies of the rows `like`, each with the expressions `changes` over its number. SQLite."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # What SQLModel makes of a class with table=True.
    numbers = select(literal(1).label("x")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.x + 1).where(numbers.c.x < count))
    values = [changes[each.name](numbers.c.x) if each.name in changes else each for each in table.columns]
    copies = select(*values).select_from(table.join(numbers, true())).where(like)
    session.connection().execute(insert(table).from_select([each.name for each in table.columns], copies))


def _learn(database: Database) -> None:
    """Let the planner know how many rows there are, as a database that has grown knows it."""
    with database.writing() as session:
        session.connection().execute(text("analyze"))


# What both have in common


def _in_turns(
    pair: Pair, size: Size, one: Callable[[], object], other: Callable[[], object]
) -> tuple[list[tuple[float, machine.Watch]], list[float], list[float]]:
    """Processor time of both programs for one page, of either kind in turns."""
    samples: list[tuple[float, machine.Watch]] = []
    found: tuple[list[float], list[float]] = ([], [])
    pages = max(20, size.pages // size.rounds // 2)
    for _ in range(10):
        one()
        other()
    for _ in range(size.rounds):
        with machine.watching(pids(pair)) as watch:
            for costs, ask in zip(found, (one, other), strict=True):
                time.sleep(SETTLING)
                cpu = machine.cpu_of(pids(pair))
                for _ in range(pages):
                    ask()
                time.sleep(SETTLING)
                costs.append((machine.cpu_of(pids(pair)) - cpu) / pages)
        samples.append((found[1][-1] / found[0][-1], watch))
    return samples, *found


def _row(name: str, what: str, samples: list[tuple[float, machine.Watch]], few: list[float], many: list[float]) -> Row:
    ratio, left_out = machine.undisturbed(samples)
    figures = {"small_ms": statistics.median(few) * 1000, "large_ms": statistics.median(many) * 1000}
    return Row.at_most(f"growth ({name})", what, ratio, MOST, figures=figures, left_out=left_out)
