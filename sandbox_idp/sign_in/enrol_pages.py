"""Connecting an authenticator app in the middle of a sign-in: because a page insists (factor-enrol-forced), or because
there is nothing yet and no phone to send a code to (second-factor-off).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from foundation.database import Session
from foundation.web.qr import qr
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.factors import totp_setup
from sandbox_idp.factors.models import TotpSetup
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import acceptance, attempts, completion, pending, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import SetupForm


@dataclass(frozen=True)
class Stay:
    """The page asks on; it may not be skipped."""

    step: Step


def one_more() -> Response:
    """«Подключите приложение с кодами»: what it is, and whether it can be put off."""
    stand = current_stand()
    with stand.database.reading() as session:
        step = _step(session, stand.clock.now(), attempts.ENROL_MORE)
        return _one_more_page(session, step)


def one_more_sent() -> Response:
    """Connect, put off, or go on after it was done."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        step = _step(session, now, attempts.ENROL_MORE)
        attempts.held(session, step)
        if request.form.get("action") == "connect":
            totp_setup.begin(session, step.attempt.token_hash, step.person, now)
            return views.go(step.visit.address("sign_in.enrol_totp"))
        outcome = _go_on(session, step, now)
        if isinstance(outcome, Stay):
            return _one_more_page(session, step, status=422)
    if not outcome.connected:
        engine.act("factor-skipped", person_oid=step.person.oid)
    return completion.leave(outcome.signed_in)


@dataclass(frozen=True)
class _Through:
    signed_in: SignedIn
    connected: bool


def _go_on(session: Session, step: Step, now: datetime) -> _Through | Stay:
    if acceptance.insists(session, step) == "must":
        return Stay(step)
    connected = step.person.totp_secret is not None
    totp_setup.forget(session, step.attempt.token_hash)
    return _Through(completion.complete(session, step, step.attempt.second_factor, now), connected)


def enrol_totp() -> Response:
    """The QR code, the secret as text, and a field for one code of the app."""
    stand = current_stand()
    with stand.database.reading() as session:
        step = _step(session, stand.clock.now(), attempts.ENROL, attempts.ENROL_MORE)
        elsewhere = _elsewhere(session, step)
        if elsewhere is not None:
            return elsewhere
        return _setup_page(session, step, SetupForm(formdata=None))


def enrol_totp_sent() -> Response:
    """The wish for a QR code, or the code of the app that has read it."""
    stand = current_stand()
    now = stand.clock.now()
    form = SetupForm()
    begins = request.form.get("action") == "begin"
    with stand.database.writing() as session:
        step = _step(session, now, attempts.ENROL, attempts.ENROL_MORE)
        elsewhere = _elsewhere(session, step)
        if elsewhere is not None:
            return elsewhere
        attempt = attempts.held(session, step)
        key = attempt.token_hash
        if begins or totp_setup.at_hand(session, key, step.person.oid) is None:
            totp_setup.begin(session, key, step.person, now)
            return views.go(step.visit.address("sign_in.enrol_totp"))
        if not form.validate():
            return _setup_page(session, step, form, 422)
        outcome = totp_setup.confirm(session, key, step.person, form.digits, rules=current_policy().totp, now=now)
        if isinstance(outcome, totp_setup.Refused):
            form.code.errors = [totp_setup.refusal(outcome)]
            return _setup_page(session, step, form, 422)
        if attempt.stage == attempts.ENROL:
            attempt.stage = attempts.ENROL_MORE
            attempt.second_factor = people.ACR["totp"]
            session.add(attempt)
    engine.act("totp-connected", person_oid=step.person.oid)
    return views.show("backup_codes.html", visit=step.visit, codes=outcome.codes)


def _elsewhere(session: Session, step: Step) -> Response | None:
    """Where this attempt belongs instead: what may not be begun here, or has been done."""
    if step.attempt.stage == attempts.ENROL and people.confirmed_phone(session, step.person.oid) is not None:
        # Whoever only knows the password must not connect an app of their own: the phone comes first.
        return views.go(step.visit.address("sign_in.enrol_sms"))
    if step.person.totp_secret is not None:
        return views.go(step.visit.address("sign_in.one_more"))
    return None


def _one_more_page(session: Session, step: Step, *, status: int = 200) -> Response:
    connected = session.get_one(Person, step.person.oid).totp_secret is not None
    return views.show(
        "one_more.html",
        status,
        visit=step.visit,
        connected=connected,
        insists=acceptance.insists(session, step),
        reference=views.stopped("second factor skipped") if status == 422 else None,
        backup_codes=current_policy().totp.backup_codes,
    )


def _setup_page(session: Session, step: Step, form: SetupForm, status: int = 200) -> Response:
    setup: TotpSetup | None = totp_setup.at_hand(session, step.attempt.token_hash, step.person.oid)
    address = totp_setup.address(setup, people.short_name(step.person)) if setup is not None else ""
    return views.show(
        "enrol_totp.html",
        status,
        visit=step.visit,
        form=form,
        secret=totp_setup.in_groups(setup.secret) if setup is not None else None,
        qr=qr(address) if setup is not None else None,
        address=address,
        forced=step.attempt.stage == attempts.ENROL_MORE,
        person_key=step.person.persona or step.person.oid,
    )


def _step(session: Session, now: datetime, *stages: str) -> Step:
    return attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, *stages)
