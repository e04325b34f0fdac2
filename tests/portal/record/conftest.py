"""A patient who is signed in, with a record at the small medical system."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import FakeClinic
from tests.portal.fake_clinic_record import fill

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def download(browser: PageClient, path: str) -> TestResponse:
    """A file, as it came."""
    response = browser.client.get(path, base_url=browser.base_url, buffered=True)
    assert response.status_code == 200
    return response


@pytest.fixture
def full(clinic: FakeClinic) -> FakeClinic:
    """The medical system with Anna's record."""
    fill(clinic)
    return clinic


@pytest.fixture
def anna(portal: PageClient, sign_in: SignIn, full: FakeClinic) -> PageClient:
    """Anna's browser."""
    sign_in(portal)
    return portal
