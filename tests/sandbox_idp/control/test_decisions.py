"""Operators' decisions over the control API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox_idp.assembly import create_app
from sandbox_idp.context import Stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import journal
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.sign_in import throttle
from sandbox_idp.stands.house import House
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, give_password


@pytest.fixture
def decide(control: ControlClient) -> Callable[..., dict[str, Any]]:
    """Decide a request that waits."""

    def call(request: str, decision: str = "grant", *reasons: str) -> dict[str, Any]:
        body = {"request": request, "decision": decision, "reasons": list(reasons)}
        answer: dict[str, Any] = control.call("POST", "/decisions", body)
        return answer

    return call


def lock(sandbox: PageClient) -> None:
    """Anna types a wrong password until her login is locked."""
    for status in (422, 422, 422, 422, 429):
        give_password(sandbox, None, password=WRONG, status=status)


def test_a_locked_login_is_opened_at_once(
    decide: Callable[..., dict[str, Any]], control: ControlClient, sandbox: PageClient
) -> None:
    """S-34: without waiting for the quarter of an hour."""
    lock(sandbox)
    give_password(sandbox, None, status=429)
    decided = decide("unlock:anna")
    assert (decided["request"], decided["decision"], decided["person_oid"]) == ("unlock:anna", "grant", 1000100001)
    give_password(sandbox, None)


def test_a_locked_second_factor_is_opened_too(
    *,
    decide: Callable[..., dict[str, Any]],
    sandbox: PageClient,
    stand: Stand,
    sandbox_settings: SandboxSettings,
    house: House,
) -> None:
    """S-36: its counter is another one than the login's."""
    with create_app(sandbox_settings, house).app_context(), stand.database.writing() as session:
        limit = throttle.factor_limit(1000100001, current_policy())
        for _ in range(limit.lock_after):
            throttle.count_wrong(session, [limit], stand.clock.now())
    give_password(sandbox, None, status=429)
    assert decide("unlock:1000100001")["person_oid"] == 1000100001
    give_password(sandbox, None)


def test_a_blocked_account_is_active_again(
    decide: Callable[..., dict[str, Any]], control: ControlClient, sandbox: PageClient
) -> None:
    """S-47."""
    control.call("PATCH", "/people/anna", {"state": "blocked"})
    decide("unblock:anna")
    give_password(sandbox, None, ANNA)


def test_a_refusal_says_why_and_changes_nothing(
    decide: Callable[..., dict[str, Any]], control: ControlClient, stand: Stand, sandbox: PageClient
) -> None:
    control.call("PATCH", "/people/anna", {"state": "blocked"})
    assert decide("unblock:anna", "refuse", "Личность не подтверждена.")["reasons"] == ["Личность не подтверждена."]
    give_password(sandbox, None, status=403)
    decide("unblock:anna", "grant")
    lines = journal.lines(stand.database, kind="change")[1:]
    assert [line.name for line in lines] == ["decision-refuse", "decision-grant"]
    assert lines[0].details["reasons"] == ["Личность не подтверждена."]


@pytest.mark.parametrize("request_id", ["unlock:anna", "unblock:anna", "unblock:nobody", "access:anna", "anna", ":"])
def test_what_does_not_wait_cannot_be_decided(control: ControlClient, request_id: str) -> None:
    for decision in ("grant", "refuse"):
        body = {"request": request_id, "decision": decision, "reasons": ["Так решено."]}
        assert control.refused("POST", "/decisions", body, status=404)["code"] == "unknown-request"


def test_what_was_granted_waits_no_longer(decide: Callable[..., dict[str, Any]], control: ControlClient) -> None:
    control.call("PATCH", "/people/anna", {"state": "blocked"})
    decide("unblock:anna")
    body = {"request": "unblock:anna", "decision": "grant"}
    assert control.refused("POST", "/decisions", body, status=404)["code"] == "unknown-request"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/request", "/decision"}),
        ({"request": "unblock:anna", "decision": "maybe"}, {"/decision"}),
        ({"request": "unblock:anna", "decision": "refuse"}, {""}),
        ({"request": "unblock:anna", "decision": "grant", "reason": "x"}, {"/reason"}),
        ({"request": "unblock:anna", "decision": "grant", "reasons": [""]}, {"/reasons/0"}),
    ],
)
def test_what_is_not_agreed_is_refused_with_its_path(
    control: ControlClient, body: dict[str, Any], pointers: set[str]
) -> None:
    assert control.wrong("POST", "/decisions", body) == pointers
