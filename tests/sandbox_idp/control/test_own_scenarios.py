"""A stand's own scenarios over the API: added, read back letter by letter, replaced, taken away."""

from __future__ import annotations

import json

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import authoring
from sandbox_idp.scenarios.files import LARGEST
from sandbox_idp.scenarios.own import MOST
from sandbox_idp.stands.house import House
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.control.test_exports import ZIP, packed, unpacked
from tests.sandbox_idp.scenarios.test_own import LEAST

TOML = {"Content-Type": "application/toml"}
TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def test_a_file_goes_in_and_comes_out_as_it_was(control: ControlClient) -> None:
    made = control.call("POST", "/scenarios", data=LEAST.encode(), headers=TOML, status=201)
    assert made == {"id": "mine", "scenarios": ["mine"], "disarmed": []}
    control.call("GET", "/scenarios/mine/file")
    assert control.mimetype == "application/toml"
    assert control.headers["Content-Disposition"] == 'attachment; filename="mine.toml"'
    read = control.client.get(
        f"{control.prefix}/control/v1/scenarios/mine/file",
        base_url=control.base_url,
        headers={"Authorization": f"Bearer {control.token}"},
        environ_base={"REMOTE_ADDR": "127.0.0.1"},
    )
    assert read.get_data(as_text=True) == LEAST
    assert (control.call("GET", "/scenarios/mine")["own"], control.call("GET", "/scenarios/token-fails")["own"]) == (
        True,
        False,
    )
    listed = control.call("GET", "/scenarios")
    assert [each["id"] for each in listed["scenarios"]][-1] == "mine"
    assert listed["unfit"] == []
    control.call("GET", "/scenarios/token-fails/file")
    assert control.refused("GET", "/scenarios/nothing/file", status=404)["code"] == "unknown-scenario"


def test_it_is_armed_replaced_and_taken_away(control: ControlClient) -> None:
    control.call("PUT", "/scenarios/mine/file", data=LEAST.encode(), headers=TEXT)
    assert control.call("PUT", "/scenarios/mine", {"scope": "everyone"})["state"] == "armed"
    changed = LEAST.replace('"everyone", ', "").replace('default = "everyone"', 'default = "next-sign-in"')
    answer = control.call("PUT", "/scenarios/mine/file", data=changed.encode(), headers=TOML)
    assert answer["disarmed"] == ["mine"]
    assert control.call("PUT", "/scenarios/mine/file", data=changed.encode(), headers=TOML)["disarmed"] == []
    control.call("PUT", "/scenarios/mine")
    assert control.call("DELETE", "/scenarios/mine/file") == {"disarmed": ["mine"]}
    for method in ("DELETE", "GET"):
        assert control.refused(method, "/scenarios/mine/file", status=404)["code"] == "unknown-scenario"
    assert control.refused("PUT", "/scenarios/mine", status=404)["code"] == "unknown-scenario"


@pytest.mark.parametrize(
    ("at", "instead", "place"),
    [
        ("status = 503", "status = 700", ("/effects/0/status", 21, 1)),
        ('at = "portal"', 'at = "moon"', ("/sees/at", 5, 1)),
        ('title = "Свой сбой"\n', "", ("", 1, 1)),
        ('id = "mine"', 'id = "token-fails"', ("/id", 1, 1)),
        ('id = "mine"', "id = ", ("", 1, 6)),
    ],
)
def test_a_mistake_is_told_with_pointer_line_and_column(
    control: ControlClient, at: str, instead: str, place: tuple[str, int, int]
) -> None:
    assert at in LEAST
    data = LEAST.replace(at, instead).encode()
    answer = control.refused("POST", "/scenarios", data=data, headers=TOML)
    assert answer["code"] == "wrong-scenario"
    (error,) = answer["errors"]
    assert (error["pointer"], error["line"], error["column"]) == place
    assert control.call("GET", "/scenarios")["scenarios"][-1]["id"] != "mine"


def test_what_cannot_be_is_refused_by_its_code(control: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    data = LEAST.encode()
    assert control.refused("POST", "/scenarios", {"toml": LEAST}, status=415)["code"] == "not-toml"
    too_large = LEAST + "#" * LARGEST
    assert control.refused("POST", "/scenarios", data=too_large, headers=TOML, status=413)["code"] == "too-large"
    assert control.refused("POST", "/scenarios", data=b"\xff", headers=TOML)["code"] == "wrong-scenario"
    assert control.wrong("POST", "/scenarios?color=1", data=data, headers=TOML) == {"/color"}
    refused = control.refused("PUT", "/scenarios/other/file", data=data, headers=TOML, status=409)
    assert refused["code"] == "other-id"
    for method, more in (("PUT", {"data": data, "headers": TOML}), ("DELETE", {})):
        refused = control.refused(method, "/scenarios/token-fails/file", status=409, **more)
        assert refused["code"] == "catalogue-scenario"
    monkeypatch.setattr(authoring, "MOST", 0)
    assert control.refused("POST", "/scenarios", data=data, headers=TOML, status=409)["code"] == "too-many-scenarios"


def test_what_no_longer_fits_is_listed_and_cannot_be_armed(control: ControlClient, stand: Stand) -> None:
    authoring.add(stand, LEAST)
    taken = LEAST.replace('"mine"', '"token-fails"')
    with stand.database.writing() as session:
        session.connection().exec_driver_sql(
            "update own_scenario set text = " + ("?" if stand.database.is_sqlite else "%s"), (taken,)
        )
    (unfit,) = control.call("GET", "/scenarios")["unfit"]
    assert (unfit["id"], unfit["errors"][0]["line"]) == ("mine", 1)
    for method in ("GET", "PUT"):
        refused = control.refused(method, "/scenarios/mine", status=409)
        assert (refused["code"], refused["errors"][0]["pointer"]) == ("unfit-scenario", "/id")
    control.call("DELETE", "/scenarios/mine")
    control.call("DELETE", "/scenarios/mine/file")


def test_they_go_with_the_stand_into_a_file(
    control: ControlClient, outside: ControlClient, stand: Stand, house: House
) -> None:
    authoring.add(stand, LEAST)
    exported = house.export(stand.id)
    made = outside.call("POST", "/imports", data=exported, headers=ZIP, status=201)
    copy = f"/s/{made['id']}"
    outside.call("PUT", "/scenarios/mine", token=made["token"], prefix=copy)
    assert control.call("GET", "/scenarios/mine")["state"] == "idle"
    outside.call("DELETE", f"/stands/{made['id']}", status=204)
    members = unpacked(exported)
    (row,) = [json.loads(line) for line in members["sandbox/own_scenario.jsonl"].splitlines()]
    for rows in ([{**row, "id": "<b>"}], [{**row, "text": "#" * (LARGEST + 1)}], [row] * (MOST + 1)):
        members["sandbox/own_scenario.jsonl"] = "\n".join(map(json.dumps, rows)).encode()
        refused = outside.refused("POST", "/imports", data=packed(members), headers=ZIP)
        assert "own_scenario" in refused["detail"]
