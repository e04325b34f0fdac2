"""The second step: a code by SMS, a code of the app, the choice between them, and switching SMS on where nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import OneTimeCode, Person
from sandbox_idp.cabinet import history
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import attempts, authenticator, codes, completion, pending, throttle, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import CodeForm, TotpForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.sign_in.throttle import Limit

_log = log.get_log("sandbox_idp.sign_in")


@dataclass(frozen=True)
class CodePage:
    """One of the two pages that ask for a code sent by SMS."""

    endpoint: str
    stage: str
    purpose: str
    template: str


SMS = CodePage("sign_in.sms", attempts.FACTOR, codes.LOGIN, "sms.html")
ENROL = CodePage("sign_in.enrol_sms", attempts.ENROL, codes.ENROL, "enrol_sms.html")


@dataclass(frozen=True)
class Countdown:
    """When the next code may be asked for."""

    at: datetime
    left: int


def factor() -> Response:
    """The choice between several factors; with one there is nothing to choose."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        step = _step(session, now, attempts.FACTOR)
        factors = people.usable_factors(session, step.person)
        phone = people.confirmed_phone(session, step.person.oid)
        sent = codes.newest(session, step.attempt.token_hash, codes.LOGIN)
    if len(factors) == 1 and (factors[0] == "totp" or sent is not None):
        return views.go(step.visit.address(f"sign_in.{factors[0]}"))
    return views.show("factor.html", visit=step.visit, factors=factors, phone=phone)


def factor_chosen() -> Response:
    """The choice that was made: a code goes out, unless one went out less than a minute ago."""
    stand = current_stand()
    now = stand.clock.now()
    wanted = request.form.get("factor", "")
    with stand.database.writing() as session:
        step = _step(session, now, attempts.FACTOR)
        if wanted not in people.usable_factors(session, step.person):
            return views.go(step.visit.address("sign_in.factor"))
        if wanted == "sms":
            try:
                _send(session, step, codes.LOGIN, now)
            except codes.TooSoonError:
                _log.info("code_kept", subject=subject(step.person.oid))
    return views.go(step.visit.address(f"sign_in.{wanted}"))


def sms() -> Response:
    """«Введите код из СМС»."""
    return _code_page(SMS)


def sms_sent() -> Response:
    """The code, or the wish for another one."""
    return _code_sent(SMS)


def enrol_sms() -> Response:
    """Nothing is switched on, and without a second factor nobody is let in: SMS for the confirmed phone (C-07)."""
    return _code_page(ENROL)


def enrol_sms_sent() -> Response:
    """The code that switches SMS on, or the wish for another one."""
    return _code_sent(ENROL)


def totp() -> Response:
    """«Введите код из приложения»."""
    stand = current_stand()
    with stand.database.reading() as session:
        step = _step(session, stand.clock.now(), attempts.FACTOR)
        factors = people.usable_factors(session, step.person)
    if "totp" not in factors:
        return views.go(step.visit.address("sign_in.factor"))
    return _totp_page(step, factors, TotpForm(formdata=None))


def totp_sent() -> Response:
    """The code of the app."""
    stand = current_stand()
    now = stand.clock.now()
    form = TotpForm()
    if not form.validate():
        with stand.database.reading() as session:
            step = _step(session, now, attempts.FACTOR)
            return _totp_page(step, people.usable_factors(session, step.person), form, 422)
    with stand.database.writing() as session:
        step = _step(session, now, attempts.FACTOR)
        factors = people.usable_factors(session, step.person)
        outcome = _try_totp(session, step, form.digits, now) if "totp" in factors else None
    if outcome is None:
        return views.go(step.visit.address("sign_in.factor"))
    if isinstance(outcome, SignedIn):
        return completion.leave(outcome)
    if isinstance(outcome, Locked):
        return views.locked_out(step.visit, outcome.until, now, codes=True)
    return _totp_refused(step, factors, form, outcome)


def _try_totp(
    session: Session, step: Step, digits: str, now: datetime
) -> SignedIn | Locked | authenticator.Refused | authenticator.UsedBefore:
    policy = current_policy()
    attempts.held(session, step)
    limit = throttle.factor_limit(step.person.oid, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    verdict = authenticator.check_totp(session, step, digits, rules=policy.totp, now=now)
    if isinstance(verdict, authenticator.Accepted):
        throttle.forget(session, limit.key)
        return completion.complete(session, step, "totp", now)
    if isinstance(verdict, authenticator.Refused):
        _count(session, step, limit, verdict.left, now)
    return verdict


def _totp_refused(
    step: Step, factors: tuple[str, ...], form: TotpForm, verdict: authenticator.Refused | authenticator.UsedBefore
) -> Response:
    if isinstance(verdict, authenticator.UsedBefore):
        form.code.errors = [_used_before(verdict)]
        return _totp_page(step, factors, form, 422)
    engine.act("totp-wrong", person_oid=step.person.oid, left=verdict.left)
    if verdict.left == 0:
        return views.start_over(step.visit, "tries")
    form.code.errors = [f"Код не подошёл. Осталось попыток: {verdict.left}"]
    return _totp_page(step, factors, form, 422, skewed=verdict.skewed)


def _code_page(page: CodePage) -> Response:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        step = _step(session, now, page.stage)
        if page is SMS and codes.newest(session, step.attempt.token_hash, page.purpose) is None:
            return views.go(step.visit.address("sign_in.factor"))
        return _show_code_page(session, page, step, CodeForm(formdata=None), now=now)


def _code_sent(page: CodePage) -> Response:
    if request.form.get("action") == "resend":
        return _resend(page)
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _show_code_page(session, page, _step(session, now, page.stage), form, now=now, status=422)
    with stand.database.writing() as session:
        step = _step(session, now, page.stage)
        outcome = _try_code(session, page, step, form.digits, now)
    if isinstance(outcome, SignedIn):
        return completion.leave(outcome)
    if isinstance(outcome, Locked):
        return views.locked_out(step.visit, outcome.until, now, codes=True)
    return _code_refused(page, step, form, outcome, now)


def _try_code(
    session: Session, page: CodePage, step: Step, digits: str, now: datetime
) -> SignedIn | Locked | codes.Verdict:
    attempts.held(session, step)
    limit = throttle.factor_limit(step.person.oid, current_policy())
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    verdict = codes.check(session, step.attempt.token_hash, page.purpose, digits, now=now)
    if isinstance(verdict, codes.Accepted):
        return _accepted(session, page, step, limit, now)
    if isinstance(verdict, codes.Refused):
        _count(session, step, limit, verdict.left, now)
    return verdict


def _accepted(session: Session, page: CodePage, step: Step, limit: Limit, now: datetime) -> SignedIn:
    throttle.forget(session, limit.key)
    if page is ENROL:
        person = session.get_one(Person, step.person.oid)
        person.sms_enabled = True
        person.updated_at = now
        session.add(person)
    return completion.complete(session, step, "otp", now)


def _code_refused(page: CodePage, step: Step, form: CodeForm, verdict: codes.Verdict, now: datetime) -> Response:
    if isinstance(verdict, codes.Refused):
        engine.act("sms-wrong", person_oid=step.person.oid, left=verdict.left)
        if verdict.left == 0:
            return views.start_over(step.visit, "tries")
        form.code.errors = [f"Код не подошёл. Осталось попыток: {verdict.left}"]
    elif isinstance(verdict, codes.Replaced):
        form.code.errors = ["Это код из прошлого СМС. Подходит только код из последнего."]
    else:
        form.code.errors = ["Код истёк. Получите новый."]
    with current_stand().database.reading() as session:
        return _show_code_page(session, page, step, form, now=now, status=422)


def _resend(page: CodePage) -> Response:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        step = _step(session, now, page.stage)
        try:
            _send(session, step, page.purpose, now)
        except codes.TooSoonError as error:
            form = CodeForm(formdata=None)
            form.code.errors = [
                f"Новый код можно получить через {span(views.whole_seconds(error.at - now))}, в {time_msk(error.at)}."
            ]
            answer = _show_code_page(session, page, step, form, now=now, status=429)
            answer.headers["Retry-After"] = str(views.whole_seconds(error.at - now))
            return answer
    return views.go(step.visit.address(page.endpoint))


def _show_code_page(
    session: Session, page: CodePage, step: Step, form: CodeForm, *, now: datetime, status: int = 200
) -> Response:
    sent = codes.newest(session, step.attempt.token_hash, page.purpose)
    factors = people.usable_factors(session, step.person)
    return views.show(
        page.template,
        status,
        visit=step.visit,
        form=form,
        sent=sent,
        expired=sent is not None and sent.expires_at <= now,
        valid_for=current_policy().sms.valid_for,
        again=_countdown(session, sent, now) if sent is not None else None,
        others=[name for name in factors if name != "sms"],
        person_key=step.person.persona or step.person.oid,
    )


def _send(session: Session, step: Step, purpose: str, now: datetime) -> None:
    """Send a code for the attempt, whose row is held meanwhile."""
    slot = codes.of_attempt(session, step, purpose)
    attempts.held(session, step)
    codes.send(session, slot, address=_address(), policy=current_policy(), now=now)


def _countdown(session: Session, sent: OneTimeCode, now: datetime) -> Countdown:
    at = codes.next_at(session, sent, address=_address(), rules=current_policy().sms)
    return Countdown(at, views.whole_seconds(at - now))


def _totp_page(
    step: Step, factors: tuple[str, ...], form: TotpForm, status: int = 200, *, skewed: bool = False
) -> Response:
    return views.show(
        "totp.html",
        status,
        visit=step.visit,
        form=form,
        skewed=skewed,
        others=[name for name in factors if name != "totp"],
        person_key=step.person.persona or step.person.oid,
    )


def _used_before(verdict: authenticator.UsedBefore) -> str:
    if verdict.seconds_left:
        return f"Этот код уже использован. Дождитесь следующего: он появится через {span(verdict.seconds_left)}."
    return "Этот код уже использован. Введите тот, который приложение показывает сейчас."


def _count(session: Session, step: Step, limit: Limit, left: int, now: datetime) -> None:
    """A wrong code: it counts for the person, and the last one ends the attempt."""
    throttle.count_wrong(session, [limit], now)
    history.refused(session, step.person, "неверный код", now)
    if left == 0:
        attempts.give_up(session, step)
    _log.info("factor_refused", subject=subject(step.person.oid), left=left)


def _step(session: Session, now: datetime, *stages: str) -> Step:
    visit: Visit = pending.visit_at_hand(session, now)
    return attempts.step_at_hand(session, visit, now, *stages)


def _address() -> str:
    return request.remote_addr or ""
