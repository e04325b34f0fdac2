"""The second step: a code by SMS, of the app or of the backup sheet, the choice of the way, and switching SMS on."""

from __future__ import annotations

from collections.abc import Callable
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
from sandbox_idp.factors import pushes
from sandbox_idp.factors.asking import Unsent
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import (
    acceptance,
    attempts,
    authenticator,
    codes,
    offers,
    pending,
    push_pages,
    throttle,
    views,
)
from sandbox_idp.sign_in.acceptance import Onward
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import BackupForm, CodeForm, TotpForm
from sandbox_idp.sign_in.offers import Offers
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.sign_in.throttle import Limit
from sandbox_idp.world import messages

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
class TypedPage:
    """One of the two pages that ask for a code which the person has at hand: of the app, or of the sheet."""

    factor: str
    template: str
    form: type[CodeForm]
    check: Callable[..., authenticator.Verdict]


TOTP = TypedPage("totp", "totp.html", TotpForm, authenticator.check_totp)
BACKUP = TypedPage("backup", "backup.html", BackupForm, authenticator.check_backup)


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
        offer = offers.offered(session, step.person)
        if offer.only is not None and not offer.backup_left and not (offer.only == "push" and _unasked(session, step)):
            return views.go(step.visit.address(f"sign_in.{offer.only}"))
        return _choice(session, step, offer)


def factor_chosen() -> Response:
    """The choice that was made: a code or a request goes out, unless one that is still good went out a moment ago."""
    stand = current_stand()
    now = stand.clock.now()
    wanted = request.form.get("factor", "")
    with stand.database.writing() as session:
        step = _step(session, now, attempts.FACTOR)
        offer = offers.offered(session, step.person)
        if wanted not in offer:
            return views.go(step.visit.address("sign_in.factor"))
        if wanted == "sms":
            try:
                _send(session, step, codes.LOGIN, now)
            except codes.TooSoonError:
                _log.info("code_kept", subject=subject(step.person.oid))
            except messages.GatewayDownError:
                return _choice(session, step, offer, status=503, failed="sms")
        if wanted == "push" and not push_pages.is_waiting(session, step, now):
            attempts.held(session, step)
            sent = push_pages.send(session, step, now)
            if isinstance(sent, Unsent):
                return _choice(session, step, offer, status=503 if sent.at is None else 429, failed="push", unsent=sent)
    if wanted == "backup" and request.form.get("why") == "lost":
        engine.act("totp-lost", person_oid=step.person.oid)
    return views.go(step.visit.address(f"sign_in.{wanted}"))


def no_access() -> Response:
    """«Нет доступа к телефону»: what is left to whoever has lost the phone, or the app on it (totp-lost)."""
    stand = current_stand()
    with stand.database.reading() as session:
        step = _step(session, stand.clock.now(), attempts.FACTOR)
        return views.show("no_access.html", visit=step.visit, offer=offers.offered(session, step.person))


def _unasked(session: Session, step: Step) -> bool:
    """Whether nothing was sent to the app yet: the page of the app would have nothing to show."""
    return pushes.newest(session, push_pages.errand(step)) is None


def _choice(
    session: Session,
    step: Step,
    offer: Offers,
    *,
    status: int = 200,
    failed: str | None = None,
    unsent: Unsent | None = None,
) -> Response:
    """The page of the choice; `failed` says what has not gone out just now."""
    return views.show(
        "factor.html",
        status,
        visit=step.visit,
        offer=offer,
        phone=people.confirmed_phone(session, step.person.oid),
        failed=failed,
        reference=views.stopped(f"{failed} not sent") if failed else None,
        at=unsent.at if unsent is not None else None,
        rules=current_policy().push,
    )


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
    return _typed_page(TOTP)


def totp_sent() -> Response:
    """The code of the app."""
    return _typed_sent(TOTP)


def backup() -> Response:
    """«Введите резервный код»."""
    return _typed_page(BACKUP)


def backup_sent() -> Response:
    """A code of the sheet."""
    return _typed_sent(BACKUP)


def _typed_page(page: TypedPage) -> Response:
    stand = current_stand()
    with stand.database.reading() as session:
        step = _step(session, stand.clock.now(), attempts.FACTOR)
        offer = offers.offered(session, step.person)
    if page.factor not in offer:
        return views.go(step.visit.address("sign_in.factor"))
    return _show_typed_page(page, step, offer, page.form(formdata=None))


def _typed_sent(page: TypedPage) -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = page.form()
    if not form.validate():
        with stand.database.reading() as session:
            step = _step(session, now, attempts.FACTOR)
            return _show_typed_page(page, step, offers.offered(session, step.person), form, 422)
    with stand.database.writing() as session:
        step = _step(session, now, attempts.FACTOR)
        offer = offers.offered(session, step.person)
        outcome = _try_typed(session, page, step, form.digits, now) if page.factor in offer else None
    if outcome is None:
        return views.go(step.visit.address("sign_in.factor"))
    if isinstance(outcome, SignedIn | Onward):
        return acceptance.leave(outcome)
    if isinstance(outcome, Locked):
        return views.locked_out(step.visit, outcome.until, now, codes=True)
    return _typed_refused(page, step, offer, form, outcome)


def _try_typed(
    session: Session, page: TypedPage, step: Step, typed: str, now: datetime
) -> SignedIn | Onward | Locked | authenticator.Refused | authenticator.UsedBefore:
    policy = current_policy()
    attempts.held(session, step)
    limit = throttle.factor_limit(step.person.oid, policy)
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    verdict = page.check(session, step, typed, rules=policy.totp, now=now)
    if isinstance(verdict, authenticator.Accepted):
        return acceptance.accept(session, step, page.factor, now)
    if isinstance(verdict, authenticator.Refused):
        _count(session, step, limit, verdict.left, now)
    return verdict


def _typed_refused(
    page: TypedPage,
    step: Step,
    offer: Offers,
    form: CodeForm,
    verdict: authenticator.Refused | authenticator.UsedBefore,
) -> Response:
    if isinstance(verdict, authenticator.UsedBefore):
        engine.act(f"{page.factor}-replay", person_oid=step.person.oid)
        form.code.errors = [authenticator.used_before(verdict)]
        return _show_typed_page(page, step, offer, form, 422)
    engine.act(f"{page.factor}-skew" if verdict.skewed else f"{page.factor}-wrong", person_oid=step.person.oid)
    if verdict.left == 0:
        return views.start_over(step.visit, "tries")
    form.code.errors = [f"Код не подошёл. Осталось попыток: {verdict.left}"]
    return _show_typed_page(page, step, offer, form, 422, skewed=verdict.skewed)


def _code_page(page: CodePage) -> Response:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        step = _step(session, now, page.stage)
        unsent = page is SMS and codes.newest(session, step.attempt.token_hash, page.purpose) is None
        if unsent and offers.offered(session, step.person).only != "sms":
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
            step = _step(session, now, page.stage)
            answer = _show_code_page(session, page, step, form, now=now, status=422)
        if form.is_short:
            engine.act("sms-short", person_oid=step.person.oid)
        return answer
    with stand.database.writing() as session:
        step = _step(session, now, page.stage)
        outcome = _try_code(session, page, step, form.digits, now)
    if isinstance(outcome, SignedIn | Onward):
        return acceptance.leave(outcome)
    if isinstance(outcome, Locked):
        return views.locked_out(step.visit, outcome.until, now, codes=True)
    return _code_refused(page, step, form, outcome, now)


def _try_code(
    session: Session, page: CodePage, step: Step, digits: str, now: datetime
) -> SignedIn | Onward | Locked | codes.Verdict:
    attempts.held(session, step)
    limit = throttle.factor_limit(step.person.oid, current_policy())
    until = throttle.locked_until(session, [limit], now, hold=True)
    if until is not None:
        return Locked(until)
    verdict = codes.check(session, step.attempt.token_hash, page.purpose, digits, now=now)
    if isinstance(verdict, codes.Accepted):
        return _accepted(session, page, step, now)
    if isinstance(verdict, codes.Refused):
        _count(session, step, limit, verdict.left, now)
    return verdict


def _accepted(session: Session, page: CodePage, step: Step, now: datetime) -> SignedIn | Onward:
    if page is ENROL:
        person = session.get_one(Person, step.person.oid)
        person.sms_enabled = True
        person.updated_at = now
        session.add(person)
    return acceptance.accept(session, step, "sms", now)


def _code_refused(page: CodePage, step: Step, form: CodeForm, verdict: codes.Verdict, now: datetime) -> Response:
    if isinstance(verdict, codes.Refused):
        engine.act("sms-wrong", person_oid=step.person.oid, left=verdict.left)
        if verdict.left == 0:
            engine.act("sms-attempts", person_oid=step.person.oid)
            return views.start_over(step.visit, "tries")
        form.code.errors = [f"Код не подошёл. Осталось попыток: {verdict.left}"]
    elif isinstance(verdict, codes.Replaced):
        engine.act("sms-replaced", person_oid=step.person.oid)
        form.code.errors = ["Это код из прошлого СМС. Подходит только код из последнего."]
    else:
        engine.act("sms-expired", person_oid=step.person.oid)
        form.code.errors = ["Код истёк. Получите новый."]
    with current_stand().database.reading() as session:
        return _show_code_page(session, page, step, form, now=now, status=422)


def _resend(page: CodePage) -> Response:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        step = _step(session, now, page.stage)
        if page is SMS and "sms" not in offers.offered(session, step.person):
            return views.go(step.visit.address("sign_in.factor"))
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
        except messages.GatewayDownError:
            return _show_code_page(session, page, step, CodeForm(formdata=None), now=now, status=503, failed=True)
    return views.go(step.visit.address(page.endpoint))


def _show_code_page(
    session: Session,
    page: CodePage,
    step: Step,
    form: CodeForm,
    *,
    now: datetime,
    status: int = 200,
    failed: bool = False,
) -> Response:
    """The page; `failed`: the gateway has just refused another message (sms-gateway-down)."""
    sent = codes.newest(session, step.attempt.token_hash, page.purpose)
    return views.show(
        page.template,
        status,
        visit=step.visit,
        form=form,
        sent=sent,
        expired=sent is not None and sent.expires_at <= now,
        valid_for=current_policy().sms.valid_for,
        again=_countdown(session, sent, now) if sent is not None else None,
        failed_to_send=failed,
        reference=views.stopped("sms not sent") if failed or sent is None else None,
        phone=people.confirmed_phone(session, step.person.oid),
        others=page is SMS and offers.offered(session, step.person).others("sms"),
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


def _show_typed_page(
    page: TypedPage, step: Step, offer: Offers, form: CodeForm, status: int = 200, *, skewed: bool = False
) -> Response:
    return views.show(
        page.template,
        status,
        visit=step.visit,
        form=form,
        skewed=skewed,
        others=offer.others(page.factor),
        left=offer.backup_left,
        person_key=step.person.persona or step.person.oid,
    )


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
