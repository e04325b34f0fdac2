"""The 72 hours after unusual activity: what cannot be done meanwhile, until when, and how to lift it early."""

from __future__ import annotations

from flask import Response, request

from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import OneTimeCode, Person
from sandbox_idp.cabinet import confirmation, guard, pages, unusual, views
from sandbox_idp.cabinet.confirmation import Locked
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes, sessions
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, locked_out, whole_seconds

PURPOSE = "lift"


def restricted() -> Response:
    """What is limited and until when (screen `account-restricted`); once it is over, that it is."""
    with current_stand().database.reading() as session:
        return _show(session, guard.signed_in(session), CodeForm(formdata=None))


def restricted_sent() -> Response:
    """The code by SMS that lifts it early, or the wish for one."""
    return _send() if request.form.get("action") == "send" else _lift()


def _send() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm(formdata=None)
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        if not unusual.can_lift_by_phone(session, here.person.oid, now):
            return go(views.address("cabinet.restricted"))
        try:
            confirmation.send_code(session, here, address=_address(), policy=current_policy(), now=now, purpose=PURPOSE)
        except codes.TooSoonError as error:
            left = whole_seconds(error.at - now)
            form.code.errors = [f"Новый код можно получить через {span(left)}, в {time_msk(error.at)}."]
            answer = _show(session, here, form, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
    return go(views.address("cabinet.restricted"))


def _lift() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    if not form.validate():
        with stand.database.reading() as session:
            return _show(session, guard.signed_in(session, now), form, status=422)
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        if not unusual.can_lift_by_phone(session, here.person.oid, now):
            return go(views.address("cabinet.restricted"))
        outcome = confirmation.with_code(session, here, form.digits, policy=current_policy(), now=now, purpose=PURPOSE)
        if isinstance(outcome, codes.Accepted):
            person = session.get_one(Person, here.person.oid)
            unusual.lift(session, person, "Вы подтвердили, что это вы. Настройки снова можно менять.", now)
            renewed = sessions.renew(session, here.session)
    if isinstance(outcome, Locked):
        return locked_out(Visit(next_page="/cabinet/security/restricted"), outcome.until, now, codes=True)
    if isinstance(outcome, codes.Accepted):
        engine.act("restriction-lifted", person_oid=here.person.oid)
        response = go(views.address("cabinet.restricted"))
        sessions.write_session(response, renewed)
        return response
    form.code.errors = [pages.code_trouble(outcome)]
    with stand.database.reading() as session:
        return _show(session, here, form, status=422)


def _show(session: Session, here: SignedIn, form: CodeForm, *, status: int = 200) -> Response:
    now = current_stand().clock.now()
    until = guard.restricted_until(here.person, now)
    if until is not None:
        engine.act("account-restricted", person_oid=here.person.oid)
    sent: OneTimeCode | None = codes.newest(session, here.session.token_hash, PURPOSE)
    return views.show(
        session,
        here,
        "restricted.html",
        status,
        until=until,
        left=until - now if until is not None else None,
        form=form,
        sent=sent if sent is not None and sent.used_at is None else None,
        expired=sent is not None and sent.expires_at <= now,
        phone=people.confirmed_phone(session, here.person.oid),
        why=unusual.why(session, here.person.oid, until) if until is not None else None,
        length=current_policy().unusual.restrict_for,
        phone_is_new=not unusual.can_lift_by_phone(session, here.person.oid, now),
        person_key=here.person.persona or here.person.oid,
    )


def _address() -> str:
    return request.remote_addr or ""
