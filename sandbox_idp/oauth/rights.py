"""The rights that a consent page shows for one request, and the identity of their text (S-23, S-64)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox_idp.oauth import scopes as catalogue
from sandbox_idp.oauth.models import InformationSystem

HOME_SYSTEM = "PORTAL_DEMO"
"""The card whose lines are the thirteen of the FAQ; every other system gets a line for each scope."""

TEXT_VERSION = "2"
"""Raised whenever the words of the page change: everybody is then asked again."""

TERM = "До отзыва. Отозвать можно в личном кабинете, раздел «Согласия»"


@dataclass(frozen=True)
class Right:
    """One line of the consent page."""

    key: str
    """Its first scope; what the form sends."""
    title: str
    explanation: str
    scopes: tuple[str, ...]
    """The scopes of the request that it grants."""
    required: bool
    """Cannot be unticked: without it only «Отказать» is left."""


def rights_for(system: InformationSystem, asked: Sequence[str]) -> list[Right]:
    """The lines for the scopes a system asked for: the FAQ's first, in its order, then the others in theirs."""
    left = list(asked)
    rights = []
    for line in catalogue.LINES:
        members = line.scopes if system.mnemonic == HOME_SYSTEM else line.scopes[:1]
        covered = tuple(scope for scope in members if scope in left)
        if covered:
            left = [scope for scope in left if scope not in covered]
            rights.append(_right(system, line.title, covered, line))
    rights.extend(_right(system, catalogue.TITLES[scope], (scope,), None) for scope in left)
    return rights


def _right(system: InformationSystem, title: str, covered: tuple[str, ...], line: catalogue.Line | None) -> Right:
    required = any(scope in system.required_scopes for scope in covered)
    if line is not None and system.mnemonic == HOME_SYSTEM:
        explanation = line.explanation
    elif required:
        explanation = "Обязательное право: система без него не открывается. Если не согласны, нажмите «Отказать»."
    else:
        explanation = "Система просит эти данные. Без этого права она их не получит, а вход продолжится."
    return Right(covered[0], title, explanation, covered, required)


def granted_scopes(rights: Iterable[Right], chosen: Iterable[str], asked: Sequence[str]) -> list[str]:
    """Those of the scopes `asked`, in their order, whose rights were chosen; required ones are always among them."""
    keys = set(chosen)
    granted = {scope for right in rights if right.required or right.key in keys for scope in right.scopes}
    return [scope for scope in asked if scope in granted]


def text_hash(system: InformationSystem, asked: Sequence[str]) -> str:
    """SHA-256 of the words a person agrees to: who asks, why, until when, and every line with its explanation."""
    words = [TEXT_VERSION, system.name, system.purpose, TERM]
    for right in rights_for(system, sorted(asked)):
        words += [right.title, right.explanation, *sorted(right.scopes)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
