"""Routes of the room `oauth`: ESIA's endpoints, the consent page, person data, keys."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import AnyOf

from foundation import log
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import current_stand, set_current_sign_in
from sandbox_idp.oauth import (
    authorize,
    completion,
    consents,
    discovery,
    errors,
    redirects,
    requests,
    rest,
    rights,
    signing_keys,
    token_endpoint,
)
from sandbox_idp.oauth.answers import (
    back_to_system,
    journal_secret,
    json_answer,
    query_and_form,
    refused_authorization,
)
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.scenarios.points import Point, ResponseDraft
from sandbox_idp.sign_in import sessions

blueprint = Blueprint("oauth", __name__)
_log = log.get_log("sandbox_idp.oauth")


@blueprint.record_once
def _let_systems_post(state: BlueprintSetupState) -> None:
    """Systems have no CSRF token: what they post is authenticated by their signature."""
    for view in (authorization, token):
        state.app.extensions["csrf"].exempt(view)


# --- Authorization


@blueprint.route("/aas/oauth2/ac", methods=["GET", "POST"])
def authorization() -> BaseResponse:
    """A system asks for a sign-in; the query or a form (quirk 13)."""
    stand = current_stand()
    try:
        with stand.database.reading() as session:
            asking = authorize.examine(session, query_and_form(), stand.clock.now())
            pending = authorize.pending_request(asking, stand.ids)
    except authorize.RefusedError as refused:
        return refused_authorization(refused)
    pending.sign_in = sign_ins.bind_request(pending.id, system=pending.mnemonic, state=pending.state)
    with stand.database.writing() as session:
        session.add(pending)
        request_id = pending.id
    return redirect(requests.login_address(request_id), code=302)


# --- Consent


class ConsentForm(FlaskForm):
    """Which of the two buttons was pressed; the ticks are read beside it."""

    decision = StringField(validators=[AnyOf(("grant", "deny"))])


@blueprint.route("/consent", methods=["GET", "POST"])
def consent() -> BaseResponse:
    """«Предоставление прав доступа»: only in the session that the person chose for this request (S-60)."""
    stand = current_stand()
    request_id = _query("request")
    living = sessions.current_session()
    with stand.database.reading() as session:
        pending = requests.find_request(session, request_id, stand.clock.now())
        system = requests.system_of(session, pending) if pending is not None else None
    if pending is None or system is None:
        return _answer_again(request_id, living)
    if pending.sign_in is not None:
        set_current_sign_in(pending.sign_in)
    if living is None or living.sid != pending.session_sid:
        return redirect(requests.login_address(request_id), code=303)
    if request.method == "POST":
        return _decide(pending, system, living)
    with stand.database.reading() as session:
        earlier = consents.remembered(
            session, person_oid=living.person_oid, system=system, asked=pending.scopes, now=stand.clock.now()
        )
    if earlier.scopes is not None and not pending.force_consent:
        return _depart(pending, living, earlier.scopes, decided=False)
    return _consent_page(pending, system, living, "asked-for" if earlier.scopes is not None else earlier.why)


def _decide(pending: AuthorizationRequest, system: InformationSystem, living: GosuslugiSession) -> BaseResponse:
    form = ConsentForm()
    if not form.validate_on_submit():
        return _consent_page(pending, system, living, "first", status=422)
    stand = current_stand()
    if form.decision.data == "deny":
        with stand.database.writing() as session:
            try:
                departure = completion.deny(session, pending.id, living, browser=_browser(), now=stand.clock.now())
            except completion.NotPendingError:
                return _stale()
        if not departure.repeated:
            engine.act("consent-refused", person_oid=living.person_oid, system=system.mnemonic)
        return back_to_system(departure.redirect_uri, departure.params)
    asked = rights.rights_for(system, pending.scopes)
    granted = rights.granted_scopes(asked, request.form.getlist("right"), pending.scopes)
    withheld = [right.key for right in asked if right.key not in granted]
    return _depart(pending, living, granted, decided=True, withheld=withheld)


def _depart(
    pending: AuthorizationRequest,
    living: GosuslugiSession,
    granted: list[str],
    *,
    decided: bool,
    withheld: list[str] | None = None,
) -> BaseResponse:
    """Back to the system with a code."""
    stand = current_stand()
    with stand.database.writing() as session:
        try:
            departure = completion.grant(
                session,
                pending.id,
                living,
                scopes=granted,
                browser=_browser(),
                now=stand.clock.now(),
                ids=stand.ids,
                decided=decided,
            )
        except completion.NotPendingError:
            return _stale()
    if decided and not departure.repeated:
        if withheld:
            engine.act("consent-partial", person_oid=living.person_oid, system=pending.mnemonic, withheld=withheld)
        else:
            engine.act("consent-granted", person_oid=living.person_oid, system=pending.mnemonic)
    return back_to_system(departure.redirect_uri, departure.params)


def _answer_again(request_id: str, living: GosuslugiSession | None) -> BaseResponse:
    """A second press on the same button, or a page that is out of date."""
    if living is None or not request_id:
        return _stale()
    stand = current_stand()
    with stand.database.reading() as session:
        try:
            departure = completion.again(session, request_id, living, browser=_browser(), now=stand.clock.now())
        except completion.NotPendingError:
            return _stale()
    return back_to_system(departure.redirect_uri, departure.params)


def _consent_page(
    pending: AuthorizationRequest,
    system: InformationSystem,
    living: GosuslugiSession,
    why: consents.Why,
    *,
    status: int = 200,
) -> BaseResponse:
    with current_stand().database.reading() as session:
        person = session.get_one(Person, living.person_oid)
    page = render_template(
        "sandbox_idp/oauth/consent.html",
        system=system,
        person=person,
        rights=rights.rights_for(system, pending.scopes),
        term=rights.TERM,
        why=why,
        request_id=pending.id,
        passport_asked="id_doc" in pending.scopes,
        # After a press with a broken form the ticks stay as they were (U-9).
        ticked=set(request.form.getlist("right")) if request.method == "POST" else None,
    )
    return make_response(page, status)


def _stale() -> BaseResponse:
    reference = current_stand().ids.reference()
    _log.info("consent_stale", ref=reference)
    return make_response(render_template("sandbox_idp/oauth/consent_stale.html", reference=reference), 400)


def _browser() -> completion.Browser:
    return completion.Browser(request.remote_addr or "", request.user_agent.string[:500])


# --- Tokens and person data


@blueprint.post("/aas/oauth2/te")
def token() -> Response:
    """A code or refresh token becomes tokens; parameters may be in the query too (quirk 12)."""
    stand = current_stand()
    parameters = query_and_form()
    try:
        body = token_endpoint.answer(stand, parameters)
    except errors.EsiaError as error:
        mnemonic = parameters.get("client_id") or ""
        journal_secret(error, mnemonic)
        detail = error.reason if isinstance(error, errors.GrantInvalidError) else error.code
        _log.info("token_refused", reason=error.code, detail=detail, system=mnemonic)
        state = parameters.get("state")
        refusal = {"error": error.oauth, "error_description": error.description}
        return json_answer(ResponseDraft(400, refusal if state is None else {**refusal, "state": state}))
    return json_answer(engine.transform(Point.TOKEN_RESPONSE, ResponseDraft(200, body)))


@blueprint.get("/rs/<path:path>", merge_slashes=False)
@blueprint.get("/rs//<path:path>", merge_slashes=False)
def person_data(path: str) -> Response:
    """Everything under `/rs`; slashes may be doubled (quirk 10), so the path is taken apart here."""
    stand = current_stand()
    try:
        with stand.database.reading() as session:
            row = rest.token_of(session, request.headers.get("Authorization"), stand.clock.now())
            if row.sign_in is not None:
                set_current_sign_in(row.sign_in)
            caller = rest.Caller(session, row, stand.idp_url)
            body = rest.answer(caller, path, rest.parse_embed(request.args.get("embed")))
    except rest.RestError as error:
        response = json_answer(ResponseDraft(error.status, {"code": error.status, "message": error.message}))
        if error.status == 401:
            # Some clients show the reason phrase, letter by letter (quirk 16); Werkzeug would write it in capitals.
            response.status = "401 Unauthorized"
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    draft = ResponseDraft(200, body)
    if len(rest.split_path(path)) == 2 and path.lstrip("/").startswith("prns"):
        draft = engine.transform(Point.PERSON, draft)
    return json_answer(draft)


# --- Keys, discovery, logout


@blueprint.get("/oauth2/jwks")
def jwks() -> Response:
    """The public keys of codes and tokens."""
    stand = current_stand()
    with stand.database.reading() as session:
        keys = signing_keys.key_set(session, stand.clock.now())
    return json_answer(engine.transform(Point.JWKS, ResponseDraft(200, keys)))


@blueprint.get("/aas/oauth2/.well-known/openid-configuration")
def esia_configuration() -> Response:
    """What there is on ESIA's paths, and nothing else; the OpenID paths have a document of their own."""
    return json_answer(ResponseDraft(200, discovery.document(current_stand().idp_url)))


@blueprint.get("/public/esia.zip")
def certificates() -> Response:
    """The certificate that v1 clients check tokens with."""
    with current_stand().database.reading() as session:
        archive = signing_keys.certificates_archive(signing_keys.current_key(session))
    response = Response(archive, mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="esia.zip"'
    return response


@blueprint.get("/idp/ext/Logout")
def logout() -> BaseResponse:
    """End the session at Gosuslugi without a question, as the real one does; back only to a registered host (S-25)."""
    address = _query("redirect_url")
    with current_stand().database.reading() as session:
        system = session.get(InformationSystem, _query("client_id"))
        known = system is not None and redirects.leads_to_registered_host(address, system)
    if known:
        response = redirect(address, code=302)
    else:
        response = make_response(
            render_template("sandbox_idp/oauth/logged_out.html", refused=bool(address), system=system)
        )
    sessions.end_session(response)
    return response


def _query(name: str) -> str:
    """One value of the query, without the character that PostgreSQL refuses to compare with."""
    return request.args.get(name, "").replace("\0", "")
