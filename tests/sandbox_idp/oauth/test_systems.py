"""Cards of information systems, keys, discovery, logout: what a stand has from its first moment."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from cryptography import x509
from joserfc.jwk import RSAKey
from sqlmodel import select

from sandbox_idp.accounts.models import GosuslugiSession
from sandbox_idp.context import Stand
from sandbox_idp.oauth import PORTAL_SCOPES, requests, signing_keys, systems
from sandbox_idp.oauth.models import InformationSystem, SigningKey, SystemCertificate
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point
from sandbox_idp.stands.house import House
from tests.esia_client import Identity, V1Client
from tests.sandbox_idp.oauth.conftest import Desk


def test_our_own_portal_is_registered(stand: Stand, portal: V1Client) -> None:
    """S-18: its card wants the exact address of this very stand."""
    with stand.database.reading() as session:
        card = session.get_one(InformationSystem, "PORTAL_DEMO")
        certificate = session.exec(select(SystemCertificate)).one()
    assert card.name == "Региональная медицинская информационная система (РС ЕГИСЗ)"
    assert card.short_name == "РС ЕГИСЗ"
    assert card.strict_redirect
    assert card.redirect_hosts == [f"{stand.portal_url}/login/callback"]
    assert card.scopes == PORTAL_SCOPES.split()
    assert len(card.scopes) == 16
    assert certificate.mnemonic == "PORTAL_DEMO"
    assert certificate.pem == portal.identity.pem


def test_every_stand_signs_with_a_key_of_its_own(stand: Stand, house: House) -> None:
    other = house.create("another").stand
    try:
        with stand.database.reading() as mine, other.database.reading() as theirs:
            assert mine.exec(select(SigningKey.kid)).one() != theirs.exec(select(SigningKey.kid)).one()
    finally:
        house.delete(other.id)


@pytest.mark.parametrize("mnemonic", ["CLINIC_36", "159204", "A-1", "X"])
def test_a_mnemonic_that_may_be(mnemonic: str) -> None:
    systems.check_mnemonic(mnemonic)


@pytest.mark.parametrize(
    "mnemonic",
    ["", "clinic", "КЛИНИКА", "CLINIC 36", "MY_ESIA", "EPGU", "XGOSUSLUGI", "SMEV3", "PGU", "PGU_36", "A\n"],
)
def test_a_mnemonic_that_may_not_be(mnemonic: str) -> None:
    """The guide to the technological portal, 3.1.1."""
    with pytest.raises(systems.MnemonicError) as caught:
        systems.check_mnemonic(mnemonic)
    assert caught.value.field == "mnemonic"


CARD = systems.Card(
    mnemonic="CLINIC_36",
    name="Клиника",
    short_name="Клиника",
    redirect_hosts=["https://clinic.example"],
    scopes=["openid"],
)


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"mnemonic": "PORTAL_DEMO"}, "mnemonic", systems.MnemonicError),
        ({"redirect_hosts": ["clinic.example"]}, "redirect_hosts", systems.AddressError),
        ({"redirect_hosts": ["javascript:alert(1)"]}, "redirect_hosts", systems.AddressError),
        ({"scopes": ["openid", "wallet"]}, "scopes", systems.ScopeError),
    ],
)
def test_a_card_that_cannot_be_is_refused_by_field(
    stand: Stand, changes: dict[str, Any], field: str, kind: type[systems.CardError]
) -> None:
    with pytest.raises(kind) as caught, stand.database.writing() as session:
        systems.register(session, replace(CARD, **changes))
    assert caught.value.field == field
    assert caught.value.reason


def test_a_certificate_belongs_to_one_system(
    stand: Stand, portal: V1Client, new_identity: Callable[[], Identity]
) -> None:
    """Otherwise one system could sign for another (S-21)."""
    identity = new_identity()
    with stand.database.writing() as session:
        systems.register(session, CARD, [identity.pem])
        assert systems.add_certificate(session, "CLINIC_36", identity.der).mnemonic == "CLINIC_36"
    with stand.database.reading() as session:
        assert len(systems.certificates_of(session, "CLINIC_36")) == 1
    for certificate in (portal.identity.pem, b"no certificate", "-----BEGIN CERTIFICATE-----"):
        with pytest.raises(systems.CertificateError), stand.database.writing() as session:
            systems.add_certificate(session, "CLINIC_36", certificate)


def test_the_published_keys(desk: Desk, stand: Stand) -> None:
    body = desk.browser.get("/oauth2/jwks").response.get_json()
    key = body["keys"][0]
    assert set(key) == {"kty", "kid", "alg", "use", "n", "e"}
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert RSAKey.import_key({"kty": "RSA", "n": key["n"], "e": key["e"]}).thumbprint() == key["kid"]


def test_a_scenario_may_change_the_keys(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def empty(point: Point, value: Any) -> Any:
        if point is Point.JWKS:
            value.body["keys"] = []
        return value

    monkeypatch.setattr(engine, "transform", empty)
    assert desk.browser.get("/oauth2/jwks").response.get_json() == {"keys": []}


def test_the_archive_holds_the_certificate_that_signs(desk: Desk, stand: Stand) -> None:
    response = desk.browser.client.get(f"{stand.prefix}/public/esia.zip", base_url=desk.browser.base_url)
    assert response.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.get_data()))
    assert archive.namelist() == ["RSA_STAND.cer", "RSA_STAND.pem", "RSA_STAND_PUBLIC.pem", "RSA_STAND_JWK.jwk"]
    der = x509.load_der_x509_certificate(archive.read("RSA_STAND.cer"))
    assert der == x509.load_pem_x509_certificate(archive.read("RSA_STAND.pem"))
    assert der.not_valid_after_utc.astimezone(UTC) > stand.clock.now()
    with stand.database.reading() as session:
        key = signing_keys.current_key(session)
    assert json.loads(archive.read("RSA_STAND_JWK.jwk")) == signing_keys.as_jwk(key)
    assert b"PRIVATE" not in response.get_data()


def test_the_description_of_esias_paths_names_only_what_answers(desk: Desk, stand: Stand) -> None:
    body = desk.browser.get("/aas/oauth2/.well-known/openid-configuration").response.get_json()
    assert body["issuer"] == "http://esia.gosuslugi.ru/"
    assert body["response_types_supported"] == ["code"]
    assert desk.browser.get(body["jwks_uri"]).response.get_json()["keys"]
    assert desk.browser.get(body["authorization_endpoint"], 400).screen == "esia-error"
    assert desk.browser.post(body["token_endpoint"], {"csrf_token": ""}, status=400).response.get_json()["error"]
    assert not [name for name in body if name.endswith("_endpoint") and not name.startswith(("authoriz", "token"))]


def ended(stand: Stand) -> bool:
    with stand.database.reading() as session:
        return session.exec(select(GosuslugiSession)).one().ended_at is not None


def test_logout_ends_the_session_and_goes_back(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-25: any page of the portal's own host, although its card is strict at sign-in."""
    desk.sign_in(desk.ask(portal))
    back = f"{stand.portal_url}/signed-out"
    page = desk.browser.get(f"/idp/ext/Logout?client_id=PORTAL_DEMO&redirect_url={back}", 302)
    assert page.location == back
    assert ended(stand)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?client_id=PORTAL_DEMO",
        "?client_id=PORTAL_DEMO&redirect_url=https://evil.example/",
        "?client_id=NOBODY&redirect_url=http://localhost:8000/signed-out",
        "?redirect_url=http://localhost:8000/signed-out",
        "?client_id=PORTAL_DEMO&redirect_url=//localhost:8000/",
    ],
)
def test_logout_never_leads_anywhere_else(desk: Desk, portal: V1Client, stand: Stand, asked: str) -> None:
    """S-25."""
    desk.sign_in(desk.ask(portal))
    page = desk.browser.get(f"/idp/ext/Logout{asked}")
    assert page.screen == "logged-out"
    assert "evil" not in page.text
    assert ended(stand)


def test_a_session_is_chosen_only_for_a_request_that_waits(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-26: what is finished stays as it is."""
    request_id = desk.ask(portal)
    sid = desk.sign_in(request_id)
    desk.press(request_id)
    with stand.database.writing() as session:
        requests.attach_session(session, request_id, "another")
    with stand.database.reading() as session:
        found = session.get(requests.AuthorizationRequest, request_id)
    assert found is not None
    assert found.session_sid == sid
