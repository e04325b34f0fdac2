"""What people do at a program that knows nothing of scenarios is noticed at the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.arming import arm, disarm
from tests.sandbox_idp.scenarios.conftest import Place, entry_text

PAGE = 'match = { method = "GET", path = "/page" }'


def watching(folder: Path, *, when: str) -> catalogue.Catalogue:
    """A catalogue of one entry that a person sets going."""
    text = entry_text("probe", f'[watch]\nact = "probed"\n\n[watch.when]\n{when}\n')
    (folder / "probe.toml").write_text(text.replace('"effect"', '"person"'), encoding="utf-8")
    return catalogue.load(folder)


def acts(place: Place) -> list[tuple[str, str | None]]:
    return [(line.name, line.entry) for line in place.lines() if line.kind == "act"]


@pytest.mark.parametrize(
    ("when", "seen"),
    [
        (PAGE, True),
        (f"{PAGE}\nstatus = 200", True),
        (f"{PAGE}\nstatus = 422", False),
        (f'{PAGE}\nquery = "x=//y"', True),
        (f'{PAGE}\nquery = "x=//z"', False),
        (f'{PAGE}\ncontains = "page belongs to"', True),
        (f'{PAGE}\ncontains = "something else"', False),
        (f'{PAGE}\nheader = {{ name = "User-Agent", contains = "Old/79" }}', True),
        (f'{PAGE}\nheader = {{ name = "User-Agent", contains = "Old/80" }}', False),
        (f'{PAGE}\nheader = {{ name = "HX-Request", absent = true }}', True),
        (f'{PAGE}\nheader = {{ name = "User-Agent", absent = true }}', False),
        ('match = { method = "POST", path = "/page" }', False),
        ('match = { path = "/other" }', False),
        (f'program = "sandbox_idp"\n{PAGE}', False),
        ('match = { path = "/login" }\nlocation = "/aas/oauth2/ac"', True),
        ('match = { path = "/login" }\nlocation = "/elsewhere"', False),
    ],
)
def test_an_act_is_known_by_its_exchange(place: Place, tmp_path: Path, when: str, seen: bool) -> None:
    """The request and its answer say whether it was done; the browser gets the answer whole either way."""
    with catalogue.using(watching(tmp_path, when=when)):
        arm(place.stand, "probe", "everyone")
        browser = place.at_portal()
        answer = browser.get("/page?x=%2F%2Fy", headers={"User-Agent": "Old/79"})
        browser.get("/login")
        assert answer.get_data(as_text=True).endswith("long enough to be cut in two")
        assert acts(place) == ([("probed", "probe")] if seen else [])


def test_nothing_is_noted_while_the_entry_is_off(place: Place, tmp_path: Path) -> None:
    """The console watches only for what was asked for."""
    with catalogue.using(watching(tmp_path, when=PAGE)):
        browser = place.at_portal()
        browser.get("/page")
        arm(place.stand, "probe", "everyone")
        disarm(place.stand, "probe")
        browser.get("/page")
        assert acts(place) == []
