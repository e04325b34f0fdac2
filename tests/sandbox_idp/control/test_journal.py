"""HAR and verdicts over the control API."""

from __future__ import annotations

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import sign_ins
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient


def test_the_journal_is_exported_as_har(control: ControlClient, sandbox: PageClient) -> None:
    sandbox.get("/")
    log = control.call("GET", "/journal.har")["log"]
    assert [(entry["request"]["method"], entry["_template"]) for entry in log["entries"]] == [("GET", "/")]
    assert control.call("GET", "/journal.har?sign_in=1")["log"]["entries"] == []
    assert control.wrong("GET", "/journal.har?sign_in=0") == {"/sign_in"}


def test_verdicts_of_one_and_of_all(control: ControlClient, stand: Stand) -> None:
    numbers = [sign_ins.start_at_portal(f"browser-{each}") for each in range(2)]
    found = control.call("GET", "/verdicts")["verdicts"]
    assert [each["sign_in"] for each in found] == numbers
    assert found[0]["half_open"] == "unknown"
    assert [each["sign_in"] for each in control.call("GET", "/verdicts?since=1")["verdicts"]] == [2]
    assert [each["sign_in"] for each in control.call("GET", "/verdicts?sign_in=1")["verdicts"]] == [1]
    assert control.call("GET", "/verdicts?sign_in=77")["verdicts"] == []
