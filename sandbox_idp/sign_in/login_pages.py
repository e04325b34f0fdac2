"""«Вход»: login and password, the living session, and «Другой пользователь»."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Device, Person
from sandbox_idp.cabinet import history
from sandbox_idp.context import current_stand
from sandbox_idp.factors.asking import Unsent
from sandbox_idp.policy import Policy, current_policy
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import (
    attempts,
    captcha_media,
    captcha_pages,
    codes,
    completion,
    devices,
    offers,
    password,
    pending,
    push_pages,
    sessions,
    throttle,
    views,
)
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.captcha import Shown
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import LoginForm
from sandbox_idp.sign_in.offers import Offers
from sandbox_idp.sign_in.password import Claim, Locked, Right, Wrong
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.world import messages

_log = log.get_log("sandbox_idp.sign_in")


def login() -> Response:
    """The first page; while a session lives, the question whether to go on in it (S-26)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, now)
        living = sessions.living_session(session, now)
        if living is None or not visit.accepts(living):
            return _first_page(session, visit, now)
        if visit.request_id is None:
            return views.go(visit.end())
        person = session.get_one(Person, living.person_oid)
        return views.show("continue.html", visit=visit, name=people.short_name(person))


def _first_page(session: Session, visit: Visit, now: datetime) -> Response:
    """The empty form; with a captcha at once for somebody whom the browser remembers and who needs one."""
    device = devices.remembered(session, now)
    if device is not None:
        engine.act("login-remembered", person_oid=device.person_oid)
    shown = None
    if device is not None and password.asks_captcha(
        session, password.claim_device(session, device), current_policy(), now
    ):
        shown = captcha_pages.asked(now, person_oid=device.person_oid)
    return _page(visit, device, LoginForm(formdata=None), shown=shown)


def login_sent() -> Response:
    """The form of the first page, «Продолжить», or the wait in place of the captcha."""
    wanted = request.form.get("action")
    if wanted == "continue":
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
        claim = locked = None
        if wanted != captcha_pages.WAIT and form.validate():
            claim = _claim(session, form, device)
            locked = password.locked(session, claim, _address(), policy, now)
            asks = password.asks_captcha(session, claim, policy, now)
    if claim is None:
        return _not_tried(visit, device, form, now)
    if locked is not None:
        return views.locked_out(visit, locked.until, now, codes=False)
    return _try(visit, device, form, claim, asks_captcha=asks, now=now)


def _try(
    visit: Visit, device: Device | None, form: LoginForm, claim: Claim, *, asks_captcha: bool, now: datetime
) -> Response:
    """The captcha where one is asked for, and after it the password."""
    policy = current_policy()
    oid = claim.person.oid if claim.person is not None else None
    if asks_captcha and (verdict := captcha_pages.answered(now)).result != "passed":
        form.captcha.errors = [captcha_pages.words(verdict)]
        return _page(visit, device, form, 422, shown=captcha_pages.refused(verdict, now, person_oid=oid))
    typed = form.password.data
    verified = password.verify(claim, typed)
    with current_stand().database.writing() as session:
        outcome = password.settle(session, claim, typed, verified, address=_address(), policy=policy, now=now)
    if isinstance(outcome, Right):
        return _first_step_done(visit, claim, outcome.person, policy, now)
    if not verified:
        _tell_of_a_wrong_one(claim)
    if isinstance(outcome, Locked):
        engine.act("lockout", person_oid=oid)
        return views.locked_out(visit, outcome.until, now, codes=False)
    for slip in password.slips(typed):
        engine.act(slip.act, person_oid=oid)
    shown = captcha_pages.asked(now, person_oid=oid) if outcome.captcha else None
    return _refused(visit, device, form, outcome, shown=shown)


def _not_tried(visit: Visit, device: Device | None, form: LoginForm, now: datetime) -> Response:
    """Something is missing or malformed, or the person would rather wait than solve the captcha."""
    if request.form.get("action") == captcha_pages.WAIT:
        return _page(visit, device, form, shown=captcha_pages.asked(now, person_oid=None, wait=True))
    if form.malformed:
        engine.act("login-format")
    return _page(visit, device, form, 422, shown=captcha_pages.still(now))


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


def _refused(visit: Visit, device: Device | None, form: LoginForm, outcome: Wrong, *, shown: Shown | None) -> Response:
    words = [
        "Неверный логин или пароль. Проверьте раскладку и Caps Lock.",
        *(slip.hint for slip in password.slips(form.password.data)),
    ]
    if outcome.left is not None:
        words.append(f"Осталось попыток: {outcome.left}.")
    form.password.errors = [" ".join(words)]
    return _page(visit, device, form, 422, shown=shown)


def _first_step_done(visit: Visit, claim: Claim, person: Person, policy: Policy, now: datetime) -> Response:
    """The password was right: on to the factor, to a new password that is due, or to why the account is closed."""
    if person.state != "active":
        with current_stand().database.writing() as session:
            history.refused(session, person, "учётная запись заблокирована", now)
        engine.act("account-blocked", person_oid=person.oid)
        return views.trouble("closed_account.html", 403, visit=visit, reason="account closed")
    sign_ins.bind_person(person.oid)
    stand = current_stand()
    with stand.database.writing() as session:
        until = throttle.locked_until(session, [throttle.factor_limit(person.oid, policy)], now)
        if until is not None:
            return views.locked_out(visit, until, now, codes=True)
        new = attempts.begin(session, claim, person, visit, stage=attempts.PASSWORD, now=now)
        if person.must_change_password:
            onward: SignedIn | str = visit.address("sign_in.must_change")
        else:
            onward = to_the_factor(session, Step(visit, new.record, person), policy, now)
    if person.must_change_password:
        engine.act("password-expired", person_oid=person.oid)
    if isinstance(onward, SignedIn):
        return completion.leave(onward)
    response = views.go(onward)
    attempts.write_attempt(response, new)
    return response


def to_the_factor(session: Session, step: Step, policy: Policy, now: datetime) -> SignedIn | str:
    """The attempt goes on to its factor, or to switching one on: the address of that page; or it is done without."""
    factors = people.usable_factors(session, step.person)
    step.attempt.stage = attempts.FACTOR if factors or policy.twofa == "optional" else attempts.ENROL
    session.add(step.attempt)
    session.flush()
    if not factors and policy.twofa == "optional":
        return completion.complete(session, step, None, now)
    if not factors:
        engine.act("second-factor-off", person_oid=step.person.oid)
    offer = offers.offered(session, step.person) if factors else None
    return step.visit.address(_prepare(session, step, offer, policy, now))


def _prepare(session: Session, step: Step, offer: Offers | None, policy: Policy, now: datetime) -> str:
    """Send the first code where the next page needs one, and name that page. No offer: no factor is switched on."""
    if offer is None:
        if people.confirmed_phone(session, step.person.oid) is None:
            return "sign_in.enrol_totp"
        _send(session, step, codes.ENROL, policy, now)
        return "sign_in.enrol_sms"
    if offer.only is None:
        return "sign_in.factor"
    if offer.only == "sms":
        _send(session, step, codes.LOGIN, policy, now)
    if offer.only == "push":
        sent = push_pages.send(session, step, now)
        return "sign_in.factor" if isinstance(sent, Unsent) else "sign_in.push"
    return f"sign_in.{offer.only}"


def _send(session: Session, step: Step, purpose: str, policy: Policy, now: datetime) -> None:
    """If the gateway is down, the next page finds that nothing was sent, and says so (sms-gateway-down)."""
    try:
        slot = codes.of_attempt(session, step, purpose)
        codes.send(session, slot, address=_address(), policy=policy, now=now)
    except messages.GatewayDownError:
        _log.info("code_unsent", subject=subject(step.person.oid))


def _page(
    visit: Visit, device: Device | None, form: LoginForm, status: int = 200, *, shown: Shown | None = None
) -> Response:
    now = current_stand().clock.now()
    return views.show(
        "login.html",
        status,
        visit=visit,
        form=form,
        remembered=device.login_masked if device is not None else None,
        captcha=shown,
        wait_left=views.whole_seconds(shown.opens_at - now) if shown is not None and shown.opens_at else 0,
        picture_size=captcha_media.SIZE,
    )


def _address() -> str:
    return request.remote_addr or ""
