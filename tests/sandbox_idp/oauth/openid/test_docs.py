"""`docs/openid.md` tells the truth."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from sandbox_idp.oauth import tokens as esia_tokens
from sandbox_idp.oauth.openid import clients, discovery, scopes, tokens

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "openid.md").read_text(encoding="utf-8")


def cells(first: str) -> list[str]:
    """The second cell and those after it of the row that begins with `first`."""
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_endpoints_are_those_of_the_description() -> None:
    document = discovery.document("http://idp.test")
    named = {urlsplit(value).path for name, value in document.items() if name.endswith(("_endpoint", "jwks_uri"))}
    assert set(quoted(cells("endpoints")[0])) == named
    told = quoted(cells("`prompt`, `max_age`")[0])
    assert set(document["prompt_values_supported"]) == set(told) - {"max_age", "login_required"}


def test_the_scopes_open_what_the_table_says() -> None:
    """S-66."""
    for name, rights in scopes.STANDARD.items():
        assert tuple(quoted(cells(f"`{name}`")[0])) == rights


def test_the_client_learns_how_to_authenticate_and_for_how_long() -> None:
    """S-19, S-21, S-10."""
    assert tuple(quoted(cells("authentication (S-21)")[0])) == clients.METHODS
    assert f"{esia_tokens.OPENID_CODE_LIFE.total_seconds():.0f} seconds" in cells("code (S-19)")[0]
    assert tokens.TWO_FACTORS in cells("tokens")[0]
