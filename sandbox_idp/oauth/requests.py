"""Pending sign-ins: a system has asked for one, and it waits for the person (60 minutes, `docs/policy.md`).

The rooms that lead the person through (`sign_in`, then the consent page here) carry the request's id in the query.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

import flask
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update

from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.oauth import redirects
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem

PENDING = timedelta(minutes=60)
_PAGES_WITH_FORMS = ("/login", "/consent", "/region")


def find_request(session: Session, request_id: str | None, now: datetime) -> AuthorizationRequest | None:
    """The pending sign-in of that id; None when it is unknown, finished or too old."""
    found = session.get(AuthorizationRequest, request_id) if request_id and "\0" not in request_id else None
    if found is None or found.finished_at is not None or found.expires_at <= now:
        return None
    return found


def system_of(session: Session, request: AuthorizationRequest) -> InformationSystem:
    """The system that asked («Вход» / «для РС ЕГИСЗ»)."""
    return session.get_one(InformationSystem, request.mnemonic)


def attach_session(session: Session, request_id: str, sid: str) -> None:
    """Say in which session at Gosuslugi the person goes on, by an own act: password and factor, or «Продолжить» (S-26).

    The consent page opens in that session only (S-60). A finished request stays as it is.
    """
    session.exec(
        update(AuthorizationRequest)
        .where(col(AuthorizationRequest.id) == request_id, col(AuthorizationRequest.finished_at).is_(None))
        .values(session_sid=sid)
    )


def login_address(request_id: str) -> str:
    """Where the person signs in for this request, on the stand at hand."""
    return f"{flask.request.root_path}/login?request={quote(request_id)}"


def form_action_sources() -> list[str]:
    """What CSP's `form-action` must allow beside 'self' on the page at hand (S-52).

    Browsers apply it to the whole chain of redirects that follows a form, and the chain of a sign-in ends at the system
    that asked. Nothing on any other page, and nothing when the database does not answer: an error page still goes out.
    """
    request_id = flask.request.args.get("request")
    if not request_id or not flask.request.path.startswith(_PAGES_WITH_FORMS):
        return []
    try:
        with current_stand().database.reading() as session:
            pending = session.get(AuthorizationRequest, request_id)
            if pending is None:
                return []
            found = redirects.sources(system_of(session, pending))
            place = redirects.place_of(pending.redirect_uri)
    except (SQLAlchemyError, LookupError):
        return []
    own = [place.origin] if place is not None else []
    return list(dict.fromkeys([*own, *found]))
