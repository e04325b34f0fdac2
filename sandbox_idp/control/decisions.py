"""What operators of Gosuslugi decide, over the control API.

A request is named `<kind>:<key>`. A room that has work for operators adds its kind to `KINDS`: a function that finds
what waits under a key, as something that can be granted or refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, model_validator

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import guard, unusual
from sandbox_idp.clinic import operators
from sandbox_idp.clinic.models import ClinicApplication, ClinicCertificate
from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import Body, examples
from sandbox_idp.control.calls import Answer, Calls
from sandbox_idp.control.changes import note_change
from sandbox_idp.control.problems import ProblemError, Wrong
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import centre_visits
from sandbox_idp.registration.models import Registration
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.sign_in import password
from sandbox_idp.signature import revoking

calls = Calls("decisions")


class Request(Protocol):
    """Something that waits for an operator."""

    @property
    def person_oid(self) -> int | None:
        """Whom it is about; None while there is no account."""
        ...

    def grant(self, session: Session) -> None:
        """Do what was asked for."""
        ...

    def refuse(self, session: Session, reasons: list[str]) -> None:
        """Do what follows from a refusal, if anything."""
        ...


@dataclass(frozen=True)
class _AboutPerson:
    """A request of a person that stays as it is when it is refused."""

    person: Person
    now: datetime

    @property
    def person_oid(self) -> int:
        return self.person.oid

    def refuse(self, session: Session, reasons: list[str]) -> None:
        """Nothing changes."""


class Unlocking(_AboutPerson):
    """Wrong tries have locked a login or the second factor (S-34)."""

    def grant(self, session: Session) -> None:
        """All of them begin anew."""
        password.unlock(session, self.person, current_policy())


class Unblocking(_AboutPerson):
    """The account is blocked."""

    def grant(self, session: Session) -> None:
        """It is active again."""
        self.person.state = "active"
        self.person.updated_at = self.now
        session.add(self.person)


class Lifting(_AboutPerson):
    """After unusual activity what protects the account is closed (account-restricted)."""

    def grant(self, session: Session) -> None:
        """It is open again: an operator has seen the passport."""
        unusual.lift(
            session, self.person, "Сотрудник центра проверил документы. Настройки снова можно менять.", self.now
        )


class Revoking(_AboutPerson):
    """The person holds an electronic signature whose certificate is in force (R-063)."""

    def grant(self, session: Session) -> None:
        """Every certificate of theirs is revoked; another one can be issued at any time."""
        revoking.revoke(session, self.person, self.now)


def _unlocking(session: Session, key: str, now: datetime) -> Request | None:
    person = people.find_person(session, key)
    locked = person and password.locked_whoever_typed(session, person, current_policy(), now)
    return Unlocking(person, now) if person is not None and locked else None


def _unblocking(session: Session, key: str, now: datetime) -> Request | None:
    person = people.find_person(session, key)
    return Unblocking(person, now) if person is not None and person.state == "blocked" else None


def _lifting(session: Session, key: str, now: datetime) -> Request | None:
    person = people.find_person(session, key)
    restricted = person is not None and guard.restricted_until(person, now) is not None
    return Lifting(person, now) if person is not None and restricted else None


def _revoking(session: Session, key: str, now: datetime) -> Request | None:
    person = people.find_person(session, key)
    return Revoking(person, now) if person is not None and revoking.holds_one(session, person.oid, now) else None


@dataclass(frozen=True)
class CentreVisit:
    """Somebody who registers has come to a service centre with the passport (R-010)."""

    registration: Registration
    now: datetime

    person_oid: int | None = None
    """There is no account yet."""

    def grant(self, session: Session) -> None:
        """The operator has seen the passport: the registration goes on, and its account will be confirmed."""
        centre_visits.identify(session, self.registration, self.now)

    def refuse(self, session: Session, reasons: list[str]) -> None:
        """The visit still waits: the person may come again."""


def _centre_visit(session: Session, key: str, now: datetime) -> Request | None:
    waiting = centre_visits.waiting(session, key, now)
    return CentreVisit(waiting, now) if waiting is not None else None


@dataclass(frozen=True)
class Certificate:
    """A certificate that a clinic prepares (R-045)."""

    row: ClinicCertificate
    now: datetime

    person_oid: int | None = None
    """A card is the clinic's own."""

    def grant(self, session: Session) -> None:
        """It is ready."""
        operators.decide_certificate(session, self.row, self.now)

    def refuse(self, session: Session, reasons: list[str]) -> None:
        """The patient reads why."""
        operators.decide_certificate(session, self.row, self.now, " ".join(reasons))


@dataclass(frozen=True)
class ClinicApplying:
    """An application to a clinic: attachment, or a copy of the record (R-045)."""

    row: ClinicApplication
    now: datetime

    person_oid: int | None = None
    """Also somebody without a card can apply."""

    def grant(self, session: Session) -> None:
        """Attach the patient, or put the copy into the record."""
        operators.decide_application(session, self.row, self.now, None)

    def refuse(self, session: Session, reasons: list[str]) -> None:
        """The patient reads why."""
        operators.decide_application(session, self.row, self.now, " ".join(reasons))


def _certificate(session: Session, key: str, now: datetime) -> Request | None:
    row = operators.waiting_certificate(session, key)
    return Certificate(row, now) if row is not None else None


def _application(session: Session, key: str, now: datetime) -> Request | None:
    row = operators.waiting_application(session, key)
    return ClinicApplying(row, now) if row is not None else None


KINDS: dict[str, Callable[[Session, str, datetime], Request | None]] = {
    "unlock": _unlocking,
    "unblock": _unblocking,
    "centre": _centre_visit,
    "revoke": _revoking,
    "lift": _lifting,
    "certificate": _certificate,
    "application": _application,
}
"""Every kind of request, and what finds the one that waits under a key."""


class DecisionBody(Body):
    """What an operator decides; whoever refuses says why."""

    model_config = examples(
        {"request": "unlock:anna", "decision": "grant"},
        {"request": "centre:4K7-Q2M", "decision": "grant"},
        {"request": "certificate:4K7-Q2M", "decision": "grant"},
        {"request": "unblock:anna", "decision": "refuse", "reasons": ["Личность не подтверждена."]},
    )

    request: str = Field(min_length=1, max_length=200, description="kind and key: `unlock:anna`")
    decision: Literal["grant", "refuse"]
    reasons: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field([], max_length=10)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.decision == "refuse" and not self.reasons:
            raise ValueError("Отказ объясняют: нужна хотя бы одна причина в reasons.")
        return self


class DecisionAnswer(Answer):
    """What was decided."""

    request: str
    decision: Literal["grant", "refuse"]
    reasons: list[str]
    person_oid: int | None
    """Whom it was about; null while there is no account."""
    at: datetime
    """On the stand's clock."""


@calls.post("/decisions", refuses=((404, "unknown-request"),))
def decide(stand: Stand, body: DecisionBody) -> DecisionAnswer:
    """Decide what waits for an operator; what was granted waits no longer."""
    now = stand.clock.now()
    with stand.database.writing() as session:
        session.get_one(StandState, 1, with_for_update=True)
        request = _waiting(session, body.request, now)
        if body.decision == "grant":
            request.grant(session)
        else:
            request.refuse(session, body.reasons)
        details = {"request": body.request, "reasons": body.reasons, "person_oid": request.person_oid}
        note_change(stand, session, f"decision-{body.decision}", **details)
    return DecisionAnswer(**body.model_dump(), person_oid=request.person_oid, at=now)


def _waiting(session: Session, name: str, now: datetime) -> Request:
    kind, _, key = name.partition(":")
    found = KINDS[kind](session, key, now) if kind in KINDS else None
    if found is None:
        words = f"Ничего не ждёт решения под именем «{name}»."
        raise ProblemError(404, "unknown-request", words, [Wrong("/request", words)])
    return found
