"""The journal: what is in it, what never is, and when it is written."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from foundation.log import HIDDEN
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.journal import Line, Retention
from sandbox_idp.scenarios.models import JournalLine
from sandbox_idp.scenarios.paths import template_of, tidy
from sandbox_idp.scenarios.transactions import writing_or_joining
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from tests.sandbox_idp.scenarios.conftest import TOKEN, Place


def test_every_exchange_is_one_line_without_its_query(place: Place) -> None:
    portal, sandbox = place.at_portal(), place.at_sandbox()
    number = portal.press_sign_in("one")
    portal.get("/login/callback?code=secret-code&state=one")
    sandbox.post(TOKEN, data={"code": "secret-code"}, headers={"X-Stand-Sign-In": str(number)})
    sandbox.get("/rs/prns/1000000001/docs/77?embed=(elements)")
    lines = place.lines(kind="exchange")
    assert [(line.program, line.channel, line.name, line.status, line.sign_in) for line in lines] == [
        ("portal", "front", "GET /login", 303, number),
        ("portal", "front", "GET /home", 200, number),
        ("portal", "front", "GET /login/callback", 303, number),
        ("sandbox_idp", "back", "POST /aas/oauth2/te", 200, number),
        ("sandbox_idp", "back", "GET /rs/prns/<id>/docs/<id>", 200, None),
    ]
    assert lines[0].details["to"] == "/aas/oauth2/ac"
    assert "secret" not in str([line.model_dump() for line in lines])


def test_assets_health_and_the_stands_own_places_are_not_in_it(place: Place) -> None:
    for path in ("/static/1/a.css", "/healthz/live", "/healthz/ready", "/console/", "/control/v1/x", "/phone", "/mail"):
        place.at_sandbox().get(path)
    for path in ("/static/1/a.css", "/healthz/live", "/status"):
        place.at_portal().get(path)
    assert place.lines() == []


def test_a_preflight_is_in_it_as_part_of_its_sign_in(place: Place) -> None:
    number = place.at_portal().press_sign_in()
    place.at_sandbox().get("/healthz/live", headers={"X-Stand-Sign-In": str(number)})
    assert [line.name for line in place.lines(sign_in=number)] == ["GET /login", "GET /home", "GET /healthz/live"]


def test_ids_rise_and_the_rest_can_be_asked_for(place: Place) -> None:
    for _ in range(3):
        place.at_sandbox().get("/page")
    first, *rest = place.lines()
    assert [line.id for line in rest] == sorted(line.id for line in rest)
    assert place.lines(after=first.id) == rest
    assert place.lines(limit=1) == [first]


def test_exchanges_are_written_without_being_asked_for(place: Place) -> None:
    """Another process that reads the database sees them, though nobody has this one settle."""
    place.at_sandbox().get("/page")
    for _ in range(1000):
        with place.stand.database.reading() as session:
            if session.get(JournalLine, 1) is not None:
                return
        threading.Event().wait(0.01)
    raise AssertionError("never written")


@pytest.fixture
def quick_turns() -> Iterator[None]:
    """Threads take turns fifty times as often: more of their orders are met, and none keeps the others waiting."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 50)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_turns")
def test_what_is_written_at_once_comes_after_the_exchanges_before_it(place: Place) -> None:
    """Whoever reads "what came after the effect" must not find what came before it, however threads take turns."""
    database, clock = place.stand.database, place.stand.clock
    over = threading.Event()

    def keep_writing() -> None:
        while not over.is_set():
            journal.settle(database)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    for number in range(200):
        at = clock.now()
        journal.note_exchange(database, Line(kind="exchange", at=at, program="portal", name=f"{number} before"))
        with writing_or_joining(database) as connection:
            journal.write(database, connection, [Line(kind="effect", at=at, program="portal", name=f"{number} effect")])
    over.set()
    writer.join()
    wanted = [f"{number} {what}" for number in range(200) for what in ("before", "effect")]
    assert [line.name for line in place.lines()] == wanted


def test_what_a_stand_that_is_gone_still_had_to_write_is_forgotten(house: House, new_place) -> None:
    doomed: Stand = house.create("doomed").stand
    new_place(doomed).at_sandbox().get("/page")
    house.delete(doomed.id)
    with capture_logs() as lines:
        journal.settle(doomed.database)
    assert lines == [], "a stand that is gone needs no journal, and nobody is to wonder about it"


def test_the_oldest_lines_make_room(place: Place) -> None:
    journal.keep(place.stand.database, Retention(lines=20))
    browser = place.at_sandbox()
    for _ in range(6):
        for _ in range(5):
            browser.get("/page")
        journal.settle(place.stand.database)
    lines = place.lines()
    assert len(lines) <= 22
    assert lines[-1].id == 30


def test_lines_that_are_too_old_go_in_real_time(place: Place) -> None:
    """What the stand's clock says of them does not count: a lesson may lie in next year."""
    journal.keep(place.stand.database, Retention(age=timedelta(days=7)))
    real = SystemClock().now()
    ages = {"old": timedelta(days=8), "young": timedelta(days=6)}
    with writing_or_joining(place.stand.database) as connection:
        lines = [
            Line(kind="act", at=real + timedelta(days=400), program="portal", name=name, real_at=real - age)
            for name, age in ages.items()
        ]
        journal.write(place.stand.database, connection, lines)
    place.at_sandbox().get("/page")
    assert [line.name for line in place.lines()] == ["young", "GET /page"]


def test_a_stand_keeps_what_the_settings_say(sandbox_settings: SandboxSettings, house: House) -> None:
    settings = sandbox_settings.model_copy(update={"journal_lines": 100, "journal_age": timedelta(hours=1)})
    other = House(settings, clock=SystemClock(), ids=SystemIds())
    assert house.find(DEFAULT) is not None
    made = other.find(DEFAULT)
    assert made is not None
    assert journal._batches._retention[made.database] == Retention(lines=100, age=timedelta(hours=1))
    other.close()


@settings(deadline=None, max_examples=100)
@given(
    digits=st.integers(10_000_000_000, 99_999_999_999).map(str),
    before=st.sampled_from(["", " ", "тел. ", "(", ": "]),
    style=st.sampled_from(["{}", "{0[0]}", "+7 (000) {0[1]}"]),
)
def test_numbers_of_people_never_get_into_it(digits: str, before: str, style: str) -> None:
    """S-62: SNILS and phones in any usual writing."""
    snils = f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
    phone = f"+7 ({digits[1:4]}) {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    for text in (snils, digits, phone, "8" + digits[1:]):
        assert journal.redact({"note": before + text})["note"] == before + HIDDEN


def test_paths_are_written_without_what_identifies() -> None:
    assert template_of("/rs/prns/1000000001/kids/12345/docs") == "/rs/prns/<id>/kids/<id>/docs"
    assert template_of("/documents/2f1c0f0e-8f0f-4c43-9a53-3a1f6f3f8a11") == "/documents/<id>"
    assert template_of("/join/000-100-101 10") == "/join/<id>"
    assert template_of("/aas/oauth2/v3/te") == "/aas/oauth2/v3/te"
    assert template_of("/.well-known/openid-configuration") == "/.well-known/openid-configuration"
    assert tidy("//rs//prns/1/") == "/rs/prns/1"
    assert tidy("") == "/"


def test_what_no_database_takes_is_written_down_all_the_same(place: Place) -> None:
    """S-63: a NUL or half a surrogate pair in an address costs neither the line nor those that wait with it."""
    place.at_sandbox().get("/aas/%00/oauth2")
    with place.stand.database.writing() as session:
        line = Line("act", place.stand.clock.now(), "sandbox_idp", "a\0b", details={"said": "c\0d\ud800"})
        journal.write(place.stand.database, session.connection(), [line])
    exchange, act = place.lines()
    assert exchange.name == "GET /aas/\N{REPLACEMENT CHARACTER}/oauth2"
    assert (act.name, act.details["said"]) == ("a\N{REPLACEMENT CHARACTER}b", "c\N{REPLACEMENT CHARACTER}d?")
