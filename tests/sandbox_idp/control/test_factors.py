"""Second factors over the control API."""

from __future__ import annotations

import pytest

from sandbox_idp.accounts import people
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.factors import pushes
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.policy import load
from tests.sandbox_idp.control.conftest import ControlClient


@pytest.fixture
def asked(stand: Stand) -> PushRequest:
    """olga's app asks about a sign-in."""
    with use_stand(stand), stand.database.writing() as session:
        olga = people.find_person(session, "olga")
        assert olga is not None
        return pushes.ask(
            session,
            Errand("an attempt", "login", "Вход в РС ЕГИСЗ"),
            olga,
            address="",
            policy=load(),
            now=stand.clock.refresh(),
        )


def test_a_push_is_read_and_answered(control: ControlClient, asked: PushRequest) -> None:
    """S-40: the API tells what the app shows, not which number is right; one answer counts."""
    shown = control.call("GET", "/people/olga/push")
    assert shown["words"] == "Вход в РС ЕГИСЗ"
    assert shown["choices"] == asked.choices
    assert "number" not in shown
    strange = next(number for number in range(10, 100) if number not in asked.choices)
    assert control.refused("POST", "/people/olga/push", {"number": strange}, status=422)["code"] == "invalid"
    assert control.call("POST", "/people/olga/push", {"number": asked.number}) == {"verdict": "approved"}
    assert control.refused("POST", "/people/olga/push", {"reject": True}, status=404)["code"] == "no-push"
    assert control.refused("GET", "/people/olga/push", status=404)["code"] == "no-push"


@pytest.mark.parametrize(
    "body", [{}, {"number": 47, "reject": True}, {"number": 9}, {"reject": False}, {"number": "47"}]
)
def test_an_answer_is_one_of_two(control: ControlClient, asked: PushRequest, body: dict[str, object]) -> None:
    assert control.refused("POST", "/people/olga/push", body, status=422)["code"] == "invalid"


def test_a_rejection_stands_in_the_journal(control: ControlClient, asked: PushRequest) -> None:
    """push-rejected: the act is there for whoever watches."""
    assert control.call("POST", "/people/olga/push", {"reject": True}) == {"verdict": "rejected"}
    acts = [line["name"] for line in control.call("GET", "/journal")["lines"] if line["kind"] == "act"]
    assert acts == ["push-rejected"]


def test_backup_codes_are_those_of_the_sheet(control: ControlClient) -> None:
    """S-42: igor's ten; whoever connects an app gets ten as well, and loses them with it."""
    sheet = control.call("GET", "/people/igor/backup-codes")
    assert (len(sheet["codes"]), sheet["left"]) == (10, 10)
    assert control.call("GET", "/people/anna/backup-codes") == {"codes": [], "left": 0}
    made = control.call("POST", "/people", {"factors": ["totp", "push"]}, status=201)
    assert made["factors"] == ["totp", "push"]
    assert control.call("GET", f"/people/{made['oid']}/backup-codes")["left"] == 10
    control.call("PATCH", f"/people/{made['oid']}", {"factors": ["push"]})
    assert control.call("GET", f"/people/{made['oid']}/backup-codes")["left"] == 0
