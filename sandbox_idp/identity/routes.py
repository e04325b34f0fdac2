"""Routes of the room `identity`: the service in the cabinet, the bank's page, and the links of letters."""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox_idp.cabinet import guard
from sandbox_idp.cabinet.routes import not_confirmed, not_signed_in
from sandbox_idp.cabinet.views import address
from sandbox_idp.identity import card_pages, mail_pages, pages, push_pages, signature_pages
from sandbox_idp.sign_in.views import go

SERVICE = "/cabinet/services/medical-policy"

blueprint = Blueprint("identity", __name__)

for rule, endpoint, page, answer in (
    (SERVICE, "service", pages.service, None),
    (f"{SERVICE}/sms", "sms", pages.sms, pages.sms_sent),
    (f"{SERVICE}/push", "push", push_pages.push, push_pages.push_sent),
    (f"{SERVICE}/signature", "signature", signature_pages.signature, signature_pages.signature_sent),
    (f"{SERVICE}/card", "card", card_pages.card, card_pages.card_sent),
    (f"{SERVICE}/card/<key>", "card_end", card_pages.card_end, None),
    ("/bank/<key>", "bank", card_pages.bank, card_pages.bank_sent),
    (f"{SERVICE}/mail", "mail", mail_pages.mail, mail_pages.mail_sent),
    ("/identity/mail/<token>", "link", mail_pages.link, mail_pages.link_sent),
):
    blueprint.add_url_rule(rule, endpoint, page, methods=["GET"])
    if answer is not None:
        blueprint.add_url_rule(rule, f"{endpoint}_sent", answer, methods=["POST"])

blueprint.register_error_handler(guard.NotSignedInError, not_signed_in)
blueprint.register_error_handler(guard.NotConfirmedError, not_confirmed)


@blueprint.errorhandler(pages.NotReadyError)
def not_ready(_error: pages.NotReadyError) -> Response:
    """The service's own page says why."""
    return go(address("identity.service"))
