"""A sign-in at an OpenID provider, through the portal's own pages (S-01…S-17 in the profile `openid`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from portal.esia.openid.client import OpenIdClient
from tests.portal.conftest import NOON
from tests.portal.esia.openid.conftest import Visitor
from tests.portal.fake_esia import b64, json_answer
from tests.portal.fake_openid import CLIENT_ID, ISSUER, KEYS, METADATA, SECRET, SUBJECT, TOKEN, USERINFO
from tests.portal.sign_in.helpers import STILL_SIGNED_IN, is_neutral, is_signed_in, patients, sessions

EARLIER = int((NOON - timedelta(minutes=3)).timestamp())
LATER = int((NOON + timedelta(minutes=3)).timestamp())


def test_the_browser_is_sent_with_code_flow_pkce_nonce_and_state(visitor: Visitor) -> None:
    """S-01…S-04; an endpoint with a query of its own keeps it."""
    asked = visitor.begin()
    assert (asked["tenant"], asked["response_type"], asked["client_id"]) == ("1", "code", CLIENT_ID)
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["scope"] == "openid profile email phone address"
    assert len(asked["nonce"]) >= 43
    assert asked["redirect_uri"] == "http://localhost:8000/login/callback"
    again = visitor.begin()
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())


def test_a_sign_in_stores_the_person_and_opens_a_session(visitor: Visitor, portal_database: Database) -> None:
    """S-11, S-13; the secret goes in the header, form-encoded (RFC 6749, 2.3.1), and PKCE is honoured."""
    assert visitor.sign_in().location == "/loading"
    (patient,) = patients(portal_database)
    assert (patient.issuer, patient.subject) == (ISSUER, SUBJECT)
    assert (patient.surname, patient.name, patient.patronymic) == ("Ясенева", "Пётра", "Ильинична")
    assert (patient.birth_date, patient.snils, patient.level) == (date(1990, 2, 28), None, "simplified")
    (row,) = sessions(portal_database)
    assert row.scopes == ["openid", "fullname", "birthdate", "email", "contacts", "addresses"]
    assert row.sid == "the-sid"
    assert visitor.provider.basic() == f"{CLIENT_ID}:a%2Bsecret%2Fwith%3Asigns"
    assert SECRET not in visitor.provider.exchanged.content.decode()
    assert is_signed_in(visitor.browser)


def test_contacts_are_shown_and_what_only_esia_has_is_not_available_here(visitor: Visitor) -> None:
    """R-003: an item that this provider cannot have is not loading, not denied and not an error."""
    visitor.sign_in()
    page = visitor.browser.get("/loading")
    states = {str(item["data-part"]): item["data-state"] for item in page.soup.find_all("li", class_="item")}
    assert states == {
        "person": "ready",
        "contacts": "loading",
        "policy": "absent",
        "children": "absent",
        "child-documents": "absent",
    }
    assert "Здесь недоступно" in page.words
    visitor.browser.get("/loading/all", 303)
    asked = list(visitor.provider.calls)
    assert "Ясенева" in visitor.browser.get("/home").words
    contacts = visitor.browser.get("/parts/contacts")
    assert "petra@pochta.example" in contacts.words
    assert "г Тверь, ул Липовая, 3" in contacts.words
    for name in ("policy", "children"):
        assert "Здесь недоступно" in visitor.browser.get(f"/parts/{name}").words
    assert "Здесь недоступно" in visitor.browser.get("/loading/child-documents").words
    assert visitor.provider.calls == asked, "nothing is asked for what is not there"


REFUSED: list[Any] = [
    pytest.param({"iss": ISSUER + "/"}, id="S-05-slash"),
    pytest.param({"iss": None}, id="S-05-absent"),
    pytest.param({"aud": "other"}, id="S-06-other"),
    pytest.param({"aud": [CLIENT_ID, "other"]}, id="S-06-several-without-azp"),
    pytest.param({"aud": [CLIENT_ID, "other"], "azp": "other"}, id="S-06-azp"),
    pytest.param({"exp": EARLIER}, id="S-08-expired"),
    pytest.param({"iat": LATER}, id="S-08-ahead"),
    pytest.param({"iat": None}, id="S-08-no-iat"),
    pytest.param({"nbf": LATER}, id="S-08-nbf"),
    pytest.param({"nonce": "another"}, id="S-04-wrong-nonce"),
    pytest.param({"nonce": None}, id="S-04-no-nonce"),
    pytest.param({"sub": None}, id="S-09-no-sub"),
    pytest.param({"sub": 7}, id="S-09-number"),
    pytest.param({"sub": "x" * 256}, id="S-09-long"),
    pytest.param({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, id="wrong-at-hash"),
    pytest.param({"auth_time": LATER}, id="S-10-auth-time"),
]


@pytest.mark.parametrize("claims", REFUSED)
def test_an_id_token_that_must_not_be_trusted(
    claims: dict[str, Any], visitor: Visitor, portal_database: Database
) -> None:
    """Group E: one neutral screen, no session, no call for the person."""
    visitor.provider.id_claims = claims
    is_neutral(visitor.sign_in(400))
    assert not is_signed_in(visitor.browser)
    assert f"GET {USERINFO}" not in visitor.provider.calls
    assert patients(portal_database) == []


@pytest.mark.parametrize("methods", [["pwd"], None, "otp"])
def test_a_sign_in_without_a_second_factor(methods: Any, visitor: Visitor, portal_database: Database) -> None:
    """S-10: `amr` tells of none, or not as a list: the page says which step is missing; no session, no call."""
    visitor.provider.id_claims = {"amr": methods}
    assert visitor.sign_in(403).screen == "second-factor-missing"
    assert not is_signed_in(visitor.browser)
    assert f"GET {USERINFO}" not in visitor.provider.calls
    assert patients(portal_database) == []


@pytest.mark.parametrize(
    ("header", "signing"),
    [
        pytest.param({"alg": "none"}, "esia", id="S-07-none"),
        pytest.param({"alg": "HS256"}, "esia", id="S-07-hs256"),
        pytest.param({"jku": "https://evil.test/keys"}, "esia", id="S-07-jku"),
        pytest.param({}, "attacker", id="S-07-unknown-kid"),
        pytest.param({"kid": "esia"}, "attacker", id="S-07-kid-of-another-key"),
        pytest.param({"kid": 5}, "esia", id="S-07-kid-a-number"),
        pytest.param({"kid": None}, "attacker", id="S-07-no-kid"),
    ],
)
def test_a_signature_that_must_not_be_trusted(header: dict[str, Any], signing: str, visitor: Visitor) -> None:
    visitor.provider.id_header, visitor.provider.signing = header, signing
    is_neutral(visitor.sign_in(400))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID},
        {"at_hash": None},
        {"auth_time": None},
        {"amr": None, "acr": "https://refeds.org/profile/mfa"},
        {"amr": ["pwd", "mfa"]},
    ],
)
def test_an_id_token_within_the_rules(claims: dict[str, Any], visitor: Visitor) -> None:
    visitor.provider.id_claims = claims
    assert visitor.sign_in().location == "/loading"


def test_a_token_without_a_kid_is_tried_with_each_key(visitor: Visitor) -> None:
    visitor.provider.id_header = {"kid": None}
    visitor.provider.key_set = ["attacker", "esia"]
    assert visitor.sign_in().location == "/loading"


@pytest.mark.parametrize("issuer", [None, "", ISSUER + "/", "https://evil.test"])
def test_a_return_of_another_provider_is_refused_before_any_call(issuer: str | None, visitor: Visitor) -> None:
    """S-05: mix-up (RFC 9207); this provider says that it always names itself."""
    visitor.begin()
    is_neutral(visitor.come_back(400, iss=issuer))
    assert f"POST {TOKEN}" not in visitor.provider.calls


def test_a_provider_that_does_not_promise_it_may_leave_the_issuer_out(visitor: Visitor) -> None:
    visitor.provider.metadata = {"authorization_response_iss_parameter_supported": None}
    visitor.begin()
    assert visitor.come_back(iss=None).location == "/loading"


def test_person_data_of_somebody_else_are_refused(visitor: Visitor, portal_database: Database) -> None:
    """S-09: userinfo `sub` is the id token's."""
    visitor.provider.person["sub"] = "somebody-else"
    is_neutral(visitor.sign_in(400))
    assert patients(portal_database) == []


@pytest.mark.parametrize(
    ("path", "answer", "screen", "status"),
    [
        pytest.param(TOKEN, json_answer({"error": "invalid_client"}, 401), "misconfigured", 502, id="client"),
        pytest.param(TOKEN, json_answer({"error": "invalid_grant"}, 400), "sign-in-stale", 400, id="code"),
        pytest.param(TOKEN, httpx2.Response(500), "gosuslugi-failed", 502, id="token-500"),
        pytest.param(TOKEN, httpx2.ReadTimeout("x"), "gosuslugi-silent", 504, id="token-hang"),
        pytest.param(USERINFO, httpx2.Response(500), "gosuslugi-failed", 502, id="userinfo-500"),
        pytest.param(USERINFO, httpx2.Response(403), "gosuslugi-failed", 502, id="userinfo-403"),
        pytest.param(KEYS, httpx2.Response(500), "sign-in-failed", 400, id="jwks-down"),
        pytest.param(KEYS, json_answer({"keys": []}), "sign-in-failed", 400, id="jwks-empty"),
    ],
)
def test_what_fails_at_the_provider_has_the_same_screens(
    path: str, answer: Any, screen: str, status: int, visitor: Visitor
) -> None:
    """R-030, group D and E."""
    visitor.provider.answers[path] = answer if isinstance(answer, Exception) else lambda _request: answer
    page = visitor.sign_in(status)
    assert page.screen == screen
    assert not is_signed_in(visitor.browser)


def test_refusing_the_rights_is_told_in_the_standards_words(visitor: Visitor) -> None:
    visitor.begin()
    assert visitor.come_back(403, code=None, error="access_denied").screen == "consent-denied"


# Metadata and keys


def test_an_outage_of_the_description_stops_nobody_once_it_is_known(visitor: Visitor, clock: ManualClock) -> None:
    """S-12; the check before a sign-in asks the same address, so only that says so first."""
    visitor.sign_in()
    clock.advance(timedelta(minutes=11))
    asked = iter([json_answer(visitor.provider.document())])
    visitor.provider.answers[METADATA] = lambda _request: next(asked, httpx2.Response(500))
    assert visitor.sign_in().location == "/loading"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ISSUER + "/"},
        {"issuer": None},
        {"jwks_uri": None},
        {"userinfo_endpoint": None},
        {"token_endpoint": "http://id.test/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "https://user@id.test/token"},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
def test_a_description_that_does_not_agree_is_not_believed(
    changes: dict[str, Any], visitor: Visitor, clock: ManualClock
) -> None:
    """S-05: `issuer` character by character, nothing over plain http; also when it was all right before."""
    visitor.provider.metadata = changes
    is_neutral(visitor.browser.get("/login", 400))
    visitor.provider.metadata = {}
    visitor.begin()
    clock.advance(timedelta(minutes=11))
    visitor.provider.metadata = changes
    is_neutral(visitor.browser.get("/login", 400))


def test_the_description_is_kept_and_the_silent_provider_is_told_before(
    make_openid: Callable[..., OpenIdClient], visitor: Visitor, clock: ManualClock
) -> None:
    for _ in range(3):
        visitor.begin()
    # One for the check before the sign-in (kept for five seconds), one for the endpoints.
    assert visitor.provider.calls == [f"GET {METADATA}"] * 2
    clock.advance(timedelta(seconds=6))
    visitor.provider.answers[METADATA] = httpx2.ConnectError("refused")
    assert visitor.browser.get("/login", 504).screen == "gosuslugi-silent"


def test_a_rotation_needs_no_restart_and_forged_kids_no_flood(visitor: Visitor) -> None:
    """S-12: an unknown `kid` has the set fetched, five times a minute at most; a known one never."""
    visitor.sign_in()
    visitor.provider.signing, visitor.provider.key_set = "rotated", ["rotated", "esia"]
    assert visitor.sign_in().location == "/loading"
    assert visitor.provider.calls.count(f"GET {KEYS}") == 2
    visitor.provider.id_header = {"kid": "rotated"}
    visitor.provider.signing = "attacker"
    is_neutral(visitor.sign_in(400), STILL_SIGNED_IN)
    assert visitor.provider.calls.count(f"GET {KEYS}") == 2
    for number in range(8):
        visitor.provider.id_header = {"kid": f"forged-{number}"}
        is_neutral(visitor.sign_in(400), STILL_SIGNED_IN)
    assert visitor.provider.calls.count(f"GET {KEYS}") == 6


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(visitor: Visitor) -> None:
    visitor.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert visitor.sign_in().location == "/loading"
    assert visitor.provider.exchanged is not None
    assert "Authorization" not in visitor.provider.exchanged.headers
    assert b"client_secret=a%2Bsecret" in visitor.provider.exchanged.content


# The way out


@pytest.mark.parametrize("has_one", [True, False])
def test_the_way_out_goes_through_the_provider_if_it_has_one(has_one: bool, visitor: Visitor) -> None:
    """S-46, S-52: and the form may lead there."""
    visitor.provider.metadata = {} if has_one else {"end_session_endpoint": None}
    visitor.sign_in()
    page = visitor.browser.get("/home")
    assert "form-action 'self' https://id.test;" in page.response.headers["Content-Security-Policy"]
    left = visitor.browser.post("/logout")
    if has_one:
        assert left.location.startswith("https://id.test/leave?")
        assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fsigned-out" in left.location
    else:
        assert left.location == "/signed-out?only=portal"
    assert not is_signed_in(visitor.browser)


def test_no_secret_reaches_browser_or_log(visitor: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    """S-13, S-62."""
    asked = visitor.begin()
    page = visitor.come_back()
    logged = "".join(capsys.readouterr())
    assert "signed_in" in logged
    for secret in ("an-opaque-access-token", SECRET, asked["nonce"], asked["state"], "the-code", SUBJECT, "Ясенева"):
        assert secret not in logged
        assert secret not in str(page.response.headers) + page.text
    assert b64(SECRET.encode()) not in logged
