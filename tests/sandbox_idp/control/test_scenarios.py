"""Scenarios over the control API: read, armed, disarmed; strict about everything it does not know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.states import state_of
from tests.sandbox_idp.control.conftest import ControlClient


def test_the_catalogue_is_told_with_everything_a_test_needs(control: ControlClient) -> None:
    listed = control.call("GET", "/scenarios")["scenarios"]
    assert {entry["id"] for entry in listed} == {
        "token-fails",
        "works-planned",
        "works-endless",
        "wrong-password",
        "never-again",
    }
    entry = control.call("GET", "/scenarios/token-fails")
    assert entry in listed
    assert entry["state"] == "idle"
    assert entry["armed"] is None
    assert entry["sees"]["texts"] == ["Попробуйте перезапустить страницу"]
    assert entry["recovers"]["ends_at"] == "/home"
    assert entry["sources"] == ["A:105", "S"]
    assert entry["parameters"] == {
        "status": {"title": "Код ответа", "type": "integer", "enum": [500, 502], "default": 500}
    }
    assert entry["arming"]["scopes"] == ["next-sign-in", "person", "everyone"]
    assert {"story", "learner", "explain", "stage", "cause", "side", "trigger"} <= set(entry)


def test_arming_says_what_it_replaced_and_repeating_it_changes_nothing(control: ControlClient) -> None:
    first = control.call("PUT", "/scenarios/token-fails", {"scope": "everyone", "count": 2})
    assert (first["state"], first["scope"], first["count_left"], first["replaced"]) == ("armed", "everyone", 2, None)
    second = control.call("PUT", "/scenarios/token-fails", {"scope": "next-sign-in", "parameters": {"status": 502}})
    assert second["parameters"] == {"status": 502}
    assert second["replaced"]["scope"] == "everyone"
    assert second["replaced"]["parameters"] == {"status": 500}
    third = control.call("PUT", "/scenarios/token-fails", {"scope": "next-sign-in", "parameters": {"status": 502}})
    now = control.call("GET", "/scenarios/token-fails")["armed"]
    assert {name: value for name, value in now.items() if not name.endswith("_at")} == {
        name: third[name] for name in ("scope", "count_left", "probability", "seed", "parameters")
    }


def test_an_empty_body_arms_as_the_entry_says(control: ControlClient, stand: Stand) -> None:
    armed = control.call("PUT", "/scenarios/token-fails")
    assert armed["scope"] == "next-sign-in"
    left = datetime.fromisoformat(armed["expires_at"]) - stand.clock.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert control.call("PUT", "/scenarios/wrong-password", {})["state"] == "watching"


@pytest.mark.parametrize("person", ["anna", 1000100001, "1000100001"])
def test_a_person_is_named_by_persona_or_oid(control: ControlClient, person: object) -> None:
    armed = control.call("PUT", "/scenarios/token-fails", {"scope": {"person": person}})
    assert armed["scope"] == {"person": 1000100001}


def test_everything_else_that_can_be_told(control: ControlClient, stand: Stand) -> None:
    start = stand.clock.now() + timedelta(hours=1)
    end = start + timedelta(hours=2)
    body = {
        "scope": "everyone",
        "ttl": "PT4H",
        "probability": 1,
        "seed": 7,
        "starts_at": start.isoformat(),
        "ends_at": end.isoformat(),
    }
    armed = control.call("PUT", "/scenarios/works-planned", body)
    assert datetime.fromisoformat(armed["starts_at"]) == start
    assert datetime.fromisoformat(armed["ends_at"]) == end
    assert armed["seed"] == 7
    assert armed["probability"] == 1


def test_disarming_says_what_was_armed(control: ControlClient, stand: Stand) -> None:
    control.call("PUT", "/scenarios/token-fails", {})
    control.call("PUT", "/scenarios/works-planned", {})
    assert control.call("DELETE", "/scenarios/token-fails") == {"disarmed": ["token-fails"]}
    assert control.call("DELETE", "/scenarios/token-fails") == {"disarmed": []}
    found = state_of(stand, "token-fails")
    assert found is not None
    assert found.state == "idle"
    assert control.call("DELETE", "/scenarios") == {"disarmed": ["works-planned"]}
    assert control.call("DELETE", "/scenarios") == {"disarmed": []}


def test_an_unknown_scenario_or_person_is_not_found(control: ControlClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert control.refused(method, "/scenarios/no-such", status=404)["code"] == "unknown-scenario"
    refused = control.refused("PUT", "/scenarios/token-fails", {"scope": {"person": "nobody"}}, status=404)
    assert refused["code"] == "unknown-person"
    assert refused["errors"][0]["pointer"] == "/scope/person"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"scoop": "everyone"}, {"/scoop"}),
        ({"scope": "all"}, {"/scope"}),
        ({"scope": {"people": "anna"}}, {"/scope/people"}),
        ({"scope": {"person": ""}}, {"/scope/person"}),
        ({"scope": {"person": True}}, {"/scope/person"}),
        ({"count": 0}, {"/count"}),
        ({"count": "2"}, {"/count"}),
        ({"count": 1.5}, {"/count"}),
        ({"ttl": 30}, {"/ttl"}),
        ({"ttl": "PT0S"}, {"/ttl"}),
        ({"probability": 0}, {"/probability"}),
        ({"probability": 1.1}, {"/probability"}),
        ({"seed": -1}, {"/seed"}),
        ({"starts_at": "2026-11-22T06:00:00"}, {"/starts_at"}),
        ({"starts_at": 1795000000}, {"/starts_at"}),
        ({"ends_at": "2020-01-01T00:00:00+03:00"}, {"/ends_at"}),
        ({"parameters": {"status": 503}}, {"/parameters/status"}),
        ({"parameters": {"status": "500"}}, {"/parameters/status"}),
        ({"parameters": {"statsu": 500}}, {"/parameters/statsu"}),
        ({"parameters": []}, {"/parameters"}),
        ({"count": -1, "color": "red"}, {"/count", "/color"}),
    ],
)
def test_what_is_not_agreed_is_refused_with_its_path_and_arms_nothing(
    control: ControlClient, body: dict[str, Any], pointers: set[str]
) -> None:
    assert control.wrong("PUT", "/scenarios/token-fails", body) == pointers
    assert control.call("GET", "/scenarios/token-fails")["armed"] is None


def test_a_scope_that_the_entry_does_not_offer_is_refused_at_scope(control: ControlClient) -> None:
    assert control.wrong("PUT", "/scenarios/works-planned", {"scope": "next-sign-in"}) == {"/scope"}
    assert control.wrong("PUT", "/scenarios/works-planned", {"scope": {"person": "anna"}}) == {"/scope"}
    assert control.wrong("PUT", "/scenarios/never-again", {}) == {"/scope"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/scenarios?cause=3"),
        ("GET", "/people?level=confirmed"),
        ("GET", "/inbox?form=x"),
        ("GET", "/journal?kind=act"),
        ("DELETE", "/scenarios?all=1"),
    ],
)
def test_an_unknown_query_is_refused_with_its_name(control: ControlClient, method: str, path: str) -> None:
    name = path.partition("?")[2].partition("=")[0]
    assert control.wrong(method, path) == {f"/{name}"}


def test_a_body_where_none_is_due_is_refused(control: ControlClient) -> None:
    control.call("PUT", "/scenarios/token-fails", {})
    assert control.wrong("DELETE", "/scenarios/token-fails", {"really": True}) == {"/really"}
    assert control.wrong("POST", "/reset", {"hard": True}) == {"/hard"}
    assert control.call("GET", "/scenarios/token-fails")["armed"] is not None


def test_what_is_armed_in_one_stand_is_not_armed_in_another(control: ControlClient) -> None:
    other = control.call("POST", "/stands", status=201, prefix="")
    control.call("PUT", "/scenarios/token-fails", {})
    there = control.call("GET", "/scenarios/token-fails", prefix=f"/s/{other['id']}")
    assert there["state"] == "idle"
    control.call("DELETE", f"/stands/{other['id']}", status=204, prefix="")
