"""Three people in three stands in one browser: nothing of one is in another (`docs/architecture.md`, "Isolation").

Every line of the list of what a stand owns is looked at: the tables in the stand's own databases, the cookies in the
one browser, and what the programs keep in memory by what they then do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import MetaData, Table, select

from e2e.journeys.acts import ACTS
from e2e.journeys.visitor import Visitor, visitor
from foundation.database import Database
from portal.documents import models as documents
from portal.files import models as files
from portal.notifications import models as notifications
from portal.patients import models as patients
from portal.sign_in import models as portal_sign_in
from portal.support import models as support
from portal.tables import PortalTable
from sandbox_idp.accounts import models as accounts
from sandbox_idp.clinic import models as clinic
from sandbox_idp.context import Stand
from sandbox_idp.oauth import models as oauth
from sandbox_idp.scenarios import models as scenarios
from sandbox_idp.stands.belongings import BELONGINGS, Belonging
from sandbox_idp.stands.house import House
from sandbox_idp.tables import SandboxTable
from sandbox_idp.testing.control import ControlError
from sandbox_idp.testing.pair import PairInfo
from sandbox_idp.testing.stand import StandUnderTest
from sandbox_idp.world import models as world

ROOMS = (accounts, clinic, documents, files, notifications, oauth, patients, portal_sign_in, scenarios, support, world)
"""Loaded, so that every table is known here."""
NAMES = ("anna", "viktor", "gleb")
COMMON_ROWS = {
    *("person", "contact", "document", "child", "address", "organisation", "information_system"),
    *("clinic_booking", "clinic_card", "clinic_entry", "clinic_transfer"),
}
"""Seeded alike into every stand: here it is not the rows that differ but what happens to them."""


@dataclass
class Place:
    """One of the three stands, with the person signed in there."""

    stand: StandUnderTest
    someone: Visitor
    inside: Stand


@pytest.fixture
def house(pair: PairInfo) -> Iterator[House]:
    """The stands of the running pair, opened from here as a third process."""
    house = pair.house()
    yield house
    house.close()


@pytest.fixture
def places(make_stand: Callable[..., StandUnderTest], context: BrowserContext, house: House) -> list[Place]:
    """Three people signed in side by side, each in a stand of his own."""
    made = []
    for name in NAMES:
        stand = make_stand()
        inside = house.find(stand.id)
        assert inside is not None
        made.append(Place(stand, visitor(name, context.new_page(), stand), inside))
    for place in made:
        place.someone.open("/")
    for place in made:
        # One wrong password each, so that there is something to count.
        screen, act = ACTS["password-wrong"]
        place.someone.acts[screen] = act
        place.someone.walk(["home"])
    return made


def rows(database: Database, metadata: MetaData, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table."""
    table: Table = metadata.tables[name]
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table))]


@pytest.mark.one_browser("what is kept apart lies in the programs; cookies go by paths in every browser")
def test_nothing_of_one_stand_is_in_another(places: list[Place], context: BrowserContext) -> None:
    """The whole list, line by line; then what is done to the first stand is not felt in the other two."""
    for belonging in BELONGINGS:
        for name in belonging.sandbox:
            _rows_are_apart(belonging, name, [rows(p.inside.database, SandboxTable.metadata, name) for p in places])
        for name in belonging.portal:
            found = [rows(p.inside.portal_database, PortalTable.metadata, name) for p in places]
            _rows_are_apart(belonging, name, found)
    _cookies_are_apart(places, context)
    _what_is_done_to_one_is_not_felt_in_another(places)


def _rows_are_apart(belonging: Belonging, name: str, found: list[list[tuple[Any, ...]]]) -> None:
    if name in COMMON_ROWS:
        return
    for first in range(len(found)):
        for second in range(first + 1, len(found)):
            both = set(map(repr, found[first])) & set(map(repr, found[second]))
            assert not both, f"{belonging.name}: the same row of {name} in two stands"


def _cookies_are_apart(places: list[Place], context: BrowserContext) -> None:
    names = [(cookie["domain"], cookie["name"]) for cookie in context.cookies()]
    assert len(names) == len(set(names)), f"two stands use one cookie name: {sorted(names)}"
    for cookie in context.cookies():
        prefixes = [urlsplit(place.stand.portal_url).path for place in places]
        assert cookie["path"] in prefixes, f"{cookie['name']} is sent to {cookie['path']}"


def _what_is_done_to_one_is_not_felt_in_another(places: list[Place]) -> None:
    """Clock, scenario, sign-out and reset of the first: the second and third go on as if nothing had been."""
    first, second, third = places
    before = datetime.now(UTC)
    first.stand.control.advance(timedelta(hours=5))
    assert second.inside.clock.refresh() - before < timedelta(minutes=10)
    first.stand.control.arm("part-500", scope="everyone")
    for place in (second, third):
        assert all(each["state"] == "idle" for each in place.stand.control.scenarios())
        place.someone.open("/home")
        expect(place.someone.page.locator("[data-state=loading], [data-state=error]")).to_have_count(0)
        expect(place.someone.page.get_by_role("heading", level=1)).to_contain_text(place.someone.persona.greeting)
    # Five hours are more than the session's life: only the first one is signed out.
    first.someone.open("/home")
    expect(first.someone.page.locator("html")).to_have_attribute("data-screen", "session-ended")
    first.stand.control.reset()
    assert first.stand.newest_message() == 0
    assert second.stand.newest_message() > 0
    second.someone.open("/home")
    expect(second.someone.page.get_by_role("heading", level=1)).to_contain_text(second.someone.persona.greeting)


def test_a_token_of_one_stand_opens_no_other(make_stand: Callable[..., StandUnderTest]) -> None:
    """A stand's control token is worth nothing elsewhere."""
    first, second = make_stand(), make_stand()
    own, first.control.address = first.control.address, second.control.address
    with pytest.raises(ControlError) as refused:
        first.control.scenarios()
    first.control.address = own
    assert refused.value.status in (401, 403)
