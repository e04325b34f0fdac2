"""Systems, browsers and sign-ins of the tests of ESIA's wire."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import settings
from sqlmodel import select

from foundation.web.cookies import cookie_rules
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import Stand
from sandbox_idp.oauth import PORTAL_SCOPES, systems
from sandbox_idp.oauth.requests import attach_session
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.sign_in.secrecy import token_hash
from tests.esia_client import Identity, V1Client, a_year_around, address
from tests.pages import Page, PageClient

# A busy machine must not fail a property: what is checked here is never how long it takes.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

AC = "/aas/oauth2/ac"
TE = "/aas/oauth2/te"


@pytest.fixture(scope="session")
def keys() -> Iterator[rsa.RSAPrivateKey]:
    """Three keys for systems of tests, handed out in turn."""
    return itertools.cycle([rsa.generate_private_key(65537, 2048) for _ in range(3)])


@pytest.fixture
def new_identity(stand: Stand, keys: Iterator[rsa.RSAPrivateKey]) -> Callable[[], Identity]:
    """Makes a key with a certificate that is valid today."""

    def make() -> Identity:
        since, until = a_year_around(stand.clock.now())
        return Identity.make(next(keys), since=since, until=until)

    return make


@pytest.fixture
def portal(stand: Stand) -> V1Client:
    """Our own portal as the stand registered it."""
    with stand.database.reading() as session:
        state = session.get_one(StandState, 1)
    return V1Client(
        mnemonic="PORTAL_DEMO",
        identity=Identity.from_pem(state.portal_client_key, state.portal_client_certificate),
        redirect_uri=f"{stand.portal_url}/login/callback",
        scope=PORTAL_SCOPES,
    )


@pytest.fixture
def register(stand: Stand, new_identity: Callable[[], Identity]) -> Callable[..., V1Client]:
    """Registers another information system and gives a client of it."""

    def make(mnemonic: str = "CLINIC_36", redirect_uri: str = "https://clinic.example/back", **card: Any) -> V1Client:
        identity = card.pop("identity", None) or new_identity()
        values = {
            "name": "Клиника",
            "short_name": "Клиника",
            "redirect_hosts": ["https://clinic.example"],
            "scopes": ["openid", "fullname", "snils", "gender"],
            **card,
        }
        with stand.database.writing() as session:
            systems.register(session, systems.Card(mnemonic=mnemonic, **values), [identity.pem])
        return V1Client(mnemonic, identity, redirect_uri, scope="openid fullname")

    return make


@dataclass
class Desk:
    """One browser at Gosuslugi, whose person can sign in without the pages of another room."""

    stand: Stand
    browser: PageClient
    settings: SandboxSettings

    def ask(self, client: V1Client, **changes: str | None) -> str:
        """Send an authorization request that is accepted; the id of the pending sign-in."""
        page = self.browser.get(address(AC, client.authorization(self.stand.clock.now(), **changes)), 302)
        parts = urlsplit(page.location)
        assert parts.path == f"{self.stand.prefix}/login", page.location
        return parse_qs(parts.query)["request"][0]

    def sign_in(self, request_id: str, persona: str = "anna", second_factor: str | None = "otp") -> str:
        """What password and second factor end in: a session, chosen for this request. Tells its sid."""
        with self.stand.database.writing() as session:
            person = session.exec(select(Person).where(Person.persona == persona)).one()
            token, now = self.stand.ids.token(), self.stand.clock.now()
            record = GosuslugiSession(
                token_hash=token_hash(token),
                sid=self.stand.ids.uuid(),
                person_oid=person.oid,
                second_factor=second_factor,
                authenticated_at=now,
                expires_at=now + timedelta(hours=3),
            )
            session.add(record)
            attach_session(session, request_id, record.sid)
        rules = cookie_rules("gosuslugi", self.stand.prefix, self.settings.public_url)
        self.browser.client.set_cookie(rules.name, token, domain="127.0.0.1", path=rules.path)
        return record.sid

    def consent(self, request_id: str) -> str:
        return f"/consent?request={request_id}"

    def press(self, request_id: str, decision: str = "grant", without: tuple[str, ...] = ()) -> Page:
        """Open the consent page, untick `without` and press a button."""
        page = self.browser.get(self.consent(request_id))
        assert page.screen == "consent"
        ticked = [str(box["value"]) for box in page.soup.find_all("input", attrs={"type": "checkbox"})]
        assert set(without) <= set(ticked)
        return self.browser.post(
            self.consent(request_id),
            {"right": [key for key in ticked if key not in without], "decision": decision},
            status=302,
            headers={"User-Agent": "Browser of a test"},
            environ_base={"REMOTE_ADDR": "127.0.0.2"},
        )

    def code(self, client: V1Client, *, persona: str = "anna", without: tuple[str, ...] = (), **changes: Any) -> str:
        """A whole sign-in; the code it ends with."""
        request_id = self.ask(client, **changes)
        self.sign_in(request_id, persona)
        return query(self.press(request_id, without=without).location)["code"]

    def call(self, params: dict[str, str], status: int = 200) -> dict[str, Any]:
        """One call of `/te`."""
        page = self.browser.post(TE, {**params, "csrf_token": ""}, status=status)
        found = page.response.get_json()
        assert isinstance(found, dict)
        return found

    def tokens(self, client: V1Client, **more: Any) -> dict[str, Any]:
        """A whole sign-in and the exchange of its code."""
        return self.call(client.exchange(self.code(client, **more), self.stand.clock.now()))


@pytest.fixture
def desk(stand: Stand, sandbox: PageClient, sandbox_settings: SandboxSettings) -> Desk:
    return Desk(stand, sandbox, sandbox_settings)


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the journal is told, in order."""
    told: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(engine, "act", lambda name, **details: told.append((name, details)))
    return told


def query(location: str) -> dict[str, str]:
    """The parameters of an address, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, strict_parsing=True).items()}
