"""The portal signs a patient in at `oidc-provider` from npm, unmodified, by its generic OpenID settings.

An independent check: the provider demands PKCE, authenticates the client, has its own pages for signing in and for
consent, and signs with a key that only its description leads to. The portal is the production program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from bs4 import BeautifulSoup
from werkzeug.serving import make_server

import portal
from foundation.database import Database, migrate
from portal.settings import PortalSettings
from portal.wsgi import build
from tests.interop import node_programs

SECRET = "a secret with+signs/and:more"
CLAIMS: dict[str, Any] = {
    "family_name": "Ясенева",
    "given_name": "Пётра",
    "middle_name": "Ильинична",
    "birthdate": "1990-02-28",
    "email": "petra@pochta.example",
    "email_verified": True,
    "phone_number": "+70001000077",
    "phone_number_verified": False,
}


def _not_ready(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


@contextmanager
def portal_at(issuer: str, address: str, server: Any, folder: Path, **changes: Any) -> Iterator[None]:
    """The production program behind `server`, which listens already, with nothing but settings."""
    values = {
        "esia_profile": "openid",
        "esia_issuer": issuer,
        "esia_client_id": "the-portal",
        "esia_client_secret": SECRET,
        **changes,
    }
    settings = PortalSettings(demo_dir=folder, public_url=address, secret_key="interoperability", **values)
    database = Database(settings.database_url)
    migrate(database, portal.MIGRATIONS)
    database.close()
    app = build(settings)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        app.extensions["portal"].esia.close()


class Visitor:
    """A browser without script: follows redirects over both hosts, keeps cookies, sends forms."""

    def __init__(self) -> None:
        # As browsers do, it sends cookies that are marked Secure to this very machine over http as well.
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        self._client = httpx2.Client(follow_redirects=True, timeout=20, cookies=CookieJar(policy=policy))
        self.address = ""
        self.page = BeautifulSoup("", "html5lib")

    def open(self, address: str) -> None:
        self._keep(self._client.get(address))

    def send(self, to: str = "", **values: str) -> None:
        """Press the button of the first form that posts to an address ending in `to`."""
        forms = self.page.find_all("form", attrs={"method": "post"})
        form = next((form for form in forms if str(form["action"]).endswith(to)), None)
        assert form is not None, self.words
        hidden = form.find_all("input", attrs={"type": "hidden"})
        data = {str(field["name"]): str(field["value"]) for field in hidden} | values
        self._keep(self._client.post(urljoin(self.address, str(form["action"])), data=data))

    @property
    def screen(self) -> str:
        html = self.page.find("html")
        return str(html.get("data-screen", "")) if html is not None else ""

    @property
    def words(self) -> str:
        return " ".join(self.page.get_text(" ").split())

    def close(self) -> None:
        self._client.close()

    def _keep(self, response: httpx2.Response) -> None:
        self.address = str(response.url)
        self.page = BeautifulSoup(response.text, "html5lib")


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    made = Visitor()
    yield made
    made.close()


@contextmanager
def both(folder: Path, *, issuer_ends: str = "", **changes: Any) -> Iterator[str]:
    """Provider and portal; tells the portal's address."""
    server = make_server("127.0.0.1", 0, _not_ready, threaded=True)
    address = f"http://localhost:{server.server_port}"
    client = {
        "client_id": "the-portal",
        "client_secret": SECRET,
        "redirect_uris": [f"{address}/login/callback"],
        "post_logout_redirect_uris": [f"{address}/signed-out"],
    }
    try:
        with node_programs.running("oidc_provider.mjs", {"client": client, "claims": CLAIMS}) as process:
            issuer = node_programs.line_of(process)
            assert issuer.startswith("http://127.0.0.1:")
            with portal_at(issuer + issuer_ends, address, server, folder, **changes):
                yield address
    finally:
        server.server_close()


def sign_in(visitor: Visitor, address: str) -> None:
    """«Войти», the provider's two pages, and back."""
    visitor.open(f"{address}/login")
    assert "/interaction/" in visitor.address, visitor.words
    visitor.send(login="petra", password="any")
    assert "/interaction/" in visitor.address, visitor.words
    visitor.send()


def test_a_patient_signs_in_and_out_at_a_provider_nobody_here_wrote(visitor: Visitor, tmp_path: Path) -> None:
    """From «Войти» to the home page, and the way out through the provider."""
    with both(tmp_path) as address:
        sign_in(visitor, address)
        assert visitor.screen == "loading", visitor.words
        assert "Здесь недоступно" in visitor.words
        visitor.open(f"{address}/loading/all")
        assert (visitor.screen, visitor.address) == ("home", f"{address}/home")
        assert "Ясенева" in visitor.words
        visitor.open(f"{address}/parts/contacts")
        assert "petra@pochta.example" in visitor.words
        # Known to the portal, and still signed in at the provider: one press, no page.
        visitor.open(f"{address}/login")
        assert visitor.screen == "loading"
        visitor.send("/logout")
        assert "/session/end" in visitor.address, visitor.words
        visitor.send(logout="yes")
        assert (visitor.screen, visitor.address) == ("signed-out", f"{address}/signed-out")


def test_the_portal_says_that_it_is_set_up_wrongly(visitor: Visitor, tmp_path: Path) -> None:
    """The check must be able to fail: the provider refuses another secret, and readiness tells the operator."""
    with both(tmp_path, esia_client_secret="another-secret") as address:
        sign_in(visitor, address)
        assert visitor.screen == "misconfigured", visitor.words
        ready = httpx2.get(f"{address}/healthz/ready")
        assert ready.status_code == 503
        assert "invalid_client" in ready.json()["sign_in"]


def test_the_portal_does_not_believe_a_description_under_another_name(visitor: Visitor, tmp_path: Path) -> None:
    """S-05: one slash too many in the issuer, and nobody is sent there."""
    with both(tmp_path, issuer_ends="/") as address:
        visitor.open(f"{address}/login")
        assert visitor.screen == "sign-in-failed", visitor.words
