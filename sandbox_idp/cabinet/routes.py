"""Routes of the room `cabinet`: the table of its addresses, and what its errors are answered with."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox_idp.accounts.passwords import HashingBusyError
from sandbox_idp.cabinet import guard, pages, password_page, views
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, trouble

blueprint = Blueprint("cabinet", __name__, url_prefix="/cabinet")

for rule, endpoint, page, answer in (
    ("", "home", pages.home, None),
    ("/notifications", "notices", pages.notices_page, None),
    ("/confirm", "confirm", pages.confirm, pages.confirm_sent),
    ("/security/password", "password", password_page.password, password_page.password_sent),
):
    blueprint.add_url_rule(rule, endpoint, page, methods=["GET"])
    if answer is not None:
        blueprint.add_url_rule(rule, f"{endpoint}_sent", answer, methods=["POST"])

blueprint.add_url_rule("/sign-out", "sign_out", pages.sign_out, methods=["POST"])


@blueprint.errorhandler(guard.NotSignedInError)
def not_signed_in(error: guard.NotSignedInError) -> Response:
    """Sign in first, then back to the page."""
    return go(Visit(next_page=None if error.path == guard.HOME else error.path).address("sign_in.login"))


@blueprint.errorhandler(guard.NotConfirmedError)
def not_confirmed(error: guard.NotConfirmedError) -> Response:
    """Confirm first, then back to the page."""
    return go(views.address("cabinet.confirm", next=error.path))


@blueprint.errorhandler(HashingBusyError)
def hashing_busy(error: HashingBusyError) -> Response:
    """More passwords are checked at once than this machine can."""
    return trouble("busy.html", 503, visit=Visit(), reason="hashing busy", retry_after=error.retry_after)
