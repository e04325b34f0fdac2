"""The contract in `docs/control-api.md` names every call that is built, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from sandbox_idp.assembly import create_app
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "control-api.md").read_text(encoding="utf-8")
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (?:…)?(/[\w{}/.-]*)")


def built(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<\w+>", "{id}", rule.rule.removeprefix("/control/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/control/v1/")
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }


def test_the_contract_and_the_program_know_the_same_calls(sandbox_settings: SandboxSettings, house: House) -> None:
    assert set(CALL.findall(TEXT)) == built(create_app(sandbox_settings, house))


def test_the_contract_names_every_code_of_a_refusal() -> None:
    """What a test compares must not be found out by trying."""
    sources = [*(ROOT / "sandbox_idp" / "control").glob("*.py")]
    codes = {
        code
        for source in sources
        for code in re.findall(r'ProblemError\(\s*\d{3},\s*"([a-z-]+)"', source.read_text(encoding="utf-8"))
    }
    assert {"invalid", "wrong-token", "unknown-stand"} <= codes
    assert not {code for code in codes if f"`{code}`" not in TEXT}
