"""Fixtures of the tests of this room."""

from __future__ import annotations

import pytest
from flask import Flask

from sandbox_idp.assembly import create_app
from sandbox_idp.scenarios import engine
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House


@pytest.fixture(scope="session")
def app(sandbox_settings: SandboxSettings, house: House) -> Flask:
    """The sandbox's Flask app, for what is called outside of a request."""
    return create_app(sandbox_settings, house)


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine was told that people did."""
    told: list[str] = []
    monkeypatch.setattr(engine, "act", lambda name, **_: told.append(name))
    return told
