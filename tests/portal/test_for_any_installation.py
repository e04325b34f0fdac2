"""The portal has no line about scenarios, stands or training: what it says holds wherever it is run.

What such a place wants to have said on every page is the notice of its settings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import portal
from foundation.assets import assets

WORDS = re.compile(
    r"\b(?:sandbox\w*|training|trainees?|trainers?|scenarios?|stand's|(?:a|an|the|no|this|every) stands?)\b"
    r"|стенд|учебн|тренир|сценари|песочниц",
    re.IGNORECASE,
)
SCRIPTS = ("browser-check.js", "portal.js", "session.js", "upload.js")


def _files() -> list[Path]:
    package = Path(portal.__file__).parent
    static, templates = assets("static"), assets("templates")
    return [
        *package.rglob("*.py"),
        *(templates / "portal").rglob("*.*"),
        *(static / "js" / name for name in SCRIPTS),
    ]


@pytest.mark.parametrize("line", ["на учебном стенде", "A stand of the sandbox", "this stand's clock", "the scenario"])
def test_the_words_are_found(line: str) -> None:
    """The search below would see them."""
    assert WORDS.search(line)


def test_no_file_of_the_portal_speaks_of_training() -> None:
    """`docs/architecture.md`: code, comments and pages alike."""
    files = _files()
    assert len(files) > 200
    said = [
        f"{path.name}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WORDS.search(line)
    ]
    assert said == []
