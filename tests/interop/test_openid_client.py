"""`openid-client` from npm, unmodified, signs a person in at the sandbox through discovery.

An independent check: the library reads the stand's description, builds the request, and checks issuer, state, nonce,
`at_hash`, audience, time and the signature with the key that the token names.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import col, select

from sandbox_idp.oauth import signing_keys, systems
from sandbox_idp.world.models import Message
from tests.interop import node_programs
from tests.interop.conftest import Browser, Running

REDIRECT_URI = "https://clinic.example/oidc/back"
SECRET = "a-secret-of-one-interoperability-test"


@pytest.fixture
def settings(running: Running) -> dict[str, str]:
    """A site registered in the stand, as the library is told of it."""
    card = systems.Card(
        mnemonic="NODE_36",
        name="Клиника на openid-client",
        short_name="Клиника",
        redirect_hosts=[REDIRECT_URI],
        scopes=["openid", "fullname", "birthdate", "email", "mobile"],
        client_secret=SECRET,
    )
    with running.stand.database.writing() as session:
        systems.register(session, card)
    return {
        "issuer": running.address,
        "client_id": "NODE_36",
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email phone",
    }


def through_the_pages(browser: Browser, running: Running, address: str) -> str:
    """Anna signs in: password, SMS, consent. Where the site gets the browser back."""
    browser.open(address)
    assert browser.screen == "login"
    browser.send(login="+7 (000) 100-00-01", password="Lampa-Zelenaya-27")
    with running.stand.database.reading() as session:
        message = session.exec(select(Message).order_by(col(Message.id).desc())).first()
    assert message is not None
    browser.send(code=message.code)
    assert browser.screen == "consent", browser.page.get_text(" ")
    browser.send(decision="grant")
    assert browser.address.startswith(REDIRECT_URI + "?")
    return browser.address


SignIn = Callable[..., Any]


@pytest.fixture
def sign_in(running: Running, browser: Browser, settings: dict[str, str]) -> SignIn:
    """One sign-in of the library; `change` acts on the address that the browser came back to."""

    def run(change: Callable[[str], str] = str, **others: str) -> Any:
        with node_programs.running("openid_client.mjs", {**settings, **others}) as process:
            address = json.loads(node_programs.line_of(process))["address"]
            return node_programs.answer_to(process, change(through_the_pages(browser, running, address)))

    return run


def test_a_site_built_with_the_library_signs_a_person_in(sign_in: SignIn, running: Running) -> None:
    """Discovery, PKCE, `client_secret_basic`, id token, userinfo."""
    found = sign_in()
    assert "error" not in found, found
    assert found["claims"]["iss"] == running.address
    assert found["claims"]["amr"] == ["pwd", "sms", "mfa"]
    person = found["person"]
    assert person["sub"] == found["claims"]["sub"]
    assert (person["family_name"], person["given_name"]) == ("Лесная", "Анна")
    assert person["phone_number"] == "+70001000001"
    assert found["scope"] == "openid profile email phone"


def test_the_library_follows_a_rotation_of_the_keys(sign_in: SignIn, running: Running) -> None:
    """S-12: the keys change while the person signs in."""

    def rotate(address: str) -> str:
        with running.stand.database.writing() as session:
            signing_keys.rotate(session, now=running.stand.clock.now(), ids=running.stand.ids)
        return address

    assert "error" not in sign_in(rotate)


@pytest.mark.parametrize("name", ["iss", "state", "code"])
def test_the_library_refuses_an_answer_that_was_changed(sign_in: SignIn, name: str) -> None:
    """The check must be able to fail: another issuer (RFC 9207), another state, another code."""

    def change(address: str) -> str:
        value = parse_qs(urlsplit(address).query)[name][0]
        assert f"{name}=" in address
        before, _, after = address.partition(f"{name}=")
        rest = after.partition("&")[2]
        return f"{before}{name}=x{value[:5]}{'&' if rest else ''}{rest}"

    assert sign_in(change)["error"]


def test_the_sandbox_refuses_the_library_with_another_secret(sign_in: SignIn) -> None:
    """S-21: 401 with the scheme that would do."""
    assert sign_in(client_secret="another-secret-of-the-right-length")["error"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"
