"""«Забыли пароль?»: phone or e-mail, the code, the new password, and then to sign in again (R-139, C-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, make_response, render_template, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from foundation.database import Session
from foundation.russian import phone_masked, span, time_msk
from sandbox_idp.accounts import password_rules, passwords, ranges
from sandbox_idp.accounts.logins import Login, read_login
from sandbox_idp.accounts.models import OneTimeCode
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.recovery import recovery
from sandbox_idp.recovery.recovery import Errand, Used
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes, info_pages, new_password, views
from sandbox_idp.sign_in.factor_pages import Countdown
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.new_password import NewPasswordForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit


class ContactForm(FlaskForm):
    """Where the code goes."""

    contact = StringField("Телефон или электронная почта")

    claimed: Login | None = None
    """What was typed, once it has been understood."""

    def validate_contact(self, field: Field) -> None:
        """A phone or an address, in every usual writing (U-11); codes are sent to nothing else."""
        if not ranges.clean(field.data or ""):
            raise ValidationError("Введите телефон или адрес электронной почты, к которым привязана учётная запись.")
        try:
            claimed = read_login(field.data)
        except ranges.NumberError as error:
            raise ValidationError(error.text) from None
        if claimed.kind == "snils":
            raise ValidationError("На СНИЛС код не отправить. Введите телефон или адрес электронной почты.")
        self.claimed = claimed


class RecoveryCodeForm(CodeForm):
    """The code that came by SMS or by mail."""

    empty = "Введите код из СМС или письма, 6 цифр."


def start() -> Response:
    """«Забыли пароль?»: where the code goes."""
    return _show("contact.html", _visit(), form=ContactForm(formdata=None))


def started() -> Response:
    """The contact. What follows is the same whether anybody has it (S-32)."""
    stand = current_stand()
    now = stand.clock.now()
    visit = _visit()
    form = ContactForm()
    if not form.validate() or form.claimed is None:
        return _show("contact.html", visit, 422, form=form)
    passwords.spend_the_work()
    try:
        with stand.database.writing() as session:
            begun = recovery.begin(session, form.claimed, address=_address(), policy=current_policy(), now=now)
    except codes.TooSoonError as error:
        form.contact.errors = [_too_soon(error, now)]
        return _wait(_show("contact.html", visit, 429, form=form), error, now)
    engine.act(
        "recovery-begun" if begun.record.person_oid is not None else "recovery-unknown",
        person_oid=begun.record.person_oid,
    )
    response = views.go(visit.address("sign_in.recovery_code"))
    recovery.cookie().write(response, begun.token)
    return response


def code() -> Response:
    """«Введите код»: the same page for a contact that nobody has."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        errand = recovery.at_hand(session, _visit(), now)
        if errand.stage == "password":
            return views.go(errand.visit.address("sign_in.recovery_password"))
        return _code_page(session, errand, RecoveryCodeForm(formdata=None), now)


def code_sent() -> Response:
    """The code, or the wish for another one."""
    if request.form.get("action") == "resend":
        return _resend()
    stand = current_stand()
    now = stand.clock.now()
    form = RecoveryCodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _code_page(session, recovery.at_hand(session, _visit(), now), form, now, 422)
    with stand.database.writing() as session:
        errand = recovery.at_hand(session, _visit(), now)
        outcome = recovery.try_code(session, errand, form.digits, policy=current_policy(), now=now)
    if isinstance(outcome, Locked):
        return views.locked_out(errand.visit, outcome.until, now, codes=True)
    if isinstance(outcome, codes.Accepted) or (isinstance(outcome, Used) and errand.stage != "done"):
        return views.go(errand.visit.address("sign_in.recovery_password"))
    form.code.errors = [_code_trouble(outcome, errand)]
    with stand.database.reading() as session:
        return _code_page(session, errand, form, now, 422)


def password() -> Response:
    """«Новый пароль»: the rule in force, before anything is typed (S-27)."""
    stand = current_stand()
    with stand.database.reading() as session:
        errand = recovery.at_hand(session, _visit(), stand.clock.now())
        recovery.owner(session, errand)
    if errand.stage == "done":
        return views.go(errand.visit.address("sign_in.recovery_done"))
    return _password_page(errand.visit, NewPasswordForm(formdata=None))


def password_sent() -> Response:
    """The new password, or what of it has been typed so far."""
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = NewPasswordForm()
    live = new_password.is_live()
    typed = new_password.live_typed() if live else form.typed
    with stand.database.reading() as session:
        errand = recovery.at_hand(session, _visit(), now)
        person = recovery.owner(session, errand)
        unmet = password_rules.unmet_by(session, policy.password, person, typed, live=live)
    if live:
        return new_password.live_list(policy.password, unmet)
    if errand.stage == "done":
        return views.go(errand.visit.address("sign_in.recovery_done"))
    form.validate()
    if unmet:
        new_password.tell(unmet, person.oid)
        form.refuse(unmet)
        return _password_page(errand.visit, form, 422)
    new_hash = passwords.hash_password(typed)
    with stand.database.writing() as session:
        recovery.save(session, recovery.at_hand(session, errand.visit, now), new_hash, now)
    engine.act("password-recovered", person_oid=person.oid)
    return views.go(errand.visit.address("sign_in.recovery_done"))


def done() -> Response:
    """The password is saved; now one signs in with it, and the second factor applies as ever (S-33, R-141)."""
    stand = current_stand()
    with stand.database.reading() as session:
        errand = recovery.at_hand(session, _visit(), stand.clock.now())
    if errand.stage != "done":
        raise recovery.NoRecoveryError(errand.visit)
    return _show("done.html", errand.visit)


def over(error: recovery.RecoveryOverError) -> Response:
    """It took too long: begin anew."""
    reference = views.stopped("recovery over")
    response = _show("over.html", error.visit, 400, reference=reference)
    recovery.cookie().delete(response)
    return response


def none_begun(error: recovery.NoRecoveryError) -> Response:
    """No step can be skipped by its address (S-60)."""
    return views.go(error.visit.address("sign_in.recovery"))


def _resend() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = RecoveryCodeForm(formdata=None)
    token = None
    with stand.database.writing() as session:
        errand = recovery.at_hand(session, _visit(), now)
        try:
            if errand.stage == "code":
                recovery.send_again(session, errand, address=_address(), policy=current_policy(), now=now)
            else:
                # Its code has done its work: what begins is another recovery for the same contact.
                contact = Login("phone" if errand.record.kind == "sms" else "mail", errand.record.contact)
                token = recovery.begin(session, contact, address=_address(), policy=current_policy(), now=now).token
        except codes.TooSoonError as error:
            form.code.errors = [_too_soon(error, now)]
            return _wait(_code_page(session, errand, form, now, 429), error, now)
    response = views.go(errand.visit.address("sign_in.recovery_code"))
    if token is not None:
        recovery.cookie().write(response, token)
    return response


def _code_trouble(outcome: codes.Verdict | Used, errand: Errand) -> str:
    oid = errand.record.person_oid
    if isinstance(outcome, Used):
        engine.act("recovery-code-used", person_oid=oid)
        return "Этот код уже использован: пароль по нему изменён. Получите новый код."
    if isinstance(outcome, codes.Refused):
        engine.act("recovery-code-wrong", person_oid=oid, left=outcome.left)
        if outcome.left:
            return f"Код не подошёл. Осталось попыток: {outcome.left}"
        return "Попытки для этого кода закончились. Получите новый код."
    if isinstance(outcome, codes.Replaced):
        return "Это код из прошлого сообщения. Подходит только код из последнего."
    engine.act("recovery-code-expired", person_oid=oid)
    return "Срок кода вышел. Получите новый код."


def _code_page(session: Session, errand: Errand, form: RecoveryCodeForm, now: datetime, status: int = 200) -> Response:
    record = errand.record
    sent: OneTimeCode | None = codes.newest(session, record.token_hash, recovery.PURPOSE)
    rules = current_policy().sms
    at = recovery.next_at(session, record.contact, address=_address(), rules=rules, now=now) or now
    return _show(
        "code.html",
        errand.visit,
        status,
        form=form,
        by_sms=record.kind == "sms",
        contact=phone_masked(record.contact) if record.kind == "sms" else Login("mail", record.contact).masked,
        sent=sent,
        expired=sent is not None and sent.expires_at <= now,
        dead=sent is None or sent.attempts_left <= 0 or sent.used_at is not None,
        again=Countdown(at, views.whole_seconds(at - now)),
    )


def _password_page(visit: Visit, form: NewPasswordForm, status: int = 200) -> Response:
    return _show("password.html", visit, status, form=form, lines=form.lines(current_policy().password))


def _too_soon(error: codes.TooSoonError, now: datetime) -> str:
    left = span(views.whole_seconds(error.at - now))
    return f"Новый код можно получить через {left}, в {time_msk(error.at)}."


def _wait(response: Response, error: codes.TooSoonError, now: datetime) -> Response:
    response.headers["Retry-After"] = str(views.whole_seconds(error.at - now))
    return response


def _show(template: str, visit: Visit, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(f"sandbox_idp/recovery/{template}", visit=visit, **values), status)


def _visit() -> Visit:
    return info_pages.visit_or_none()


def _address() -> str:
    return request.remote_addr or ""
