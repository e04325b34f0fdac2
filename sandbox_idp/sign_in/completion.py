"""The end of a sign-in: password and factor were right, the browser gets its session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Response, redirect
from flask import session as form_session

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import password_change
from sandbox_idp.cabinet import history
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import attempts, devices, pending, sessions
from sandbox_idp.sign_in.attempts import Step
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
    sessions.end_living_session(session, now)
    new = sessions.start_session(session, person_oid=step.person.oid, second_factor=second_factor, now=now)
    known = devices.is_of(session, step.person.oid, now)
    device_token = devices.remember(
        session,
        person_oid=step.person.oid,
        login_hash=step.attempt.login_hash,
        login_masked=step.attempt.login_masked,
        now=now,
    )
    new_device = history.signed_in(session, step.person, new.record, known_device=known)
    pending.attach(session, step.visit, new.record.sid)
    return SignedIn(step.visit, new, device_token, second_factor, new_device)


def leave(done: SignedIn) -> Response:
    """After the transaction: tell the engine, and send the browser on with its cookies."""
    record = done.session.record
    sign_ins.bind_session(record.sid)
    engine.act("signed-in", person_oid=record.person_oid)
    if done.new_device:
        engine.act("device-new", person_oid=record.person_oid)
    _log.info("signed_in", subject=subject(record.person_oid), factor=done.factor or "none")
    form_session.clear()
    response = cast("Response", redirect(done.visit.end(), code=303))
    sessions.write_session(response, done.session)
    devices.write_device(response, done.device_token)
    attempts.cookie().delete(response)
    return response
