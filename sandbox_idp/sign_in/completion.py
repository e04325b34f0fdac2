"""The end of a sign-in: password and factor were right, the browser gets its session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Response, redirect
from flask import session as form_session

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import password_change, people
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import history, unusual
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import attempts, devices, password, pending, sessions
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.password import Claim
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.sign_in.sessions import NewSession

_log = log.get_log("sandbox_idp.sign_in")


@dataclass(frozen=True)
class SignedIn:
    """A session begun for a step that is done, with what the browser is to keep."""

    visit: Visit
    session: NewSession
    device_token: str
    factor: str | None
    new_device: bool = False


def complete(session: Session, step: Step, second_factor: str | None, now: datetime) -> SignedIn:
    """Turn the attempt into a session, in the caller's transaction; raises attempts.AlreadyDoneError."""
    attempts.finish(session, step)
    attempt = step.attempt
    if attempt.new_password_hash is not None:
        # A password that had to be changed holds from now on: the factor has shown whose choice it was.
        password_change.change_password(
            session, step.person, attempt.new_password_hash, now=now, keep_attempt=attempt.token_hash
        )
    claim = Claim(attempt.login_hash, attempt.login_masked, step.person)
    return let_in(session, step.visit, claim, person_oid=step.person.oid, second_factor=second_factor, now=now)


def complete_by_signature(session: Session, visit: Visit, person: Person, now: datetime) -> SignedIn:
    """Begin a session for whom the signature belongs to: it signs in alone, without password and factor (R-028)."""
    assert person.snils is not None, "the signature's owner was found by it"
    claim = password.claim_login(session, Login("snils", person.snils))
    return let_in(session, visit, claim, person_oid=person.oid, second_factor=None, now=now, method="DS")


def let_in(
    session: Session,
    visit: Visit,
    claim: Claim,
    *,
    person_oid: int,
    second_factor: str | None,
    now: datetime,
    method: str = "PWD",
) -> SignedIn:
    """Begin the session of somebody who has proved who they are, by the attempt or by registering just now."""
    sessions.end_living_session(session, now)
    new = sessions.start_session(session, person_oid=person_oid, second_factor=second_factor, now=now, method=method)
    known = devices.is_of(session, person_oid, now)
    device_token = devices.remember(
        session,
        person_oid=person_oid,
        login_hash=claim.login_hash,
        login_masked=claim.login_masked,
        now=now,
    )
    pending.attach(session, visit, new.record.sid)
    person = session.get_one(Person, person_oid)
    unusual.signing_in(session, person, known_device=known, now=now)
    new_device = history.signed_in(session, person, new.record, known_device=known)
    if people.has_account_with_snils(session, person):
        engine.act("second-account", person_oid=person_oid)
    return SignedIn(visit, new, device_token, second_factor, new_device)


def leave(done: SignedIn, to: str | None = None) -> Response:
    """After the transaction: tell the engine, and send the browser on with its cookies (`to`: not to the end yet)."""
    record = done.session.record
    sign_ins.bind_session(record.sid)
    engine.act("signed-in", person_oid=record.person_oid)
    if done.new_device:
        engine.act("device-new", person_oid=record.person_oid)
    _log.info("signed_in", subject=subject(record.person_oid), method=record.method, factor=done.factor or "none")
    form_session.clear()
    response = cast("Response", redirect(to or done.visit.end(), code=303))
    sessions.write_session(response, done.session)
    devices.write_device(response, done.device_token)
    attempts.cookie().delete(response)
    return response
