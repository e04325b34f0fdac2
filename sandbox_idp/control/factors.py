"""Second factors over the control API: what the mobile app asks, how it is answered, and the backup codes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import Body, examples
from sandbox_idp.control.calls import Answer, Calls, PersonKey
from sandbox_idp.control.people import known
from sandbox_idp.control.problems import ProblemError, Wrong, invalid
from sandbox_idp.factors import answering, backup_codes, pushes
from sandbox_idp.factors.models import PushRequest

calls = Calls("people")


class PushBody(Body):
    """`POST …/people/{id}/push`: the number that stands on the page of the sign-in, or that it is somebody else."""

    model_config = examples({"number": 47}, {"reject": True})

    number: Annotated[int, Field(ge=10, le=99)] | None = None
    reject: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.number is None) == (self.reject is None):
            raise ValueError('Нужно одно из двух: {"number": 47} или {"reject": true}.')
        return self


class PushAnswer(Answer):
    """A request that waits in the person's app."""

    words: str
    """What is confirmed: «Вход в РС ЕГИСЗ»."""
    choices: list[int]
    """The three numbers that the app shows; which of them is right stands on the page of the sign-in only."""
    asked_at: datetime
    expires_at: datetime


class PushVerdictAnswer(Answer):
    """What came of the press."""

    verdict: Literal["approved", "wrong", "rejected"]


class BackupCodeAnswer(Answer):
    """One code of the sheet."""

    code: str
    used: bool


class BackupCodesAnswer(Answer):
    """The person's sheet of backup codes."""

    codes: list[BackupCodeAnswer]
    left: int
    """How many are still good."""


@calls.get("/people/{person}/push", refuses=((404, "unknown-person"), (404, "no-push")))
def read_push(stand: Stand, person: PersonKey) -> PushAnswer:
    """What the person's mobile app asks about now, the newest first."""
    with stand.database.reading() as session:
        asked = _waiting(session, known(session, person), stand.clock.refresh())
    return PushAnswer(words=asked.words, choices=asked.choices, asked_at=asked.asked_at, expires_at=asked.expires_at)


@calls.post("/people/{person}/push", refuses=((404, "unknown-person"), (404, "no-push")))
def answer_push(stand: Stand, person: PersonKey, body: PushBody) -> PushVerdictAnswer:
    """Press a number or «Это не я» in the person's mobile app; not idempotent, a request can be answered once."""
    now = stand.clock.refresh()
    with stand.database.reading() as session:
        found = known(session, person)
        asked = _waiting(session, found, now)
    if body.number is not None and body.number not in asked.choices:
        shown = ", ".join(str(number) for number in asked.choices)
        raise invalid([Wrong("/number", f"Такого числа приложение не показывает. Есть: {shown}.")])
    try:
        verdict = answering.press(stand, found.oid, asked.id, body.number, now)
    except pushes.NotWaitingError:
        raise _nothing_asked(found) from None
    return PushVerdictAnswer(verdict=verdict)


@calls.get("/people/{person}/backup-codes", refuses=((404, "unknown-person"),))
def read_backup_codes(stand: Stand, person: PersonKey) -> BackupCodesAnswer:
    """What stands on the person's sheet of backup codes; empty for who has none."""
    with stand.database.reading() as session:
        written = backup_codes.sheet(session, known(session, person).oid)
    codes = [BackupCodeAnswer(code=each.code, used=each.used) for each in written]
    return BackupCodesAnswer(codes=codes, left=sum(not each.used for each in codes))


def _waiting(session: Session, person: Person, now: datetime) -> PushRequest:
    found = pushes.waiting_for(session, person.oid, now)
    if not found:
        raise _nothing_asked(person)
    return found[0]


def _nothing_asked(person: Person) -> ProblemError:
    who = person.persona or person.oid
    return ProblemError(404, "no-push", f"Приложение человека «{who}» сейчас ни о чём не спрашивает.")
