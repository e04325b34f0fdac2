"""The first page of the cabinet, its notices, «Подтвердите, что это вы», and the way out."""

from __future__ import annotations

from datetime import datetime

from flask import Response, redirect, request
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField
from wtforms.validators import ValidationError

from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.cabinet import confirmation, guard, notices, views
from sandbox_idp.cabinet.confirmation import Locked, Wrong
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.sign_in import codes, pending, sessions
from sandbox_idp.sign_in.forms import CodeForm
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


def home() -> Response:
    """Who is signed in here, and where to go (screen `cabinet`)."""
    stand = current_stand()
    with stand.database.reading() as session:
        here = guard.signed_in(session)
        person = here.person
        phone = people.confirmed_phone(session, person.oid)
        return views.show(
            session,
            here,
            "home.html",
            name=people.full_name(person),
            level=people.level_words(person),
            phone=phone,
            living=here.session,
            portal_url=stand.portal_url,
        )


def notices_page() -> Response:
    """«Уведомления»: the newest first; having been shown, they are read (the badge goes with the next page)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        response = views.show(session, here, "notices.html", notices=notices.newest(session, here.person.oid))
    with stand.database.writing() as session:
        notices.mark_read(session, here.person.oid, now)
    return response


def sign_out() -> Response:
    """«Выйти из Госуслуг»."""
    response = go(Visit().address("sign_in.login"))
    sessions.end_session(response)
    return response


def confirm() -> Response:
    """«Подтвердите, что это вы», before something that protects the account is changed (screen `cabinet-confirm`)."""
    with current_stand().database.reading() as session:
        return _show(session, guard.signed_in(session), ConfirmForm(formdata=None), CodeForm(formdata=None))


def confirm_sent() -> Response:
    """The password, the code, or the wish for a code."""
    wanted = request.form.get("action")
    if wanted == "send":
        return _code_wanted()
    return _code_sent() if wanted == "code" else _password_sent()


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
        return locked_out(_visit(), until, now, codes=False)
    right = confirmation.verify(here, form.password.data)
    with stand.database.writing() as session:
        outcome = confirmation.with_password(session, here, right, policy=policy, now=now)
        renewed = sessions.renew(session, here.session) if outcome is None else None
    if isinstance(outcome, Locked):
        return locked_out(_visit(), outcome.until, now, codes=False)
    if isinstance(outcome, Wrong):
        form.password.errors = [f"Неверный пароль. Проверьте раскладку и Caps Lock. Осталось попыток: {outcome.left}."]
        with stand.database.reading() as session:
            return _show(session, here, form, CodeForm(formdata=None), status=422)
    return _back(renewed)


def _code_wanted() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm(formdata=None)
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        try:
            confirmation.send_code(session, here, address=_address(), policy=current_policy(), now=now)
        except codes.TooSoonError as error:
            left = whole_seconds(error.at - now)
            form.code.errors = [f"Новый код можно получить через {span(left)}, в {time_msk(error.at)}."]
            answer = _show(session, here, ConfirmForm(formdata=None), form, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
        except messages.GatewayDownError:
            form.code.errors = ["СМС не ушло: служба рассылки сейчас не отвечает. Подтвердите паролем."]
            return _show(session, here, ConfirmForm(formdata=None), form, status=503)
    return go(views.address("cabinet.confirm", next=_next()))


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
        return locked_out(_visit(), outcome.until, now, codes=True)
    if isinstance(outcome, codes.Accepted):
        return _back(renewed)
    form.code.errors = [code_trouble(outcome)]
    with stand.database.reading() as session:
        return _show(session, here, ConfirmForm(formdata=None), form, status=422)


def code_trouble(verdict: codes.Refused | codes.Replaced | codes.Expired) -> str:
    """Why a code did not do, in the words that every page of a code uses."""
    if isinstance(verdict, codes.Refused):
        return (
            f"Код не подошёл. Осталось попыток: {verdict.left}"
            if verdict.left
            else "Попытки кончились. Получите новый код."
        )
    if isinstance(verdict, codes.Replaced):
        return "Это код из прошлого СМС. Подходит только код из последнего."
    return "Код истёк. Получите новый."


def _show(session: Session, here: SignedIn, form: ConfirmForm, code_form: CodeForm, *, status: int = 200) -> Response:
    now: datetime = current_stand().clock.now()
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
        action=views.address("cabinet.confirm", next=_next()),
        person_key=here.person.persona or here.person.oid,
    )


def _back(renewed: NewSession | None) -> Response:
    response = redirect(f"{request.root_path}{_next() or guard.HOME}", code=303)
    assert isinstance(response, Response)
    if renewed is not None:
        sessions.write_session(response, renewed)
    return response


def _visit() -> Visit:
    return Visit(next_page=_next())


def _next() -> str | None:
    return pending.within_cabinet(request.args.get("next"))


def _address() -> str:
    return request.remote_addr or ""
