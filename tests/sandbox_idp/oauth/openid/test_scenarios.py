"""Scenarios on the OpenID paths: the gate follows a sign-in there as on ESIA's, and effects strike it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from sandbox_idp.context import Stand
from sandbox_idp.oauth.models import SigningKey
from sandbox_idp.scenarios import engine, journal
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.points import Point
from tests.sandbox_idp.oauth.openid.conftest import Client
from tests.sandbox_idp.oauth.openid.test_tokens import parts, verified


def test_the_next_sign_in_fails_at_the_token_endpoint_and_no_other(client: Client, stand: Stand) -> None:
    """R-030: claimed at the authorization request, struck at the exchange, told in the journal as one sign-in."""
    arm(stand, "token-500", "next-sign-in")
    struck = client.back()["code"]
    spared = client.back(state="another", nonce="another", prompt="consent")["code"]
    assert client.call(struck, status=500).response.mimetype == "text/html"
    assert client.call(spared).response.get_json()["id_token"]
    with stand.database.reading() as session:
        first, second = session.exec(select(SignIn).order_by(SignIn.number)).all()
    (effect,) = journal.lines(stand.database, kind="effect")
    assert (effect.entry, effect.sign_in) == ("token-500", first.number)
    calls = [line for line in journal.lines(stand.database, kind="exchange") if line.name == "POST /oauth2/token"]
    assert [(line.sign_in, line.status) for line in calls] == [(first.number, 500), (second.number, 200)]
    disarm(stand, "token-500")
    assert client.call(struck).response.get_json()["id_token"], "the failure stood in front of the exchange"


def test_person_data_fail_for_the_sign_in_whose_token_asks(client: Client, stand: Stand) -> None:
    arm(stand, "userinfo-500", "next-sign-in")
    struck = client.tokens()["access_token"]
    spared = client.tokens(state="another", nonce="another", prompt="consent")["access_token"]
    client.userinfo(struck, 500)
    client.userinfo(spared)


@pytest.fixture
def rotating(monkeypatch: pytest.MonkeyPatch) -> Callable[[Point], None]:
    """Has the keys changed with one of the tokens, as an armed entry does."""

    def use(wanted: Point) -> None:
        def transform(point: Point, value: Any) -> Any:
            if point is wanted:
                value.signing = "rotated"
            return value

        monkeypatch.setattr(engine, "transform", transform)

    return use


@pytest.mark.parametrize("point", [Point.ACCESS_TOKEN, Point.ID_TOKEN])
def test_a_scenario_may_change_the_keys_in_the_middle_of_a_sign_in(
    point: Point, client: Client, stand: Stand, rotating: Callable[[Point], None]
) -> None:
    """S-12: the id token names and bears the new key, the old one stays published."""
    with stand.database.reading() as session:
        old = session.exec(select(SigningKey.kid)).one()
    rotating(point)
    body = client.tokens()
    assert parts(body["id_token"])[0]["kid"] != old
    verified(client, body["id_token"])
    verified(client, body["access_token"])
    published = [key["kid"] for key in client.desk.browser.get("/oauth2/jwks").response.get_json()["keys"]]
    assert len(published) == 2
    assert old in published
