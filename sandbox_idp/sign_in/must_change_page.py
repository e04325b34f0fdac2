"""«Смените пароль»: somebody whose password has to be changed does so between the password and the factor (R-139).

It never comes by itself with time (S-35): a scenario or an operator asks for it. The new password holds once the second
factor was accepted, so that whoever knows nothing but the old password cannot take the account over with it.
"""

from __future__ import annotations

from flask import Response

from sandbox_idp.accounts import password_rules, passwords
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import attempts, completion, login_pages, new_password, pending, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.new_password import NewPasswordForm
from sandbox_idp.sign_in.pending import Visit


def must_change() -> Response:
    """The form, with the rule in force."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        step = attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, attempts.PASSWORD)
    return _page(step.visit, NewPasswordForm(formdata=None))


def must_change_sent() -> Response:
    """The new password, or what of it has been typed so far."""
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = NewPasswordForm()
    live = new_password.is_live()
    typed = new_password.live_typed() if live else form.typed
    with stand.database.reading() as session:
        step = attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, attempts.PASSWORD)
        unmet = password_rules.unmet_by(session, policy.password, step.person, typed, live=live)
    if live:
        return new_password.live_list(policy.password, unmet)
    form.validate()
    if unmet:
        new_password.tell(unmet, step.person.oid)
        form.refuse(unmet)
        return _page(step.visit, form, 422)
    new_hash = passwords.hash_password(typed)
    with stand.database.writing() as session:
        step = attempts.step_at_hand(session, step.visit, now, attempts.PASSWORD)
        attempt = attempts.held(session, step)
        attempt.new_password_hash = new_hash
        session.add(attempt)
        onward = login_pages.to_the_factor(session, Step(step.visit, attempt, step.person), policy, now)
    engine.act("password-changed", person_oid=step.person.oid)
    return completion.leave(onward) if isinstance(onward, completion.SignedIn) else views.go(onward)


def _page(visit: Visit, form: NewPasswordForm, status: int = 200) -> Response:
    return views.show("must_change.html", status, visit=visit, form=form, lines=form.lines(current_policy().password))
