"""Settings from the environment, and from files that it names (docs/settings.md)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

from foundation.settings import Duration, EnvironmentSettings, SettingsError, with_files_read


class Shop(EnvironmentSettings):
    """Settings of a small program."""

    PREFIXES: ClassVar[tuple[str, ...]] = ("SHOP_",)

    key: str = Field("", alias="SHOP_KEY")
    opens: Duration = Field(timedelta(hours=8), alias="SHOP_OPENS")


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        Shop.from_environment(environ)
    return refusal.value.problems


def test_a_value_may_lie_in_a_file(tmp_path: Path) -> None:
    """Without the end of its line, and understood as the value itself would be."""
    (tmp_path / "key").write_text("a secret \r\n", encoding="utf-8")
    (tmp_path / "opens").write_text("PT9H\n", encoding="utf-8")
    environ = {"SHOP_KEY_FILE": str(tmp_path / "key"), "SHOP_OPENS_FILE": str(tmp_path / "opens"), "HOME": "/"}
    assert Shop.from_environment(environ) == Shop(key="a secret ", opens=timedelta(hours=9))
    assert with_files_read(environ, Shop) == {"SHOP_KEY": "a secret ", "SHOP_OPENS": "PT9H", "HOME": "/"}


def test_a_value_and_its_file_are_not_both_given(tmp_path: Path) -> None:
    """Which of them is meant is not guessed."""
    environ = {"SHOP_KEY": "a", "SHOP_KEY_FILE": str(tmp_path / "key")}
    assert problems(environ) == ["SHOP_KEY and SHOP_KEY_FILE are both set: keep one of them"]
    with pytest.raises(SettingsError):
        with_files_read(environ, Shop)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "bytes"):
        (problem,) = problems({"SHOP_KEY_FILE": str(path)})
        assert problem.startswith("SHOP_KEY_FILE: cannot be read: ")


def test_a_file_of_nothing_known_is_a_slip_of_the_pen() -> None:
    assert "SHOP_KAY_FILE" in problems({"SHOP_KAY_FILE": "/"})[0]
