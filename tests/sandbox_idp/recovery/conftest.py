"""Fixtures of the tests of this room."""

from __future__ import annotations

import pytest

from sandbox_idp.scenarios import engine


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine was told that people did."""
    told: list[str] = []
    monkeypatch.setattr(engine, "act", lambda name, **_: told.append(name))
    return told
