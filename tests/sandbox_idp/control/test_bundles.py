"""One sign-in as a file over the control API: what is in it, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal, sign_ins
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.transactions import writing_or_joining
from sandbox_idp.stands.house import House
from sandbox_idp.world.models import Message
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.control.test_exports import ZIP, packed, rows, unpacked


def begin(stand: Stand) -> int:
    """A sign-in whose press on «Войти» is in the journal."""
    number = sign_ins.start_at_portal("browser")
    line = journal.Line(
        kind="exchange", at=stand.clock.now(), program="portal", name="GET /login", channel="front", status=303
    )
    line.sign_in, line.browser = number, "browser"
    with writing_or_joining(stand.database) as connection:
        journal.write(stand.database, connection, [line])
    return number


@pytest.fixture
def bundle(control: ControlClient, stand: Stand, house: House) -> bytes:
    """The second sign-in: armed before it began, disarmed since, with messages from before and after."""
    begin(stand)
    control.call("PUT", "/scenarios/token-fails", {"scope": "next-sign-in", "seed": 7, "count": 3})
    control.call("POST", "/clock", {"freeze": True})
    with stand.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="до", sent_at=stand.clock.now() - HOUR))
    number = begin(stand)
    control.call("DELETE", "/scenarios")
    control.call("POST", "/clock", {"advance": "PT2H"})
    with stand.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="после", sent_at=stand.clock.now()))
    control.call("GET", f"/sign-ins/{number}/bundle")
    assert control.mimetype == "application/zip"
    return house.export(stand.id, number)


HOUR = timedelta(hours=1)


def test_a_bundle_makes_the_stand_as_it_was_when_the_sign_in_began(
    bundle: bytes, outside: ControlClient, stand: Stand, house: House
) -> None:
    """What was armed with its seed and count, unclaimed; the clock where it stood; the next number the same."""
    made = outside.call("POST", "/imports", data=bundle, headers=ZIP, status=201)
    copy = house.find(made["id"])
    assert copy is not None
    with stand.database.reading() as session:
        began_at = session.get_one(SignIn, 2).started_at
    assert (datetime.fromisoformat(made["now"]), made["frozen"]) == (began_at, True)
    armed = outside.call("GET", "/scenarios/token-fails", token=made["token"], prefix=f"/s/{copy.id}")["armed"]
    assert (armed["scope"], armed["seed"], armed["count_left"]) == ("next-sign-in", 7, 3)
    with copy.database.reading() as session:
        assert session.exec(select(Message.text)).all() == ["до"]
    house.delete(copy.id)


def test_a_running_clock_begins_at_the_beginning(
    control: ControlClient, outside: ControlClient, stand: Stand, house: House
) -> None:
    control.call("POST", "/clock", {"advance": "P2D"})
    number = begin(stand)
    began_at = stand.clock.now()
    control.call("POST", "/clock", {"advance": "P9D"})
    made = outside.call("POST", "/imports", data=house.export(stand.id, number), headers=ZIP, status=201)
    assert not made["frozen"]
    assert timedelta(0) <= datetime.fromisoformat(made["now"]) - began_at < HOUR
    house.delete(made["id"])


def test_nothing_that_was_typed_and_no_other_sign_in_is_in_it(bundle: bytes) -> None:
    members = unpacked(bundle)
    assert rows(members, "sandbox/journal_line.jsonl") == []
    assert [row["number"] for row in rows(members, "sandbox/sign_in.jsonl")] == [1]
    assert set(json.loads(members["journey.json"])) == {
        *("version", "sign_in", "began_at", "person", "at_our_portal", "policy", "steps", "came_to")
    }


def test_an_unknown_or_forgotten_sign_in_is_refused(control: ControlClient, stand: Stand) -> None:
    assert control.refused("GET", "/sign-ins/1/bundle", status=404)["code"] == "unknown-sign-in"
    sign_ins.start_at_portal("browser")
    assert control.refused("GET", "/sign-ins/1/bundle", status=409)["code"] == "beginning-forgotten"
    assert control.wrong("GET", "/sign-ins/one/bundle") == {"/number"}


@pytest.mark.parametrize("text", [b"{}", b"no JSON", b'{"version": 2}'])
def test_a_spoilt_journey_makes_nothing(bundle: bytes, outside: ControlClient, house: House, text: bytes) -> None:
    before = len(house.records())
    data = packed({**unpacked(bundle), "journey.json": text})
    answer = outside.refused("POST", "/imports", data=data, headers=ZIP)
    assert (answer["code"], "journey.json" in answer["detail"]) == ("wrong-file", True)
    assert len(house.records()) == before
