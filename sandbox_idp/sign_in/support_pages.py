"""The letter of support with a link and a one-time code (R-143…R-145), as far as it is no pattern for fraud (C-18).

It goes out only after a person's own attempt, when the person asks for it on the page of the second factor. Its link is
that of «Вход» and signs nobody in; its code is worth something in that very attempt alone, ten minutes, once: support
then knows who asks, and gives a number. The second factor is still needed (C-08).
"""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import attempts, codes, pending, throttle, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.codes import Slot
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.secrecy import subject

PURPOSE = "support"
_log = log.get_log("sandbox_idp.sign_in")


def support() -> Response:
    """What the letter is for, and where its code goes (screen `login-support`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return _page(session, _step(session, now), CodeForm(formdata=None), now)


def support_sent() -> Response:
    """The wish for a letter, or the code of one."""
    return _send() if request.form.get("action") == "send" else _check()


def _send() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm(formdata=None)
    with stand.database.writing() as session:
        step = _step(session, now)
        mail = people.confirmed_mail(session, step.person.oid)
        if mail is None:
            return _page(session, step, form, now)
        attempts.held(session, step)
        try:
            codes.send(session, _slot(step, mail), address=_address(), policy=current_policy(), now=now)
        except codes.TooSoonError as error:
            left = views.whole_seconds(error.at - now)
            form.code.errors = [f"Новое письмо можно получить через {span(left)}, в {time_msk(error.at)}."]
            answer = _page(session, step, form, now, 429)
            answer.headers["Retry-After"] = str(left)
            return answer
    return views.go(step.visit.address("sign_in.support"))


def _check() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _page(session, _step(session, now), form, now, 422)
    with stand.database.writing() as session:
        step = _step(session, now)
        attempts.held(session, step)
        limit = throttle.factor_limit(step.person.oid, current_policy())
        until = throttle.locked_until(session, [limit], now, hold=True)
        if until is not None:
            return views.locked_out(step.visit, until, now, codes=True)
        asked = codes.newest(session, step.attempt.token_hash, PURPOSE) is not None
        verdict = codes.check(session, step.attempt.token_hash, PURPOSE, form.digits, now=now)
        if not isinstance(verdict, codes.Accepted):
            throttle.count_wrong(session, [limit], now)
    if isinstance(verdict, codes.Accepted):
        number = stand.ids.reference()
        _log.info("support_asked", ref=number, subject=subject(step.person.oid))
        engine.act("support-confirmed", person_oid=step.person.oid)
        return views.show("support_known.html", visit=step.visit, number=number)
    if not asked:
        engine.act("support-code-foreign", person_oid=step.person.oid)
        form.code.errors = ["Этот код не от вашего входа: письма вы не просили. Никому его не называйте."]
    elif isinstance(verdict, codes.Refused) and verdict.left:
        form.code.errors = [f"Код не подошёл. Осталось попыток: {verdict.left}"]
    elif isinstance(verdict, codes.Replaced):
        form.code.errors = ["Это код из прошлого письма. Подходит только код из последнего."]
    else:
        form.code.errors = ["Код больше не действует. Получите новое письмо."]
    with stand.database.reading() as session:
        return _page(session, step, form, now, 422)


def _slot(step: Step, mail: str) -> Slot:
    where = f" в {step.visit.system_name}" if step.visit.system_name else ""
    words = (
        f"Вы входите{where}. Ваша учётная запись зарегистрирована. Страница входа: {current_stand().idp_url}/login\n"
        "Введите код на той же странице, где попросили письмо. Код для поддержки"
    )
    return Slot(
        step.attempt.token_hash,
        PURPOSE,
        mail,
        words,
        kind="mail",
        subject="Помощь со входом",
        person_oid=step.person.oid,
    )


def _page(session: Session, step: Step, form: CodeForm, now: datetime, status: int = 200) -> Response:
    sent = codes.newest(session, step.attempt.token_hash, PURPOSE)
    return views.show(
        "support.html",
        status,
        visit=step.visit,
        form=form,
        sent=sent if sent is not None and sent.used_at is None else None,
        expired=sent is not None and sent.expires_at <= now,
        mail=people.confirmed_mail(session, step.person.oid),
        person_key=step.person.persona or step.person.oid,
    )


def _step(session: Session, now: datetime) -> Step:
    return attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, attempts.FACTOR, attempts.ENROL)


def _address() -> str:
    return request.remote_addr or ""
