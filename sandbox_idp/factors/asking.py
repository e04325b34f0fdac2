"""What every page that asks the mobile app does: send a request, look what has become of it, go on once (S-40, R-061).

The pages differ in what is confirmed (a sign-in, a step within a session, who one is) and in what follows from it. With
script such a page asks every three seconds by itself; without, «Проверить» does. Nothing changes by a GET (S-51).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.factors import pushes
from sandbox_idp.factors.models import APPROVED, EXPIRED, WAITING, PushRequest
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import throttle
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.secrecy import subject
from sandbox_idp.sign_in.views import whole_seconds
from sandbox_idp.world import messages

CONFIRMED = "confirmed"
"""The right number was chosen, and it was this look that used the confirmation up."""
_log = log.get_log("sandbox_idp.factors")


@dataclass(frozen=True)
class Unsent:
    """No request went out: only from `at` on (S-40), or, without it, because notifications do not go out now."""

    at: datetime | None


def send(session: Session, errand: Errand, person: Person, now: datetime) -> PushRequest | Unsent:
    """Send a request to the person's app. The caller holds the row that the errand's key names."""
    address = request.remote_addr or ""
    try:
        return pushes.ask(session, errand, person, address=address, policy=current_policy(), now=now)
    except pushes.TooSoonError as error:
        return Unsent(error.at)
    except messages.GatewayDownError:
        return Unsent(None)


def is_waiting(session: Session, errand: Errand, now: datetime) -> bool:
    """Whether a request of this errand is on the phone already and has not been answered."""
    asked = pushes.newest(session, errand)
    return asked is not None and asked.state == WAITING and asked.expires_at > now


def look(session: Session, asked: PushRequest, now: datetime) -> str | Locked:
    """What has become of the request: CONFIRMED (once), `Locked` (too many wrong codes, S-36), or its state.

    The caller holds the row that the errand's key names.
    """
    if asked.state == APPROVED:
        limit = throttle.factor_limit(asked.person_oid, current_policy())
        until = throttle.locked_until(session, [limit], now, hold=True)
        if until is not None:
            return Locked(until)
        if pushes.use(session, asked, rules=current_policy().push, now=now):
            return CONFIRMED
    elif asked.state == WAITING and pushes.expire(session, asked, now):
        _log.info("push_unanswered", subject=subject(asked.person_oid))
        engine.act("push-timeout", person_oid=asked.person_oid)
    return asked.state


def shown(
    asked: PushRequest | None, now: datetime, *, checked: bool = False, unsent: Unsent | None = None
) -> tuple[int, dict[str, Any]]:
    """The status of the page, and what the macros of `sandbox_idp/factors/push.html` need.

    Without a request the state is `none`. `checked`: somebody has just pressed «Проверить»; `unsent`: somebody wanted
    another request.
    """
    rules = current_policy().push
    state = asked.state if asked is not None else "none"
    if asked is not None and (
        (state == WAITING and asked.expires_at <= now)
        or (state == APPROVED and asked.answered_at is not None and asked.answered_at <= now - rules.valid_for)
    ):
        state = EXPIRED
    status = 200
    if unsent is not None:
        status = 503 if unsent.at is None else 429
    return status, {
        "asked": asked,
        "push_state": "waiting" if state in (WAITING, APPROVED) else state,
        "left": whole_seconds(asked.expires_at - now) if asked is not None else 0,
        "checked": checked,
        "unsent": unsent,
        "unsent_left": whole_seconds(unsent.at - now) if unsent is not None and unsent.at is not None else None,
        "rules": rules,
    }


def hand_over(response: Response) -> Response:
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


def still_waiting() -> Response | None:
    """Nothing new for a script that asked; None: a person has pressed «Проверить» and is shown the page."""
    return Response(status=204) if request.headers.get("HX-Request") else None
