"""Which end-to-end tests stand for others of their kind, and that whoever names a test gets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from e2e.conftest import names_tests, surplus
from tools import run_tests


@dataclass
class Walk:
    """A test as it is collected: of a kind, in a browser, with script or without."""

    nodeid: str
    kind: str
    browser: str = "chromium"
    script: bool = True
    marks: dict[str, Any] = field(default_factory=dict)

    @property
    def callspec(self) -> SimpleNamespace:
        return SimpleNamespace(params={"browser_name": self.browser, "script": self.script})

    def get_closest_marker(self, name: str) -> Any:
        specimen = SimpleNamespace(args=(self.kind, "kind", "authorize", "gosuslugi-failed"))
        return specimen if name == "specimen" else self.marks.get(name)


WALKS = [
    Walk("idp-500", "status"),
    Walk("idp-503", "status"),
    Walk("idp-500-in-firefox", "status", "firefox"),
    Walk("idp-503-in-firefox", "status", "firefox"),
    Walk("idp-500-without-script", "status", script=False),
    Walk("idp-503-without-script", "status", script=False),
    Walk("legible", "other", "firefox", marks={"chromium_only": True}),
]


def _dropped(*, everything: bool) -> list[str]:
    return [item.nodeid for item in surplus(cast(list[pytest.Item], WALKS), everything=everything)]


def _config(keyword: str, *args: str) -> pytest.Config:
    return cast(pytest.Config, SimpleNamespace(option=SimpleNamespace(keyword=keyword), args=list(args)))


def test_one_stands_for_others_of_its_kind() -> None:
    """In Chromium with script every entry is walked; elsewhere the first of a kind."""
    assert _dropped(everything=False) == ["idp-503-in-firefox", "idp-503-without-script", "legible"]


def test_everything_is_all_that_a_browser_can_show() -> None:
    assert _dropped(everything=True) == ["legible"]


@pytest.mark.parametrize(
    ("keyword", "argument", "named"),
    [
        ("", "e2e", False),
        ("", "e2e/test_catalogue.py", False),
        ("idp-503", "e2e", True),
        ("", "e2e/test_catalogue.py::test_an_entry_fails_and_recovers[idp-503-firefox]", True),
    ],
)
def test_whoever_names_a_test_gets_it(keyword: str, argument: str, named: bool) -> None:
    assert names_tests(_config(keyword, argument)) is named


@pytest.mark.parametrize("step", sorted(run_tests.NEED_BROWSERS))
def test_no_step_of_the_run_names_tests(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would walk what others stand for."""
    given: list[str] = []

    def note(title: str, arguments: list[str], _environ: object) -> run_tests.Result:
        given.extend(arguments)
        return run_tests.Result(title)

    monkeypatch.setattr(run_tests, "_pytest", note)
    run_tests.STEPS[step](False, {})
    assert given
    assert "-k" not in given
    assert not any("::" in argument for argument in given)
