"""Fixtures of the tests of this room."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_idp.scenarios import engine
from tests.sandbox_idp.control.conftest import control, sandbox_app

__all__ = ("acts", "control", "sandbox_app")


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine was told that people did."""
    told: list[str] = []

    def act(name: str, **_details: Any) -> None:
        told.append(name)

    monkeypatch.setattr(engine, "act", act)
    return told
