"""Every refused request, at `/ac` and at `/te`, with ESIA's own code (`docs/esia-protocol.md`, "Errors").

The same wrong request goes to both endpoints: at `/ac` the browser comes back with the error, at `/te` it is HTTP 400.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from sandbox_idp.assembly import create_app
from sandbox_idp.context import Stand
from sandbox_idp.oauth.models import AuthorizationRequest, IssuedToken
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer
from tests.esia_client import (
    Identity,
    V1Client,
    address,
    attached,
    attached_plain,
    base64url,
    detached,
    signed_string,
    timestamp,
)
from tests.pages import PageClient
from tests.sandbox_idp.oauth.conftest import AC, TE, Desk, query

Ask = Callable[..., dict[str, str]]


@pytest.fixture(params=["ac", "te"])
def ask(request: pytest.FixtureRequest, desk: Desk) -> Ask:
    """Sends a request with changes to one of the endpoints and gives the refusal's members."""

    def at_ac(client: V1Client, change: Callable[[dict[str, str]], Any] = dict, **changes: str | None):
        params = client.authorization(desk.stand.clock.now(), **changes)
        change(params)
        location = desk.browser.get(address(AC, params), 302).location
        assert location.startswith(client.redirect_uri + "?"), location
        answered = query(location)
        assert answered.get("state") == (params.get("state") or None)
        return answered

    def at_te(client: V1Client, change: Callable[[dict[str, str]], Any] = dict, **changes: str | None):
        params = client.exchange("a code that is never looked at", desk.stand.clock.now(), **changes)
        change(params)
        answered = desk.call(params, 400)
        assert answered.get("state") == (params.get("state") or None)
        return answered

    return at_ac if request.param == "ac" else at_te


def assert_refused(answered: dict[str, str], code: str, error: str) -> None:
    assert answered["error_description"].startswith(code + ": "), answered
    assert answered["error"] == error


@pytest.mark.parametrize("name", ["scope", "state", "timestamp", "client_secret"])
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_a_missing_parameter_is_007014_and_named(ask: Ask, portal: V1Client, name: str, value: str | None) -> None:
    def change(params: dict[str, str]) -> None:
        params.pop(name)
        if value is not None:
            params[name] = value

    answered = ask(portal, change)
    assert_refused(answered, "ESIA-007014", "invalid_request")
    assert answered["error_description"] == (
        f"ESIA-007014: The request doesn`t contain the mandatory parameter [{name}]."
    )


def test_a_key_of_ones_own_is_007002(ask: Ask, portal: V1Client, new_identity: Callable[[], Identity]) -> None:
    """S-21: the certificate is not one of this system."""
    assert_refused(ask(replace(portal, identity=new_identity())), "ESIA-007002", "unauthorized_client")


def test_another_systems_certificate_is_007002(ask: Ask, portal: V1Client, register: Callable[..., V1Client]) -> None:
    """S-21: valid, registered, but somebody else's."""
    assert_refused(ask(replace(portal, identity=register().identity)), "ESIA-007002", "unauthorized_client")


def test_another_key_under_the_right_certificate_is_007053(
    ask: Ask, portal: V1Client, new_identity: Callable[[], Identity]
) -> None:
    thief = Identity(new_identity().key, portal.identity.certificate)
    assert_refused(ask(replace(portal, identity=thief)), "ESIA-007053", "access_denied")


def test_an_expired_certificate_is_007053(
    ask: Ask, register: Callable[..., V1Client], new_identity: Callable[[], Identity], stand: Stand
) -> None:
    """On the stand's clock: registered, and its day is over."""
    now = stand.clock.now()
    fresh = new_identity()
    old = Identity.make(fresh.key, since=now - timedelta(days=400), until=now - timedelta(seconds=1))
    assert_refused(ask(register(identity=old)), "ESIA-007053", "access_denied")


def test_a_certificate_from_the_future_is_007053(
    ask: Ask, register: Callable[..., V1Client], new_identity: Callable[[], Identity], stand: Stand
) -> None:
    now = stand.clock.now()
    early = Identity.make(new_identity().key, since=now + timedelta(hours=1), until=now + timedelta(days=2))
    assert_refused(ask(register(identity=early)), "ESIA-007053", "access_denied")


@pytest.mark.parametrize("form", [detached, attached, attached_plain], ids=lambda form: form.__name__)
@pytest.mark.parametrize("part", ["scope", "timestamp", "client_id", "state"])
def test_one_byte_changed_is_007053(
    ask: Ask, portal: V1Client, acts: list[tuple[str, dict[str, Any]]], form: Any, part: str
) -> None:
    """S-21: the signature is over another string than the request's, by one byte in one of the four parts."""

    def sign_another(params: dict[str, str]) -> None:
        other = dict(params)
        other[part] = other[part][:-1] + chr(ord(other[part][-1]) ^ 1)
        params["client_secret"] = base64url(form(portal.identity, signed_string(other)))

    assert_refused(ask(portal, sign_another), "ESIA-007053", "access_denied")
    name, details = acts[-1]
    assert name == "client-secret-refused"
    assert details["system"] == "PORTAL_DEMO"
    assert details["reason"] == "other-string" if form is not attached_plain else details["signed"]


@pytest.mark.parametrize("form", [attached, attached_plain], ids=lambda form: form.__name__)
def test_attached_content_that_differs_is_007053(ask: Ask, portal: V1Client, form: Any) -> None:
    def sign_another(params: dict[str, str]) -> None:
        params["client_secret"] = base64url(form(portal.identity, "openid"))

    assert_refused(ask(portal, sign_another), "ESIA-007053", "access_denied")


@pytest.mark.parametrize("secret", ["nonsense", "!", "AAAA"])
def test_a_secret_that_cannot_be_read_is_007053(ask: Ask, portal: V1Client, secret: str) -> None:
    assert_refused(ask(portal, client_secret=secret), "ESIA-007053", "access_denied")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_timestamp_more_than_five_minutes_off_is_007015(
    ask: Ask, portal: V1Client, stand: Stand, minutes: int
) -> None:
    moment = timestamp(stand.clock.now() + timedelta(minutes=minutes))
    assert_refused(ask(portal, timestamp=moment), "ESIA-007015", "invalid_request")


def test_a_timestamp_is_compared_with_the_stands_clock(ask: Ask, portal: V1Client, stand: Stand) -> None:
    """The stand was moved six minutes on; a client that keeps real time is too late."""
    before = timestamp(stand.clock.now())
    stand.clock.advance(timedelta(minutes=6))
    assert_refused(ask(portal, timestamp=before), "ESIA-007015", "invalid_request")


@pytest.mark.parametrize("moment", ["2026-11-22 12:00:00 +0300", "2026.11.22 24:10:00 +0300", "now"])
def test_a_timestamp_that_cannot_be_read_is_007015(ask: Ask, portal: V1Client, moment: str) -> None:
    """Quirk 18 in strict mode."""
    assert_refused(ask(portal, timestamp=moment), "ESIA-007015", "invalid_request")


def test_a_parameter_given_twice_with_two_values_is_007003(desk: Desk, portal: V1Client) -> None:
    now = desk.stand.clock.now()
    ac = address(AC, portal.authorization(now)) + "&scope=openid"
    assert_refused(query(desk.browser.get(ac, 302).location), "ESIA-007003", "invalid_request")
    te = TE + "?scope=openid"
    refused = desk.browser.post(te, {**portal.exchange("code", now), "csrf_token": ""}, status=400)
    assert_refused(refused.response.get_json(), "ESIA-007003", "invalid_request")


@pytest.fixture
def without_gate(desk: Desk, house: House, sandbox_settings: SandboxSettings) -> Desk:
    """The same desk at the program itself: what reaches it must be refused here, whatever stands in front."""
    program = StandLayer(create_app(sandbox_settings, house), house)
    return replace(desk, browser=PageClient(program, sandbox_settings.public_url, desk.stand.prefix))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "timestamp", "nonce", "client_secret"])
def test_a_nul_is_refused_before_any_database_sees_it(without_gate: Desk, portal: V1Client, name: str) -> None:
    """S-61: PostgreSQL stores none, and a stack must not be the answer."""
    desk = without_gate
    now = desk.stand.clock.now()
    ac = {**portal.authorization(now), name: "a\0b"}
    if name in ("client_id", "redirect_uri"):
        assert "ESIA-007003" in desk.browser.get(address(AC, ac), 400).words
    else:
        assert_refused(query(desk.browser.get(address(AC, ac), 302).location), "ESIA-007003", "invalid_request")
    te = {**portal.exchange("code", now), name: "a\0b"}
    assert_refused(desk.call(te, 400), "ESIA-007003", "invalid_request")


def test_a_nul_in_the_query_of_a_page_harms_nobody(desk: Desk, portal: V1Client) -> None:
    """S-61, through the gate as well."""
    assert desk.browser.get("/consent?request=%00", 400).screen == "consent-stale"
    assert desk.browser.get("/idp/ext/Logout?client_id=%00").screen == "logged-out"
    params = {**portal.authorization(desk.stand.clock.now()), "state": "a\0b"}
    assert_refused(query(desk.browser.get(address(AC, params), 302).location), "ESIA-007003", "invalid_request")


def test_an_unknown_system_is_008010_at_te(desk: Desk, portal: V1Client) -> None:
    answered = desk.call(replace(portal, mnemonic="NOBODY").exchange("code", desk.stand.clock.now()), 400)
    assert_refused(answered, "ESIA-008010", "invalid_client")


def test_other_response_types_are_007009(desk: Desk, portal: V1Client) -> None:
    """S-01."""
    for response_type in ("token", "id_token", "code token"):
        params = portal.authorization(desk.stand.clock.now(), response_type=response_type)
        refused = query(desk.browser.get(address(AC, params), 302).location)
        assert_refused(refused, "ESIA-007009", "unsupported_response_type")


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit"])
def test_other_grants_are_007012(desk: Desk, portal: V1Client, grant_type: str) -> None:
    """S-01."""
    answered = desk.call(portal.exchange("code", desk.stand.clock.now(), grant_type=grant_type), 400)
    assert_refused(answered, "ESIA-007012", "unsupported_grant_type")


@pytest.mark.parametrize("name", ["grant_type", "redirect_uri", "code"])
def test_te_names_what_else_is_missing(desk: Desk, portal: V1Client, name: str) -> None:
    answered = desk.call(portal.exchange("code", desk.stand.clock.now(), **{name: None}), 400)
    assert_refused(answered, "ESIA-007014", "invalid_request")
    assert f"[{name}]" in answered["error_description"]


@pytest.mark.parametrize(
    ("scope", "code", "error"),
    [
        ("openid wallet", "ESIA-007006", "invalid_scope"),
        ("openid fullname?oid=1000100001", "ESIA-007006", "invalid_scope"),
        ("openid+fullname", "ESIA-007006", "invalid_scope"),
        (" ", "ESIA-007006", "invalid_scope"),
        *(
            (f"openid {scope}", "ESIA-007019", "access_denied")
            for scope in ("org_grps", "org_vhls", "org_oktmo", "bio")
        ),
        ("openid id_doc", "ESIA-007019", "access_denied"),
    ],
)
def test_scopes_are_limited(desk: Desk, portal: V1Client, scope: str, code: str, error: str) -> None:
    """S-22: one that does not exist, one that is not on the card."""
    params = portal.authorization(desk.stand.clock.now(), scope=scope)
    assert_refused(query(desk.browser.get(address(AC, params), 302).location), code, error)


def test_what_a_card_permits_is_told_only_to_who_signs_for_it(
    desk: Desk, portal: V1Client, new_identity: Callable[[], Identity]
) -> None:
    """S-22 stands behind S-21 in the order of checks."""
    stranger = replace(portal, identity=new_identity())
    params = stranger.authorization(desk.stand.clock.now(), scope="openid id_doc")
    assert_refused(query(desk.browser.get(address(AC, params), 302).location), "ESIA-007002", "unauthorized_client")


def test_access_type_is_one_of_two_or_absent(desk: Desk, portal: V1Client) -> None:
    now = desk.stand.clock.now()
    refused = desk.browser.get(address(AC, portal.authorization(now, access_type="sometimes")), 302)
    assert_refused(query(refused.location), "ESIA-007003", "invalid_request")
    for value in ("online", "offline", None):
        assert desk.ask(portal, access_type=value)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_without_system_or_address_nobody_is_sent_anywhere(desk: Desk, portal: V1Client, name: str) -> None:
    """S-18: there is nowhere to send the error to."""
    params = portal.authorization(desk.stand.clock.now(), **{name: None})
    page = desk.browser.get(address(AC, params), 400)
    assert page.screen == "esia-error"
    assert "ESIA-007014" in page.words


def test_an_unknown_system_stays_on_a_page(desk: Desk, portal: V1Client) -> None:
    """S-18: 008010."""
    params = replace(portal, mnemonic="NOBODY").authorization(desk.stand.clock.now())
    page = desk.browser.get(address(AC, params), 400)
    assert page.screen == "esia-error"
    assert page.location == ""
    assert "ESIA-008010" in page.words
    reference = page.soup.find(attrs={"data-ref": True})
    assert reference is not None
    assert str(reference["data-ref"]) in page.words


@pytest.mark.parametrize("tail", ["/", "?next=https://evil.example", "x"])
def test_a_foreign_address_stays_on_a_page(desk: Desk, portal: V1Client, tail: str) -> None:
    """S-18: our own card wants its address to the letter; 007023 is told here and followed nowhere."""
    other = replace(portal, redirect_uri=portal.redirect_uri + tail)
    page = desk.browser.get(address(AC, other.authorization(desk.stand.clock.now())), 400)
    assert page.screen == "esia-error"
    assert "ESIA-007023" in page.words
    assert "evil.example" not in page.text


def test_a_refused_request_leaves_nothing_behind(ask: Ask, portal: V1Client, stand: Stand) -> None:
    ask(portal, client_secret="nonsense")
    with stand.database.reading() as session:
        assert session.exec(select(AuthorizationRequest)).all() == []
        assert session.exec(select(IssuedToken)).all() == []


def test_the_form_works_like_the_query(desk: Desk, portal: V1Client) -> None:
    """Quirk 13: `/ac` by POST, which needs no CSRF token because the signature says who asks."""
    params = portal.authorization(desk.stand.clock.now())
    page = desk.browser.post(AC, {**params, "csrf_token": ""}, status=302)
    assert "/login?request=" in page.location


def test_parameters_of_te_may_stand_in_the_query(desk: Desk, portal: V1Client) -> None:
    """Quirk 12."""
    params = portal.exchange(desk.code(portal), desk.stand.clock.now())
    page = desk.browser.post(address(TE, params), {"csrf_token": ""}, status=200)
    assert page.response.get_json()["token_type"] == "Bearer"


def test_the_head_of_an_answer_of_te(desk: Desk, portal: V1Client) -> None:
    """RFC 6749 5.1: JSON, and kept by nobody."""
    params = portal.exchange("code", desk.stand.clock.now())
    page = desk.browser.post(TE, {**params, "csrf_token": ""}, status=400)
    assert page.response.headers["Content-Type"] == "application/json"
    assert page.response.headers["Cache-Control"] == "no-store"
