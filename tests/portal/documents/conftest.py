"""Somebody signed in whom the small medical system knows."""

from __future__ import annotations

import pytest

from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import FakeClinic
from tests.portal.fake_esia import FakeEsia


@pytest.fixture
def patient(portal: PageClient, sign_in: SignIn, clinic: FakeClinic, family: FakeEsia) -> PageClient:
    """Signed in, with contacts and policy from Gosuslugi loaded."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    return portal
