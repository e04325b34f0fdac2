"""A browser between the right password and the finished second factor (S-60): its row, its cookie, its rights.

No page of a factor opens without it, and it opens only the pages of its own request and stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app
from sqlmodel import col, delete, update

from foundation.database import Session
from foundation.web.cookies import Cookie
from sandbox_idp.accounts.models import LoginAttempt, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.sign_in.password import Claim
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import token_hash

FACTOR = "factor"
ENROL = "enrol-sms"
PASSWORD = "password"  # noqa: S105 - the stage of somebody who must choose a new one
DONE = "done"


class NotStartedError(Exception):
    """This browser has not given the password for this request: it begins at the first page."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("no attempt")
        self.visit = visit


class AttemptOverError(Exception):
    """The attempt is too old, or its account was closed meanwhile: it begins anew and is told why."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("attempt over")
        self.visit = visit


class AlreadyDoneError(Exception):
    """The factor was accepted a moment ago (a second click): the browser goes where that one led."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("attempt done")
        self.visit = visit


@dataclass(frozen=True)
class Step:
    """What a page of a factor works on."""

    visit: Visit
    attempt: LoginAttempt
    person: Person


def begin(session: Session, claim: Claim, person: Person, visit: Visit, *, stage: str, now: datetime) -> NewAttempt:
    """The password was right: begin a new attempt, with a new token each time (S-44)."""
    token = current_stand().ids.token()
    attempt = LoginAttempt(
        token_hash=token_hash(token),
        person_oid=person.oid,
        request_id=visit.request_id,
        stage=stage,
        login_hash=claim.login_hash,
        login_masked=claim.login_masked,
        created_at=now,
        expires_at=now + current_policy().sign_in.pending_for,
    )
    session.add(attempt)
    session.flush()
    return NewAttempt(token, attempt)


@dataclass(frozen=True)
class NewAttempt:
    """An attempt just begun, with the token that only its cookie will hold."""

    token: str
    record: LoginAttempt


def step_at_hand(session: Session, visit: Visit, now: datetime, *stages: str) -> Step:
    """The step that the browser's cookie opens, if it is one of `stages` and belongs to the errand in the address.

    Raises NotStartedError, AttemptOverError or AlreadyDoneError.
    """
    token = cookie().read()
    attempt = session.get(LoginAttempt, token_hash(token)) if token else None
    if attempt is None or attempt.request_id != visit.request_id:
        raise NotStartedError(visit)
    if attempt.stage == DONE:
        raise AlreadyDoneError(visit)
    person = session.get_one(Person, attempt.person_oid)
    if attempt.expires_at <= now or person.state != "active":
        raise AttemptOverError(visit)
    if attempt.stage not in stages:
        raise NotStartedError(visit)
    return Step(visit, attempt, person)


def finish(session: Session, step: Step) -> None:
    """Mark the attempt done; AlreadyDoneError if another request did so first (double click)."""
    result = session.exec(
        update(LoginAttempt)
        .where(col(LoginAttempt.token_hash) == step.attempt.token_hash, col(LoginAttempt.stage) != DONE)
        .values(stage=DONE)
    )
    if result.rowcount != 1:
        raise AlreadyDoneError(step.visit)


def held(session: Session, step: Step) -> LoginAttempt:
    """The attempt's row as it is now, kept for this transaction, which may have waited for another one.

    Raises AlreadyDoneError or NotStartedError if that one has brought the attempt to an end.
    """
    attempt = session.get(LoginAttempt, step.attempt.token_hash, with_for_update=True, populate_existing=True)
    if attempt is None:
        raise NotStartedError(step.visit)
    if attempt.stage == DONE:
        raise AlreadyDoneError(step.visit)
    return attempt


def give_up(session: Session, step: Step) -> None:
    """End the attempt without success: its cookie opens nothing any more."""
    session.exec(delete(LoginAttempt).where(col(LoginAttempt.token_hash) == step.attempt.token_hash))


def write_attempt(response: Response, new: NewAttempt) -> None:
    """Give the browser the attempt's cookie."""
    cookie().write(response, new.token)


def cookie() -> Cookie:
    """The attempt's cookie."""
    return Cookie("attempt", current_app.extensions["settings"].public_url)
