"""Snapshots over the control API."""

from __future__ import annotations

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.stands import snapshots
from sandbox_idp.stands.house import House
from tests.sandbox_idp.control.conftest import ControlClient


def test_a_snapshot_is_taken_listed_restored_and_thrown_away(control: ControlClient, stand: Stand) -> None:
    control.call("PUT", "/scenarios/token-fails", {"scope": "everyone", "seed": 7})
    taken = control.call("POST", "/snapshots", {"name": "Перед уроком"}, status=201)
    assert set(taken) == {"id", "name", "created_at"}
    assert taken["name"] == "Перед уроком"
    assert control.call("GET", "/snapshots") == {"snapshots": [taken]}
    control.call("DELETE", "/scenarios")
    restored = control.call("POST", f"/snapshots/{taken['id']}/restore")
    assert restored["id"] == stand.id
    assert "token" not in restored
    armed = control.call("GET", "/scenarios/token-fails")["armed"]
    assert (armed["scope"], armed["seed"]) == ("everyone", 7)
    control.call("DELETE", f"/snapshots/{taken['id']}", status=204)
    assert control.call("GET", "/snapshots") == {"snapshots": []}
    assert control.refused("DELETE", f"/snapshots/{taken['id']}", status=404)["code"] == "unknown-snapshot"


def test_a_snapshot_without_a_name_gets_one(control: ControlClient) -> None:
    names = [control.call("POST", "/snapshots", status=201)["name"] for _ in range(2)]
    assert names == ["Снимок 1", "Снимок 2"]


def test_a_new_stand_begins_as_a_snapshot(control: ControlClient, outside: ControlClient, house: House) -> None:
    control.call("PUT", "/scenarios/token-fails", {"scope": "everyone"})
    taken = control.call("POST", "/snapshots", status=201)
    made = outside.call("POST", "/stands", {"snapshot": taken["id"], "name": "Копия"}, status=201)
    assert made["name"] == "Копия"
    copy = outside.call("GET", "/scenarios/token-fails", token=made["token"], prefix=f"/s/{made['id']}")
    assert copy["state"] == "armed"
    house.delete(made["id"])


@pytest.mark.parametrize("snapshot", ["unheardof", "default"])
def test_an_unknown_snapshot(control: ControlClient, outside: ControlClient, snapshot: str) -> None:
    path = f"/snapshots/{snapshot}"
    assert control.refused("POST", f"{path}/restore", status=404)["code"] == "unknown-snapshot"
    assert control.refused("DELETE", path, status=404)["code"] == "unknown-snapshot"
    assert outside.refused("POST", "/stands", {"snapshot": snapshot}, status=404)["code"] == "unknown-snapshot"


def test_the_token_of_one_stand_does_not_reach_the_snapshots_of_another(outside: ControlClient, house: House) -> None:
    """S-70."""
    first = outside.call("POST", "/stands", status=201)
    second = outside.call("POST", "/stands", status=201)
    taken = outside.call("POST", "/snapshots", status=201, token=first["token"], prefix=f"/s/{first['id']}")
    path = f"/snapshots/{taken['id']}/restore"
    assert outside.refused("POST", path, status=403, token=second["token"], prefix=f"/s/{first['id']}")
    assert outside.refused("POST", path, status=404, token=second["token"], prefix=f"/s/{second['id']}")
    assert outside.refused("POST", "/stands", {"snapshot": taken["id"]}, status=403, token=first["token"])
    for made in (first, second):
        house.delete(made["id"])


def test_too_many_snapshots(control: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST", 1)
    control.call("POST", "/snapshots", status=201)
    assert control.refused("POST", "/snapshots", status=409)["code"] == "too-many-snapshots"


@pytest.mark.parametrize(
    ("body", "pointer"), [({"nmae": "x"}, "/nmae"), ({"name": ""}, "/name"), ({"name": "a\0"}, "/name")]
)
def test_what_is_not_agreed_is_refused(control: ControlClient, body: dict[str, str], pointer: str) -> None:
    assert control.wrong("POST", "/snapshots", body) == {pointer}
    assert control.call("GET", "/snapshots") == {"snapshots": []}
