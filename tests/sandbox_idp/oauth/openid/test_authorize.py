"""`/oauth2/authorize` and the way back: every refusal, and what an honest request is given (S-01, S-02, S-18, S-22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from sandbox_idp.context import Stand
from sandbox_idp.oauth import systems
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem
from sandbox_idp.scenarios.models import SignIn
from tests.sandbox_idp.oauth.conftest import query
from tests.sandbox_idp.oauth.openid.conftest import AUTHORIZE, CALLBACK, SECRET, Client, MakeClient


def test_a_sign_in_comes_back_with_code_state_and_issuer(client: Client) -> None:
    """RFC 9207: the client learns who answers."""
    back = client.back()
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("the-state", client.issuer)


def test_a_request_may_come_as_a_form_and_without_a_state(client: Client, stand: Stand) -> None:
    """OpenID Connect Core 3.1.2.1; with PKCE a client may do without `state` (RFC 9700, 2.1)."""
    asked = {**query(client.asked(state=None)), "csrf_token": ""}
    page = client.desk.browser.post(AUTHORIZE, asked, status=302)
    request_id = query(page.location)["request"]
    client.desk.sign_in(request_id)
    assert set(query(client.desk.press(request_id).location)) == {"code", "iss"}
    with stand.database.reading() as session:
        (followed,) = session.exec(select(SignIn)).all()
    assert (followed.system, followed.state, followed.request_id) == ("ORDINARY_36", "the-nonce", request_id)


def test_a_state_may_be_long(client: Client) -> None:
    """It comes back as it was; the index of sign-ins holds its hash."""
    state = "д" * 3000
    asked = {**query(client.asked()), "state": state, "csrf_token": ""}
    page = client.desk.browser.post(AUTHORIZE, asked, status=302)
    request_id = query(page.location)["request"]
    client.desk.sign_in(request_id)
    assert query(client.desk.press(request_id).location)["state"] == state


def test_refusing_the_rights_is_told_in_the_standards_words(client: Client) -> None:
    """S-24."""
    back = client.back(decision="deny")
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "the-state", client.issuer)
    assert "ESIA" not in back["error_description"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="S-01-implicit"),
        pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="S-01-hybrid"),
        pytest.param({"response_type": None}, "invalid_request", id="no-response-type"),
        pytest.param({"response_mode": "fragment"}, "invalid_request", id="fragment"),
        pytest.param({"code_challenge": None, "code_challenge_method": None}, "invalid_request", id="S-02-no-pkce"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="S-02-plain"),
        pytest.param({"code_challenge_method": None}, "invalid_request", id="S-02-plain-by-default"),
        pytest.param({"code_challenge": "short"}, "invalid_request", id="S-02-short"),
        pytest.param({"scope": None}, "invalid_request", id="no-scope"),
        pytest.param({"scope": "profile"}, "invalid_scope", id="without-openid"),
        pytest.param({"scope": "openid wallet"}, "invalid_scope", id="S-22-unknown"),
        pytest.param({"scope": "openid фамилия"}, "invalid_scope", id="S-22-not-ascii"),
        pytest.param({"scope": "openid fullname"}, "invalid_scope", id="S-22-esias-name-of-a-standard-one"),
        pytest.param({"scope": "openid vehicles"}, "invalid_scope", id="S-22-not-on-the-card"),
        pytest.param({"prompt": "none"}, "login_required", id="S-26-prompt-none"),
        pytest.param({"prompt": "none login"}, "invalid_request", id="prompt-contradicts"),
        pytest.param({"prompt": "dance"}, "invalid_request", id="prompt-unknown"),
        pytest.param({"max_age": "-1"}, "invalid_request", id="max-age"),
        pytest.param({"request": "e30.e30."}, "request_not_supported", id="request-object"),
        pytest.param({"request_uri": "https://clinic.example/r"}, "request_uri_not_supported", id="request-uri"),
        pytest.param({"nonce": "a\0b"}, "invalid_request", id="nul"),
    ],
)
def test_a_wrong_request_goes_back_with_the_standards_error(
    changes: dict[str, str | None], error: str, client: Client, stand: Stand
) -> None:
    page = client.desk.browser.get(client.asked(**changes), 302)
    assert page.location.startswith(CALLBACK + "?")
    back = query(page.location)
    assert (back["error"], back["state"], back["iss"]) == (error, "the-state", client.issuer)
    assert back["error_description"].isascii()
    assert '"' not in back["error_description"]
    assert "ESIA" not in back["error_description"]
    with stand.database.reading() as session:
        assert session.exec(select(AuthorizationRequest)).first() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "NOBODY_36"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": "https://sub.clinic.example/oidc/back"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_an_unknown_client_or_address_is_told_on_a_page(changes: dict[str, str | None], client: Client) -> None:
    """S-18: character by character, and never a redirect."""
    assert client.desk.browser.get(client.asked(**changes), 400).screen == "esia-error"


def test_a_system_without_a_secret_is_no_openid_client(make_client: MakeClient) -> None:
    client = make_client(client_secret=None)
    assert client.desk.browser.get(client.asked(), 400).screen == "esia-error"


def test_the_card_may_do_without_pkce_but_not_with_a_weak_one(make_client: MakeClient) -> None:
    """S-02: unless the card says otherwise; `plain` never."""
    client = make_client(pkce_required=False)
    body = client.call(
        client.back(code_challenge=None, code_challenge_method=None)["code"], code_verifier=None
    ).response.get_json()
    assert body["id_token"]
    page = client.desk.browser.get(client.asked(code_challenge_method="plain"), 302)
    assert query(page.location)["error"] == "invalid_request"


@pytest.mark.parametrize("secret", ["short", "x" * 257, "тридцать два знака кириллицей, увы", "with a blank" * 4])
def test_a_secret_that_could_be_guessed_or_not_be_sent_is_refused(stand: Stand, secret: str) -> None:
    """S-21."""
    card = systems.Card("WEAK_36", "Клиника", "Клиника", [CALLBACK], ["openid"], client_secret=secret)
    with pytest.raises(systems.SecretError) as caught, stand.database.writing() as session:
        systems.register(session, card)
    assert caught.value.field == "client_secret"


def test_the_secret_is_stored_as_a_hash_and_not_printed(client: Client, stand: Stand) -> None:
    with stand.database.reading() as session:
        row = session.get_one(InformationSystem, client.mnemonic)
    assert SECRET not in str(row.model_dump())
    assert SECRET not in repr(systems.Card("A", "B", "C", [], [], client_secret=SECRET))


def test_the_consent_page_shows_esias_rights_behind_the_standard_scopes(client: Client) -> None:
    """S-23, S-66: one screen for both wires."""
    request_id = client.begin(scope="openid profile email phone snils")
    page = client.desk.browser.get(client.desk.consent(request_id))
    boxes = [str(box["value"]) for box in page.soup.find_all("input", attrs={"type": "checkbox"})]
    assert set(boxes) == {"fullname", "birthdate", "gender", "email", "mobile", "snils"}


@pytest.mark.parametrize(("changes", "asks"), [({"prompt": "login"}, True), ({"max_age": "60"}, True), ({}, False)])
def test_a_client_may_ask_for_a_fresh_sign_in(
    changes: dict[str, str], asks: bool, client: Client, stand: Stand
) -> None:
    """OpenID Connect Core 3.1.2.1: the living session will not do, neither by the page nor by its button."""
    stand.clock.freeze(True)
    client.back()
    stand.clock.advance(timedelta(minutes=2))
    page = client.desk.browser.get(client.asked(state="second", **changes), 302)
    request_id = query(page.location)["request"]
    shown = client.desk.browser.get(page.location)
    assert shown.screen == ("login" if asks else "login-continue")
    gone_on = client.desk.browser.post(f"/login?request={request_id}", {"action": "continue"}, status=303)
    assert ("/login" in gone_on.location) is asks
    with stand.database.reading() as session:
        pending = session.get_one(AuthorizationRequest, request_id)
    assert (pending.session_sid is None) is asks
