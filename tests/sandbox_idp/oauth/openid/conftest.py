"""An ordinary OpenID client of a stand: it knows discovery, PKCE and its secret, and nothing of ESIA."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.oauth import systems
from tests.pages import Page
from tests.sandbox_idp.oauth.conftest import Desk, query

AUTHORIZE, TOKEN, USERINFO = "/oauth2/authorize", "/oauth2/token", "/oauth2/userinfo"
SECRET = "a-secret-of-unit-tests-that-is-long-enough"
VERIFIER = "v" * 64
CALLBACK = "https://clinic.example/oidc/back"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


@dataclass
class Client:
    """One registered client in one browser."""

    desk: Desk
    mnemonic: str = "ORDINARY_36"

    @property
    def issuer(self) -> str:
        return self.desk.stand.idp_url

    def asked(self, **changes: str | None) -> str:
        """The address of an authorization request; None takes a parameter out."""
        params: dict[str, str | None] = {
            "client_id": self.mnemonic,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in params.items() if value is not None}
        return f"{AUTHORIZE}?{urlencode(sent)}"

    def begin(self, persona: str = "anna", second_factor: str | None = "otp", **changes: str | None) -> str:
        """Up to the consent page; the id of the pending sign-in."""
        page = self.desk.browser.get(self.asked(**changes), 302)
        assert urlsplit(page.location).path.endswith("/login"), page.location
        request_id = query(page.location)["request"]
        self.desk.sign_in(request_id, persona, second_factor)
        return request_id

    def back(self, *, without: tuple[str, ...] = (), decision: str = "grant", **changes: Any) -> dict[str, str]:
        """A whole sign-in; what comes back with the browser."""
        page = self.desk.press(self.begin(**changes), decision, without)
        assert page.location.startswith(CALLBACK + "?")
        return query(page.location)

    def call(
        self, code: str, /, *, status: int = 200, headers: dict[str, str] | None = None, **changes: str | None
    ) -> Page:
        """One call of the token endpoint, by default with the secret in the header."""
        params: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "csrf_token": "",
            **changes,
        }
        form = {name: value for name, value in params.items() if value is not None}
        sent = basic(self.mnemonic, SECRET) if headers is None else headers
        return self.desk.browser.post(TOKEN, form, status=status, headers=sent)

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """A whole sign-in and the exchange of its code."""
        found = self.call(self.back(**changes)["code"]).response.get_json()
        assert isinstance(found, dict)
        return found

    def userinfo(self, access: str, status: int = 200) -> Page:
        return self.desk.browser.get(USERINFO, status, headers={"Authorization": f"Bearer {access}"})


MakeClient = Callable[..., Client]


@pytest.fixture
def make_client(desk: Desk, stand: Stand) -> MakeClient:
    """Registers clients; fields of the card by name."""

    def make(mnemonic: str = "ORDINARY_36", **card: Any) -> Client:
        values: dict[str, Any] = {
            "name": "Обычный клиент",
            "short_name": "Клиент",
            "redirect_hosts": [CALLBACK],
            "scopes": ["openid", "fullname", "birthdate", "gender", "email", "mobile", "addresses", "snils", "inn"],
            "client_secret": SECRET,
            **card,
        }
        with stand.database.writing() as session:
            systems.register(session, systems.Card(mnemonic=mnemonic, **values))
        return Client(desk, mnemonic)

    return make


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    return make_client()
