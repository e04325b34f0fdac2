"""Confirmation in the mobile app (screen `identity-push`; R-076, S-40)."""

from __future__ import annotations

from flask import Response, request

from foundation.database import Session
from sandbox_idp.cabinet import push_pages
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.push_pages import PushPage
from sandbox_idp.cabinet.views import address
from sandbox_idp.context import current_stand
from sandbox_idp.identity import confirmations, pages
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go


def push() -> Response:
    """The number, and what has become of the request."""
    return push_pages.show(_PAGE)


def push_sent() -> Response:
    """What was pressed there."""
    return push_pages.take(_PAGE)


def _accept(session: Session, here: SignedIn) -> Response:
    now = current_stand().clock.now()
    confirmations.succeed(session, here, "push", address=request.remote_addr or "", now=now)
    return go(address("identity.service"))


_PAGE = PushPage(
    screen="identity-push",
    heading="Подтвердите личность в приложении",
    action=lambda: address("identity.push"),
    others=lambda: address("identity.service"),
    visit=lambda: Visit(next_page="/cabinet/services/medical-policy"),
    who=pages.ready,
    errand=confirmations.push_errand,
    accept=_accept,
)
