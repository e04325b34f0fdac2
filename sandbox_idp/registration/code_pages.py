"""The second step: the code from the SMS (R-068)."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import phone_codes, views, wizard
from sandbox_idp.registration.wizard import Place
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes
from sandbox_idp.sign_in.codes import TooSoonError, Verdict
from sandbox_idp.sign_in.factor_pages import Countdown
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.views import go, whole_seconds

_log = log.get_log("sandbox_idp.registration")


def code() -> Response:
    """«Введите код из СМС»."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        place = wizard.at_hand(session, now, wizard.CODE)
        return _page(session, place, CodeForm(formdata=None), now)


def code_sent() -> Response:
    """The code, or the wish for another one."""
    if request.form.get("action") == "resend":
        return _resend()
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _page(session, wizard.at_hand(session, now, wizard.CODE), form, now, 422)
    with stand.database.writing() as session:
        place = wizard.at_hand(session, now, wizard.CODE, hold=True)
        verdict = codes.check(session, place.registration.id, phone_codes.PURPOSE, form.digits, now=now)
        if isinstance(verdict, codes.Accepted):
            place.registration.stage = wizard.PASSWORD
            session.add(place.registration)
    if isinstance(verdict, codes.Accepted):
        _log.info("registration_phone_proved")
        return go(place.page())
    return _refused(place, form, verdict, now)


def _refused(place: Place, form: CodeForm, verdict: Verdict, now: datetime) -> Response:
    if isinstance(verdict, codes.Refused):
        engine.act("register-sms-wrong", left=verdict.left)
        left = f"Осталось попыток: {verdict.left}" if verdict.left else "Попытки кончились. Получите новый код."
        form.code.errors = [f"Код не подошёл. {left}"]
    elif isinstance(verdict, codes.Replaced):
        form.code.errors = ["Это код из прошлого СМС. Подходит только код из последнего."]
    else:
        engine.act("register-sms-expired")
        form.code.errors = ["Код истёк. Получите новый."]
    _log.info("registration_code_refused", verdict=type(verdict).__name__.lower())
    with current_stand().database.reading() as session:
        return _page(session, place, form, now, 422)


def _resend() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    with stand.database.writing() as session:
        place = wizard.at_hand(session, now, wizard.CODE, hold=True)
        try:
            phone_codes.send(session, place.registration, address=views.network_address(), policy=policy, now=now)
        except TooSoonError as error:
            form = CodeForm(formdata=None)
            limited = error.at - now > policy.sms.again_after
            if limited:
                engine.act("register-sms-limit")
            why = "За этот час вы получили все коды, какие можно." if limited else "Код уже отправлен."
            form.code.errors = [f"{why} Новый код можно получить {views.later(error.at, now)}."]
            return _page(session, place, form, now, 429, retry_after=error.at - now)
    return go(place.page())


def _page(
    session: Session, place: Place, form: CodeForm, now: datetime, status: int = 200, **values: object
) -> Response:
    sent = phone_codes.newest(session, place.registration)
    assert sent is not None, "the first step sends a code in its own transaction"
    rules = current_policy().sms
    at = codes.next_at(session, sent, address=views.network_address(), rules=rules)
    return views.show(
        "code.html",
        status,
        visit=place.visit,
        form=form,
        sent=sent,
        expired=sent.expires_at <= now,
        valid_for=rules.valid_for,
        again=Countdown(at, whole_seconds(at - now)),
        resumed=views.resumed(),
        **values,  # type: ignore[arg-type]
    )
