"""Growth: a large portal and a long record are as quick as small ones."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Table, text
from sqlmodel import col, select

from bench import machine
from bench.clients import code_reader
from bench.crowd import FIRST, settle
from bench.journey import sign_in
from bench.running import SETTLING, expect, pids, place_of
from bench.table import Row, Size
from foundation.database import Database, Session
from portal.patients.models import Patient, PatientItem
from sandbox_idp.accounts.models import Contact, Document, Person
from sandbox_idp.clinic.models import ClinicCard, ClinicEntry, ClinicMeasurement
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair
from sandbox_idp.stands.house import House
from sandbox_idp.testing.browser import Browser

FEW_PATIENTS, FEW_ENTRIES = 1_000, 100
OTHERS = 3_000_000_000
"""Oids of those who are only there."""
MOST = 1.2
CODE = "hgb"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
SITE = "369001"


# Long records


def records(pair: Pair, house: House, size: Size) -> Iterator[Row]:
    """The list, a later piece of it, and the overview of a long record ÷ the same of a short one."""
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
            url = stand.portal_url + path
            samples, few, many = _in_turns(
                pair, size, lambda url=url: expect(one, url), lambda url=url: expect(other, url)
            )
            yield _row(row, f"CPU of {what}, {size.entries:,} entries ÷ {FEW_ENTRIES}", samples, few, many)
    house.delete(stand.id)


def _write_record(stand: Stand, number: int, count: int) -> None:
    """A card for the patient of that number in the crowd, with so many blood tests, a day apart."""
    now, card = stand.clock.now(), f"bench-{number}"
    with stand.database.writing() as session:
        person = session.get_one(Person, FIRST + number)
        policy = session.exec(
            select(Document.number).where(Document.person_oid == person.oid, Document.type == "MDCL_PLCY")
        ).one()
        session.add(
            ClinicCard(
                id=card,
                number=card,
                surname=person.surname,
                name=person.name,
                patronymic=person.patronymic,
                sex=person.sex,
                birth_date=person.birth_date,
                snils=person.snils,
                policy=policy,
                site=SITE,
                attached_on=now.date(),
            )
        )
        session.flush()
        for index in range(count):
            at = now - timedelta(days=index % 3650, minutes=index)
            entry = f"{card}-{index:06d}"
            session.add(
                ClinicEntry(
                    id=entry,
                    card_id=card,
                    kind="results",
                    at=at,
                    year=at.year,
                    title="Общий анализ крови",
                    site=SITE,
                    source="laboratory",
                    fields=[],
                )
            )
            if index % 1000 == 999:
                session.flush()
        session.flush()
        session.add_all(
            ClinicMeasurement(
                entry_id=f"{card}-{index:06d}",
                code=CODE,
                card_id=card,
                at=now - timedelta(days=index % 3650, minutes=index),
                value="131",
            )
            for index in range(count)
        )


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


@contextlib.contextmanager
def _town(house: House, count: int, size: Size, source: str) -> Iterator[_Town]:
    stand = house.create(f"{count} patients").stand
    town = _Town(stand, iter(settle(stand, size.alone + 2)), Browser(source), code_reader(place_of(stand)))
    town.sign_in()
    with stand.portal_database.reading() as session:
        known = session.exec(select(Patient).order_by(col(Patient.created_at))).first()
    assert known is not None
    with stand.database.writing() as session:
        _multiply(session, Person, count, {"oid": f"{OTHERS} + x", "snils": "printf('1%010d', x)"}, f"oid = {FIRST}")
        changes = {"id": f"{OTHERS} + x", "person_oid": f"{OTHERS} + x", "value": "printf('+7001%07d', x)"}
        _multiply(session, Contact, count, changes, f"id = {FIRST}")
    with stand.portal_database.writing() as session:
        changes = {"id": "'other-' || x", "subject": f"'' || ({OTHERS} + x)", "snils": "printf('1%010d', x)"}
        _multiply(session, Patient, count, changes, f"id = '{known.id}'")
        _multiply(session, PatientItem, count, {"patient_id": "'other-' || x"}, f"patient_id = '{known.id}'")
    for database in (stand.database, stand.portal_database):
        _learn(database)
    town.sign_in()
    yield town
    town.browser.close()
    house.delete(stand.id)


def _multiply(session: Session, model: type, count: int, changes: dict[str, str], like: str) -> None:
    """So many copies of one row, each with the expressions `changes` over its number `x`. SQLite."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # What SQLModel makes of a class with table=True.
    names = [column.name for column in table.columns]
    values = ", ".join(changes.get(name, f't."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    numbers = f"with recursive n(x) as (select 1 union all select x + 1 from n where x < {count})"
    command = (
        f'insert into "{table.name}" ({columns}) {numbers} select {values} from n, "{table.name}" t where t.{like}'
    )
    session.connection().execute(text(command.replace(":", "\\:")))


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
