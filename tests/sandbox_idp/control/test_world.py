"""People, inbox, clock and journal over the control API."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest

from sandbox_idp.accounts import people
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.control import inbox, routes
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.stands.house import House
from sandbox_idp.world import messages
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.sign_in import journey

ANNA = "+70001000001"


def send(stand: Stand, text: str, kind: Any = "sms", to: str = ANNA, **more: Any) -> int:
    with use_stand(stand), stand.database.writing() as session:
        message = messages.send(session, MessageDraft(kind=kind, recipient=to, text=text, **more))
        assert message.id is not None
        return message.id


def test_people_are_told_with_what_a_sign_in_needs(control: ControlClient) -> None:
    found = {person["id"]: person for person in control.call("GET", "/people")["people"]}
    assert len(found) >= 12
    assert found["anna"]["phone"] == ANNA
    assert found["anna"]["level"] == "confirmed"
    assert found["igor"]["factors"] == ["totp"]
    assert not [name for name in found["anna"] if "password" in name or "secret" in name]


def test_the_code_of_the_authenticator_is_that_of_the_stands_clock(control: ControlClient, stand: Stand) -> None:
    with stand.database.reading() as session:
        igor = people.find_person(session, "igor")
    assert igor is not None
    assert igor.totp_secret is not None
    control.call("POST", "/clock", {"advance": "P3D"})
    now = datetime.fromisoformat(control.call("POST", "/clock", {"freeze": True})["now"])
    shown = control.call("GET", "/people/igor/totp")
    assert shown["code"] == pyotp.TOTP(igor.totp_secret).at(now)
    assert 1 <= shown["seconds_left"] <= 30
    assert control.refused("GET", "/people/anna/totp", status=404)["code"] == "no-authenticator"
    assert control.refused("GET", "/people/nobody/totp", status=404)["code"] == "unknown-person"


def test_the_inbox_tells_what_came_after_what_was_seen_oldest_first(control: ControlClient, stand: Stand) -> None:
    first = send(stand, "один", code="111111")
    second = send(stand, "два", code="222222")
    letter = send(stand, "письмо", kind="mail", to="anna@pochta.example", subject="Тема")
    told = control.call("GET", "/inbox")["messages"]
    assert [message["id"] for message in told] == [first, second, letter]
    assert told[0]["code"] == "111111"
    assert told[0]["to"] == ANNA
    assert told[2]["subject"] == "Тема"
    after = control.call("GET", f"/inbox?after={first}&kind=sms,push")["messages"]
    assert [message["id"] for message in after] == [second]
    assert control.call("GET", "/inbox?to=%2B70001000002")["messages"] == []
    assert control.call("GET", f"/inbox?after={letter}")["messages"] == []


def test_what_has_not_arrived_yet_is_not_in_the_inbox(control: ControlClient, stand: Stand) -> None:
    send(stand, "потеряно", lost=True)
    late = send(stand, "поздно", delay=timedelta(minutes=10))
    assert control.call("GET", "/inbox")["messages"] == []
    control.call("POST", "/clock", {"advance": "PT11M"})
    assert [message["id"] for message in control.call("GET", "/inbox")["messages"]] == [late]


def test_the_inbox_waits_for_the_next_message(control: ControlClient, stand: Stand) -> None:
    seen = send(stand, "вчерашний код")
    answers: list[list[dict[str, Any]]] = []
    waiting = threading.Thread(
        target=lambda: answers.append(control.call("GET", f"/inbox?after={seen}&wait=30")["messages"])
    )
    waiting.start()
    fresh = send(stand, "новый код")
    waiting.join(timeout=20)
    assert [message["id"] for message in answers[0]] == [fresh]


def test_a_wait_ends_when_the_clock_brings_the_message(control: ControlClient, stand: Stand) -> None:
    late = send(stand, "поздно", delay=timedelta(hours=1))
    answers: list[list[dict[str, Any]]] = []
    waiting = threading.Thread(target=lambda: answers.append(control.call("GET", "/inbox?wait=30")["messages"]))
    waiting.start()
    stand.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]  # the clock of a real stand
    waiting.join(timeout=20)
    assert [message["id"] for message in answers[0]] == [late]


def test_a_wait_ends_when_the_stand_is_gone(
    outside: ControlClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outside.call("POST", "/stands", status=201)
    looked = threading.Event()
    codes: list[str] = []

    def look(*arguments: Any) -> list[inbox.MessageAnswer]:
        looked.set()
        return inbox.arrived(*arguments)

    def wait() -> None:
        answer = outside.refused("GET", "/inbox?wait=30", status=404, prefix=f"/s/{made['id']}")
        codes.append(answer["code"])

    monkeypatch.setattr(routes, "arrived", look)
    waiting = threading.Thread(target=wait)
    waiting.start()
    assert looked.wait(20)
    house.delete(made["id"])
    waiting.join(timeout=20)
    assert codes == ["unknown-stand"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("wait=31", "/wait"),
        ("wait=-1", "/wait"),
        ("after=x", "/after"),
        ("after=9007199254740990", "/after"),
        ("to=%00", "/to"),
        ("kind=fax", "/kind"),
        ("after=1&after=2", "/after"),
    ],
)
def test_a_query_that_is_not_agreed_is_refused(control: ControlClient, query: str, pointer: str) -> None:
    assert control.wrong("GET", f"/inbox?{query}") == {pointer}


def test_the_clock_is_moved_set_stopped_and_started(control: ControlClient, stand: Stand) -> None:
    before = stand.clock.refresh()
    moved = datetime.fromisoformat(control.call("POST", "/clock", {"advance": "PT6M"})["now"])
    assert timedelta(minutes=6) <= moved - before < timedelta(minutes=7)
    frozen = control.call("POST", "/clock", {"freeze": True})
    assert frozen["frozen"] is True
    assert control.call("POST", "/clock", {"freeze": True})["now"] == frozen["now"]
    to = datetime.fromisoformat(frozen["now"]) + timedelta(days=1)
    assert datetime.fromisoformat(control.call("POST", "/clock", {"set": to.isoformat()})["now"]) == to
    running = control.call("POST", "/clock", {"freeze": False})
    assert running["frozen"] is False
    assert datetime.fromisoformat(running["now"]) >= to


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"advance": "PT1M", "freeze": True}, ""),
        ({"advance": "-PT1M"}, "/advance"),
        ({"advance": "PT0S"}, "/advance"),
        ({"advance": 60}, "/advance"),
        ({"advance": "6M"}, "/advance"),
        ({"set": "2020-01-01T00:00:00+03:00"}, "/set"),
        ({"set": "2030-01-01T00:00:00"}, "/set"),
        ({"set": "tomorrow"}, "/set"),
        ({"set": "9999-12-31T23:59:59+00:00"}, "/set"),
        ({"set": "0001-01-01T00:00:00+03:00"}, "/set"),
        ({"advance": "P999999D"}, "/advance"),
        ({"freeze": "yes"}, "/freeze"),
        ({"rewind": "PT1M"}, "/rewind"),
    ],
)
def test_the_clock_goes_only_forward_and_knows_no_other_words(
    control: ControlClient, stand: Stand, body: dict[str, Any], pointer: str
) -> None:
    before = stand.clock.refresh()
    assert pointer in control.wrong("POST", "/clock", body)
    assert stand.clock.refresh() - before < timedelta(minutes=1)


def test_the_clock_does_not_leave_the_calendar(control: ControlClient) -> None:
    control.call("POST", "/clock", {"set": "2099-12-31T00:00:00+00:00"})
    assert control.wrong("POST", "/clock", {"advance": "P2D"}) == {"/advance"}


def test_the_journal_tells_what_happened_since(control: ControlClient) -> None:
    control.call("PUT", "/scenarios/token-fails", {})
    control.call("DELETE", "/scenarios/token-fails")
    lines = control.call("GET", "/journal")["lines"]
    assert [(line["kind"], line["name"], line["entry"]) for line in lines] == [
        ("change", "armed", "token-fails"),
        ("change", "disarmed", "token-fails"),
    ]
    assert [line["name"] for line in control.call("GET", f"/journal?since={lines[0]['id']}")["lines"]] == ["disarmed"]
    assert control.call("GET", "/journal?sign_in=1")["lines"] == []


def test_the_figures_of_a_captcha_are_told_while_it_waits(
    control: ControlClient, sandbox: PageClient, stand: Stand
) -> None:
    """R-100: a test of somebody's portal that meets a captcha gets past it; what is used up or made up is unknown."""
    for _ in range(3):
        page = journey.give_password(sandbox, None, password=journey.WRONG, status=422)
    answer = journey.solved(page)
    key = answer["captcha_key"]
    assert control.call("GET", f"/captcha?key={key}") == {"figures": answer["captcha"]}
    sandbox.post("/login", {"login": journey.ANNA, "password": PASSWORD, **answer})
    for unknown in (key, "made-up"):
        assert control.refused("GET", f"/captcha?key={unknown}", status=404)["code"] == "unknown-captcha"
