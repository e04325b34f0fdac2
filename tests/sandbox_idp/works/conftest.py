"""The small catalogue of the control API's tests, for works that are armed as a trainer arms them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.catalogue import Catalogue
from tests.sandbox_idp.control.small_catalogue import small_catalogue


@pytest.fixture(autouse=True)
def scenarios(tmp_path: Path) -> Iterator[Catalogue]:
    """The small catalogue in place of the real one."""
    with catalogue.using(small_catalogue(tmp_path)) as small:
        yield small
