"""How the endpoints answer: JSON, a browser sent back to a system, a refusal shown or sent."""

from __future__ import annotations

import json

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from foundation import log
from sandbox_idp.context import current_stand
from sandbox_idp.oauth import authorize, errors, redirects
from sandbox_idp.oauth.values import Parameters
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point, RedirectDraft, ResponseDraft

_log = log.get_log("sandbox_idp.oauth")


def json_answer(draft: ResponseDraft) -> Response:
    """JSON with the members in the order they were put in."""
    text = json.dumps(draft.body, ensure_ascii=False) if draft.text is None else draft.text
    return Response(text, status=draft.status, mimetype="application/json")


def back_to_system(redirect_uri: str, params: dict[str, str]) -> BaseResponse:
    """Send the browser back to the system that asked."""
    draft = engine.transform(Point.AUTHORIZE_REDIRECT, RedirectDraft(dict(params)))
    return redirect(redirects.with_query(redirect_uri, draft.params), code=302)


def refused_authorization(refused: authorize.RefusedError) -> BaseResponse:
    """A refused request for a sign-in: a page of Gosuslugi, or back to the system (S-18)."""
    error = refused.error
    journal_secret(error, refused.mnemonic)
    if refused.answer is authorize.Answer.REDIRECT:
        _log.info("authorization_refused", reason=error.description, system=refused.mnemonic)
        return back_to_system(refused.redirect_uri, refused.params)
    reference = current_stand().ids.reference()
    _log.warning("authorization_refused", ref=reference, reason=error.description, system=refused.mnemonic)
    page = render_template("sandbox_idp/oauth/esia_error.html", code=error.code, error=error, reference=reference)
    return make_response(page, 400)


def journal_secret(error: errors.EsiaError, mnemonic: str) -> None:
    """What users of ESIA miss most: why `client_secret` was refused. Only the journal learns it."""
    if isinstance(error, errors.SecretError):
        engine.act("client-secret-refused", system=mnemonic, refusal=error.code, **error.diagnosis)


def query_and_form() -> Parameters:
    """The parameters of the request at hand, wherever they stand (quirk 12)."""
    return Parameters.of([*request.args.items(multi=True), *request.form.items(multi=True)])
