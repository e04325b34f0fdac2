"""The services of the cabinet and the search for them. It forgives a letter or two, and with them the source's own slip
«медецинский» (R-075, C-27).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from sandbox_idp.accounts import ranges

CLOSE = 0.78
"""How alike two words must be."""


@dataclass(frozen=True)
class Service:
    """One service: where it is, and what it is called."""

    endpoint: str
    title: str
    text: str
    words: str = ""
    """By what else it is looked for."""


SERVICES = (
    Service(
        "identity.service",
        "Электронный медицинский полис",
        "Подтверждение личности, полис ОМС и доступ к медицинским услугам.",
        "омс егисз подтвердить личность страховой",
    ),
)


def search(query: str) -> list[Service]:
    """Services in which every word of the query is found, more or less; all of them for an empty one."""
    wanted = _words(query)
    return [each for each in SERVICES if all(_found(word, _words(f"{each.title} {each.words}")) for word in wanted)]


def _words(text: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in ranges.clean(text).lower().replace("ё", "е"))
    return kept.split()


def _found(word: str, among: list[str]) -> bool:
    return any(
        each.startswith(word) if len(word) < 4 else SequenceMatcher(None, word, each[: len(word) + 1]).ratio() >= CLOSE
        for each in among
    )
