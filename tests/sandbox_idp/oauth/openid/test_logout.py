"""`/oauth2/logout`: at once with an id token of this session, else after a question (S-25)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from sandbox_idp.accounts.models import GosuslugiSession
from sandbox_idp.context import Stand
from sandbox_idp.oauth import signing_keys
from tests.pages import Page
from tests.sandbox_idp.oauth.openid.conftest import Client

BACK = "https://clinic.example/signed-out"


def leave(client: Client, status: int = 200, **parameters: str) -> Page:
    return client.desk.browser.get(f"/oauth2/logout?{urlencode(parameters)}", status)


def living(stand: Stand) -> bool:
    with stand.database.reading() as session:
        return session.exec(select(GosuslugiSession)).one().ended_at is None


def test_with_its_id_token_a_client_ends_the_session_at_once(client: Client, stand: Stand) -> None:
    """However old the token is, and whichever of the stand's keys it bears (S-12)."""
    hint = client.tokens()["id_token"]
    with stand.database.writing() as session:
        signing_keys.rotate(session, now=stand.clock.now(), ids=stand.ids)
    stand.clock.advance(timedelta(hours=2))
    page = leave(client, 303, id_token_hint=hint, post_logout_redirect_uri=BACK, state="s 1")
    assert page.location == f"{BACK}?state=s+1"
    assert not living(stand)


def test_without_one_the_person_is_asked(client: Client, stand: Stand) -> None:
    """And pressing the button leads back to the client."""
    client.tokens()
    page = leave(client, client_id=client.mnemonic, post_logout_redirect_uri=BACK)
    assert page.screen == "logout-confirm"
    assert "form-action 'self' https://clinic.example" in page.response.headers["Content-Security-Policy"]
    assert living(stand)
    form = {**page.form("/oauth2/logout"), "leave": "yes"}
    assert client.desk.browser.post("/oauth2/logout", form).location == BACK
    assert not living(stand)


def test_a_press_that_somebody_else_forged_asks_once_more(client: Client, stand: Stand) -> None:
    """S-51: the button's form has a token of its own."""
    client.tokens()
    page = client.desk.browser.post("/oauth2/logout", {"leave": "yes", "csrf_token": "forged"}, status=200)
    assert page.screen == "logout-confirm"
    assert living(stand)


def test_a_hint_that_proves_nothing_is_no_hint(client: Client, stand: Stand) -> None:
    """Of another session, an access token, changed, or of another client than the one that is named."""
    before = client.tokens()
    after = client.tokens(prompt="consent")
    head, body, signature = after["id_token"].split(".")
    for parameters in (
        {"id_token_hint": before["id_token"]},
        {"id_token_hint": after["access_token"]},
        {"id_token_hint": f"{head}.{body}.{signature[:-6]}AAAAAA"},
        {"id_token_hint": "nonsense"},
        {"id_token_hint": after["id_token"], "client_id": "PORTAL_DEMO"},
    ):
        assert leave(client, **parameters).screen == "logout-confirm", parameters
    leave(client, id_token_hint=after["id_token"])


@pytest.mark.parametrize("address", ["https://evil.example/", "javascript:alert(1)", "//clinic.example/"])
def test_nobody_is_sent_to_an_address_that_is_not_the_clients(client: Client, stand: Stand, address: str) -> None:
    hint = client.tokens()["id_token"]
    page = leave(client, id_token_hint=hint, post_logout_redirect_uri=address)
    assert page.screen == "logged-out"
    assert "evil" not in page.text
    assert not living(stand)
