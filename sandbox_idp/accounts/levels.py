"""How an account gets from упрощённая to стандартная and подтверждённая (R-013, R-014, R-078).

What a person gives is a document that is not verified yet; a SNILS is one of the kind `SNILS`, because `Person.snils`
holds only what the registry has found. With passport and SNILS found, упрощённая becomes стандартная. What makes
стандартная подтверждённая is the person's identity (`sandbox_idp.identity`, a service centre), not a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts.models import Document, Person
from sandbox_idp.accounts.people import LEVELS
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.policy import current_policy
from sandbox_idp.registries import answers, checks
from sandbox_idp.registries.answers import KIND, Registry
from sandbox_idp.registries.checks import Answered
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.secrecy import subject

_log = log.get_log("sandbox_idp.accounts")

DOCUMENTS = Link("/cabinet/documents", "Мои документы")
_NAMES: dict[Registry, str] = {"passport": "Паспорт", "snils": "СНИЛС", "insured": "Полис ОМС"}
_REFUSALS: dict[Registry, dict[str, str]] = {
    "passport": {
        "not-found": "Паспорта с такими серией и номером нет в реестре. Сверьте их с паспортом и исправьте.",
        "refused": "Реестр паспортов отказался проверять эти данные. Сверьте их с паспортом и отправьте ещё раз.",
    },
    "snils": {
        "mismatch": "Этот номер СНИЛС не нашёлся или не подходит к вашим имени и дате рождения. "
        "Сверьте его с карточкой или выпиской и исправьте.",
        "taken": "Этот СНИЛС уже привязан к другой учётной записи. Одному человеку нужна одна: восстановите прежнюю.",
        "refused": "Реестр СНИЛС отказался проверять этот номер. Сверьте его с карточкой и отправьте ещё раз.",
    },
    "insured": {
        "not-found": "Полиса с таким номером нет в реестре застрахованных. Сверьте 16 цифр с полисом и исправьте.",
        "refused": "Реестр застрахованных отказался проверять этот номер. Сверьте его с полисом и отправьте ещё раз.",
    },
}
_ACTS = {
    ("passport", "not-found"): "passport-not-found",
    ("snils", "mismatch"): "snils-mismatch",
    ("snils", "taken"): "snils-taken",
    ("insured", "not-found"): "policy-not-found",
}


def submitted(session: Session, person: Person, now: datetime) -> None:
    """Ask the registries about every document of the person that is not verified and was not asked about yet."""
    hold(session, person)
    for registry in checks.ORDER:
        paper = unverified(session, person.oid, registry)
        if paper is not None and checks.newest(session, person.oid, registry, digits_of(paper)) is None:
            _ask(session, person, registry, paper, now)


def give(session: Session, person: Person, registry: Registry, paper: Mapping[str, Any], now: datetime) -> None:
    """The person has given (or corrected) one document: keep what was typed, and ask.

    `paper`: columns of `Document` (`series`, `number`, …). What is proven already stays until the new one is.
    """
    hold(session, person)
    _forget_unverified(session, person.oid, registry)
    row = {"person_oid": person.oid, "type": KIND[registry], "verified": False, **paper}
    session.execute(insert(Document), [row])
    given = unverified(session, person.oid, registry)
    assert given is not None
    _ask(session, person, registry, given, now)


def look(session: Session, person: Person, now: datetime) -> None:
    """Take the answers that are due, tell the person of each, and raise the level if it is time."""
    if not checks.is_due(session, person.oid, now):
        return
    hold(session, person)
    for done in checks.answers_due(session, person, rules=current_policy().registries, now=now):
        if done.check.answer == "found":
            _found(session, person, done, now)
        else:
            _refused(session, person, done)
    _raise_to_standard(session, person, now)


def confirm(session: Session, person: Person, now: datetime, *, by_signature: bool = False) -> None:
    """The person has proved who they are (R-079): подтверждённая, of the kind «КЭП» if they have a signature for it.

    The caller holds the person.
    """
    person.level = "confirmed-signature" if by_signature else "confirmed"
    _changed(session, person, now)
    _log.info("level_raised", subject=subject(person.oid), level=person.level)


def hold(session: Session, person: Person) -> None:
    """Keep the person for this transaction: documents and level of one person change one after the other."""
    session.flush()
    session.refresh(person, with_for_update=True)


def unverified(session: Session, oid: int, registry: Registry) -> Document | None:
    """What the person has given and no registry has found yet."""
    mine = select(Document).where(Document.person_oid == oid, Document.type == KIND[registry])
    return session.exec(mine.where(col(Document.verified).is_(False)).order_by(col(Document.id).desc())).first()


def verified(session: Session, oid: int, registry: Registry) -> Document | None:
    """The document of that kind that the registry has found."""
    mine = select(Document).where(Document.person_oid == oid, Document.type == KIND[registry])
    return session.exec(mine.where(col(Document.verified).is_(True)).order_by(col(Document.id))).first()


def digits_of(paper: Document) -> str:
    """Series and number in a row, as a registry is asked."""
    return f"{paper.series or ''}{paper.number}"


def refusal(registry: Registry, answer: str) -> str:
    """What a registry's no means and what to do about it."""
    return _REFUSALS[registry][answer]


def _ask(session: Session, person: Person, registry: Registry, paper: Document, now: datetime) -> None:
    rules = current_policy().registries
    checks.ask(session, person, registry, digits_of(paper), rules=rules, now=now)


def _found(session: Session, person: Person, done: Answered, now: datetime) -> None:
    registry = done.registry
    mine = col(Document.person_oid) == person.oid, col(Document.type) == KIND[registry]
    if registry == "snils":
        session.execute(delete(Document).where(*mine))
        deleted = col(Person.snils) == done.check.number, col(Person.state) == "deleted"
        session.execute(update(Person).where(*deleted).values(snils=None))
        person.snils = done.check.number
    else:
        session.execute(delete(Document).where(*mine, col(Document.verified).is_(True)))
        session.execute(update(Document).where(*mine).values(verified=True))
    _changed(session, person, now)
    title = f"{_NAMES[registry]}: проверка пройдена"
    notices.notify(session, person, title, "Данные подтверждены, делать ничего не нужно.", ways=["mail"])


def _refused(session: Session, person: Person, done: Answered) -> None:
    answer = done.check.answer or ""
    title = f"{_NAMES[done.registry]}: проверка не пройдена"
    notices.notify(session, person, title, refusal(done.registry, answer), ways=["mail"], link=DOCUMENTS)
    act = _ACTS.get((done.registry, answer))
    if act is not None:
        engine.act(act, person_oid=person.oid)


def _raise_to_standard(session: Session, person: Person, now: datetime) -> None:
    if person.level != "simplified" or not person.snils or answers.proven_passport(session, person.oid) is None:
        return
    person.level = "standard"
    _changed(session, person, now)
    _log.info("level_raised", subject=subject(person.oid), level=person.level)
    text = "Паспорт и СНИЛС подтверждены. Теперь можно записываться к врачу: войдите на портал ещё раз."
    title = f"Учётная запись теперь {LEVELS['standard']}"
    notices.notify(session, person, title, text, ways=["sms", "mail"], link=Link("/cabinet/profile", "Профиль"))


def _changed(session: Session, person: Person, now: datetime) -> None:
    person.updated_at = now
    session.add(person)
    session.flush()


def _forget_unverified(session: Session, oid: int, registry: Registry) -> None:
    mine = col(Document.person_oid) == oid, col(Document.type) == KIND[registry]
    session.execute(delete(Document).where(*mine, col(Document.verified).is_(False)))
