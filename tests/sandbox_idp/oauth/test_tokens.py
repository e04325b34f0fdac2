"""Codes and tokens on the wire: members, their order, lifetimes, single use (S-19, S-20, S-24)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlmodel import select

from foundation.database import Database
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import access
from sandbox_idp.context import Stand
from sandbox_idp.oauth import signing_keys
from sandbox_idp.oauth.models import AuthorizationCode, IssuedToken
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point, ResponseDraft, TokenDraft
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.esia_client import V1Client, address, jwt_parts
from tests.pages import PageClient
from tests.sandbox_idp.oauth.conftest import AC, TE, Desk, query

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def oid_of(stand: Stand, persona: str) -> int:
    with stand.database.reading() as session:
        return session.exec(select(Person).where(Person.persona == persona)).one().oid


def me(desk: Desk, access_token: str, oid: int) -> int:
    """The status of a call for the person."""
    path = f"{desk.stand.prefix}/rs/prns/{oid}"
    headers = {"Authorization": f"Bearer {access_token}"}
    return desk.browser.client.get(path, base_url=desk.browser.base_url, headers=headers).status_code


def test_the_answer_has_esias_members_in_esias_order(desk: Desk, portal: V1Client) -> None:
    params = portal.exchange(desk.code(portal), desk.stand.clock.now())
    body = desk.call(params)
    assert list(body) == ["access_token", "refresh_token", "id_token", "state", "token_type", "expires_in"]
    assert body["expires_in"] == 3600
    assert isinstance(body["expires_in"], int)
    assert body["token_type"] == "Bearer"
    assert body["state"] == params["state"]
    assert len(body["refresh_token"]) == 36


def test_the_code(desk: Desk, portal: V1Client, stand: Stand) -> None:
    stand.clock.freeze(True)
    request_id = desk.ask(portal, state="7497a6ec-6085-4722-9b35-367ab2139b6a")
    sid = desk.sign_in(request_id)
    location = desk.press(request_id).location
    assert location.startswith(portal.redirect_uri + "?code=")
    answered = query(location)
    assert list(answered) == ["code", "state"]
    assert answered["state"] == "7497a6ec-6085-4722-9b35-367ab2139b6a"
    header, claims = jwt_parts(answered["code"])
    oid, now = oid_of(stand, "anna"), int(stand.clock.now().timestamp())
    assert list(header.items()) == [("ver", 1), ("typ", "JWT"), ("sbt", "authorization_code"), ("alg", "RS256")]
    assert list(claims) == [
        "nbf", "scope", "auth_time", "iss", "urn:esia:sid", "urn:esia:client:state", "auth_mthd", "urn:esia:sbj",
        "exp", "iat", "params", "client_id", "acr", "jti",
    ]  # fmt: skip
    assert claims["nbf"] == claims["iat"] == claims["auth_time"] == now
    assert claims["exp"] == now + 240
    assert claims["iss"] == "http://esia.gosuslugi.ru/"
    assert claims["urn:esia:sid"] == sid
    assert claims["urn:esia:client:state"] == answered["state"]
    assert claims["auth_mthd"] == "PWD"
    assert claims["client_id"] == "PORTAL_DEMO"
    assert claims["params"] == {"remote_ip": "127.0.0.2", "user_agent": "Browser of a test"}
    assert claims["acr"] == {"2fa": "otp"}
    assert claims["urn:esia:sbj"] == {
        "urn:esia:sbj:lvl": "PR",
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:is_tru": True,
        "urn:esia:sbj:oid": oid,
        "urn:esia:sbj:nam": f"OID.{oid}",
        "urn:esia:sbj:eid": oid,
    }
    scopes = claims["scope"].split()
    assert scopes[0] == "openid"
    assert set(scopes[1:]) == {f"{scope}?oid={oid}" for scope in portal.scope.split()[1:]}


def test_the_access_token(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """Quirk 8; S-10 for `acr`."""
    header, claims = jwt_parts(desk.tokens(portal)["access_token"])
    oid = oid_of(stand, "anna")
    assert list(header.items()) == [("ver", 1), ("typ", "JWT"), ("sbt", "access"), ("alg", "RS256")]
    assert list(claims) == [
        "nbf", "scope", "iss", "urn:esia:sid", "urn:esia:sbj_id", "exp", "iat", "client_id", "acr", "jti"
    ]  # fmt: skip
    assert claims["urn:esia:sbj_id"] == oid
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["acr"] == {"2fa": "otp"}
    assert f" snils?oid={oid} " in f" {claims['scope']} "


def test_the_id_token(desk: Desk, portal: V1Client, stand: Stand) -> None:
    header, claims = jwt_parts(desk.tokens(portal)["id_token"])
    oid = oid_of(stand, "anna")
    assert list(header.items()) == [("ver", 0), ("typ", "JWT"), ("sbt", "id"), ("alg", "RS256")]
    assert list(claims) == [
        "aud", "sub", "nbf", "amr", "urn:esia:amd", "auth_time", "iss", "urn:esia:sid", "urn:esia:sbj", "exp", "iat",
        "acr",
    ]  # fmt: skip
    assert claims["aud"] == "PORTAL_DEMO"
    assert claims["sub"] == oid
    assert claims["amr"] == claims["urn:esia:amd"] == "PWD"
    assert claims["exp"] - claims["iat"] == 10800
    assert claims["urn:esia:sbj"]["urn:esia:sbj:oid"] == oid
    assert "urn:esia:sbj:eid" not in claims["urn:esia:sbj"]


@pytest.mark.parametrize("persona", ["maria", "igor"])
def test_an_account_that_is_not_confirmed_has_no_is_tru(desk: Desk, portal: V1Client, persona: str) -> None:
    """Levels: `lvl` P, and `is_tru` is absent, not false."""
    subject = jwt_parts(desk.tokens(portal, persona=persona)["id_token"])[1]["urn:esia:sbj"]
    assert subject["urn:esia:sbj:lvl"] == "P"
    assert "urn:esia:sbj:is_tru" not in subject


def test_a_sign_in_with_one_factor_has_no_acr(desk: Desk, portal: V1Client) -> None:
    """S-10."""
    request_id = desk.ask(portal)
    desk.sign_in(request_id, second_factor=None)
    code = query(desk.press(request_id).location)["code"]
    body = desk.call(portal.exchange(code, desk.stand.clock.now()))
    for token in (code, body["access_token"], body["id_token"]):
        assert "acr" not in jwt_parts(token)[1]


def test_a_nonce_comes_back_only_if_it_was_sent(desk: Desk, portal: V1Client) -> None:
    """S-04 in the ESIA profiles."""
    assert "nonce" not in jwt_parts(desk.tokens(portal)["id_token"])[1]
    assert jwt_parts(desk.tokens(portal, nonce="n-0S6", prompt="consent")["id_token"])[1]["nonce"] == "n-0S6"


def test_a_card_may_ask_for_a_sub_that_is_text(desk: Desk, register: Callable[..., V1Client], stand: Stand) -> None:
    claims = jwt_parts(desk.tokens(register(integer_sub=False))["id_token"])[1]
    assert claims["sub"] == str(oid_of(stand, "anna"))
    assert claims["urn:esia:sbj"]["urn:esia:sbj:oid"] == oid_of(stand, "anna")


def test_all_three_verify_with_the_published_keys(desk: Desk, portal: V1Client) -> None:
    """S-07: no `kid`, so each published key is tried."""
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, desk.stand.clock.now()))
    keys = KeySet.import_key_set(desk.browser.get("/oauth2/jwks").response.get_json())
    registry = jws.JWSRegistry(strict_check_header=False)
    for token in (code, body["access_token"], body["id_token"]):
        jws.deserialize_compact(token, keys.keys[0], registry=registry)


def test_two_sign_ins_of_one_second_get_different_codes_and_tokens(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """RS256 gives the same bytes for the same claims; rows are found by hash and must not meet."""
    stand.clock.freeze(True)
    request_id = desk.ask(portal, state="same")
    sid = desk.sign_in(request_id)
    codes = {query(desk.press(request_id).location)["code"]}
    other = desk.ask(portal, state="same again")
    with stand.database.writing() as session:
        from sandbox_idp.oauth.requests import attach_session

        attach_session(session, other, sid)
    codes.add(query(desk.browser.get(desk.consent(other), 302).location)["code"])
    assert len(codes) == 2
    tokens = {desk.call(portal.exchange(code, stand.clock.now()))["access_token"] for code in codes}
    assert len(tokens) == 2


@pytest.mark.parametrize(
    ("scope", "refused"), [("openid wallet", "ESIA-007006"), ("openid military_doc", "ESIA-007019")]
)
def test_the_scope_of_a_token_request_is_one_of_the_card(
    desk: Desk, portal: V1Client, scope: str, refused: str
) -> None:
    """S-22: also where the signature over it is right; the code is not spent."""
    code = desk.code(portal)
    answer = desk.call(replace(portal, scope=scope).exchange(code, desk.stand.clock.now()), 400)
    assert refused in answer["error_description"]
    assert "access_token" in desk.call(portal.exchange(code, desk.stand.clock.now()))


def test_the_scope_of_the_tokens_is_that_of_the_code(desk: Desk, portal: V1Client) -> None:
    """Quirk 3: `scope=openid` in the token request, signed as it was sent."""
    code = desk.code(portal)
    body = desk.call(replace(portal, scope="openid").exchange(code, desk.stand.clock.now()))
    assert "medical_doc?oid=" in jwt_parts(body["access_token"])[1]["scope"]


def test_a_code_is_worth_nothing_the_second_time_and_takes_back_its_tokens(
    desk: Desk, portal: V1Client, stand: Stand
) -> None:
    """S-19."""
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, stand.clock.now()))
    oid = oid_of(stand, "anna")
    assert me(desk, body["access_token"], oid) == 200
    again = desk.call(portal.exchange(code, stand.clock.now()), 400)
    assert again["error"] == "invalid_grant"
    assert again["error_description"].startswith("ESIA-007011: ")
    assert me(desk, body["access_token"], oid) == 401
    assert desk.call(portal.refresh(body["refresh_token"], stand.clock.now()), 400)["error"] == "invalid_grant"


def test_of_many_at_once_exactly_one_gets_tokens(
    desk: Desk, portal: V1Client, stand: Stand, house: House, sandbox_settings: SandboxSettings
) -> None:
    """S-19 under concurrency: one conditional UPDATE decides."""
    params = portal.exchange(desk.code(portal), stand.clock.now())
    program = build(sandbox_settings, house)

    def call(_: int) -> int:
        browser = PageClient(program, sandbox_settings.public_url, stand.prefix)
        return browser.client.post(f"{stand.prefix}{TE}", data=params, base_url=browser.base_url).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(call, range(8)))
    assert sorted(statuses) == [200] + [400] * 7
    with stand.database.reading() as session:
        issued = session.exec(select(IssuedToken)).all()
    assert [token.kind for token in sorted(issued, key=lambda token: token.kind)] == ["access", "refresh"]
    assert all(token.revoked_at is not None for token in issued)


@pytest.mark.parametrize(("seconds", "status"), [(239, 200), (240, 400)])
def test_a_code_lives_240_seconds(desk: Desk, portal: V1Client, stand: Stand, seconds: int, status: int) -> None:
    """S-19 in the ESIA profiles."""
    stand.clock.freeze(True)
    code = desk.code(portal)
    stand.clock.advance(timedelta(seconds=seconds))
    desk.call(portal.exchange(code, stand.clock.now()), status)


def test_a_code_is_bound_to_its_system(desk: Desk, portal: V1Client, register: Callable[..., V1Client]) -> None:
    """S-20; and trying does not spend it."""
    code = desk.code(portal)
    thief = register()
    now = desk.stand.clock.now()
    assert desk.call(thief.exchange(code, now), 400)["error_description"].startswith("ESIA-007011: ")
    desk.call(portal.exchange(code, now))


def test_a_code_is_bound_to_its_address(desk: Desk, register: Callable[..., V1Client]) -> None:
    """S-20: another address of the same system."""
    client = register()
    code = desk.code(client)
    other = replace(client, redirect_uri="https://clinic.example/other")
    refused = desk.call(other.exchange(code, desk.stand.clock.now()), 400)
    assert refused["error_description"].startswith("ESIA-007011: ")


def test_a_code_nobody_gave_out_is_007011(desk: Desk, portal: V1Client) -> None:
    refused = desk.call(portal.exchange("eyJ2ZXIiOjF9.e30.AAAA", desk.stand.clock.now()), 400)
    assert refused["error_description"].startswith("ESIA-007011: ")


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("verifier", "status", "code"),
    [(VERIFIER, 200, None), (VERIFIER[::-1], 400, "ESIA-007040"), (None, 400, "ESIA-007014")],
)
def test_a_code_is_bound_to_its_challenge(
    desk: Desk, portal: V1Client, verifier: str | None, status: int, code: str | None
) -> None:
    """S-20: PKCE is enforced once it is used."""
    found = desk.code(portal, code_challenge=CHALLENGE, code_challenge_method="S256")
    body = desk.call(portal.exchange(found, desk.stand.clock.now(), code_verifier=verifier), status)
    assert code is None or body["error_description"].startswith(code)


def test_a_verifier_without_a_challenge_is_007039(desk: Desk, portal: V1Client) -> None:
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, desk.stand.clock.now(), code_verifier=VERIFIER), 400)
    assert body["error_description"].startswith("ESIA-007039")


def test_a_card_may_demand_pkce_and_plain_is_refused(desk: Desk, register: Callable[..., V1Client]) -> None:
    """S-02 where the card says so."""
    client = register(require_pkce=True)
    now = desk.stand.clock.now()
    for changes, code in (
        ({}, "ESIA-007014"),
        ({"code_challenge": CHALLENGE}, "ESIA-007003"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "ESIA-007003"),
    ):
        location = desk.browser.get(address(AC, client.authorization(now, **changes)), 302).location
        assert query(location)["error_description"].startswith(code)
    assert desk.ask(client, code_challenge=CHALLENGE, code_challenge_method="S256")


def test_nothing_secret_is_stored(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """Codes and tokens lie in the database as hashes."""
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, stand.clock.now()))
    with stand.database.reading() as session:
        rows = [*session.exec(select(AuthorizationCode)).all(), *session.exec(select(IssuedToken)).all()]
    stored = " ".join(str(row.model_dump()) for row in rows)
    for secret in (code, body["access_token"], body["refresh_token"]):
        assert secret not in stored
        assert hashlib.sha256(secret.encode()).hexdigest() in stored


def test_a_refresh_token_gives_new_tokens_once(desk: Desk, portal: V1Client, stand: Stand) -> None:
    first = desk.tokens(portal)
    second = desk.call(portal.refresh(first["refresh_token"], stand.clock.now()))
    assert list(second) == list(first)
    assert second["refresh_token"] != first["refresh_token"]
    oid = oid_of(stand, "anna")
    assert me(desk, second["access_token"], oid) == 200
    assert jwt_parts(second["access_token"])[1]["scope"] == jwt_parts(first["access_token"])[1]["scope"]
    refused = desk.call(portal.refresh(first["refresh_token"], stand.clock.now()), 400)
    assert refused["error_description"].startswith("ESIA-007011: ")
    assert me(desk, second["access_token"], oid) == 401


def test_a_refresh_token_lives_1440_minutes_and_belongs_to_its_system(
    desk: Desk, portal: V1Client, register: Callable[..., V1Client], stand: Stand
) -> None:
    stand.clock.freeze(True)
    body = desk.tokens(portal)
    assert desk.call(register().refresh(body["refresh_token"], stand.clock.now()), 400)["error"] == "invalid_grant"
    assert desk.call(portal.refresh(body["access_token"], stand.clock.now()), 400)["error"] == "invalid_grant"
    stand.clock.advance(timedelta(minutes=1440))
    assert desk.call(portal.refresh(body["refresh_token"], stand.clock.now()), 400)["error"] == "invalid_grant"


def test_ending_the_other_sessions_takes_back_what_those_that_are_over_gave(
    desk: Desk, portal: V1Client, stand: Stand
) -> None:
    """S-47: a refresh token outlives its session and is not to outlive a new password; one's own session keeps all."""
    earlier = desk.tokens(portal)
    stand.clock.advance(timedelta(hours=4))
    own = desk.tokens(portal, prompt="consent")
    anna = oid_of(stand, "anna")
    with stand.database.writing() as session:
        access.end_sessions(session, anna, stand.clock.now(), keep=jwt_parts(own["id_token"])[1]["urn:esia:sid"])
    assert desk.call(portal.refresh(earlier["refresh_token"], stand.clock.now()), 400)["error"] == "invalid_grant"
    assert me(desk, own["access_token"], anna) == 200


@pytest.mark.parametrize("way", ["by another browser", "by leaving"])
def test_a_code_of_a_session_that_has_ended_gives_no_tokens(
    desk: Desk, portal: V1Client, stand: Stand, way: str
) -> None:
    """S-47: also one that was given out just before."""
    code = desk.code(portal)
    if way == "by leaving":
        desk.browser.get("/cabinet")
        desk.browser.post("/cabinet/sign-out")
    else:
        with stand.database.writing() as session:
            access.end_sessions(session, oid_of(stand, "anna"), stand.clock.now())
    assert desk.call(portal.exchange(code, stand.clock.now()), 400)["error"] == "invalid_grant"


def test_a_refresh_token_sent_along_with_a_code_is_ignored(desk: Desk, portal: V1Client) -> None:
    """Quirk 5."""
    desk.call(portal.exchange(desk.code(portal), desk.stand.clock.now(), refresh_token="stray"))


def test_a_blocked_account_gets_no_tokens(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-47."""
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, stand.clock.now()))
    fresh = desk.code(portal, prompt="consent")
    with stand.database.writing() as session:
        person = session.exec(select(Person).where(Person.persona == "anna")).one()
        person.state = "blocked"
        session.add(person)
    assert desk.call(portal.exchange(fresh, stand.clock.now()), 400)["error"] == "invalid_grant"
    assert me(desk, body["access_token"], oid_of(stand, "anna")) == 401


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Point, Callable[[Any], None]], None]:
    """Has one value changed on its way, as an armed entry of the catalogue does."""

    def arm(point: Point, change: Callable[[Any], None]) -> None:
        def transform(at: Point, value: Any) -> Any:
            if at is point:
                change(value)
            return value

        monkeypatch.setattr(engine, "transform", transform)

    return arm


def verifies(desk: Desk, token: str) -> bool:
    keys = KeySet.import_key_set(desk.browser.get("/oauth2/jwks").response.get_json())
    try:
        jws.deserialize_compact(token, keys.keys[0], registry=jws.JWSRegistry(strict_check_header=False))
    except Exception:  # noqa: BLE001 - whatever the library finds wrong, the answer is no
        return False
    return True


@pytest.mark.parametrize("signing", ["broken", "foreign"])
def test_a_scenario_may_spoil_a_signature(desk: Desk, portal: V1Client, armed: Any, signing: str) -> None:
    armed(Point.ID_TOKEN, lambda draft: setattr(draft, "signing", signing))
    body = desk.tokens(portal)
    assert not verifies(desk, body["id_token"])
    assert verifies(desk, body["access_token"])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_scenario_may_change_the_algorithm(desk: Desk, portal: V1Client, armed: Any, algorithm: str) -> None:
    """S-07: what a careless client would fall for is really made."""

    def change(draft: TokenDraft) -> None:
        draft.header["alg"] = algorithm

    armed(Point.ID_TOKEN, change)
    token = desk.tokens(portal)["id_token"]
    assert jwt_parts(token)[0]["alg"] == algorithm
    assert (token.rsplit(".", 1)[1] == "") is (algorithm == "none")
    assert not verifies(desk, token)


def test_a_scenario_may_change_claims_answer_and_redirect(desk: Desk, portal: V1Client, armed: Any) -> None:
    armed(Point.ACCESS_TOKEN, lambda draft: draft.claims.update({"urn:esia:sbj_id": 1}))
    assert jwt_parts(desk.tokens(portal)["access_token"])[1]["urn:esia:sbj_id"] == 1

    def lose(draft: ResponseDraft) -> None:
        draft.body.pop("id_token")
        draft.status = 202

    armed(Point.TOKEN_RESPONSE, lose)
    body = desk.call(portal.exchange(desk.code(portal, prompt="consent"), desk.stand.clock.now()), 202)
    assert "id_token" not in body
    armed(Point.AUTHORIZE_REDIRECT, lambda draft: draft.params.pop("state"))
    request_id = desk.ask(portal, prompt="consent")
    desk.sign_in(request_id)
    assert list(query(desk.press(request_id).location)) == ["code"]


def test_keys_may_be_rotated_without_a_restart(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-12: the old key stays published while its tokens live, and signs no more."""
    from sandbox_idp.keys import new_private_key

    before = desk.tokens(portal)["id_token"]
    with stand.database.writing() as session:
        signing_keys.add_key(session, new_private_key(), now=stand.clock.now(), ids=stand.ids)
    after = desk.tokens(portal, prompt="consent")["id_token"]
    published = desk.browser.get("/oauth2/jwks").response.get_json()["keys"]
    assert len({key["kid"] for key in published}) == 2
    registry = jws.JWSRegistry(strict_check_header=False)
    newest, oldest = KeySet.import_key_set({"keys": published}).keys
    jws.deserialize_compact(after, newest, registry=registry)
    jws.deserialize_compact(before, oldest, registry=registry)
    stand.clock.advance(timedelta(hours=3, seconds=1))
    assert len(desk.browser.get("/oauth2/jwks").response.get_json()["keys"]) == 1


def test_the_databases_own_rule_behind_one_code_for_one_request(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """Rule 8 of the house: a constraint stands behind "exactly one"."""
    from sqlalchemy.exc import IntegrityError

    desk.code(portal)
    database: Database = stand.database
    with database.reading() as session:
        found = session.exec(select(AuthorizationCode)).one()
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(AuthorizationCode(**{**found.model_dump(), "code_hash": "another"}))
