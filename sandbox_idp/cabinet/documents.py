"""«Мои документы»: what the person has given, what the registries say of it, and how far it is to стандартная."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from foundation import russian
from foundation.database import Session
from sandbox_idp.accounts import levels
from sandbox_idp.accounts.models import Document, Person
from sandbox_idp.registries import checks
from sandbox_idp.registries.answers import Registry
from sandbox_idp.registries.models import RegistryCheck

State = Literal["proven", "missing", "checking", "slow", "postponed", "refused"]
Kind = Literal["passport", "snils", "policy", "inn"]

KINDS: tuple[Kind, ...] = ("passport", "snils", "policy", "inn")
REGISTRIES: dict[Kind, Registry] = {"passport": "passport", "snils": "snils", "policy": "insured"}
"""The registry that is asked about each; nobody checks an INN here."""
TITLES: dict[Kind, str] = {"passport": "Паспорт", "snils": "СНИЛС", "policy": "Полис ОМС", "inn": "ИНН"}
TAGS: dict[State, str] = {
    "proven": "Подтверждён",
    "missing": "Не указан",
    "checking": "Проверяется",
    "slow": "Проверяется",
    "postponed": "Проверка отложена",
    "refused": "Не подтверждён",
}
_OF: dict[Registry, str] = {"passport": "Реестр паспортов", "snils": "Реестр СНИЛС", "insured": "Реестр застрахованных"}


@dataclass(frozen=True)
class Paper:
    """One document as the page shows it."""

    kind: Kind
    state: State
    proven: str | None
    """The number that is confirmed, masked."""
    given: str | None
    """The one that was given and is not confirmed, in full: whoever typed it has to compare it."""
    check: RegistryCheck | None
    trouble: str = ""
    """What a registry's no means."""

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def tag(self) -> str:
        return TAGS[self.state]

    @property
    def registry_words(self) -> str:
        """«Реестр паспортов»."""
        return _OF[REGISTRIES[self.kind]]

    @property
    def may_change(self) -> bool:
        """A SNILS is for life: once confirmed it stays."""
        return not (self.kind == "snils" and self.proven)


def papers(session: Session, person: Person) -> list[Paper]:
    """All four, in the order of the page."""
    found = [_paper(session, person, kind) for kind in KINDS[:3]]
    inn = Paper("inn", "proven" if person.inn else "missing", masked("inn", person.inn), None, None)
    return [*found, inn]


def missing_for_standard(person: Person, shown: list[Paper]) -> list[str]:
    """What is not confirmed yet of what стандартная needs; empty if the level is reached."""
    if person.level != "simplified":
        return []
    needed = {"passport": "паспорт", "snils": "СНИЛС"}
    return [needed[each.kind] for each in shown if each.kind in needed and not each.proven]


def look(session: Session, oid: int, now: datetime) -> Person:
    """Take what the registries have answered by now, in a transaction that writes; the person as it is then."""
    person = session.get_one(Person, oid)
    levels.look(session, person, now)
    return person


def is_due(session: Session, oid: int, now: datetime) -> bool:
    """Whether `look` would have anything to do."""
    return checks.is_due(session, oid, now)


def masked(kind: Kind, digits: str | None) -> str | None:
    """Enough to recognise the document: `0000 •••••3`, `000-•••-••• 10`."""
    if not digits:
        return None
    if kind == "passport":
        return f"{digits[:4]}{russian.NBSP}••••{digits[-2:]}"
    if kind == "snils":
        return russian.snils_masked(digits)
    if kind == "policy":
        return russian.policy_masked(digits)
    return f"••••••••{digits[-4:]}"


def in_full(kind: Kind, digits: str) -> str:
    """As it stands on the document."""
    if kind == "passport":
        return f"{digits[:4]} {digits[4:]}"
    if kind == "snils":
        return russian.snils(digits)
    if kind == "policy":
        return " ".join(digits[place : place + 4] for place in range(0, 16, 4))
    return digits


def _paper(session: Session, person: Person, kind: Kind) -> Paper:
    registry = REGISTRIES[kind]
    given = levels.unverified(session, person.oid, registry)
    if kind == "snils":
        proven = person.snils
    else:
        document = levels.verified(session, person.oid, registry)
        proven = levels.digits_of(document) if document is not None else None
    check = _check_of(session, person.oid, registry, given)
    state = _state(proven, given, check)
    trouble = levels.refusal(registry, check.answer) if state == "refused" and check and check.answer else ""
    full = in_full(kind, levels.digits_of(given)) if given is not None else None
    return Paper(kind, state, masked(kind, proven), full, check, trouble)


def _check_of(session: Session, oid: int, registry: Registry, given: Document | None) -> RegistryCheck | None:
    return checks.newest(session, oid, registry, levels.digits_of(given)) if given is not None else None


def _state(proven: str | None, given: Document | None, check: RegistryCheck | None) -> State:
    if given is None or check is None:
        return "proven" if proven else "missing"
    if check.answered_at is not None:
        return "refused"
    if check.postponed_at is not None:
        return "postponed"
    return "slow" if check.slow else "checking"
