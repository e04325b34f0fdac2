"""«Подтвердите, что это вы», before something that protects the account is changed: one factor of those that the person
has (S-48, C-08). The password and the code by SMS stand on one page, every other way on a page of its own.
"""

from __future__ import annotations

from flask import Response, redirect, request
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField
from wtforms.validators import ValidationError

from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.cabinet import confirmation, guard, views
from sandbox_idp.cabinet.confirmation import Locked, Wrong
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.pages import code_trouble
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import authenticator, codes, pending, sessions
from sandbox_idp.sign_in.authenticator import UsedBefore
from sandbox_idp.sign_in.forms import CodeForm, TotpForm
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.sessions import NewSession
from sandbox_idp.sign_in.views import go, locked_out, whole_seconds
from sandbox_idp.world import messages


class ConfirmForm(FlaskForm):
    """The password, once more."""

    password = PasswordField("Пароль от Госуслуг")

    def validate_password(self, field: Field) -> None:
        """Only emptiness is told."""
        if not field.data:
            raise ValidationError("Введите пароль.")


def confirm() -> Response:
    """The ways that this person has (screen `cabinet-confirm`)."""
    with current_stand().database.reading() as session:
        return _show(session, guard.signed_in(session), ConfirmForm(formdata=None), CodeForm(formdata=None))


def confirm_sent() -> Response:
    """The password, the code, or the wish for a code."""
    wanted = request.form.get("action")
    if wanted == "send":
        return _code_wanted()
    return _code_sent() if wanted == "code" else _password_sent()


def totp() -> Response:
    """The field for a code of the authenticator app (screen `cabinet-confirm-totp`)."""
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        return _totp_page(session, here, TotpForm(formdata=None)) if here.person.totp_secret else to_the_ways()


def totp_sent() -> Response:
    """The code of the app."""
    stand = current_stand()
    now = stand.clock.now()
    form = TotpForm()
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        if not here.person.totp_secret:
            return to_the_ways()
        if not form.validate():
            return _totp_page(session, here, form, 422)
        outcome = confirmation.with_totp(session, here, form.digits, policy=current_policy(), now=now)
        renewed = sessions.renew(session, here.session) if outcome is None else None
    if isinstance(outcome, Locked):
        return locked_out(visit(), outcome.until, now, codes=True)
    if outcome is None:
        return back(renewed)
    form.code.errors = [_totp_trouble(outcome, here.person.oid)]
    with stand.database.reading() as session:
        return _totp_page(session, here, form, 422)


def back(renewed: NewSession | None) -> Response:
    """It is confirmed: on to the page that asked for it, with the session's new token (S-44)."""
    response = redirect(f"{request.root_path}{_next() or guard.HOME}", code=303)
    assert isinstance(response, Response)
    if renewed is not None:
        sessions.write_session(response, renewed)
    return response


def to_the_ways() -> Response:
    """Back to the page of the ways."""
    return go(address("cabinet.confirm"))


def address(endpoint: str) -> str:
    """The address of a page of the confirmation, which keeps what it is for."""
    return views.address(endpoint, next=_next())


def visit() -> Visit:
    """The same for the pages of a lock."""
    return Visit(next_page=_next())


def _password_sent() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = ConfirmForm()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        if not form.validate():
            return _show(session, here, form, CodeForm(formdata=None), status=422)
        until = confirmation.locked_until(session, here, policy, now)
    if until is not None:
        return locked_out(visit(), until, now, codes=False)
    right = confirmation.verify(here, form.password.data)
    with stand.database.writing() as session:
        outcome = confirmation.with_password(session, here, right, policy=policy, now=now)
        renewed = sessions.renew(session, here.session) if outcome is None else None
    if isinstance(outcome, Locked):
        return locked_out(visit(), outcome.until, now, codes=False)
    if isinstance(outcome, Wrong):
        form.password.errors = [f"Неверный пароль. Проверьте раскладку и Caps Lock. Осталось попыток: {outcome.left}."]
        with stand.database.reading() as session:
            return _show(session, here, form, CodeForm(formdata=None), status=422)
    return back(renewed)


def _code_wanted() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm(formdata=None)
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        try:
            confirmation.send_code(session, here, address=request.remote_addr or "", policy=current_policy(), now=now)
        except codes.TooSoonError as error:
            left = whole_seconds(error.at - now)
            form.code.errors = [f"Новый код можно получить через {span(left)}, в {time_msk(error.at)}."]
            answer = _show(session, here, ConfirmForm(formdata=None), form, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
        except messages.GatewayDownError:
            form.code.errors = ["СМС не ушло: служба рассылки сейчас не отвечает. Подтвердите другим способом."]
            return _show(session, here, ConfirmForm(formdata=None), form, status=503)
    return to_the_ways()


def _code_sent() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _show(session, guard.signed_in(session, now), ConfirmForm(formdata=None), form, status=422)
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        outcome = confirmation.with_code(session, here, form.digits, policy=current_policy(), now=now)
        renewed = sessions.renew(session, here.session) if isinstance(outcome, codes.Accepted) else None
    if isinstance(outcome, Locked):
        return locked_out(visit(), outcome.until, now, codes=True)
    if isinstance(outcome, codes.Accepted):
        return back(renewed)
    form.code.errors = [code_trouble(outcome)]
    with stand.database.reading() as session:
        return _show(session, here, ConfirmForm(formdata=None), form, status=422)


def _totp_trouble(outcome: Wrong | UsedBefore, oid: int) -> str:
    if isinstance(outcome, UsedBefore):
        engine.act("totp-replay", person_oid=oid)
        return authenticator.used_before(outcome)
    engine.act("totp-skew" if outcome.skewed else "totp-wrong", person_oid=oid)
    hint = " Похоже, часы телефона спешат или отстают: поставьте точное время." if outcome.skewed else ""
    return f"Код не подошёл.{hint} Осталось попыток: {outcome.left}"


def _totp_page(session: Session, here: SignedIn, form: TotpForm, status: int = 200) -> Response:
    return views.show(
        session,
        here,
        "confirm_totp.html",
        status,
        form=form,
        action=address("cabinet.confirm_totp"),
        others=address("cabinet.confirm"),
        person_key=here.person.persona or here.person.oid,
    )


def _show(session: Session, here: SignedIn, form: ConfirmForm, code_form: CodeForm, *, status: int = 200) -> Response:
    now = current_stand().clock.now()
    sent = codes.newest(session, here.session.token_hash, confirmation.PURPOSE)
    waiting = sent is not None and sent.used_at is None
    return views.show(
        session,
        here,
        "confirm.html",
        status,
        form=form,
        code_form=code_form,
        failing=form if form.errors else code_form,
        sent=sent if waiting else None,
        expired=sent is not None and sent.expires_at <= now,
        phone=people.confirmed_phone(session, here.person.oid),
        action=address("cabinet.confirm"),
        by_totp=address("cabinet.confirm_totp") if here.person.totp_secret else None,
        by_push=address("cabinet.confirm_push") if here.person.app_installed_at is not None else None,
        by_signature=address("cabinet.confirm_signature") if here.person.snils else None,
        person_key=here.person.persona or here.person.oid,
    )


def _next() -> str | None:
    return pending.within_cabinet(request.args.get("next"))
