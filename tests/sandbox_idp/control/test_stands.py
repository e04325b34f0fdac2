"""Stands over the control API: made, listed, reset, thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sandbox_idp.stands.house import House
from tests.sandbox_idp.control.conftest import ControlClient


def test_a_stand_is_made_read_and_thrown_away(outside: ControlClient, house: House) -> None:
    made = outside.call("POST", "/stands", {"name": "Класс 12", "ttl": "PT2H"}, status=201)
    assert made["name"] == "Класс 12"
    assert made["portal_url"].endswith(f"/s/{made['id']}")
    assert made["idp_url"].endswith(f"/s/{made['id']}")
    assert made["control_url"] == f"{made['idp_url']}/control/v1"
    life = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert abs(life - timedelta(hours=2)) < timedelta(minutes=1)
    read = outside.call("GET", f"/stands/{made['id']}")
    assert "token" not in read
    assert read["frozen"] is False
    assert made["id"] in {stand["id"] for stand in outside.call("GET", "/stands")["stands"]}
    outside.call("DELETE", f"/stands/{made['id']}", status=204)
    assert house.find(made["id"]) is None
    assert outside.refused("GET", f"/stands/{made['id']}", status=404)["code"] == "unknown-stand"
    assert outside.refused("DELETE", f"/stands/{made['id']}", status=404)["code"] == "unknown-stand"


def test_a_stand_needs_no_body_and_its_id_is_random(outside: ControlClient) -> None:
    first = outside.call("POST", "/stands", status=201)
    second = outside.call("POST", "/stands", {"name": first["name"]}, status=201)
    assert first["id"] != second["id"]
    assert len(first["id"]) == 16
    for made in (first, second):
        outside.call("DELETE", f"/stands/{made['id']}", status=204)


def test_a_stand_has_time_limits_of_its_own(outside: ControlClient, house: House) -> None:
    limits = {"ESIA_CONNECT_TIMEOUT": "PT0.2S", "ESIA_TOTAL_TIMEOUT": "PT1.5S"}
    made = outside.call("POST", "/stands", {"limits": limits}, status=201)
    stand = house.find(made["id"])
    assert stand is not None
    assert stand.limits == {"ESIA_CONNECT_TIMEOUT": 0.2, "ESIA_TOTAL_TIMEOUT": 1.5}
    assert made["limits"] == stand.limits
    outside.call("DELETE", f"/stands/{made['id']}", status=204)


def test_a_stand_keeps_only_the_personas_asked_for_also_after_a_reset(outside: ControlClient) -> None:
    made = outside.call("POST", "/stands", {"personas": ["igor", "anna", "igor"]}, status=201)
    assert made["personas"] == ["igor", "anna"]
    prefix = f"/s/{made['id']}"
    for _ in range(2):
        assert [person["id"] for person in outside.call("GET", "/people", prefix=prefix)["people"]] == ["anna", "igor"]
        assert outside.call("GET", "/people/igor/totp", prefix=prefix)["code"]
        assert outside.call("POST", "/reset", prefix=prefix)["personas"] == ["igor", "anna"]
    nobody = outside.call("POST", "/stands", {"personas": []}, status=201)
    assert outside.call("GET", "/people", prefix=f"/s/{nobody['id']}") == {"people": []}
    for each in (made, nobody):
        outside.call("DELETE", f"/stands/{each['id']}", status=204)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"nmae": "x"}, {"/nmae"}),
        ({"personas": ["anna", "nobody"]}, {"/personas"}),
        ({"personas": "anna"}, {"/personas"}),
        ({"name": ""}, {"/name"}),
        ({"name": 7}, {"/name"}),
        ({"name": "a\0b"}, {"/name"}),
        ({"ttl": "PT0S"}, {"/ttl"}),
        ({"ttl": "P31D"}, {"/ttl"}),
        ({"ttl": "bald"}, {"/ttl"}),
        ({"limits": {"PORTAL_PORT": 1}}, {"/limits/PORTAL_PORT"}),
        ({"limits": {"ESIA_READ_TIMEOUT": "-PT1S"}}, {"/limits/ESIA_READ_TIMEOUT"}),
        ({"name": "a", "ttl": "x", "color": 1}, {"/ttl", "/color"}),
        ([], {""}),
    ],
)
def test_what_is_not_agreed_is_refused_with_its_path(outside: ControlClient, body: object, pointers: set[str]) -> None:
    before = outside.call("GET", "/stands")["stands"]
    assert outside.wrong("POST", "/stands", body) == pointers
    assert outside.call("GET", "/stands")["stands"] == before


def test_a_body_that_is_not_json_is_refused(outside: ControlClient) -> None:
    answer = outside.refused("POST", "/stands", data="{", headers={"Content-Type": "application/json"})
    assert answer["errors"][0]["pointer"] == ""
    for text in ('{"name": NaN}', '{"limits": Infinity}'):
        outside.refused("POST", "/stands", data=text, headers={"Content-Type": "application/json"})


def test_the_default_stand_can_be_reset_but_not_thrown_away(outside: ControlClient) -> None:
    assert outside.refused("DELETE", "/stands/default", status=409)["code"] == "default-stand"
    outside.call("POST", "/clock", {"advance": "PT5H"})
    moved = datetime.fromisoformat(outside.call("GET", "/stands/default")["now"])
    fresh = datetime.fromisoformat(outside.call("POST", "/reset")["now"])
    assert fresh < moved - timedelta(hours=4)


def test_calls_about_stands_exist_only_without_a_prefix(control: ControlClient) -> None:
    for method, path in (("GET", "/stands"), ("POST", "/stands"), ("GET", "/stands/default")):
        control.refused(method, path, status=404)


@pytest.mark.parametrize("path", ["/bundle", "/strange"])
def test_what_there_is_not_is_absent(control: ControlClient, path: str) -> None:
    control.refused("POST", path, {}, status=404)
