"""«Вход»: login and password, the living session, and «Другой пользователь»."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Device, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, current_policy
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import attempts, codes, completion, devices, password, pending, sessions, throttle, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.forms import LoginForm
from sandbox_idp.sign_in.password import Claim, Locked, Right, Wrong
from sandbox_idp.sign_in.pending import Visit


def login() -> Response:
    """The first page; while a session lives, the question whether to go on in it (S-26)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, now)
        living = sessions.living_session(session, now)
        if living is None or not visit.accepts(living):
            device = devices.remembered(session, now)
            return _page(visit, device, LoginForm(formdata=None))
        if visit.request_id is None:
            return views.go(visit.end())
        person = session.get_one(Person, living.person_oid)
        return views.show("continue.html", visit=visit, name=people.short_name(person))


def login_sent() -> Response:
    """The form of the first page, or «Продолжить»."""
    if request.form.get("action") == "continue":
        return _go_on()
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = LoginForm()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, now)
        device = devices.remembered(session, now) if "login" not in request.form else None
        if device is not None:
            del form.login
        if not form.validate():
            answer = _page(visit, device, form, 422)
            claim = locked = None
        else:
            claim = _claim(session, form, device)
            locked = password.locked(session, claim, _address(), policy, now)
    if claim is None:
        if form.malformed:
            engine.act("login-format")
        return answer
    if locked is not None:
        return views.locked_out(visit, locked.until, now, codes=False)
    typed = form.password.data
    verified = password.verify(claim, typed)
    with stand.database.writing() as session:
        outcome = password.settle(session, claim, typed, verified, address=_address(), policy=policy, now=now)
    if isinstance(outcome, Right):
        return _first_step_done(visit, claim, outcome.person, policy, now)
    if not verified:
        _tell_of_a_wrong_one(claim)
    if isinstance(outcome, Locked):
        return views.locked_out(visit, outcome.until, now, codes=False)
    return _refused(visit, device, form, outcome)


def other_user() -> Response:
    """«Другой пользователь»: the browser remembers nobody, and its session at Gosuslugi ends."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        visit = pending.visit_at_hand(session, now)
        devices.forget(session)
        sessions.end_living_session(session, now)
    engine.act("other-user")
    response = views.go(visit.address("sign_in.login"))
    for cookie in (devices.cookie(), sessions.cookie(), attempts.cookie()):
        cookie.delete(response)
    return response


def other_user_by_address() -> Response:
    """Somebody opened the address itself, or went back to it: nothing changes by a GET (S-51)."""
    stand = current_stand()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, stand.clock.now())
    return views.go(visit.address("sign_in.login"))


def _go_on() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        visit = pending.visit_at_hand(session, now)
        living = sessions.living_session(session, now)
        if living is not None and not visit.accepts(living):
            living = None
        if living is not None:
            pending.attach(session, visit, living.sid)
    if living is None:
        return views.go(visit.address("sign_in.login"))
    sign_ins.bind_person(living.person_oid)
    sign_ins.bind_session(living.sid)
    engine.act("signed-in", person_oid=living.person_oid)
    return views.go(visit.end())


def _tell_of_a_wrong_one(claim: Claim) -> None:
    """The trainer may know what the page tells nobody: whether there is such a login."""
    if claim.person is None:
        engine.act("account-not-found")
    engine.act("password-wrong", person_oid=claim.person.oid if claim.person is not None else None)


def _claim(session: Session, form: LoginForm, device: Device | None) -> Claim:
    if device is not None:
        return password.claim_device(session, device)
    assert form.claimed is not None
    return password.claim_login(session, form.claimed)


def _refused(visit: Visit, device: Device | None, form: LoginForm, outcome: Wrong) -> Response:
    words = ["Неверный логин или пароль. Проверьте раскладку и Caps Lock.", *password.hints(form.password.data)]
    if outcome.left is not None:
        words.append(f"Осталось попыток: {outcome.left}.")
    form.password.errors = [" ".join(words)]
    return _page(visit, device, form, 422)


def _first_step_done(visit: Visit, claim: Claim, person: Person, policy: Policy, now: datetime) -> Response:
    """The password was right: on to the factor, to switching one on, or to the words about a closed account."""
    if person.state != "active":
        return views.trouble("closed_account.html", 403, visit=visit, reason="account closed")
    sign_ins.bind_person(person.oid)
    stand = current_stand()
    with stand.database.writing() as session:
        until = throttle.locked_until(session, [throttle.factor_limit(person.oid, policy)], now)
        if until is not None:
            return views.locked_out(visit, until, now, codes=True)
        factors = people.usable_factors(session, person)
        stage = attempts.FACTOR if factors or policy.twofa == "optional" else attempts.ENROL
        new = attempts.begin(session, claim, person, visit, stage=stage, now=now)
        step = Step(visit, new.record, person)
        if not factors and policy.twofa == "optional":
            done = completion.complete(session, step, None, now)
        else:
            done = None
            endpoint = _prepare(session, step, factors, policy, now)
    if done is not None:
        return completion.leave(done)
    response = views.go(visit.address(endpoint))
    attempts.write_attempt(response, new)
    return response


def _prepare(session: Session, step: Step, factors: tuple[str, ...], policy: Policy, now: datetime) -> str:
    """Send the first code where the next page needs one, and name that page."""
    if len(factors) > 1:
        return "sign_in.factor"
    if factors == ("totp",):
        return "sign_in.totp"
    purpose = codes.LOGIN if factors else codes.ENROL
    if factors or people.confirmed_phone(session, step.person.oid) is not None:
        slot = codes.of_attempt(session, step, purpose)
        codes.send(session, slot, address=_address(), policy=policy, now=now)
    return "sign_in.sms" if factors else "sign_in.enrol_sms"


def _page(visit: Visit, device: Device | None, form: LoginForm, status: int = 200) -> Response:
    return views.show(
        "login.html", status, visit=visit, form=form, remembered=device.login_masked if device is not None else None
    )


def _address() -> str:
    return request.remote_addr or ""
