"""People of a stand over the control API: who there is, and what a person's authenticator shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.control.calls import Answer, Calls, PersonKey
from sandbox_idp.control.problems import ProblemError

calls = Calls("people")

Level = Literal["simplified", "standard", "confirmed", "confirmed-signature"]
State = Literal["active", "blocked", "deleted"]
Factor = Literal["sms", "totp"]


class PersonAnswer(Answer):
    """A person as testers see them."""

    oid: int
    id: str
    """A persona, or the oid of somebody who is none."""
    surname: str
    name: str
    patronymic: str | None
    level: Level
    state: State
    region: str
    zone: str
    phone: str | None
    mails: list[str]
    snils: str | None
    factors: list[Factor]
    """The second factors that are switched on, in the order in which they are offered."""


class PeopleAnswer(Answer):
    """Everybody with an account in the stand."""

    people: list[PersonAnswer]


class TotpAnswer(Answer):
    """What an authenticator app shows."""

    code: str
    seconds_left: int


@calls.get("/people")
def list_people(stand: Stand) -> PeopleAnswer:
    """Everybody with an account in the stand."""
    with stand.database.reading() as session:
        cards = people.list_people(session)
    return PeopleAnswer(people=[PersonAnswer.model_validate(asdict(card)) for card in cards])


@calls.get("/people/{person}/totp", refuses=((404, "unknown-person"), (404, "no-authenticator")))
def read_totp(stand: Stand, person: PersonKey) -> TotpAnswer:
    """What the person's authenticator app shows now, by the stand's clock."""
    with stand.database.reading() as session:
        found = known(session, person)
    shown = people.totp_now(found, stand.clock.now())
    if shown is None:
        raise ProblemError(404, "no-authenticator", "У этого человека не подключено приложение с кодами.")
    return TotpAnswer(code=shown.code, seconds_left=shown.seconds_left)


def known(session: Session, key: str) -> Person:
    """The person of that persona or oid. Raises ProblemError."""
    found = people.find_person(session, key)
    if found is None:
        raise ProblemError(404, "unknown-person", f"В стенде нет человека «{key}».")
    return found
