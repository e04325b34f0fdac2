"""The whole portal at a small OpenID provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.ids import SystemIds
from portal import create_app
from portal.clinic.base import NoClinic
from portal.doors import FolderFiles, InsideMessages
from portal.esia.openid.client import OpenIdClient
from portal.esia.openid.config import OpenIdConfig
from portal.settings import PortalSettings
from tests.pages import Page, PageClient
from tests.portal.fake_openid import CLIENT_ID, ISSUER, SECRET, FakeOpenId


@pytest.fixture
def provider(clock: ManualClock) -> FakeOpenId:
    return FakeOpenId(clock)


@pytest.fixture
def openid_settings(tmp_path: Path) -> PortalSettings:
    return PortalSettings(
        demo_dir=tmp_path,
        secret_key="unit tests",
        esia_profile="openid",
        esia_issuer=ISSUER,
        esia_client_id=CLIENT_ID,
        esia_client_secret=SECRET,
        esia_scope="openid profile email phone address",
        esia_require_2fa="required",
    )


@pytest.fixture
def make_openid(
    openid_settings: PortalSettings, provider: FakeOpenId, clock: ManualClock
) -> Callable[..., OpenIdClient]:
    """Makes real clients of the small provider; fields of the configuration may be changed by name."""

    def make(**changes: object) -> OpenIdClient:
        return OpenIdClient(
            OpenIdConfig.from_settings(openid_settings, **changes),
            clock=clock,
            ids=SystemIds(),
            transport=httpx2.MockTransport(provider.handle),
            seconds_left=lambda: 25.0,
        )

    return make


@dataclass
class Visitor:
    """A browser at the portal, and the provider that it is sent to."""

    browser: PageClient
    provider: FakeOpenId

    def begin(self) -> dict[str, str]:
        """Press «Войти»; what the provider is asked."""
        return self.provider.shown(self.browser.get("/login", 303).location)

    def come_back(self, status: int = 303, **changes: str | None) -> Page:
        parameters = {"code": "the-code", "state": self.provider.asked["state"], "iss": ISSUER, **changes}
        sent = {name: value for name, value in parameters.items() if value is not None}
        return self.browser.get("/login/callback", status, query_string=sent)

    def sign_in(self, status: int = 303) -> Page:
        self.begin()
        return self.come_back(status)


@pytest.fixture
def visitor(
    *,
    openid_settings: PortalSettings,
    portal_database: Database,
    make_openid: Callable[..., OpenIdClient],
    clock: ManualClock,
    tmp_path: Path,
    provider: FakeOpenId,
) -> Iterator[Visitor]:
    client = make_openid()
    app = create_app(
        openid_settings,
        database=portal_database,
        esia=client,
        clinic=NoClinic(),
        messages=InsideMessages(),
        files=FolderFiles(tmp_path / "files"),
        clock=clock,
        ids=SystemIds(),
    )
    yield Visitor(PageClient(app, openid_settings.public_url), provider)
    client.close()
