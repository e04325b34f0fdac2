"""Clients are told by a logout token that a session at Gosuslugi has ended (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc.errors import BadSignatureError

from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.oauth.openid import back_channel
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.arming import arm
from tests.pages import PageClient
from tests.sandbox_idp.oauth.openid.conftest import Client, MakeClient
from tests.sandbox_idp.oauth.openid.test_tokens import verified
from tests.sandbox_idp.recovery.test_recovery import recover
from tests.sandbox_idp.sign_in import journey

ADDRESS = "https://clinic.example/oidc/ended"


class Wire:
    """What was sent where, in place of the network."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.fails = False

    def post(self, address: str, *, data: dict[str, str], **_limits: Any) -> httpx2.Response:
        self.sent.append((address, data["logout_token"]))
        if self.fails:
            raise httpx2.ConnectError("nobody there")
        return httpx2.Response(200)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr(back_channel.httpx2, "post", wire.post)
    return wire


@pytest.fixture
def listening(make_client: MakeClient) -> Client:
    """A client whose card names an address."""
    return make_client(backchannel_logout_uri=ADDRESS)


def leave(client: Client, hint: str) -> None:
    client.desk.browser.get(f"/oauth2/logout?{urlencode({'id_token_hint': hint})}", 200)


def claims_of(token: str) -> dict[str, Any]:
    """The claims, whoever has signed them."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_whoever_got_tokens_in_the_session_is_told_once(listening: Client, stand: Stand, wire: Wire) -> None:
    """2.4: signed by the stand's key, about this session, with the event and without a nonce."""
    hint = listening.tokens()["id_token"]
    leave(listening, hint)
    ((address, token),) = wire.sent
    assert address == ADDRESS
    verified(listening, token)
    claims, signed_in = claims_of(token), claims_of(hint)
    assert (claims["iss"], claims["aud"]) == (stand.idp_url, listening.mnemonic)
    assert (claims["sub"], claims["sid"]) == (signed_in["sub"], signed_in["sid"])
    assert claims["events"] == {back_channel.EVENT: {}}
    assert claims["exp"] - claims["iat"] == 120
    assert "nonce" not in claims
    leave(listening, hint)
    assert len(wire.sent) == 1


def change_password(browser: PageClient, stand: Stand) -> None:
    """In the cabinet."""
    journey.sign_in(browser, stand)
    browser.get("/cabinet/security/password")
    browser.post("/cabinet/security/password", {"password": PASSWORD, "new_password": "Zimnee-Utro-57"})


@pytest.mark.parametrize("change", [change_password, recover], ids=["in the cabinet", "forgotten"])
def test_another_password_ends_it_for_clients_too(
    listening: Client, stand: Stand, wire: Wire, change: Callable[[PageClient, Stand], object]
) -> None:
    """S-47: whoever is signed in with the old one, at Gosuslugi and at its clients, is so no more."""
    given = listening.tokens()
    browser = listening.desk.browser
    change(PageClient(browser.client.application, browser.base_url, browser.prefix), stand)
    ((_, token),) = wire.sent
    assert claims_of(token)["sid"] == claims_of(given["id_token"])["sid"]
    listening.userinfo(given["access_token"], 401)


def test_whoever_names_no_address_is_not_told(client: Client, wire: Wire) -> None:
    leave(client, client.tokens()["id_token"])
    assert wire.sent == []


def test_a_client_that_does_not_answer_keeps_nobody_from_leaving(listening: Client, wire: Wire) -> None:
    """S-46: the session at Gosuslugi has ended all the same."""
    wire.fails = True
    leave(listening, listening.tokens()["id_token"])
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("forgery", "looks_forged"),
    [
        ("wrong-iss", lambda claims: claims["iss"] == "https://evil.test"),
        ("wrong-aud", lambda claims: claims["aud"] == "ANOTHER_SYSTEM"),
        ("no-events", lambda claims: "events" not in claims),
        ("with-nonce", lambda claims: claims["nonce"]),
        ("no-sub-no-sid", lambda claims: "sub" not in claims and "sid" not in claims),
    ],
)
def test_a_scenario_forges_it(forgery: str, looks_forged: Any, listening: Client, stand: Stand, wire: Wire) -> None:
    """Catalogue row backchannel-logout: told in the journal, with what was forged."""
    hint = listening.tokens()["id_token"]
    arm(stand, "backchannel-logout", "everyone", parameters={"forgery": forgery})
    leave(listening, hint)
    ((_, token),) = wire.sent
    assert looks_forged(claims_of(token))
    (line,) = journal.lines(stand.database, kind="effect")
    assert (line.entry, line.details["forgery"]) == ("backchannel-logout", forgery)
    assert line.sign_in is not None


def test_a_replayed_token_is_sent_after_one_of_the_same_name(listening: Client, stand: Stand, wire: Wire) -> None:
    """The first is about a session that nobody has, so that it ends nothing and uses the name up."""
    hint = listening.tokens()["id_token"]
    arm(stand, "backchannel-logout", "everyone", parameters={"forgery": "replayed-jti"})
    leave(listening, hint)
    first, second = (claims_of(token) for _, token in wire.sent)
    assert first["jti"] == second["jti"]
    assert (first["sid"] != claims_of(hint)["sid"], second["sid"]) == (True, claims_of(hint)["sid"])


def test_a_broken_signature_is_broken(listening: Client, stand: Stand, wire: Wire) -> None:
    hint = listening.tokens()["id_token"]
    arm(stand, "backchannel-logout", "everyone", parameters={"forgery": "bad-signature"})
    leave(listening, hint)
    ((_, token),) = wire.sent
    with pytest.raises(BadSignatureError):
        verified(listening, token)


def test_an_expired_token_was_over_before_it_was_sent(listening: Client, stand: Stand, wire: Wire) -> None:
    hint = listening.tokens()["id_token"]
    arm(stand, "backchannel-logout", "everyone", parameters={"forgery": "expired"})
    leave(listening, hint)
    ((_, token),) = wire.sent
    assert claims_of(token)["exp"] < stand.clock.now().timestamp()
