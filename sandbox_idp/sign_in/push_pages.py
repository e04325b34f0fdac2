"""Confirming a sign-in in the mobile app (S-40): the page shows a number, the phone asks for it, the page asks whether
it came."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.factors import asking, pushes
from sandbox_idp.factors.asking import Unsent
from sandbox_idp.factors.models import WAITING, PushRequest
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.sign_in import acceptance, attempts, offers, pending, views
from sandbox_idp.sign_in.acceptance import Onward
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.password import Locked


def errand(step: Step) -> Errand:
    """What a confirmation in this attempt belongs to."""
    where = f"в {step.visit.system_name}" if step.visit.system_name else "на Госуслуги"
    return Errand(key=step.attempt.token_hash, purpose=pushes.LOGIN, words=f"Вход {where}")


def send(session: Session, step: Step, now: datetime) -> PushRequest | Unsent:
    """Send a request to the app. The caller holds the attempt."""
    return asking.send(session, errand(step), step.person, now)


def is_waiting(session: Session, step: Step, now: datetime) -> bool:
    """Whether a request of this attempt is on the phone already and has not been answered."""
    return asking.is_waiting(session, errand(step), now)


def push() -> Response:
    """«Подтвердите вход в приложении», and what has become of it."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        step = _step(session, now)
        asked = pushes.newest(session, errand(step))
        if asked is None:
            return views.go(step.visit.address("sign_in.factor"))
        return _page(session, step, asked, now)


def push_sent() -> Response:
    """«Проверить» (or the page itself, every three seconds), or the wish for another request."""
    stand = current_stand()
    now = stand.clock.now()
    if request.form.get("action") == "again":
        return _again(now)
    with stand.database.writing() as session:
        step = _step(session, now)
        attempts.held(session, step)
        asked = pushes.newest(session, errand(step))
        outcome: SignedIn | Onward | Locked | str | None = asking.look(session, asked, now) if asked else None
        if outcome == asking.CONFIRMED:
            outcome = acceptance.accept(session, step, "push", now)
    if isinstance(outcome, SignedIn | Onward):
        return asking.hand_over(acceptance.leave(outcome))
    if isinstance(outcome, Locked):
        return asking.hand_over(views.locked_out(step.visit, outcome.until, now, codes=True))
    if outcome == WAITING:
        return asking.still_waiting() or _checked(step, now)
    return asking.hand_over(views.go(step.visit.address("sign_in.push")))


def _checked(step: Step, now: datetime) -> Response:
    with current_stand().database.reading() as session:
        asked = pushes.newest(session, errand(step))
        assert asked is not None
        return _page(session, step, asked, now, checked=True)


def _again(now: datetime) -> Response:
    with current_stand().database.writing() as session:
        step = _step(session, now)
        attempts.held(session, step)
        if "push" not in offers.offered(session, step.person):
            return views.go(step.visit.address("sign_in.factor"))
        outcome = send(session, step, now)
        if isinstance(outcome, Unsent):
            asked = pushes.newest(session, errand(step))
            if asked is None:
                return views.go(step.visit.address("sign_in.factor"))
            return _page(session, step, asked, now, unsent=outcome)
    return views.go(step.visit.address("sign_in.push"))


def _page(
    session: Session,
    step: Step,
    asked: PushRequest,
    now: datetime,
    *,
    checked: bool = False,
    unsent: Unsent | None = None,
) -> Response:
    status, values = asking.shown(asked, now, checked=checked, unsent=unsent)
    state = values["push_state"]
    return views.show(
        "push.html",
        status,
        reference=None if state == "waiting" else views.stopped(f"push {state}"),
        visit=step.visit,
        retry_after=unsent.at - now if unsent is not None and unsent.at is not None else None,
        others=offers.offered(session, step.person).others("push"),
        person_key=step.person.persona or step.person.oid,
        **values,
    )


def _step(session: Session, now: datetime) -> Step:
    return attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, attempts.FACTOR)
