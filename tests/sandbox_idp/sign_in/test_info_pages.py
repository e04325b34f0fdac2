"""The small pages around the sign-in."""

from __future__ import annotations

import pytest

from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import at


def test_registration_says_when_it_comes_and_who_is_there(sandbox: PageClient, stand: Stand) -> None:
    """R-004: no dead end."""
    page = sandbox.get("/register")
    assert page.screen == "register"
    assert "Регистрация откроется в следующем выпуске стенда." in page.words
    for person in ("Анна Лесная", "Виктор Полевой", "Глеб Южный"):
        assert person in page.words
    assert "+7 (000) 100-00-02" in page.words


@pytest.mark.parametrize("path", ["/recovery", "/register", "/login/where-else", "/login/signature"])
def test_they_open_with_a_request_that_is_gone(sandbox: PageClient, stand: Stand, path: str) -> None:
    """Help is there whatever has become of the sign-in."""
    page = sandbox.get(at(path, "long-gone"))
    assert page.root["data-state"] == "ready"
    assert page.soup.main is not None
    assert "long-gone" not in str(page.soup.main)
