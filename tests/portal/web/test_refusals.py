"""Text that no database takes is a spoilt request and no fault of the portal."""

from __future__ import annotations

import pytest

from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia


@pytest.mark.parametrize("path", ["/support/%00", "/children/%00/act", "/record/visits/a%00b"])
def test_a_nul_in_an_address_is_an_address_that_there_is_not(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, path: str
) -> None:
    """S-61: 404 on either database, and never an error of the database."""
    sign_in(portal)
    portal.get(path, 404)


def test_a_nul_in_a_form_is_refused(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """S-61: no browser sends one, and nothing is stored of it."""
    sign_in(portal)
    portal.get("/support/new")
    page = portal.post("/support/new", {"description": "a\0b", "full_name": "Анна", "phone": "+70001000001"}, 400)
    assert page.screen == "request-refused"
    assert portal.get("/notifications?before=%00").screen == "notifications"
