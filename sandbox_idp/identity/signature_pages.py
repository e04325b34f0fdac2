"""Confirmation by an electronic signature (screen `identity-signature`; R-063, R-076)."""

from __future__ import annotations

from flask import Response, request

from foundation.database import Session
from sandbox_idp.cabinet import signature_pages
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.signature_pages import SignaturePage
from sandbox_idp.cabinet.views import address
from sandbox_idp.context import current_stand
from sandbox_idp.identity import confirmations, pages
from sandbox_idp.sign_in.views import go


def signature() -> Response:
    """The form with file and PIN."""
    return signature_pages.ask(_PAGE)


def signature_sent() -> Response:
    """A file and its PIN."""
    return signature_pages.take(_PAGE)


def _accept(session: Session, here: SignedIn) -> Response:
    now = current_stand().clock.now()
    confirmations.succeed(session, here, "signature", address=request.remote_addr or "", now=now)
    return go(address("identity.service"))


_PAGE = SignaturePage(
    screen="identity-signature",
    heading="Подтвердите личность подписью",
    action=lambda: address("identity.signature"),
    others=lambda: address("identity.service"),
    who=pages.ready,
    accept=_accept,
)
