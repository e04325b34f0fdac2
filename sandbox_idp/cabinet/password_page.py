"""«Смена пароля» in the cabinet: the present password, and a new one by the same rule as everywhere (S-27, S-31)."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request
from wtforms import PasswordField

from foundation.database import Session
from sandbox_idp.accounts import password_change, password_rules, passwords
from sandbox_idp.accounts.password_rules import Unmet
from sandbox_idp.cabinet import confirmation, guard, views
from sandbox_idp.cabinet.confirmation import Locked, Wrong
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import new_password, sessions
from sandbox_idp.sign_in.new_password import NewPasswordForm
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.sessions import NewSession
from sandbox_idp.sign_in.views import go, locked_out


class ChangePasswordForm(NewPasswordForm):
    """The present password and the new one."""

    password = PasswordField("Нынешний пароль")


def password() -> Response:
    """The form, with the rule in force."""
    with current_stand().database.reading() as session:
        return _page(session, guard.signed_in(session), ChangePasswordForm(formdata=None))


def password_sent() -> Response:
    """Both passwords, or what of the new one has been typed so far."""
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = ChangePasswordForm()
    live = new_password.is_live()
    typed = new_password.live_typed() if live else form.typed
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        until = confirmation.locked_until(session, here, policy, now)
        unmet = password_rules.unmet_by(session, policy.password, here.person, typed, live=True)
    if live:
        return new_password.live_list(policy.password, unmet)
    if until is not None:
        return locked_out(_visit(), until, now, codes=False)
    form.validate()
    if unmet or not form.password.data:
        return _refused(here, form, unmet)
    outcome, unmet = _change(here, form, policy, now)
    if isinstance(outcome, Locked):
        return locked_out(_visit(), outcome.until, now, codes=False)
    if isinstance(outcome, Wrong):
        words = "Нынешний пароль неверный. Проверьте раскладку и Caps Lock."
        form.password.errors = [f"{words} Осталось попыток: {outcome.left}."]
        return _refused(here, form, [])
    if unmet:
        response = _refused(here, form, unmet)
    else:
        engine.act("password-changed", person_oid=here.person.oid)
        response = go(views.address("cabinet.password", saved=1))
    sessions.write_session(response, outcome)
    return response


def _change(
    here: SignedIn, form: ChangePasswordForm, policy: Policy, now: datetime
) -> tuple[NewSession | Wrong | Locked, list[Unmet]]:
    """Change it if the present password is right and the person has not had the new one before.

    Wrong ones are counted as in «Подтвердите, что это вы»; as there the right one gives the session another token
    (S-44), whatever becomes of the new password. All hashing comes first: whoever is turned away at its gate loses
    nothing, least of all a session whose token was replaced.
    """
    database = current_stand().database
    right = confirmation.verify(here, form.password.data or "")
    unmet: list[Unmet] = []
    if right:
        with database.reading() as session:
            unmet = password_rules.unmet_by(session, policy.password, here.person, form.typed)
    new_hash = passwords.hash_password(form.typed) if right and not unmet else None
    with database.writing() as session:
        here = guard.signed_in(session, now)
        outcome = confirmation.with_password(session, here, right, policy=policy, now=now)
        if outcome is not None:
            return outcome, []
        renewed = sessions.renew(session, here.session)
        if new_hash is not None:
            password_change.change_password(session, here.person, new_hash, now=now, keep_session=renewed.record.sid)
    return renewed, unmet


def _refused(here: SignedIn, form: ChangePasswordForm, unmet: list[Unmet]) -> Response:
    if not form.password.data:
        form.password.errors = ["Введите нынешний пароль."]
    if unmet:
        form.refuse(unmet)
        new_password.tell(unmet, here.person.oid)
    else:
        form.unmet = []
    with current_stand().database.reading() as session:
        return _page(session, here, form, 422)


def _page(session: Session, here: SignedIn, form: ChangePasswordForm, status: int = 200) -> Response:
    return views.show(
        session,
        here,
        "password.html",
        status,
        form=form,
        lines=form.lines(current_policy().password),
        action=views.address("cabinet.password"),
        saved=bool(request.args.get("saved")) and status == 200,
    )


def _visit() -> Visit:
    return Visit(next_page="/cabinet/security/password")
