"""Routes of the room `registration`: the table of its addresses, and what its errors are answered with."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox_idp.accounts.passwords import HashingBusyError
from sandbox_idp.context import current_stand
from sandbox_idp.registration import (
    code_pages,
    info_pages,
    mail_pages,
    organisation_pages,
    start_pages,
    step_pages,
    wizard,
)
from sandbox_idp.registration.wizard import ElsewhereError, NotBegunError
from sandbox_idp.sign_in import views
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go

blueprint = Blueprint("registration", __name__)

for address, endpoint, page, answer in (
    ("/register", "start", start_pages.start, start_pages.start_sent),
    ("/register/code", "code", code_pages.code, code_pages.code_sent),
    ("/register/password", "password", step_pages.password, step_pages.password_sent),
    ("/register/profile", "profile", step_pages.profile, step_pages.profile_sent),
    ("/register/review", "review", step_pages.review, step_pages.review_sent),
    ("/register/centre", "centre", info_pages.centre, info_pages.centre_go_on),
    ("/register/organisation", "organisation", organisation_pages.organisation, organisation_pages.organisation_sent),
    ("/register/mail", "mailbox", mail_pages.mailbox, mail_pages.mailbox_sent),
):
    blueprint.add_url_rule(address, endpoint, page, methods=["GET"])
    blueprint.add_url_rule(address, f"{endpoint}_sent", answer, methods=["POST"])

blueprint.add_url_rule("/register/done", "done", step_pages.done)
blueprint.add_url_rule("/register/mail/sent", "mail_again_sent", mail_pages.again_sent)
blueprint.add_url_rule("/register/mail/<token>", "mail_link", mail_pages.link)
blueprint.add_url_rule("/register/mail/<token>", "mail_link_pressed", mail_pages.link_pressed, methods=["POST"])
blueprint.add_url_rule("/register/mail/<token>/again", "mail_link_again", mail_pages.again, methods=["POST"])
blueprint.add_url_rule("/register/help", "how_to", info_pages.how_to)
blueprint.add_url_rule("/register/consent", "consent", info_pages.consent)
blueprint.add_url_rule("/register/terms", "terms", info_pages.terms)
blueprint.add_url_rule("/register/privacy", "privacy", info_pages.privacy)
blueprint.add_url_rule("/centres", "centres", info_pages.centre_list)


@blueprint.errorhandler(NotBegunError)
def not_begun(_error: NotBegunError) -> Response:
    """No page of the wizard opens before its turn (S-60); a registration that is a day old begins anew."""
    return go(_errand().address("registration.start"))


@blueprint.errorhandler(ElsewhereError)
def elsewhere(error: ElsewhereError) -> Response:
    """To the step that the registration is at: ahead of it nothing opens, and behind it nothing is done twice."""
    return go(error.page)


@blueprint.errorhandler(HashingBusyError)
def hashing_busy(error: HashingBusyError) -> Response:
    """More passwords are being made and checked at once than this machine can."""
    return views.trouble("busy.html", 503, visit=_errand(), reason="hashing busy", retry_after=error.retry_after)


def _errand() -> Visit:
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return wizard.errand(session, wizard.under_way(session, now), now)
