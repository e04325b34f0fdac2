"""What an id token and an access token must pass: every refusal, and that nothing more is asked after it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.esia import errors
from portal.esia.client import EsiaClient
from portal.esia.tokens import Tokens
from tests.portal.conftest import NOON
from tests.portal.fake_esia import FakeEsia, b64, json_answer, jwk, key_pem, rsa_key

MakeClient = Callable[..., EsiaClient]
EARLIER = int((NOON - timedelta(minutes=3)).timestamp())
LATER = int((NOON + timedelta(minutes=3)).timestamp())


def redeem(client: EsiaClient, esia: FakeEsia, **parameters: Any) -> Tokens:
    return client.redeem(
        code=parameters.pop("code", None) or esia.code(),
        redirect_uri="http://localhost:8000/login/callback",
        started_at=parameters.pop("started_at", NOON),
        **parameters,
    )


def refused(make_client: MakeClient, esia: FakeEsia, kind: type[errors.EsiaError], **changes: Any) -> errors.EsiaError:
    """The exchange ends with exactly this error, after the token call (and the keys at most)."""
    with pytest.raises(errors.EsiaError) as caught:
        redeem(make_client(**changes), esia)
    assert type(caught.value) is kind, repr(caught.value)
    assert set(esia.calls) <= {"POST /aas/oauth2/te", "GET /oauth2/jwks"}
    assert esia.calls.count("POST /aas/oauth2/te") == 1
    return caught.value


def test_an_honest_exchange_gives_person_rights_and_session(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-13: printing the tokens shows no token."""
    tokens = redeem(make_client(), esia)
    assert tokens.subject == "1000000101"
    assert tokens.issuer == "http://esia.gosuslugi.ru/"
    assert tokens.scopes == ("openid", "fullname", "snils", "contacts")
    assert tokens.sid == "fd0b5333-1111-2222-3333-444455556666"
    assert tokens.access_expires_at == NOON + timedelta(hours=1)
    assert tokens.access not in repr(tokens)


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        pytest.param({"iss": "http://esia.gosuslugi.ru"}, errors.WrongIssuer, id="S-05-no-slash"),
        pytest.param({"iss": "https://esia.gosuslugi.ru/"}, errors.WrongIssuer, id="S-05-https"),
        pytest.param({"iss": None}, errors.MissingClaim, id="S-05-absent"),
        pytest.param({"iss": ["http://esia.gosuslugi.ru/"]}, errors.MissingClaim, id="S-05-list"),
        pytest.param({"aud": "OTHER"}, errors.WrongAudience, id="S-06-other"),
        pytest.param({"aud": None}, errors.MissingClaim, id="S-06-absent"),
        pytest.param({"aud": []}, errors.MissingClaim, id="S-06-empty"),
        pytest.param({"aud": ["PORTAL_DEMO", "OTHER"]}, errors.WrongAudience, id="S-06-several-without-azp"),
        pytest.param({"aud": "PORTAL_DEMO", "azp": "OTHER"}, errors.WrongAudience, id="S-06-azp"),
        pytest.param({"exp": EARLIER}, errors.Expired, id="S-08-expired"),
        pytest.param({"exp": None}, errors.MissingClaim, id="S-08-no-exp"),
        pytest.param({"exp": "soon"}, errors.MissingClaim, id="S-08-exp-text"),
        pytest.param({"exp": True}, errors.MissingClaim, id="S-08-exp-boolean"),
        pytest.param({"nbf": LATER}, errors.NotYetValid, id="S-08-nbf"),
        pytest.param({"iat": LATER}, errors.NotYetValid, id="S-08-iat-ahead"),
        pytest.param({"iat": None}, errors.MissingClaim, id="S-08-no-iat"),
        pytest.param({"iat": EARLIER}, errors.IssuedBeforeStart, id="S-04-older-than-this-sign-in"),
        pytest.param({"nonce": "never sent"}, errors.WrongNonce, id="S-04-nonce"),
        pytest.param({"sub": None}, errors.MissingClaim, id="S-09-no-sub"),
        pytest.param({"sub": "../../orgs/1"}, errors.MissingClaim, id="S-09-sub-with-a-path"),
        pytest.param({"sub": True}, errors.MissingClaim, id="S-09-sub-boolean"),
        pytest.param({"sub": 1000000102}, errors.SubjectMismatch, id="S-09-another-person"),
        pytest.param({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, errors.WrongAccessTokenHash, id="at-hash"),
        pytest.param({"at_hash": "\udcff"}, errors.WrongAccessTokenHash, id="at-hash-not-text"),
        pytest.param({"acr": None}, errors.SecondFactorMissing, id="S-10-no-acr"),
        pytest.param({"acr": {}}, errors.SecondFactorMissing, id="S-10-empty-acr"),
        pytest.param({"acr": {"2fa": ""}}, errors.SecondFactorMissing, id="S-10-empty-factor"),
        pytest.param({"acr": "2fa"}, errors.SecondFactorMissing, id="S-10-acr-text"),
    ],
)
def test_an_id_token_with_a_wrong_claim_is_refused(
    claims: dict[str, Any], kind: type[errors.EsiaError], make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-04…S-10: one claim off, one error of its own, no call for person data."""
    esia.id_claims = claims
    refused(make_client, esia, kind)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": ["PORTAL_DEMO"]}, id="S-06-list-of-one"),
        pytest.param({"aud": ["OTHER", "PORTAL_DEMO"], "azp": "PORTAL_DEMO"}, id="S-06-several-with-azp"),
        pytest.param({"nbf": None}, id="no-nbf"),
        pytest.param({"amr": "DS", "acr": None}, id="S-10-electronic-signature"),
        pytest.param({"amr": ["DS"], "acr": None}, id="S-10-electronic-signature-in-a-list"),
        pytest.param({"acr": {"2fa": "push"}}, id="S-10-push"),
    ],
)
def test_an_id_token_within_the_rules_is_accepted(
    claims: dict[str, Any], make_client: MakeClient, esia: FakeEsia
) -> None:
    """The checks refuse nothing that ESIA really sends."""
    esia.id_claims = claims
    assert redeem(make_client(), esia).subject == "1000000101"


def test_without_a_second_factor_a_token_that_says_nothing_passes_only_if_present_is_set(
    make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-10: `if-present` lets a token without `acr` pass, but not one whose `acr` names no second factor."""
    esia.id_claims = {"acr": None}
    assert redeem(make_client(second_factor="if-present"), esia)
    esia.calls.clear()
    esia.id_claims = {"acr": {"1fa": "pwd"}}
    refused(make_client, esia, errors.SecondFactorMissing, second_factor="if-present")


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        pytest.param({"urn:esia:sbj_id": 1000000102}, errors.SubjectMismatch, id="S-09-another-person"),
        pytest.param({"urn:esia:sbj_id": None}, errors.MissingClaim, id="S-09-nobody"),
        pytest.param({"client_id": "OTHER"}, errors.WrongAudience, id="S-06-another-system"),
        pytest.param({"client_id": None}, errors.MissingClaim, id="S-06-no-system"),
        pytest.param({"iss": "http://evil.test/"}, errors.WrongIssuer, id="S-05"),
        pytest.param({"exp": EARLIER}, errors.Expired, id="S-08"),
        pytest.param({"iat": EARLIER}, errors.IssuedBeforeStart, id="S-04"),
    ],
)
def test_an_access_token_with_a_wrong_claim_is_refused(
    claims: dict[str, Any], kind: type[errors.EsiaError], make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-09: the access token is checked as well, before it is used for anything."""
    esia.access_claims = claims
    refused(make_client, esia, kind)


@pytest.mark.parametrize("by", [timedelta(seconds=30), timedelta(seconds=-30)])
def test_clocks_that_differ_by_half_a_minute_do_no_harm(by: timedelta, make_client: MakeClient, esia: FakeEsia) -> None:
    """S-08: 60 s of skew are allowed."""
    esia.clock = ManualClock(NOON + by)
    assert redeem(make_client(), esia)


@pytest.mark.parametrize(
    ("by", "kind"),
    [(timedelta(minutes=10), errors.NotYetValid), (timedelta(minutes=-10), errors.IssuedBeforeStart)],
)
def test_clocks_that_differ_by_ten_minutes_are_refused_and_named(
    by: timedelta, kind: type[errors.EsiaError], make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-08: and the reason says that it is about time."""
    esia.clock = ManualClock(NOON + by)
    assert refused(make_client, esia, kind).reason


# Signature and header (S-07)


def with_id_token(esia: FakeEsia, value: Any) -> None:
    esia.token_members = {"id_token": value}


def unsigned(esia: FakeEsia, algorithm: str) -> str:
    _, body, _ = esia.id_token().split(".")
    header = {"ver": 0, "typ": "JWT", "sbt": "id", "alg": algorithm}
    return f"{b64(json.dumps(header).encode())}.{body}."


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_without_a_signature_is_refused(algorithm: str, make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07: `none` in every spelling; nothing is even asked for keys."""
    with_id_token(esia, unsigned(esia, algorithm))
    refused(make_client, esia, errors.UnwantedAlgorithm)
    assert "GET /oauth2/jwks" not in esia.calls


def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(
    make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-07: HS256 over the RSA key, the classic confusion."""
    _, body, _ = esia.id_token().split(".")
    text = f"{b64(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{body}"
    secret = json.dumps(jwk("esia")).encode()
    with_id_token(esia, f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}")
    refused(make_client, esia, errors.UnwantedAlgorithm)


@pytest.mark.parametrize("algorithm", ["HS256", "RS384", "PS256", "ES256", "GOST3410_2012_256", "rs256", 256])
def test_only_the_agreed_algorithm_is_accepted(algorithm: Any, make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07: an allow-list of one."""
    esia.id_header = {"alg": algorithm}
    refused(make_client, esia, errors.UnwantedAlgorithm)


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "http://evil.test/keys"},
        {"x5u": "http://evil.test/cert"},
        {"jwk": {"kty": "RSA"}},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_token_that_brings_its_own_key_is_refused(
    header: dict[str, Any], make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-07: the key comes from our settings, never from the token."""
    esia.id_header = header
    refused(make_client, esia, errors.UnwantedHeader)


def test_a_token_whose_own_jwk_fits_its_signature_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07: an attacker's key, shown in the header, verifies nothing here."""
    esia.signing = "attacker"
    esia.id_header = {"jwk": jwk("attacker")}
    refused(make_client, esia, errors.UnwantedHeader)


def test_a_signature_of_another_key_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07: and the key set was fetched once more before saying so (S-12)."""
    esia.signing = "attacker"
    refused(make_client, esia, errors.BadSignature)
    assert esia.calls.count("GET /oauth2/jwks") == 2


def test_an_access_token_of_another_key_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07, S-09: the access token's signature counts as well."""
    honest = esia.id_token()
    esia.signing = "attacker"
    with_id_token(esia, honest)
    assert refused(make_client, esia, errors.BadSignature).detail == "access"


def test_a_changed_byte_in_the_claims_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-07: the signature covers every byte."""
    head, body, signature = esia.id_token().split(".")
    with_id_token(esia, f"{head}.{body[:-2]}{'A' if body[-2] != 'A' else 'B'}{body[-1]}.{signature}")
    refused(make_client, esia, errors.BadSignature)


@pytest.mark.parametrize("value", ["x", "a.b", "a.b.c", "a.b.c.d", "..", "ы.ы.ы", "e30.e30.e30", "W10.e30.AAAA"])
def test_what_is_no_token_is_refused(value: str, make_client: MakeClient, esia: FakeEsia) -> None:
    """Garbage ends as garbage, not as a fault of ours."""
    with_id_token(esia, value)
    with pytest.raises(errors.Untrusted):
        redeem(make_client(), esia)


def test_an_access_token_in_the_place_of_the_id_token_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """The two kinds are signed with the same key; `sbt` tells them apart."""
    with_id_token(esia, esia.access_token())
    refused(make_client, esia, errors.WrongTokenKind)


# The token answer


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"id_token": None}, id="no-id-token"),
        pytest.param({"access_token": None}, id="no-access-token"),
        pytest.param({"id_token": 5}, id="id-token-a-number"),
        pytest.param({"token_type": None}, id="no-type"),
        pytest.param({"token_type": "mac"}, id="another-type"),
    ],
)
def test_a_token_answer_without_its_members_is_refused(
    members: dict[str, Any], make_client: MakeClient, esia: FakeEsia
) -> None:
    """Without a complete answer there is no session."""
    esia.token_members = members
    refused(make_client, esia, errors.Malformed)


def test_a_token_answer_that_echoes_another_state_is_refused(make_client: MakeClient, esia: FakeEsia) -> None:
    """The answer belongs to another exchange."""
    esia.token_members = {"state": "another"}
    refused(make_client, esia, errors.WrongState)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a":NaN}', b"\xff", b"[" * 100_000])
def test_a_token_answer_that_is_not_the_agreed_json_is_refused(
    body: bytes, make_client: MakeClient, esia: FakeEsia
) -> None:
    """Broken JSON under the right name."""
    esia.answer_with("/aas/oauth2/te", httpx2.Response(200, content=body, headers={"Content-Type": "application/json"}))
    refused(make_client, esia, errors.Malformed)


def test_a_code_of_another_system_is_not_even_shown_to_the_token_endpoint(
    make_client: MakeClient, esia: FakeEsia
) -> None:
    """S-06: ESIA's codes say whose they are."""
    with pytest.raises(errors.WrongAudience):
        redeem(make_client(), esia, code=esia.code(client_id="OTHER"))
    assert esia.calls == []


def test_a_code_that_is_no_token_is_sent_as_it_is(make_client: MakeClient, esia: FakeEsia) -> None:
    """A code is opaque; only what can be read in it is looked at."""
    assert redeem(make_client(), esia, code="opaque")
    assert redeem(make_client(), esia, code="a.b.c")


# Refusals of the token endpoint


@pytest.mark.parametrize(
    ("description", "error", "kind"),
    [
        ("ESIA-007011: The provided authorization grant is invalid", "invalid_grant", errors.CodeRefused),
        ("ESIA-007053: OAuthErrorEnum.clientSecretWrong", "access_denied", errors.Misconfigured),
        ("ESIA-007002: no certificate", "unauthorized_client", errors.Misconfigured),
        ("ESIA-007015: time", "invalid_request", errors.Misconfigured),
        ("ESIA-007019: OAuthErrorEnum.noGrants", "access_denied", errors.Misconfigured),
        ("ESIA-007007: unexpected", "server_error", errors.EsiaFailed),
        ("ESIA-007008: busy", "temporarily_unavailable", errors.EsiaWorks),
        ("", "invalid_grant", errors.CodeRefused),
        ("", "something <script>", errors.UnknownRefusal),
    ],
)
def test_an_error_of_the_token_endpoint_is_told_by_its_code(
    description: str, error: str, kind: type[errors.EsiaError], make_client: MakeClient, esia: FakeEsia
) -> None:
    """`docs/esia-protocol.md`: the code counts, the OAuth name only where there is no code."""
    esia.answer_with(
        "/aas/oauth2/te", json_answer({"error": error, "error_description": description, "state": "x"}, 400)
    )
    found = refused(make_client, esia, kind)
    assert "script" not in found.reason


def test_a_refusal_of_our_own_request_is_remembered_until_one_is_accepted(
    make_client: MakeClient, esia: FakeEsia
) -> None:
    """An operator's error is red on the readiness page and goes away by itself."""
    client = make_client()
    esia.answer_with(
        "/aas/oauth2/te", json_answer({"error": "access_denied", "error_description": "ESIA-007053: x"}, 400)
    )
    with pytest.raises(errors.Misconfigured):
        redeem(client, esia)
    assert client.health().misconfigured is not None
    assert "ESIA-007053" in client.health().misconfigured
    esia.answers.clear()
    redeem(client, esia)
    assert client.health().misconfigured is None


def test_key_material_for_tests_is_large_enough() -> None:
    """The small ESIA signs with keys that the portal accepts, so a refusal above is never about size."""
    assert rsa_key("esia").key_size == 2048
    assert key_pem("portal").startswith("-----BEGIN PRIVATE KEY-----")
