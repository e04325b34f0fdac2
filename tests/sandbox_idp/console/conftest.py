"""A trainer's browser at the console of the test's own stand, and the small catalogue of the control API's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.catalogue import Catalogue
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.pages import PageClient
from tests.sandbox_idp.control.small_catalogue import small_catalogue

PASSWORD = "пароль пульта"


@pytest.fixture(scope="session")
def console_settings(sandbox_settings: SandboxSettings) -> SandboxSettings:
    """With a password, and with the HTTP API off: the console works without it (S-70)."""
    return sandbox_settings.model_copy(update={"console_password": PASSWORD, "control": "off"})


@pytest.fixture(scope="session")
def console_app(console_settings: SandboxSettings, house: House) -> Any:
    """The sandbox with these settings, made once."""
    return build(console_settings, house)


@pytest.fixture(autouse=True)
def scenarios(tmp_path: Path) -> Iterator[Catalogue]:
    """The small catalogue in place of the real one."""
    with catalogue.using(small_catalogue(tmp_path)) as small:
        yield small


@pytest.fixture
def stranger(console_app: Any, console_settings: SandboxSettings, stand: Stand) -> PageClient:
    """A browser that nobody has let in."""
    return PageClient(console_app, console_settings.public_url, stand.prefix)


def enter(browser: PageClient) -> PageClient:
    """Let a browser in by the password."""
    browser.get("/console/enter")
    browser.post("/console/enter", {"password": PASSWORD})
    return browser


@pytest.fixture
def console(stranger: PageClient) -> PageClient:
    """A browser inside the console of the test's own stand."""
    return enter(stranger)


@pytest.fixture
def head_console(console_app: Any, console_settings: SandboxSettings, stand: Stand) -> PageClient:
    """A browser that entered without a prefix, and so is inside the consoles of all stands."""
    return enter(PageClient(console_app, console_settings.public_url))
