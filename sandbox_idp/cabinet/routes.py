"""Routes of the room `cabinet`: the table of its addresses, and what its errors are answered with."""

from __future__ import annotations

from flask import Blueprint, Response, g

from sandbox_idp.accounts.passwords import HashingBusyError
from sandbox_idp.cabinet import (
    confirm_pages,
    consent_pages,
    contact_pages,
    document_pages,
    guard,
    pages,
    password_page,
    profile_pages,
    push_pages,
    restricted_pages,
    search_pages,
    security_pages,
    signature_pages,
    stolen_pages,
    two_step,
    views,
)
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in import sessions
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, trouble

blueprint = Blueprint("cabinet", __name__, url_prefix="/cabinet")

for rule, endpoint, page, answer in (
    ("", "home", pages.home, None),
    ("/notifications", "notices", pages.notices_page, None),
    ("/confirm", "confirm", confirm_pages.confirm, confirm_pages.confirm_sent),
    ("/confirm/totp", "confirm_totp", confirm_pages.totp, confirm_pages.totp_sent),
    ("/confirm/push", "confirm_push", push_pages.step, push_pages.step_sent),
    ("/confirm/signature", "confirm_signature", signature_pages.step, signature_pages.step_sent),
    ("/security/two-step", "two_step", two_step.two_step, two_step.two_step_sent),
    ("/security/two-step/totp", "two_step_totp", two_step.totp, two_step.totp_sent),
    ("/security/two-step/sms", "two_step_sms", two_step.sms, two_step.sms_sent),
    ("/security", "security", security_pages.security, None),
    ("/security/sessions", "sessions", security_pages.sessions, security_pages.sessions_sent),
    ("/security/history", "history", security_pages.history_page, None),
    ("/security/stolen", "stolen", stolen_pages.stolen, stolen_pages.stolen_sent),
    ("/security/restricted", "restricted", restricted_pages.restricted, restricted_pages.restricted_sent),
    ("/not-me", "not_me", stolen_pages.not_me, stolen_pages.not_me_sent),
    ("/consents", "consents", consent_pages.consents_page, None),
    ("/consents/<consent_id>/withdraw", "withdraw", consent_pages.withdraw, consent_pages.withdraw_sent),
    ("/consents/<consent_id>/record", "consent_record", consent_pages.consent_record, None),
    ("/security/password", "password", password_page.password, password_page.password_sent),
    ("/search", "search", search_pages.search, None),
    ("/profile", "profile", profile_pages.profile, None),
    ("/profile/<kind>", "contact", contact_pages.contact, contact_pages.contact_sent),
    ("/documents", "documents", document_pages.overview, document_pages.overview_sent),
    ("/documents/<kind>", "document", document_pages.form, document_pages.form_sent),
):
    blueprint.add_url_rule(rule, endpoint, page, methods=["GET"])
    if answer is not None:
        blueprint.add_url_rule(rule, f"{endpoint}_sent", answer, methods=["POST"])

blueprint.add_url_rule("/sign-out", "sign_out", pages.sign_out, methods=["POST"])


@blueprint.after_request
def note_use(response: Response) -> Response:
    """Keep when the session was last used, for the list of sessions."""
    seen = g.pop("seen", None)
    if seen is not None:
        stand = current_stand()
        with stand.database.writing() as session:
            sessions.touch(session, seen, stand.clock.now())
    return response


@blueprint.errorhandler(guard.RestrictedError)
def restricted(_error: guard.RestrictedError) -> Response:
    """What is limited, until when, and how to lift it."""
    return go(views.address("cabinet.restricted"))


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
