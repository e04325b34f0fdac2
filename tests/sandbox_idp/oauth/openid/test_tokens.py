"""`/oauth2/token` and `/oauth2/userinfo`: who gets what, once, and for how long (S-19…S-21, S-66)."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlmodel import col, select

from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import Stand
from sandbox_idp.oauth import signing_keys
from tests.esia_client import V1Client
from tests.sandbox_idp.oauth.conftest import Desk
from tests.sandbox_idp.oauth.openid.conftest import CALLBACK, SECRET, TOKEN, VERIFIER, Client, MakeClient, basic


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims = (base64.urlsafe_b64decode(part + "==") for part in token.split(".")[:2])
    return json.loads(header), json.loads(claims)


def verified(client: Client, token: str) -> None:
    """The token's signature fits the published key that its header names."""
    keys = KeySet.import_key_set(client.desk.browser.get("/oauth2/jwks").response.get_json())
    jws.deserialize_compact(token, keys.get_by_kid(parts(token)[0]["kid"]), algorithms=["RS256"])


def anna(stand: Stand) -> Person:
    with stand.database.reading() as session:
        return session.exec(select(Person).where(col(Person.persona) == "anna")).one()


def test_the_answer_and_the_id_token(client: Client, stand: Stand) -> None:
    """OpenID Connect Core 2 and 3.1.3.3: signed by a named key, for this client, with the nonce and `at_hash`."""
    stand.clock.freeze(True)
    body = client.tokens()
    assert set(body) == {"access_token", "token_type", "expires_in", "id_token", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "openid profile")
    verified(client, body["id_token"])
    verified(client, body["access_token"])
    header, claims = parts(body["id_token"])
    now = int(stand.clock.now().timestamp())
    with stand.database.reading() as session:
        signed_in = session.exec(select(GosuslugiSession)).one()
    digest = hashlib.sha256(body["access_token"].encode()).digest()
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert claims == {
        "iss": client.issuer,
        "sub": str(anna(stand).oid),
        "aud": client.mnemonic,
        "exp": now + 3600,
        "iat": now,
        "auth_time": int(signed_in.authenticated_at.timestamp()),
        "nonce": "the-nonce",
        "at_hash": base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
        "acr": "https://refeds.org/profile/mfa",
        "amr": ["pwd", "sms", "mfa"],
        "sid": signed_in.sid,
    }


def test_one_factor_and_no_nonce_are_told_as_they_are(client: Client) -> None:
    """S-10: a client can tell them apart."""
    claims = parts(client.tokens(second_factor=None, nonce=None)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("https://refeds.org/profile/sfa", ["pwd"])
    assert "nonce" not in claims


def test_the_secret_may_come_in_the_form(client: Client) -> None:
    """`client_secret_post`."""
    code = client.back()["code"]
    body = client.call(code, headers={}, client_id=client.mnemonic, client_secret=SECRET).response.get_json()
    assert body["id_token"]


REFUSED_CLIENTS: list[Any] = [
    pytest.param(basic("ORDINARY_36", "x" * 40), {}, id="wrong-secret"),
    pytest.param(basic("NOBODY_36", SECRET), {}, id="unknown-client"),
    pytest.param({}, {}, id="nothing-shown"),
    pytest.param({}, {"client_id": "ORDINARY_36"}, id="no-secret"),
    pytest.param({"Authorization": "Basic !!!"}, {}, id="not-base64"),
    pytest.param({"Authorization": "Basic " + base64.b64encode(b"no-colon").decode()}, {}, id="no-colon"),
    pytest.param({"Authorization": "Bearer x"}, {}, id="another-scheme"),
]


@pytest.mark.parametrize(("headers", "form"), REFUSED_CLIENTS)
def test_a_client_that_is_not_known_gets_nothing(headers: dict[str, str], form: dict[str, str], client: Client) -> None:
    """S-21: 401 with the scheme, always in the same words, and the code stays good."""
    code = client.back()["code"]
    page = client.call(code, status=401, headers=headers, **form)
    assert page.response.get_json() == {
        "error": "invalid_client",
        "error_description": "The client could not be authenticated.",
    }
    assert page.response.headers["WWW-Authenticate"].startswith("Basic ")
    assert page.response.headers["Cache-Control"] == "no-store"
    client.call(code)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"client_id": "ORDINARY_36", "client_secret": SECRET}, "invalid_request", id="two-ways-at-once"),
        pytest.param({"client_id": "OTHER_36"}, "invalid_request", id="two-clients"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="S-01-password"),
        pytest.param({"grant_type": "refresh_token"}, "unsupported_grant_type", id="refresh"),
        pytest.param({"grant_type": None}, "invalid_request", id="no-grant"),
        pytest.param({"code": None}, "invalid_request", id="no-code"),
        pytest.param({"code": "unknown"}, "invalid_grant", id="unknown-code"),
        pytest.param({"redirect_uri": None}, "invalid_request", id="no-address"),
        pytest.param({"redirect_uri": CALLBACK + "/"}, "invalid_grant", id="S-20-another-address"),
        pytest.param({"code_verifier": None}, "invalid_request", id="S-02-no-verifier"),
        pytest.param({"code_verifier": "w" * 64}, "invalid_grant", id="S-02-wrong-verifier"),
    ],
)
def test_a_wrong_call_is_refused_and_spends_nothing(changes: dict[str, str | None], error: str, client: Client) -> None:
    code = client.back()["code"]
    body = client.call(code, status=400, **changes).response.get_json()
    assert body["error"] == error
    assert "ESIA" not in body["error_description"]
    client.call(code)


def test_parameters_in_the_address_do_not_count(client: Client) -> None:
    """A secret in an address would end in logs."""
    code = client.back()["code"]
    address = f"{TOKEN}?client_id={client.mnemonic}&client_secret={SECRET}&grant_type=authorization_code&code={code}"
    assert client.desk.browser.post(address, {"csrf_token": ""}, status=401).response.get_json()["error"]


def test_a_code_is_good_for_a_minute(client: Client, stand: Stand) -> None:
    """S-19: 60 s, not ESIA's 240."""
    stand.clock.freeze(True)
    code = client.back()["code"]
    stand.clock.advance(timedelta(seconds=60))
    assert client.call(code, status=400).response.get_json()["error"] == "invalid_grant"


def test_a_code_that_comes_again_takes_back_what_it_gave(client: Client) -> None:
    """S-19."""
    code = client.back()["code"]
    access = client.call(code).response.get_json()["access_token"]
    client.userinfo(access)
    assert client.call(code, status=400).response.get_json()["error"] == "invalid_grant"
    client.userinfo(access, 401)


def test_a_code_is_good_only_for_its_client_and_its_wire(
    client: Client, make_client: MakeClient, desk: Desk, portal: V1Client, stand: Stand
) -> None:
    """S-20: another client's, or one that was asked for on ESIA's paths, and the other way round."""
    code = client.back()["code"]
    other = make_client("OTHER_36", redirect_hosts=[CALLBACK])
    assert other.call(code, status=400).response.get_json()["error"] == "invalid_grant"
    of_esia = desk.code(portal)
    with stand.database.reading() as session:
        from sandbox_idp.scenarios.models import StandState

        secret = session.get_one(StandState, 1).portal_openid_secret or ""
    form = {
        "grant_type": "authorization_code",
        "code": of_esia,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
        "csrf_token": "",
    }
    page = desk.browser.post(TOKEN, form, status=400, headers=basic("PORTAL_DEMO", secret))
    assert page.response.get_json()["error"] == "invalid_grant"
    assert desk.call(portal.exchange(of_esia, stand.clock.now()))["id_token"]


# Person data


def test_the_claims_follow_the_scopes(client: Client, stand: Stand) -> None:
    """S-66, S-09: `sub` is the id token's."""
    body = client.tokens(scope="openid profile email phone address snils inn")
    claims = client.userinfo(body["access_token"]).response.get_json()
    assert claims["sub"] == parts(body["id_token"])[1]["sub"]
    assert (claims["family_name"], claims["given_name"], claims["middle_name"]) == ("Лесная", "Анна", "Сергеевна")
    assert claims["name"] == "Лесная Анна Сергеевна"
    assert claims["birthdate"] == anna(stand).birth_date.isoformat()
    assert claims["gender"] == "female"
    assert claims["snils"] == "000-100-101 10"
    assert claims["trusted"] is True
    assert claims["phone_number"] == "+70001000001"
    assert claims["phone_number_verified"] is True
    assert "@" in claims["email"]
    assert set(claims["address"]) >= {"formatted", "locality", "country"}


def test_what_was_withheld_or_not_asked_for_does_not_come(client: Client) -> None:
    """S-66: each right for itself, and the answer tells what was granted."""
    body = client.tokens(scope="openid profile email", without=("birthdate", "email"))
    assert body["scope"] == "openid profile"
    claims = client.userinfo(body["access_token"]).response.get_json()
    assert "family_name" in claims
    assert not {"birthdate", "email", "phone_number", "snils", "inn", "address"} & set(claims)


def test_userinfo_takes_a_post_and_refuses_what_is_no_token(client: Client) -> None:
    """RFC 6750, section 3: no error code where no token came."""
    access = client.tokens()["access_token"]
    sent = {"Authorization": f"Bearer {access}"}
    assert client.desk.browser.post("/oauth2/userinfo", {"csrf_token": ""}, 200, headers=sent).response.get_json()[
        "sub"
    ]
    refused = client.userinfo("nonsense", 401).response.headers["WWW-Authenticate"]
    assert refused.startswith("Bearer ")
    assert 'error="invalid_token"' in refused
    assert "error" not in client.desk.browser.get("/oauth2/userinfo", 401).response.headers["WWW-Authenticate"]


# Discovery and keys


def test_the_documents_issuer_is_its_own_address(client: Client, stand: Stand) -> None:
    """OpenID Connect Discovery 4.3; and everything that it names answers."""
    body = client.desk.browser.get("/.well-known/openid-configuration").response.get_json()
    assert body["issuer"] == stand.idp_url
    assert f"{body['issuer']}/.well-known/openid-configuration" == f"{stand.idp_url}/.well-known/openid-configuration"
    assert body["code_challenge_methods_supported"] == ["S256"]
    assert body["authorization_response_iss_parameter_supported"] is True
    assert client.desk.browser.get(body["authorization_endpoint"], 400).screen == "esia-error"
    assert client.desk.browser.post(body["token_endpoint"], {"csrf_token": ""}, status=401).response.get_json()["error"]
    client.desk.browser.get(body["userinfo_endpoint"], 401)
    assert client.desk.browser.get(body["jwks_uri"]).response.get_json()["keys"]
    assert client.desk.browser.get(body["end_session_endpoint"]).screen == "logged-out"
    assert len([name for name in body if name.endswith("_endpoint")]) == 4


def test_keys_rotate_without_a_restart(client: Client, stand: Stand) -> None:
    """S-12: the new key signs at once, what the old one has signed can still be verified."""
    before = client.tokens()["id_token"]
    with stand.database.writing() as session:
        new = signing_keys.rotate(session, now=stand.clock.now(), ids=stand.ids)
    after = client.tokens(prompt="consent")["id_token"]
    assert parts(after)[0]["kid"] == new.kid != parts(before)[0]["kid"]
    verified(client, before)
    verified(client, after)
