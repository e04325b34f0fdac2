"""Three people in three stands in one browser: nothing of one is in another (`docs/architecture.md`, "Isolation").

One of each thing is made in every stand, in all three at once. Then every line of the list of what a stand owns is
looked at: the tables in the stand's own databases, which hold something and nothing of anybody else, and by a check of
its own what lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, permutations
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Table, select

from e2e.harness import one_of_each
from e2e.harness.one_of_each import LOOSE, SLOW, UPLOAD, Place, make_one_of_each, send_everywhere
from e2e.journeys.visitor import visitor
from e2e.pages.screen import Screen
from sandbox_idp.context import Stand
from sandbox_idp.stands import contents
from sandbox_idp.stands.belongings import BELONGINGS, Belonging
from sandbox_idp.stands.house import House
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.control import ControlError
from sandbox_idp.testing.pair import PairInfo
from sandbox_idp.testing.stand import StandUnderTest

SANDBOX, PORTAL = contents.METADATA["sandbox"], contents.METADATA["portal"]
TABLES = [*SANDBOX.sorted_tables, *PORTAL.sorted_tables]
NAMES = ("anna", "elena", "viktor")
WORDS = ("Аистова", "Берестова", "Вишнёва")
READ = "ESIA_READ_TIMEOUT"
LIMITS = (0.8, 6.0, 7.0)
"""Seconds that each portal waits for Gosuslugi: the first one less than a slow token takes."""
BORN_WITH = {"clinic_card", "clinic_transfer"}
"""Nothing that these people do changes what the seeds have put there."""
OWNERS = {"person_oid": "people", "parent_oid": "people", "patient_id": "patients", "card_id": "cards"}
"""Columns that say whose a row is."""
FAILURES = 5
"""So many in a row open the breaker (S-67)."""

Row = dict[str, Any]


@dataclass
class Three:
    """The three places in one browser."""

    places: list[Place]
    born: list[dict[Table, set[str]]]
    """What was in the tables of each stand when it was made."""
    context: BrowserContext
    house: House

    @property
    def pairs(self) -> Iterator[tuple[Place, Place]]:
        """Each with each other one, both ways."""
        return permutations(self.places, 2)


@dataclass(frozen=True)
class Own:
    """Ids by which rows say that they are of the people of one place."""

    people: frozenset[int]
    patients: frozenset[str]
    cards: frozenset[str]
    telling: frozenset[str]
    """What stands in this place's rows and in nobody else's."""


@pytest.fixture
def house(pair: PairInfo) -> Iterator[House]:
    """The stands of the running pair, opened from here as a third process."""
    house = pair.house()
    yield house
    house.close()


@pytest.fixture
def three(make_stand: Callable[..., StandUnderTest], context: BrowserContext, house: House) -> Three:
    """Three people side by side, each in a stand of his own."""

    places = []
    for number, (name, word, limit) in enumerate(zip(NAMES, WORDS, LIMITS, strict=True), 1):
        stand = make_stand(limits={READ: limit})
        inside = house.find(stand.id)
        assert inside is not None
        someone = visitor(name, context.new_page(), stand)
        places.append(Place(number, word, stand, someone, context.new_page(), inside))
    born = [{table: set(map(repr, rows(place.inside, table))) for table in TABLES} for place in places]
    return Three(places, born, context, house)


@pytest.mark.one_browser("what is kept apart lies in the programs; cookies go by paths in every browser")
def test_nothing_of_one_stand_is_in_another(three: Three) -> None:
    """The whole list, line by line; then what is done to the first stand is not felt in the other two."""
    make_one_of_each(three.places)
    owns = [_own(place) for place in three.places]
    for belonging in BELONGINGS:
        for table in TABLES:
            if table.name in (belonging.sandbox if table.metadata is SANDBOX else belonging.portal):
                _rows_are_apart(belonging, three, owns, table)
    assert set(ELSEWHERE) == {belonging.name for belonging in BELONGINGS if belonging.elsewhere}
    for belonging in BELONGINGS:
        if belonging.elsewhere:
            ELSEWHERE[belonging.name](three)
    _cookies_are_apart(three)
    _what_is_done_to_one_is_not_felt_in_another(three.places)


def rows(stand: Stand, table: Table) -> list[Row]:
    """Every row of a table."""
    database = stand.database if table.metadata is SANDBOX else stand.portal_database
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def _own(place: Place) -> Own:
    """Who the people of the place are, by its own databases."""
    name = place.someone.persona.name
    everybody = rows(place.inside, SANDBOX.tables["person"])
    person = next(each for each in everybody if each["persona"] == name)
    patients = rows(place.inside, PORTAL.tables["patient"])
    cards = rows(place.inside, SANDBOX.tables["clinic_card"])
    mine = frozenset(each["id"] for each in patients if each["subject"] == str(person["oid"]))
    assert len(mine) == 1, f"{name} is not a patient of the own stand: {patients}"
    return Own(
        people=frozenset(each["oid"] for each in everybody if each is person or each["surname"] == place.word),
        patients=mine,
        cards=frozenset(each["id"] for each in cards if each["snils"] == person["snils"]),
        telling=mine | {place.word, str(person["oid"]), place.stand.id},
    )


def _rows_are_apart(belonging: Belonging, three: Three, owns: list[Own], table: Table) -> None:
    """Every stand has rows that not all are born with; they are of its own people, and no other stand has the same."""
    what = f"{belonging.name}: {table.name}"
    seeds = set.intersection(*(born[table] for born in three.born))
    apart = []
    for place, born, own in zip(three.places, three.born, owns, strict=True):
        found = {repr(row): row for row in rows(place.inside, table)}
        apart.append(found.keys() - seeds)
        assert apart[-1] or table.name in BORN_WITH, f"{what}: nothing in the stand of {place.word}"
        foreign = {word for other in owns if other is not own for word in other.telling}
        for text in found.keys() - born[table]:
            row = found[text]
            for column, kind in OWNERS.items():
                assert row.get(column) is None or row[column] in getattr(own, kind), f"{what}: somebody else's: {text}"
            strange = [word for word in foreign if word in text]
            assert not strange, f"{what}: {strange} in the stand of {place.word}: {text}"
    for first, second in combinations(apart, 2):
        assert not first & second, f"{what}: the same row in two stands: {first & second}"


# What lies elsewhere


def _cookie(three: Three, place: Place, program: str, name: str) -> tuple[str, str]:
    """Full name and value of the cookie of that name which the browser has for a program of the stand."""
    address = urlsplit(getattr(place.stand, f"{program}_url"))
    found = [
        (cookie["name"], cookie["value"])
        for cookie in three.context.cookies()
        if (cookie["domain"], cookie["path"]) == (address.hostname, address.path)
        and cookie["name"].rpartition("-")[0] == name
    ]
    assert len(found) == 1, f"{name} of {program} in the stand of {place.word}: {found}"
    return found[0]


def _value_counts_only_at_home(program: str, name: str, path: str, sign: str) -> Callable[[Three], None]:
    """A check: `path` shows `sign` to whoever brings the stand's own cookie, and not to who brings another stand's."""

    def shown(place: Place, cookie: str, value: str) -> bool:
        browser = Browser()
        browser.headers["Cookie"] = f"{cookie}={value}"
        page = browser.get(getattr(place.stand, f"{program}_url") + path)
        browser.close()
        return sign in page.text

    def check(three: Three) -> None:
        for here, there in three.pairs:
            cookie, value = _cookie(three, here, program, name)
            assert shown(here, cookie, value), f"{cookie} of {program} does not open {path} at home"
            assert not shown(here, cookie, _cookie(three, there, program, name)[1]), (
                f"{cookie} of another stand opens it"
            )

    return check


def _in_turn(*checks: Callable[[Three], None]) -> Callable[[Three], None]:
    def check(three: Three) -> None:
        for each in checks:
            each(three)

    return check


def _keys(three: Three) -> None:
    """Each Gosuslugi publishes keys of its own, and each portal has asked its own one for them (S-66)."""
    published = []
    for place in three.places:
        answer = place.gosuslugi.request.get(place.stand.idp_url + "/oauth2/jwks").json()
        published.append({key["kid"] for key in answer["keys"]})
        asked = [line for line in place.stand.control.journal() if line["name"] == "GET /oauth2/jwks"]
        assert any(line["channel"] == "back" for line in asked), f"keys of {place.word} were not asked for"
    assert all(published)
    assert sum(map(len, published)) == len(set().union(*published)), f"a key in two stands: {published}"


def _armed(three: Three) -> None:
    """What is armed strikes in its own stand, though the same process remembers it for all."""
    first, *others = three.places
    for place in others:
        place.stand.control.disarm("part-500")
    for place in three.places:
        place.someone.open("/home")
        struck = place.someone.page.locator("[data-part][data-state=error]")
        Screen(place.someone.page).wait_for_parts()
        assert (struck.count() > 0) == (place is first), f"{place.word}: {struck.count()} parts failed"
    first.stand.control.disarm("part-500")


def _come_back(place: Place, page: Page) -> str:
    """Where the browser would come back to the portal from Gosuslugi, signed in anew."""
    start = page.request.get(place.stand.portal_url + "/login", max_redirects=0)
    return place.stand.control.sign_in(start.headers["location"], place.someone.persona.name)


def _ready(place: Place) -> str:
    answer = place.someone.page.request.get(place.stand.portal_url + "/healthz/ready")
    return str(answer.json()["gosuslugi"])


def _breaker(three: Three) -> None:
    """S-67: five failures of one stand's Gosuslugi open the breaker of that stand's portal and of no other."""
    first, *others = three.places
    first.stand.control.arm("token-500", scope="everyone")
    for _ in range(FAILURES):
        assert [_ready(place) for place in three.places] == ["ready"] * 3
        answer = first.someone.page.request.get(_come_back(first, first.someone.page))
        assert answer.status == 502
    assert [_ready(place) for place in three.places] == ["down", "ready", "ready"]
    for place in others:
        place.someone.arrive()
    first.stand.control.disarm("token-500")
    first.stand.control.advance(timedelta(seconds=16))
    first.someone.arrive()
    assert _ready(first) == "ready"


def _limits(three: Three) -> None:
    """Each portal waits as long as its stand says: the first gives up what the others wait for."""
    registered = []
    for place in three.places:
        record = three.house.record(place.stand.id)
        assert record is not None
        registered.append(record.limits[READ])
        place.stand.control.arm(SLOW)
    assert registered == list(LIMITS)
    for place in three.places:
        place.someone.page.evaluate(
            "address => { window.errand = fetch(address).then(answer => answer.status); }",
            _come_back(place, place.someone.page),
        )
    assert [place.someone.page.evaluate(one_of_each.END) for place in three.places] == [504, 200, 200]
    for place in three.places:
        place.stand.control.disarm(SLOW)


def _uploads(three: Three) -> None:
    """Each folder holds the files that its own stand's rows name, and no address of one stand leads into another's."""
    for place in three.places:
        kept = {LOOSE}
        for name in ("upload", "ticket_file"):
            kept |= {row["stored_as"] for row in rows(place.inside, PORTAL.tables[name])}
        assert {file.name for file in place.inside.files.iterdir()} == kept
    for here, there in three.pairs:
        row = rows(there.inside, PORTAL.tables["upload"])[0]
        get, path = there.someone.page.request.get, f"/documents/{row['id']}"
        assert get(there.stand.portal_url + path).ok
        assert get(here.stand.portal_url + path).status == 404


def _left_behind(three: Three) -> None:
    """What a killed process has left in the first stand is tidied up there, and lies in the others as it was."""
    first, *others = three.places
    send_everywhere([first], one_of_each.at_portal, UPLOAD)
    loose = PORTAL.tables["loose_file"]
    assert not rows(first.inside, loose)
    assert not (first.inside.files / LOOSE).exists()
    for place in others:
        assert [row["name"] for row in rows(place.inside, loose)] == [LOOSE]
        assert (place.inside.files / LOOSE).read_text(encoding="utf-8") == place.word


def _snapshots(three: Three) -> None:
    """A stand knows its own moments only, and nobody restores another one's."""
    taken = []
    for place in three.places:
        (only,) = place.stand.control.call("GET", "/snapshots")["snapshots"]
        assert only["name"] == place.word
        taken.append((place, only["id"]))
    for (here, _), (_, snapshot) in permutations(taken, 2):
        with pytest.raises(ControlError) as refused:
            here.stand.control.call("POST", f"/snapshots/{snapshot}/restore")
        assert refused.value.status == 404


ELSEWHERE: dict[str, Callable[[Three], None]] = {
    "sessions": _in_turn(
        _value_counts_only_at_home("portal", "session", "/home", 'data-screen="home"'),
        _value_counts_only_at_home("idp", "gosuslugi", "/cabinet", 'data-screen="cabinet"'),
    ),
    "devices": _value_counts_only_at_home("idp", "device", "/login", "other-user"),
    "pending sign-ins": _value_counts_only_at_home("idp", "recovery", "/recovery/code", 'data-screen="recovery-code"'),
    "registrations": _value_counts_only_at_home("idp", "registration", "/register/code", 'data-screen="register-code"'),
    "keys": _keys,
    "scenarios and counts": _armed,
    "breaker": _breaker,
    "limits": _limits,
    "uploads": _uploads,
    "files of killed processes": _left_behind,
    "snapshots": _snapshots,
}
"""By the line of the list: what is done to see that what it owns outside of tables is its stand's alone."""


def _cookies_are_apart(three: Three) -> None:
    names = [(cookie["domain"], cookie["name"]) for cookie in three.context.cookies()]
    assert len(names) == len(set(names)), f"two stands use one cookie name: {sorted(names)}"
    prefixes = {urlsplit(place.stand.portal_url).path for place in three.places}
    assert {cookie["path"] for cookie in three.context.cookies()} == prefixes


def _what_is_done_to_one_is_not_felt_in_another(places: list[Place]) -> None:
    """Clock, sign-out and reset of the first: the second and third go on as if nothing had been."""
    first, second, third = places
    before = [place.inside.clock.refresh() for place in (second, third)]
    first.stand.control.advance(timedelta(hours=5))
    for place, then in zip((second, third), before, strict=True):
        assert place.inside.clock.refresh() - then < timedelta(minutes=10)
        place.someone.open("/home")
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
