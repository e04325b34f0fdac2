"""Routes of the OpenID paths; `/oauth2/jwks` is shared with ESIA's (`sandbox_idp.oauth.routes`)."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import AnyOf

from foundation import log
from foundation.web.headers import content_security_policy
from sandbox_idp.context import current_stand, set_current_sign_in
from sandbox_idp.oauth import authorize as common
from sandbox_idp.oauth import errors, redirects, requests, rest
from sandbox_idp.oauth.answers import json_answer, query_and_form, refused_authorization
from sandbox_idp.oauth.openid import authorize, back_channel, discovery, token_endpoint, userinfo
from sandbox_idp.oauth.openid import logout as leaving
from sandbox_idp.oauth.openid.errors import ClientRefusedError, OpenIdError, ScopeMissingError, TokenRefusedError
from sandbox_idp.oauth.scopes import OPENID
from sandbox_idp.oauth.values import Parameters
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.scenarios.points import Point, ResponseDraft
from sandbox_idp.sign_in import sessions

blueprint = Blueprint("openid", __name__)
_log = log.get_log("sandbox_idp.oauth")


@blueprint.record_once
def _let_clients_post(state: BlueprintSetupState) -> None:
    """Clients have no CSRF token: what they post is authenticated by secret, access token or id token.

    The page that asks before a sign-out checks the token of its own form.
    """
    for view in (authorization, token, person_claims, logout):
        state.app.extensions["csrf"].exempt(view)


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """What there is, under the name that the tokens carry."""
    draft = ResponseDraft(200, discovery.document(current_stand().idp_url))
    return json_answer(engine.transform(Point.DISCOVERY, draft))


@blueprint.route("/oauth2/authorize", methods=["GET", "POST"])
def authorization() -> BaseResponse:
    """A client asks for a sign-in (OpenID Connect Core 3.1.2.1: GET and POST)."""
    stand = current_stand()
    parameters = query_and_form()
    try:
        with stand.database.reading() as session:
            asking = authorize.examine(session, parameters, stand.clock.now(), issuer=stand.idp_url)
            pending = authorize.pending_request(asking, stand.ids)
    except common.RefusedError as refused:
        return refused_authorization(refused)
    key = sign_ins.key_of(parameters.values)
    pending.sign_in = sign_ins.bind_request(pending.id, system=pending.mnemonic, state=key or pending.id)
    with stand.database.writing() as session:
        session.add(pending)
        request_id = pending.id
    return redirect(requests.login_address(request_id), code=302)


@blueprint.post("/oauth2/token")
def token() -> Response:
    """A code becomes tokens."""
    parameters = Parameters.of(request.form.items(multi=True))
    authorization_header = request.headers.get("Authorization")
    try:
        body = token_endpoint.answer(current_stand(), parameters, authorization_header)
    except errors.EsiaError as error:
        detail = error.reason if isinstance(error, errors.GrantInvalidError) else error.plain
        _log.info("token_refused", reason=error.oauth, detail=detail, system=parameters.get("client_id") or "")
        refusal = {"error": error.oauth, "error_description": error.plain}
        if not isinstance(error, ClientRefusedError):
            return json_answer(ResponseDraft(400, refusal))
        response = json_answer(ResponseDraft(401, refusal))
        # RFC 6749, section 5.2: whoever tried the header is told which scheme would do.
        response.headers["WWW-Authenticate"] = 'Basic realm="oauth2"'
        return response
    return json_answer(engine.transform(Point.TOKEN_RESPONSE, ResponseDraft(200, body)))


@blueprint.route("/oauth2/userinfo", methods=["GET", "POST"])
def person_claims() -> Response:
    """Claims of the person, for the holder of an access token."""
    stand = current_stand()
    header = request.headers.get("Authorization")
    try:
        with stand.database.reading() as session:
            row = rest.token_of(session, header, stand.clock.now())
            if row.sign_in is not None:
                set_current_sign_in(row.sign_in)
            if OPENID not in row.scopes:
                return _refused(403, ScopeMissingError("The token was not granted the scope openid."))
            body = userinfo.claims(session, row)
    except rest.UnauthorizedError:
        return _refused(401, TokenRefusedError() if header else None)
    return json_answer(engine.transform(Point.PERSON, ResponseDraft(200, body)))


@blueprint.after_app_request
def tell_clients_of_ended_sessions(response: Response) -> Response:
    """Back-channel logout, once the request that ended a session has done all else (S-47)."""
    sids = sessions.ended_in_this_request()
    if sids and response.status_code < 500:
        back_channel.tell(current_stand(), sids)
    return response


class LeaveForm(FlaskForm):
    """«Выйти» on the page that asks; what the client sent is carried along."""

    leave = StringField(validators=[AnyOf(("yes",))])


@blueprint.route("/oauth2/logout", methods=["GET", "POST"])
def logout() -> BaseResponse:
    """End the session at Gosuslugi: at once for whoever shows its id token, else after a question (S-25)."""
    stand = current_stand()
    living = sessions.current_session()
    parameters = query_and_form()
    with stand.database.reading() as session:
        wish = leaving.read(session, stand, parameters, living)
    sure = wish.vouched or ("leave" in request.form and LeaveForm().validate_on_submit())
    if living is not None and not sure:
        return _ask(wish, parameters)
    if wish.back is not None:
        response = redirect(wish.back, code=303)
    else:
        page = render_template("sandbox_idp/oauth/logged_out.html", refused=wish.refused, system=wish.system)
        response = make_response(page)
    sessions.end_session(response)
    return response


def _ask(wish: leaving.Wish, parameters: Parameters) -> BaseResponse:
    """«Выйти с Госуслуг?» The form may lead back to the client (S-52)."""
    carried = {name: parameters.get(name) for name in ("post_logout_redirect_uri", "state")}
    if wish.system is not None:
        carried["client_id"] = wish.system.mnemonic
    response = make_response(render_template("sandbox_idp/oauth/leave.html", system=wish.system, carried=carried))
    sources = redirects.sources(wish.system) if wish.system is not None else []
    response.headers["Content-Security-Policy"] = content_security_policy(form_action=sources)
    return response


def _refused(status: int, error: OpenIdError | None) -> Response:
    """RFC 6750, section 3: the reason stands in the header, and there is none where no token came."""
    response = json_answer(ResponseDraft(status, {"error": error.oauth} if error is not None else {}))
    reason = f', error="{error.oauth}", error_description="{error.plain}"' if error is not None else ""
    response.headers["WWW-Authenticate"] = f'Bearer realm="oauth2"{reason}'
    return response
