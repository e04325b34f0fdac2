"""Information systems over the control API: registered, changed, taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlmodel import select

from sandbox_idp.accounts.models import Consent
from sandbox_idp.context import Stand
from sandbox_idp.oauth import PORTAL_SCOPES, systems
from sandbox_idp.oauth.models import (
    AuthorizationCode,
    AuthorizationRequest,
    InformationSystem,
    IssuedToken,
    SystemCertificate,
)
from sandbox_idp.scenarios import journal
from tests.esia_client import Identity, V1Client, a_year_around
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient

CARD = {"mnemonic": "CLINIC_36", "short_name": "Клиника", "redirect_hosts": ["https://clinic.example"]}


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    """The key of a system of tests."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def identity(stand: Stand, key: rsa.RSAPrivateKey) -> Identity:
    """The key with a certificate that is valid today."""
    since, until = a_year_around(stand.clock.now())
    return Identity.make(key, since=since, until=until)


@pytest.fixture
def clinic(identity: Identity) -> V1Client:
    """A client of the card."""
    return V1Client("CLINIC_36", identity, "https://clinic.example/back", scope="openid fullname")


@pytest.fixture
def sign_in(control: ControlClient, stand: Stand, clinic: V1Client) -> Callable[[], dict[str, list[str]]]:
    """Anna signs in at the clinic, without the pages; the query with which the browser would come back."""

    def call() -> dict[str, list[str]]:
        url = f"{stand.idp_url}/aas/oauth2/ac?{urlencode(clinic.authorization(stand.clock.now()))}"
        location = control.call("POST", "/sign-ins", {"authorize_url": url, "person": "anna"})["location"]
        return parse_qs(urlsplit(location).query)

    return call


def cards(control: ControlClient) -> dict[str, dict[str, Any]]:
    return {system["mnemonic"]: system for system in control.call("GET", "/systems")["systems"]}


def test_our_own_portal_is_told(control: ControlClient, stand: Stand) -> None:
    portal = cards(control)["PORTAL_DEMO"]
    assert portal["strict_redirect"] is True
    assert portal["redirect_hosts"] == [f"{stand.portal_url}/login/callback"]
    assert portal["scopes"] == PORTAL_SCOPES.split()
    assert portal["certificates"][0]["pem"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_mnemonic_is_enough(control: ControlClient) -> None:
    made = control.call("POST", "/systems", {"mnemonic": "X-1"}, status=201)
    assert (made["name"], made["short_name"]) == ("X-1", "X-1")
    assert (made["scopes"], made["required_scopes"]) == (["openid", "fullname"], ["openid"])
    assert (made["strict_redirect"], made["strict"], made["algorithm"]) == (False, True, "RS256")
    assert made["certificates"] == []
    assert cards(control)["X-1"] == made


def test_every_field_of_a_card_can_be_given(control: ControlClient) -> None:
    card = {
        **CARD,
        "name": "Клиника № 36",
        "purpose": "Запись к врачу",
        "strict_redirect": True,
        "algorithm": "RS256",
        "strict": True,
        "integer_sub": False,
        "require_pkce": True,
        "pkce_required": False,
        "backchannel_logout_uri": "https://clinic.example/logout",
        "scopes": ["openid", "fullname", "snils", "org_grps", "org_vhls", "org_oktmo", "bio"],
        "required_scopes": ["openid", "snils"],
    }
    made = control.call("POST", "/systems", card, status=201)
    assert made == {**card, "certificates": [], "has_client_secret": False}
    body = {name: value for name, value in card.items() if name != "mnemonic"}
    assert control.call("PATCH", "/systems/CLINIC_36", body) == made


def test_a_registered_system_signs_people_in(
    control: ControlClient, identity: Identity, sign_in: Callable[[], dict[str, list[str]]]
) -> None:
    """S-21: with exactly the certificates of its card."""
    made = control.call("POST", "/systems", {**CARD, "certificates": [identity.pem]}, status=201)
    (certificate,) = made["certificates"]
    assert datetime.fromisoformat(certificate["not_after"]) - datetime.fromisoformat(certificate["not_before"])
    assert set(sign_in()) == {"code", "state"}
    control.call("PATCH", "/systems/CLINIC_36", {"certificates": []})
    assert "ESIA-007002" in sign_in()["error_description"][0]


def test_a_made_person_is_on_the_wire_what_the_answer_told(
    control: ControlClient, stand: Stand, sandbox: PageClient, identity: Identity
) -> None:
    """S-66: with children and documents, as ESIA shows everybody's."""
    scopes = ["openid", "fullname", "snils", "id_doc", "medical_doc", "contacts", "kid_fullname", "kid_medical_doc"]
    control.call("POST", "/systems", {**CARD, "scopes": scopes, "certificates": [identity.pem]}, status=201)
    made = control.call("POST", "/people", {"children": [{}]}, status=201)
    client = V1Client("CLINIC_36", identity, "https://clinic.example/back", scope=" ".join(scopes))
    now = stand.clock.now()
    url = f"{stand.idp_url}/aas/oauth2/ac?{urlencode(client.authorization(now))}"
    location = control.call("POST", "/sign-ins", {"authorize_url": url, "person": made["id"]})["location"]
    code = parse_qs(urlsplit(location).query)["code"][0]
    token = sandbox.post("/aas/oauth2/te", client.exchange(code, now), status=200).response.get_json()["access_token"]

    def told(path: str) -> Any:
        address = f"/rs/prns/{made['oid']}{path}"
        return sandbox.get(address, headers={"Authorization": f"Bearer {token}"}).response.get_json()

    person = told("")
    assert (person["lastName"], person["firstName"]) == (made["surname"], made["name"])
    assert person["snils"].replace("-", "").replace(" ", "") == made["snils"]
    documents = {each["type"]: each for each in told("/docs?embed=(elements)")["elements"]}
    assert documents["RF_PASSPORT"]["series"] + documents["RF_PASSPORT"]["number"] == made["passport"]
    assert documents["MDCL_PLCY"]["number"] == made["policy"]
    assert [each["value"] for each in told("/ctts?embed=(elements)")["elements"]] == [
        f"+7(000){made['phone'][5:]}",
    ]
    (child,) = told("/kids?embed=(elements)")["elements"]
    assert child["lastName"] == made["children"][0]["surname"]
    (policy,) = told(f"/kids/{child['id']}/docs?embed=(elements)")["elements"]
    assert policy["number"] == made["children"][0]["policy"]


def test_a_change_leaves_what_it_is_not_told_and_repeating_it_changes_nothing_more(control: ControlClient) -> None:
    made = control.call("POST", "/systems", CARD, status=201)
    body = {"scopes": ["openid", "snils"], "strict_redirect": True, "purpose": "Запись к врачу"}
    changed = control.call("PATCH", "/systems/CLINIC_36", body)
    assert changed == {**made, **body}
    assert control.call("PATCH", "/systems/CLINIC_36", body) == changed
    assert control.call("PATCH", "/systems/CLINIC_36", {}) == changed
    assert control.call("PATCH", "/systems/CLINIC_36", {"scopes": ["snils"]})["required_scopes"] == []


def test_our_own_portals_card_can_be_changed(control: ControlClient, stand: Stand) -> None:
    """S-18: its address is then foreign."""
    control.call("PATCH", "/systems/PORTAL_DEMO", {"redirect_hosts": ["https://elsewhere.example/callback"]})
    with stand.database.reading() as session:
        assert session.get_one(InformationSystem, "PORTAL_DEMO").redirect_hosts == [
            "https://elsewhere.example/callback"
        ]


def test_the_secret_of_an_openid_client_is_kept_as_a_hash_and_never_told(control: ControlClient, stand: Stand) -> None:
    secret = "thirty-two-signs-or-more-and-no-blank"
    made = control.call("POST", "/systems", {**CARD, "client_secret": secret}, status=201)
    assert made["has_client_secret"] is True
    assert secret not in str(made)
    with stand.database.reading() as session:
        assert session.get_one(InformationSystem, "CLINIC_36").openid_secret_hash == systems.secret_hash(secret)
    assert control.call("PATCH", "/systems/CLINIC_36", {"client_secret": None})["has_client_secret"] is False


def test_a_removed_system_is_unknown_to_esia_and_nothing_of_it_holds(
    *,
    control: ControlClient,
    stand: Stand,
    sandbox: PageClient,
    clinic: V1Client,
    identity: Identity,
    sign_in: Callable[[], dict[str, list[str]]],
) -> None:
    control.call("POST", "/systems", {**CARD, "certificates": [identity.pem]}, status=201)
    now = stand.clock.now()
    code = sign_in()["code"][0]
    token = sandbox.post("/aas/oauth2/te", clinic.exchange(code, now), status=200).response.get_json()["access_token"]
    sign_in()
    control.call("DELETE", "/systems/CLINIC_36", status=204)
    assert "CLINIC_36" not in cards(control)
    page = sandbox.get(f"/aas/oauth2/ac?{urlencode(clinic.authorization(now))}", 400)
    assert "ESIA-008010" in page.words
    person = sandbox.get("/rs/prns/1000100001", 401, headers={"Authorization": f"Bearer {token}"})
    assert person.status == 401
    with stand.database.reading() as session:
        for table in (AuthorizationRequest, AuthorizationCode, SystemCertificate):
            assert not session.exec(select(table).where(table.mnemonic == "CLINIC_36")).all()
        assert all(row.revoked_at for row in session.exec(select(IssuedToken)))
        assert all(row.revoked_at for row in session.exec(select(Consent)))
    assert control.refused("DELETE", "/systems/CLINIC_36", status=404)["code"] == "unknown-system"
    assert control.refused("PATCH", "/systems/CLINIC_36", {}, status=404)["code"] == "unknown-system"


def test_a_person_on_the_way_is_told_calmly_when_the_system_goes(
    control: ControlClient, stand: Stand, sandbox: PageClient, clinic: V1Client, identity: Identity
) -> None:
    """U-1: no fault of the program, whatever page the person is at."""
    control.call("POST", "/systems", {**CARD, "certificates": [identity.pem]}, status=201)
    page = sandbox.get(f"/aas/oauth2/ac?{urlencode(clinic.authorization(stand.clock.now()))}", 302)
    assert sandbox.follow(page).screen == "login"
    control.call("DELETE", "/systems/CLINIC_36", status=204)
    response = sandbox.client.get(page.location, base_url=sandbox.base_url, buffered=True)
    assert response.status_code < 500


def test_the_portal_itself_can_be_removed_until_the_next_reset(control: ControlClient) -> None:
    control.call("DELETE", "/systems/PORTAL_DEMO", status=204)
    assert cards(control) == {}
    control.call("POST", "/reset")
    assert set(cards(control)) == {"PORTAL_DEMO"}


def test_a_mnemonic_is_registered_once(control: ControlClient) -> None:
    refused = control.refused("POST", "/systems", {**CARD, "mnemonic": "PORTAL_DEMO"}, status=409)
    assert refused["code"] == "mnemonic-taken"
    assert refused["errors"][0]["pointer"] == "/mnemonic"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"short_nmae": "x"}, {"/short_nmae"}),
        ({"mnemonic": "clinic"}, {"/mnemonic"}),
        ({"mnemonic": "MY_ESIA"}, {"/mnemonic"}),
        ({"name": " "}, {"/name"}),
        ({"redirect_hosts": ["clinic.example"]}, {"/redirect_hosts"}),
        ({"redirect_hosts": "https://clinic.example"}, {"/redirect_hosts"}),
        ({"scopes": ["openid", "wallet"]}, {"/scopes"}),
        ({"required_scopes": ["gender"]}, {"/required_scopes"}),
        ({"algorithm": "none"}, {"/algorithm"}),
        ({"strict": "yes"}, {"/strict"}),
        ({"strict": False}, {"/strict"}),
        ({"client_secret": "short"}, {"/client_secret"}),
        ({"certificates": ["no certificate"]}, {"/certificates"}),
        ({"certificates": ["-----BEGIN CERTIFICATE-----"]}, {"/certificates"}),
    ],
)
def test_what_is_not_agreed_is_refused_with_its_path(
    control: ControlClient, body: dict[str, Any], pointers: set[str]
) -> None:
    before = cards(control)
    assert control.wrong("POST", "/systems", {**CARD, **body}) == pointers
    assert control.wrong("PATCH", "/systems/PORTAL_DEMO", body) == pointers
    assert cards(control) == before


def test_a_certificate_of_another_key_or_another_system_is_refused(control: ControlClient, stand: Stand) -> None:
    """S-21: otherwise one system could sign for another."""
    now = stand.clock.now()
    other: Any = ec.generate_private_key(ec.SECP256R1())
    foreign = Identity.make(other, since=now, until=now + timedelta(days=1))
    for pem in (foreign.pem, cards(control)["PORTAL_DEMO"]["certificates"][0]["pem"]):
        assert control.wrong("POST", "/systems", {**CARD, "certificates": [pem]}) == {"/certificates"}


def test_the_journal_tells_whose_hand_it_was(control: ControlClient, stand: Stand) -> None:
    control.call("POST", "/systems", CARD, status=201)
    control.call("PATCH", "/systems/CLINIC_36", {"integer_sub": False})
    control.call("DELETE", "/systems/CLINIC_36", status=204)
    lines = journal.lines(stand.database, kind="change")
    assert [line.name for line in lines] == ["system-made", "system-changed", "system-removed"]
    assert {line.details["mnemonic"] for line in lines} == {"CLINIC_36"}
