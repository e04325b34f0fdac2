"""A portal of the test's own: migrated database, a clock that stands still, the real client of a small ESIA."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

import portal as portal_package
from foundation.clock import ManualClock
from foundation.database import Database
from foundation.ids import SystemIds
from portal import create_app
from portal.clinic.base import Clinic, NoClinic
from portal.doors import FolderFiles, InsideMessages
from portal.esia.client import EsiaClient
from portal.esia.config import EsiaConfig
from portal.settings import PortalSettings
from sandbox_idp.stands.storage import Storage
from tests.pages import Page, PageClient
from tests.portal.fake_clinic import FakeClinic
from tests.portal.fake_esia import BACK, FRONT, FakeEsia, certificate_pem, key_pem, state_of
from tests.portal.family import family, grant

__all__ = ["family", "grant"]

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""12:00 in Moscow, on a Sunday."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def esia(clock: ManualClock) -> FakeEsia:
    return FakeEsia(clock)


@pytest.fixture(scope="session")
def portal_storage(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Storage:
    """Makes portal databases out of a template that is migrated once a run."""
    return Storage(
        "portal",
        url=database_url,
        folder=tmp_path_factory.mktemp("portal"),
        scripts=portal_package.MIGRATIONS,
        fill=lambda _: None,
        edition=lambda: "0",
    )


@pytest.fixture
def portal_database(portal_storage: Storage) -> Iterator[Database]:
    """A portal database of this test's own."""
    generation = SystemIds().stand()
    portal_storage.create(generation)
    database = portal_storage.open(generation)
    yield database
    database.close()
    portal_storage.drop(generation)


@pytest.fixture
def portal_settings(tmp_path: Path) -> PortalSettings:
    return PortalSettings(
        demo_dir=tmp_path,
        secret_key="unit tests",
        esia_front_url=FRONT,
        esia_back_url=BACK,
        esia_works_url=f"{BACK}/works.json",
        esia_require_2fa="required",
    )


@pytest.fixture
def make_client(portal_settings: PortalSettings, esia: FakeEsia, clock: ManualClock) -> Callable[..., EsiaClient]:
    """Makes real clients of the small ESIA; fields of the configuration may be changed by name."""

    def make(**changes: object) -> EsiaClient:
        config = EsiaConfig.from_settings(
            portal_settings, key_pem=key_pem("portal"), certificate_pem=certificate_pem("portal", clock), **changes
        )
        return EsiaClient(config, clock=clock, ids=SystemIds(), transport=esia.transport(), seconds_left=lambda: 25.0)

    return make


@pytest.fixture
def clinic(clock: ManualClock) -> FakeClinic:
    """A small medical system. The portal of a test that asks for it has it; any other portal has none."""
    return FakeClinic(clock)


@pytest.fixture
def medical_system(request: pytest.FixtureRequest) -> Clinic:
    """What the portal of this test is given."""
    if "clinic" not in request.fixturenames:
        return NoClinic()
    clinic: FakeClinic = request.getfixturevalue("clinic")
    return clinic


@pytest.fixture
def portal_app(
    portal_settings: PortalSettings,
    portal_database: Database,
    make_client: Callable[..., EsiaClient],
    medical_system: Clinic,
    clock: ManualClock,
) -> Iterator[Flask]:
    """The whole portal behind its doors."""
    client = make_client()
    yield create_app(
        portal_settings,
        database=portal_database,
        esia=client,
        clinic=medical_system,
        messages=InsideMessages(),
        files=FolderFiles(portal_settings.demo_dir / "files"),
        clock=clock,
        ids=SystemIds(),
    )
    client.close()
    shutil.rmtree(portal_settings.demo_dir, ignore_errors=True)


@pytest.fixture
def portal(portal_app: Flask, portal_settings: PortalSettings) -> PageClient:
    """A browser at the portal."""
    return PageClient(portal_app, portal_settings.public_url)


@dataclass(frozen=True)
class SignIn:
    """Signs a browser in by the small ESIA, step by step or at once."""

    esia: FakeEsia

    def begin(self, browser: PageClient, path: str = "/login") -> str:
        """Press «Войти»; tells the `state` that Gosuslugi got."""
        page = browser.get(path, 303)
        assert page.location.startswith(f"{FRONT}/aas/oauth2/ac?"), page.location
        return state_of(page.location)

    def come_back(self, browser: PageClient, state: str, status: int = 303, **parameters: str) -> Page:
        """Return from Gosuslugi with a code, or with other parameters."""
        query = parameters or {"code": self.esia.code()}
        return browser.get("/login/callback", status, query_string={"state": state, **query})

    def __call__(self, browser: PageClient, path: str = "/login") -> Page:
        """The whole way; the page is the redirect after it."""
        return self.come_back(browser, self.begin(browser, path))


@pytest.fixture
def sign_in(esia: FakeEsia) -> SignIn:
    return SignIn(esia)
