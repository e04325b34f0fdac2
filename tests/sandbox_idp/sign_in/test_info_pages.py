"""The small pages around the sign-in."""

from __future__ import annotations

import pytest

from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import ask, at


def test_help_with_the_password_states_the_rule_in_force(sandbox: PageClient, stand: Stand) -> None:
    """C-02, C-11, S-27: the same words as the policy has; the password itself is not given away."""
    page = sandbox.get(at("/recovery", ask(stand)))
    assert page.words.startswith("Учебный стенд: Забыли пароль?")
    for line in load("seed-strict").password.words():
        assert " ".join(line.split()) in page.words
    assert PASSWORD not in page.text
    back = page.soup.find("a", href=f"{stand.prefix}/login?request=request-1")
    assert back is not None


def test_registration_says_when_it_comes_and_who_is_there(sandbox: PageClient, stand: Stand) -> None:
    """R-004: no dead end."""
    page = sandbox.get("/register")
    assert page.screen == "register"
    assert "Регистрация откроется в следующем выпуске стенда." in page.words
    for person in ("Анна Лесная", "Виктор Полевой", "Глеб Южный"):
        assert person in page.words
    assert "+7 (000) 100-00-02" in page.words


@pytest.mark.parametrize("path", ["/recovery", "/register", "/login/where-else"])
def test_they_open_with_a_request_that_is_gone(sandbox: PageClient, stand: Stand, path: str) -> None:
    """Help is there whatever has become of the sign-in."""
    page = sandbox.get(at(path, "long-gone"))
    assert page.root["data-state"] == "ready"
    assert page.soup.main is not None
    assert "long-gone" not in str(page.soup.main)
