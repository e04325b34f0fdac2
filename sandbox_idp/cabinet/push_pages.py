"""The mobile app within a session: the pages that ask it, for a step or for who one is (S-40, `docs/policy.md`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from foundation.database import Session
from sandbox_idp.cabinet import confirm_pages, confirmation, guard, views
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.factors import asking, pushes
from sandbox_idp.factors.asking import Unsent
from sandbox_idp.factors.models import WAITING
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.sign_in import sessions
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, locked_out, stopped, whole_seconds


@dataclass(frozen=True)
class PushPage:
    """What one of these pages is for."""

    screen: str
    heading: str
    action: Callable[[], str]
    others: Callable[[], str]
    """Where the other ways are."""
    visit: Callable[[], Visit]
    """Where a lock of the second factors leads back to."""
    who: Callable[[Session], SignedIn]
    """Who may be here; raises what sends everybody else away."""
    errand: Callable[[SignedIn], Errand]
    accept: Callable[[Session, SignedIn], Response]
    """What follows from the right number, within the same transaction."""


def step() -> Response:
    """The step-up in the app (screen `cabinet-confirm-push`)."""
    return show(_STEP)


def step_sent() -> Response:
    """What was pressed there."""
    return take(_STEP)


def show(page: PushPage) -> Response:
    """The number, and what has become of the request; before there is one, the button that sends it."""
    now = current_stand().clock.now()
    with current_stand().database.reading() as session:
        return _page(session, page.who(session), page, now)


def take(page: PushPage) -> Response:
    """«Проверить» (or the page itself, every three seconds), or the wish for a request."""
    now = current_stand().clock.now()
    if request.form.get("action") == "again":
        return _send(page, now)
    with current_stand().database.writing() as session:
        here = page.who(session)
        confirmation.hold(session, here)
        asked = pushes.newest(session, page.errand(here))
        outcome = asking.look(session, asked, now) if asked is not None else None
        if outcome == asking.CONFIRMED:
            return asking.hand_over(page.accept(session, here))
        if outcome == WAITING:
            return asking.still_waiting() or _page(session, here, page, now, checked=True)
    if isinstance(outcome, Locked):
        return asking.hand_over(locked_out(page.visit(), outcome.until, now, codes=True))
    return asking.hand_over(go(page.action()))


def _send(page: PushPage, now: datetime) -> Response:
    with current_stand().database.writing() as session:
        here = page.who(session)
        if here.person.app_installed_at is None:
            return go(page.others())
        confirmation.hold(session, here)
        errand = page.errand(here)
        if not asking.is_waiting(session, errand, now):
            sent = asking.send(session, errand, here.person, now)
            if isinstance(sent, Unsent):
                return _page(session, here, page, now, unsent=sent)
    return go(page.action())


def _step_done(session: Session, here: SignedIn) -> Response:
    confirmation.mark(session, here.session.token_hash, current_stand().clock.now())
    return confirm_pages.back(sessions.renew(session, here.session))


def _page(
    session: Session,
    here: SignedIn,
    page: PushPage,
    now: datetime,
    *,
    checked: bool = False,
    unsent: Unsent | None = None,
) -> Response:
    if here.person.app_installed_at is None:
        return go(page.others())
    asked = pushes.newest(session, page.errand(here))
    status, values = asking.shown(asked, now, checked=checked, unsent=unsent)
    failed = values["push_state"] if values["push_state"] not in ("none", "waiting") else "unsent" if unsent else None
    answer = views.show(
        session,
        here,
        "push.html",
        status,
        screen=page.screen,
        heading=page.heading,
        action=page.action(),
        others=page.others(),
        person_key=here.person.persona or here.person.oid,
        reference=stopped(f"push {failed}") if failed else None,
        **values,
    )
    if unsent is not None and unsent.at is not None:
        answer.headers["Retry-After"] = str(whole_seconds(unsent.at - now))
    return answer


_STEP = PushPage(
    screen="cabinet-confirm-push",
    heading="Подтвердите в приложении",
    action=lambda: confirm_pages.address("cabinet.confirm_push"),
    others=lambda: confirm_pages.address("cabinet.confirm"),
    visit=confirm_pages.visit,
    who=guard.signed_in,
    errand=confirmation.push_errand,
    accept=_step_done,
)
