"""Routes of the room `sign_in`: the table of its addresses, and what its errors are answered with."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from sandbox_idp.accounts.passwords import HashingBusyError
from sandbox_idp.context import current_stand
from sandbox_idp.recovery import pages as recovery_pages
from sandbox_idp.recovery.recovery import NoRecoveryError, RecoveryOverError
from sandbox_idp.sign_in import (
    attempts,
    captcha_pages,
    enrol_pages,
    factor_pages,
    info_pages,
    login_pages,
    must_change_page,
    pending,
    push_pages,
    signature_pages,
    support_pages,
    views,
)
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.works.errors import http_fault
from sandbox_idp.world.messages import GatewayDownError

blueprint = Blueprint("sign_in", __name__)

for address, endpoint, page, answer in (
    ("/login", "login", login_pages.login, login_pages.login_sent),
    ("/login/other-user", "other_user", login_pages.other_user_by_address, login_pages.other_user),
    ("/login/factor", "factor", factor_pages.factor, factor_pages.factor_chosen),
    ("/login/sms", "sms", factor_pages.sms, factor_pages.sms_sent),
    ("/login/support", "support", support_pages.support, support_pages.support_sent),
    ("/login/totp", "totp", factor_pages.totp, factor_pages.totp_sent),
    ("/login/backup", "backup", factor_pages.backup, factor_pages.backup_sent),
    ("/login/push", "push", push_pages.push, push_pages.push_sent),
    ("/login/enrol-sms", "enrol_sms", factor_pages.enrol_sms, factor_pages.enrol_sms_sent),
    ("/login/enrol-totp", "enrol_totp", enrol_pages.enrol_totp, enrol_pages.enrol_totp_sent),
    ("/login/one-more", "one_more", enrol_pages.one_more, enrol_pages.one_more_sent),
    ("/login/new-password", "must_change", must_change_page.must_change, must_change_page.must_change_sent),
    ("/recovery", "recovery", recovery_pages.start, recovery_pages.started),
    ("/recovery/code", "recovery_code", recovery_pages.code, recovery_pages.code_sent),
    ("/recovery/password", "recovery_password", recovery_pages.password, recovery_pages.password_sent),
    ("/login/signature", "signature", signature_pages.signature, signature_pages.signature_sent),
):
    blueprint.add_url_rule(address, endpoint, page, methods=["GET"])
    blueprint.add_url_rule(address, f"{endpoint}_sent", answer, methods=["POST"])

blueprint.add_url_rule("/login/no-access", "no_access", factor_pages.no_access)
blueprint.add_url_rule("/recovery/done", "recovery_done", recovery_pages.done)
blueprint.register_error_handler(NoRecoveryError, recovery_pages.none_begun)
blueprint.register_error_handler(RecoveryOverError, recovery_pages.over)
blueprint.add_url_rule("/login/captcha/picture", "captcha_picture", captcha_pages.picture)
blueprint.add_url_rule("/login/captcha/recording", "captcha_recording", captcha_pages.recording)
blueprint.add_url_rule("/login/signature/plugin", "signature_plugin", signature_pages.plugin)
blueprint.add_url_rule("/login/where-else", "where_else", info_pages.where_else)


@blueprint.errorhandler(pending.RequestGoneError)
def request_gone(_error: pending.RequestGoneError) -> Response:
    """The system's request is unknown, finished or an hour old: only the system can begin a new one."""
    return views.trouble("stale.html", 400, visit=Visit(), reason="request gone", portal_url=current_stand().portal_url)


@blueprint.errorhandler(attempts.NotStartedError)
def not_started(error: attempts.NotStartedError) -> Response:
    """Without the password no page of a factor opens (S-60)."""
    return views.go(error.visit.address("sign_in.login"))


@blueprint.errorhandler(attempts.AttemptOverError)
def attempt_over(error: attempts.AttemptOverError) -> Response:
    """Between password and code an hour has passed, or the account was closed."""
    return views.start_over(error.visit, "time")


@blueprint.errorhandler(attempts.AlreadyDoneError)
def already_done(error: attempts.AlreadyDoneError) -> Response:
    """A second click: the first one has signed the person in."""
    return views.go(error.visit.end())


@blueprint.app_errorhandler(GatewayDownError)
def gateway_down(_error: GatewayDownError) -> Response:
    """Where a page has no words of its own for it: the message with the code could not be sent (sms-gateway-down)."""
    return views.trouble("gateway_down.html", 503, visit=info_pages.visit_or_none(), reason="gateway down")


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> BaseResponse:
    """More than any page takes: on the page of the signature it was the wrong file."""
    return signature_pages.too_large() if request.endpoint == "sign_in.signature_sent" else http_fault(error)


@blueprint.errorhandler(HashingBusyError)
def hashing_busy(error: HashingBusyError) -> Response:
    """More people sign in at once than this machine can check passwords for."""
    return views.trouble(
        "busy.html", 503, visit=info_pages.visit_or_none(), reason="hashing busy", retry_after=error.retry_after
    )
