"""The small pages around the sign-in."""

from __future__ import annotations

import pytest

from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import at


@pytest.mark.parametrize("path", ["/recovery", "/register", "/login/where-else"])
def test_they_open_with_a_request_that_is_gone(sandbox: PageClient, stand: Stand, path: str) -> None:
    """Help is there whatever has become of the sign-in."""
    page = sandbox.get(at(path, "long-gone"))
    assert page.root["data-state"] == "ready"
    assert page.soup.main is not None
    assert "long-gone" not in str(page.soup.main)


def test_a_stand_whose_name_no_database_can_be_asked_for_is_unknown(sandbox: PageClient) -> None:
    """S-61: a NUL in the prefix is an address that leads nowhere, on PostgreSQL as well."""
    sandbox.prefix = ""
    assert sandbox.get("/s/j2vo%00ztxlfrfp6i/login", 404).screen == "no-stand"
