"""Confirming in the mobile app (S-40): the page shows a number, the phone asks for it, the page asks whether it came.

With script it asks every three seconds by itself; without, «Проверить» does. Nothing changes by a GET (S-51).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.factors import pushes
from sandbox_idp.factors.models import APPROVED, EXPIRED, WAITING, PushRequest
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import acceptance, attempts, offers, pending, throttle, views
from sandbox_idp.sign_in.acceptance import Onward
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.world import messages

LOGIN = "login"
OVER_NOW = "over-now"
"""Nobody had answered when the time was over, and this request was the first to find it so."""
_log = log.get_log("sandbox_idp.sign_in")


@dataclass(frozen=True)
class Unsent:
    """No request went out: only from `at` on (S-40), or, without it, because notifications do not go out now."""

    at: datetime | None


def errand(step: Step) -> Errand:
    """What a confirmation in this attempt belongs to."""
    where = f"в {step.visit.system_name}" if step.visit.system_name else "на Госуслуги"
    return Errand(key=step.attempt.token_hash, purpose=LOGIN, words=f"Вход {where}")


def send(session: Session, step: Step, *, address: str, now: datetime) -> PushRequest | Unsent:
    """Send a request to the app. The caller holds the attempt."""
    try:
        return pushes.ask(session, errand(step), step.person, address=address, policy=current_policy(), now=now)
    except pushes.TooSoonError as error:
        return Unsent(error.at)
    except messages.GatewayDownError:
        return Unsent(None)


def is_waiting(session: Session, step: Step, now: datetime) -> bool:
    """Whether a request of this attempt is on the phone already and has not been answered."""
    asked = pushes.newest(session, errand(step))
    return asked is not None and asked.state == WAITING and asked.expires_at > now


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
        outcome = _look(session, step, asked, now) if asked is not None else None
    if isinstance(outcome, SignedIn | Onward):
        return _hand_over(acceptance.leave(outcome))
    if isinstance(outcome, Locked):
        return _hand_over(views.locked_out(step.visit, outcome.until, now, codes=True))
    if outcome == OVER_NOW:
        engine.act("push-timeout", person_oid=step.person.oid)
    if outcome == WAITING and request.headers.get("HX-Request"):
        return make_response("", 204)
    if outcome == WAITING:
        with stand.database.reading() as session:
            asked = pushes.newest(session, errand(step))
            assert asked is not None
            return _page(session, step, asked, now, checked=True)
    return _hand_over(views.go(step.visit.address("sign_in.push")))


def _look(session: Session, step: Step, asked: PushRequest, now: datetime) -> SignedIn | Onward | Locked | str:
    """What has become of the request: the end of the sign-in, or its state (or OVER_NOW)."""
    if asked.state == APPROVED:
        until = throttle.locked_until(
            session, [throttle.factor_limit(step.person.oid, current_policy())], now, hold=True
        )
        if until is not None:
            return Locked(until)
        if pushes.use(session, asked, rules=current_policy().push, now=now):
            return acceptance.accept(session, step, "push", now)
        return asked.state
    if asked.state == WAITING and pushes.expire(session, asked, now):
        _log.info("push_unanswered", subject=subject(step.person.oid))
        return OVER_NOW
    return asked.state


def _again(now: datetime) -> Response:
    with current_stand().database.writing() as session:
        step = _step(session, now)
        attempts.held(session, step)
        if "push" not in offers.offered(session, step.person):
            return views.go(step.visit.address("sign_in.factor"))
        outcome = send(session, step, address=request.remote_addr or "", now=now)
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
    rules = current_policy().push
    state = asked.state
    if (state == WAITING and asked.expires_at <= now) or (
        state == APPROVED and asked.answered_at is not None and asked.answered_at <= now - rules.valid_for
    ):
        state = EXPIRED
    status = 200
    if unsent is not None:
        status = 503 if unsent.at is None else 429
    return views.show(
        "push.html",
        status,
        visit=step.visit,
        asked=asked,
        push_state="waiting" if state in (WAITING, APPROVED) else state,
        left=views.whole_seconds(asked.expires_at - now),
        checked=checked,
        unsent=unsent,
        unsent_left=views.whole_seconds(unsent.at - now) if unsent is not None and unsent.at is not None else None,
        retry_after=unsent.at - now if unsent is not None and unsent.at is not None else None,
        rules=rules,
        others=offers.offered(session, step.person).others("push"),
        person_key=step.person.persona or step.person.oid,
    )


def _hand_over(response: Response) -> Response:
    """To a script that asked, an answer that moves the whole page; a redirect would be followed behind its back."""
    if not request.headers.get("HX-Request"):
        return response
    if 300 <= response.status_code < 400:
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 200
        response.set_data("")
    else:
        response.headers["HX-Redirect"] = request.full_path
    return response


def _step(session: Session, now: datetime) -> Step:
    return attempts.step_at_hand(session, pending.visit_at_hand(session, now), now, attempts.FACTOR)
