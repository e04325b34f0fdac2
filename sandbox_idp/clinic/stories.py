"""What entries of a record say, by the name that they hold: seeded ones are kept short, their words stand in a file."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox_idp.clinic import laboratory, tariffs
from sandbox_idp.clinic.region import region

FILE = Path(__file__).with_name("courses.toml")
VACCINATION = 318_00
"""Kopecks in the base year."""


@dataclass(frozen=True)
class Story:
    """The words of an entry."""

    title: str
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    kopecks: int | None = None
    """What it costs the insurance in the base year."""


def story(kind: str, name: str) -> Story:
    """What entries of that kind say under that name. KeyError for a name that the file does not have."""
    return _stories()[kind, name]


@functools.cache
def courses() -> Mapping[str, Any]:
    """The file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@functools.cache
def _stories() -> Mapping[tuple[str, str], Story]:
    data = courses()
    found: dict[tuple[str, str], Story] = {}
    for name, given in data["illnesses"].items():
        code = ("Код по МКБ-10", given["code"])
        found["diagnoses", name] = Story(given["diagnosis"], fields=(code,))
        found["visits", name] = Story("", given["text"], _pairs(given))
    for kind in ("visits", "procedures", "prescriptions", "documents"):
        for name, given in data[kind].items():
            found[kind, name] = Story(given["title"], given.get("text", ""), _pairs(given), given.get("kopecks"))
    for name, given in data["vaccinations"].items():
        found["vaccinations", name] = Story(given["title"], "", (("Вакцина", given["vaccine"]),), VACCINATION)
    for name, (title, tests) in laboratory.panels().items():
        found["results", name] = Story(title, kopecks=tariffs.panel(len(tests)))
    for name, speciality in region().specialities.items():
        found["referrals", name] = Story(f"Направление: {speciality.name}", "Консультация по заболеванию.")
    return found


def _pairs(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((label, words) for label, words in given.get("fields", ()))
