"""What follows a second factor that was right: the session, or first a page that asks for something more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import Response

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import InsistDraft, Point
from sandbox_idp.sign_in import attempts, completion, throttle, views
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.pending import Visit

Insists = Literal["never", "may-skip", "must"]


@dataclass(frozen=True)
class Onward:
    """The sign-in is not over: the browser goes to a page of its own first."""

    visit: Visit
    endpoint: str


def accept(session: Session, step: Step, factor: str, now: datetime) -> SignedIn | Onward:
    """The factor (a key of `people.ACR`) was right. The caller holds the attempt."""
    throttle.forget(session, throttle.factor_limit(step.person.oid, current_policy()).key)
    if insists(session, step) == "never":
        return completion.complete(session, step, people.ACR[factor], now)
    attempt = attempts.held(session, step)
    attempt.stage = attempts.ENROL_MORE
    attempt.second_factor = people.ACR[factor]
    session.add(attempt)
    return Onward(step.visit, "sign_in.one_more")


def insists(session: Session, step: Step) -> Insists:
    """Whether a page insists that this person connects an authenticator app; never to who has one (R-062)."""
    if "totp" in people.usable_factors(session, step.person):
        return "never"
    return engine.transform(Point.FACTOR_ACCEPTED, InsistDraft(current_policy().another_factor)).insists


def leave(outcome: SignedIn | Onward) -> Response:
    """After the transaction: on to the end of the sign-in, or to the page in between."""
    if isinstance(outcome, Onward):
        return views.go(outcome.visit.address(outcome.endpoint))
    return completion.leave(outcome)
