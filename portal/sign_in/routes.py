"""The addresses of signing in and out: `/login`, `/login/callback`, `/logout`, `/signed-out`, `/session…`."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, session
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from foundation.log import get_log
from portal.doors import Doors, doors
from portal.esia.errors import EsiaError
from portal.sign_in import back_channel, browsers, drafts, screens
from portal.sign_in import pending as sign_ins
from portal.sign_in.completion import CardMismatch, Return, complete
from portal.sign_in.models import PatientSession
from portal.sign_in.next_page import HOME, asked_page, safe_next
from portal.sign_in.sessions import (
    does_not_prolong,
    end_session,
    find_row,
    keeper,
    left,
    living_row,
    login_required,
    prolong,
)
from portal.web.errors import failure_page

log = get_log("portal.sign_in")

blueprint = Blueprint("sign_in", __name__)

CALLBACK = "/login/callback"
"""Where Gosuslugi sends the browser back to; this very address stands on the system's card."""


@blueprint.get("/login")
def start() -> BaseResponse:
    """Send the browser to Gosuslugi, or say why that would be a dead end (R-030)."""
    room = doors()
    next_page = safe_next(request.args.get("next"))
    # Whoever withheld a right and now wants to give it is asked again; everybody else only once.
    ask_consent = request.args.get("consent") == "again"
    dead_end = browsers.before_the_sign_in(next_page, ask_consent=ask_consent)
    if dead_end is not None:
        return dead_end
    attempt = screens.Attempt(next_page, signed_in=living_row() is not None, ask_consent=ask_consent)
    try:
        works = room.esia.check_alive()
    except EsiaError as error:
        return screens.page_for(error, attempt)
    if works is not None:
        return failure_page(screens.works(works, attempt))
    secrets, browser = sign_ins.Secrets.make(room.ids), keeper().browser() or room.ids.token()
    try:
        address = room.esia.authorization_url(
            state=secrets.state,
            nonce=secrets.nonce,
            code_challenge=secrets.code_challenge,
            redirect_uri=_own_address(room, CALLBACK),
            ask_consent=ask_consent,
        )
    except EsiaError as error:
        return screens.page_for(error, attempt)
    with room.database.writing() as store:
        sign_ins.begin(
            store, secrets, browser=browser, next_page=next_page, ask_consent=ask_consent, now=room.clock.now()
        )
    response = make_response(redirect(address, code=303))
    keeper().set_browser(response, browser)
    browsers.remember_choice(response)
    log.info("sign_in_begun", next=next_page)
    return response


@blueprint.get(CALLBACK)
def back() -> BaseResponse:
    """The return from Gosuslugi. It is worth something once; what it carries is a stranger's text (S-16, S-17)."""
    room = doors()
    living = living_row()
    state = _single("state")
    came = Return(
        code=_single("code"),
        error=_single("error"),
        error_description=_single("error_description"),
        issuer=request.args.get("iss"),
        address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        replaces=living.id_hash if living is not None else None,
    )
    # Pages link to their own address (so that settings of the view can come back to it). From here on this one has no
    # query: neither the code nor anything else of the return may get into a link (S-13).
    request.query_string = b""
    try:
        with room.database.writing() as store:
            pending = sign_ins.claim(store, state=state, browser=keeper().browser(), now=room.clock.now())
    except sign_ins.StateError as error:
        return _not_to_be_finished(error, living)
    attempt = screens.Attempt(pending.next, signed_in=living is not None, ask_consent=pending.ask_consent)
    try:
        opened = complete(room, pending, came, redirect_uri=_own_address(room, CALLBACK))
    except EsiaError as error:
        return screens.page_for(error, attempt)
    except CardMismatch:
        return failure_page(screens.other_card("snils_differs", attempt))
    patient = keeper().sealer.pseudonym(opened.patient.id)
    log.info("signed_in", patient=patient, level=opened.patient.level, stored_data=opened.stale)
    # The CSRF token of the time before the sign-in is worth nothing after it.
    session.clear()
    response = make_response(redirect(f"{request.root_path}/loading{_query(pending.next)}", code=303))
    keeper().set_session(response, opened.session_id)
    return response


def _not_to_be_finished(error: sign_ins.StateError, living: PatientSession | None) -> BaseResponse:
    """A return without a sign-in that it could finish; no call is made for it (S-03)."""
    if isinstance(error, sign_ins.StaleState):
        # Reload, Back or a doubled click: the browser is signed in already, so it simply goes on (S-17).
        if living is not None:
            return redirect(request.root_path + error.next_page, code=303)
        return failure_page(screens.stale(error.name, screens.Attempt(error.next_page, ask_consent=error.ask_consent)))
    attempt = screens.Attempt(signed_in=living is not None)
    if isinstance(error, sign_ins.MissingState):
        return failure_page(screens.stale(error.name, attempt))
    return failure_page(screens.untrusted(error.name, attempt))


@blueprint.post("/logout")
def leave() -> BaseResponse:
    """End the session here in any case, then at Gosuslugi if it answers (S-46)."""
    room = doors()
    row = find_row()
    if row is not None:
        with room.database.writing() as store:
            end_session(store, row.id_hash, reason="logout", now=room.clock.now())
        log.info("signed_out", patient=keeper().sealer.pseudonym(row.patient_id))
    session.clear()
    address = _sign_out_address(room) or f"{request.root_path}/signed-out?only=portal"
    response = make_response(redirect(address, code=303))
    keeper().forget(response, remember_for=room.settings.session_idle)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _sign_out_address(room: Doors) -> str | None:
    """Where the session at Gosuslugi is ended too; None if it does not answer or has no such place."""
    try:
        if room.esia.check_alive() is not None:
            return None
        return room.esia.logout_url(redirect_uri=_own_address(room, "/signed-out"))
    except EsiaError:
        return None


@blueprint.post("/logout/back-channel")
@does_not_prolong
def ended_by_gosuslugi() -> BaseResponse:
    """The provider of the sign-in says that a session of its own has ended (OpenID Connect Back-Channel Logout 1.0).

    A call between servers: what it carries is believed for its signature and once. What must not be believed is
    answered 400 and ends nothing.
    """
    try:
        count = back_channel.end_sessions(doors(), request.form.get("logout_token", ""))
    except (EsiaError, back_channel.UsedBefore) as error:
        reason = error.reason if isinstance(error, EsiaError) else "used_before"
        log.warning("logout_token_refused", reason=reason)
        response = jsonify(error="invalid_request", error_description="The logout token was not accepted.")
        response.status_code = 400
        return response
    log.info("ended_by_provider", sessions=count)
    return make_response("", 200)


@blueprint.record_once
def _let_the_provider_post(state: BlueprintSetupState) -> None:
    """A server has no CSRF token: what it posts is signed."""
    state.app.extensions["csrf"].exempt(ended_by_gosuslugi)


@blueprint.get("/signed-out")
def signed_out() -> BaseResponse:
    """Where a sign-out ends."""
    response = make_response(render_template("portal/sign_in/signed_out.html", ended_at=request.args.get("only")))
    keeper().mark_browser(response)
    return response


@blueprint.get("/session")
@does_not_prolong
def session_left() -> BaseResponse:
    """How long the session still lives, for the warning before its end (U-30); asking does not prolong it (U-32)."""
    if not current_user.is_authenticated:
        response = jsonify(seconds_left=0, absolute_seconds_left=0)
        response.status_code = 401
        return response
    return _left()


@blueprint.post("/session")
@login_required
def session_prolonged() -> BaseResponse:
    """«Остаться»: the session is in use. A form without script comes back to the page it stands on."""
    prolong(current_user.session)
    if request.accept_mimetypes.best == "application/json":
        return _left()
    return redirect(request.root_path + asked_page(), code=303)


def _left() -> BaseResponse:
    room = doors()
    still = left(current_user.session, now=room.clock.now(), idle=room.settings.session_idle)
    return jsonify(seconds_left=still.idle, absolute_seconds_left=still.absolute, warn_in=still.warn_in)


@blueprint.post("/session/draft")
@login_required
@does_not_prolong
def draft_kept() -> BaseResponse:
    """What is typed into the page at hand, in case the session ends before it is sent (U-30). Prolongs nothing."""
    drafts.keep(current_user.session, asked_page(), request.form.items(multi=True))
    return make_response("", 204)


@blueprint.post("/session/draft/forget")
@login_required
def draft_forgotten() -> BaseResponse:
    """«Удалить сохранённое»: back to the page, which is empty again."""
    page = asked_page()
    drafts.forget(current_user.session, page)
    return redirect(request.root_path + page, code=303)


def _own_address(room: Doors, path: str) -> str:
    """An absolute address of this portal, from the settings and never from what the request says (S-58)."""
    return room.settings.public_url + request.root_path + path


def _single(name: str) -> str:
    """A parameter that may be given once; given twice it counts as not given (RFC 6749, section 3.1)."""
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 else ""


def _query(next_page: str) -> str:
    return "" if next_page == HOME else f"?next={quote(next_page, safe='/')}"
