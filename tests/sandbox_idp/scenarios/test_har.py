"""The journal as HAR: valid by the specification, complete, and without anything secret."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from sandbox_idp.scenarios import arming
from sandbox_idp.scenarios.har import har
from tests.sandbox_idp.scenarios.conftest import TOKEN, Place, UseEntries, gate_effect
from tests.sandbox_idp.scenarios.har_schema import HAR

VALIDATOR = jsonschema_rs.Draft202012Validator(HAR, validate_formats=True)


def exported(place: Place, **which: Any) -> dict[str, Any]:
    """The stand's HAR, held against the specification."""
    log = har(place.stand, place.lines(**which))
    assert [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors({"log": log})] == []
    return log


def test_an_empty_journal_is_an_empty_archive(place: Place) -> None:
    assert exported(place)["entries"] == []


def test_the_exchanges_of_a_sign_in_with_effects_and_events(place: Place, use_entries: UseEntries) -> None:
    use_entries(
        token_fails=gate_effect("status", status="500", match='{ method = "POST", path = ["/aas/oauth2/te"] }'),
        cut=gate_effect("reset", "portal", match='{ path = ["/cut"] }'),
    )
    arming.arm(place.stand, "token-fails", "next-sign-in")
    portal, sandbox = place.at_portal(), place.at_sandbox()
    number = portal.press_sign_in()
    portal.get("/login/callback?code=secret-code&state=state-of-a-test")
    sandbox.post(TOKEN, data={"code": "secret-code"}, headers={"X-Stand-Sign-In": str(number)})
    sandbox.get("/rs/prns/1000000001")
    log = exported(place)
    entries = {entry["_template"]: entry for entry in log["entries"]}
    login, token, person = entries["/login"], entries[TOKEN], entries["/rs/prns/<id>"]
    assert login["request"]["url"] == f"{place.stand.portal_url}/login"
    assert login["response"]["redirectURL"] == f"{place.settings.public_url}/aas/oauth2/ac"
    assert login["response"]["status"] == 303
    assert (login["_program"], login["_channel"], login["_sign_in"]) == ("portal", "front", number)
    assert token["_effects"] == [{"entry": "token-fails", "kind": "status"}]
    assert (token["response"]["status"], token["response"]["statusText"]) == (500, "Internal Server Error")
    assert person["request"]["url"] == f"{place.stand.idp_url}/rs/prns/:id"
    assert person["response"]["content"]["mimeType"].startswith("text/plain")
    assert person["response"]["content"]["size"] > 0
    assert [(each["kind"], each["name"]) for each in log["_events"]] == [("change", "armed"), ("effect", "status")]
    assert [page["id"] for page in log["pages"]] == [f"sign-in-{number}"]
    assert "secret" not in str(log)
    assert "1000000001" not in str(log)
    only = exported(place, sign_in=number)["entries"]
    assert {entry["_sign_in"] for entry in only} == {number}


def test_an_answer_that_never_came_has_status_0(place: Place, use_entries: UseEntries) -> None:
    use_entries(cut=gate_effect("reset", match='{ path = ["/cut"] }'))
    arming.arm(place.stand, "cut", "everyone")
    with pytest.raises(ConnectionResetError):
        place.at_sandbox().get("/cut")
    (entry,) = exported(place)["entries"]
    assert entry["response"]["status"] == 0
    assert entry["_effects"] == [{"entry": "cut", "kind": "reset"}]
