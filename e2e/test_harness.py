"""The tests' own tools: what they are trusted to notice, they notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.harness.logs import given_away


@pytest.mark.parametrize(
    "line",
    [
        '{"password": "Lampa-Zelenaya-27"}',
        '{"phone": "+70001000001"}',
        '{"snils": "000-100-101 10"}',
        '{"token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOjEwMDB9.c2lnbmF0dXJl"}',
        '{"path": "/login/callback?code=abcdefgh&state=12345678"}',
        '{"text": "Код: 123456 @127.0.0.1 #123456"}',
    ],
)
def test_a_log_that_says_too_much_is_noticed(tmp_path: Path, line: str) -> None:
    """S-62: passwords, codes, tokens, SNILS and phones never stand in a log."""
    log = tmp_path / "log"
    log.write_text('{"event": "request", "path": "/login/callback", "ms": 700010}\n' + line + "\n", encoding="utf-8")
    found = given_away({"portal": log})
    assert len(found) == 1
    assert found[0].startswith("portal:2:")


def test_a_quiet_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"event": "request", "path": "/login/callback", "status": 303, "ms": 12}\n', encoding="utf-8")
    assert given_away({"portal": log, "gone": tmp_path / "gone"}) == []
