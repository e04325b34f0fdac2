"""The end of a sign-in at Gosuslugi: the person decided, and the browser goes back with a code or a refusal.

One request ends once (a conditional UPDATE, and a unique `request_id` behind it). A second press on the same button
gets the same answer, because the code can be made again from its row; it never gets a second code (U-17).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, select, update

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.accounts import levels
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.oauth import consents, errors, requests, tokens
from sandbox_idp.oauth.models import AuthorizationCode, AuthorizationRequest
from sandbox_idp.oauth.signing_keys import current_key
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point

Outcome = Literal["granted", "denied"]


class NotPendingError(Exception):
    """There is no such sign-in in this session any more: unknown, too old, or finished and used."""


@dataclass(frozen=True)
class Browser:
    """What a code remembers of the browser (`params` in ESIA's code)."""

    address: str
    agent: str


@dataclass(frozen=True)
class Departure:
    """Where the browser goes now, and with what."""

    redirect_uri: str
    params: dict[str, str]
    repeated: bool = False
    """The request had been finished before: this is its answer once more."""


def grant(
    session: Session,
    request_id: str,
    living: GosuslugiSession,
    *,
    scopes: Sequence[str],
    browser: Browser,
    now: datetime,
    ids: Ids,
    decided: bool,
) -> Departure:
    """Finish the request with a code for `scopes`. `decided`: the person chose them just now, so the consent is stored.

    Raises NotPendingError. The caller's transaction must be a writing one.
    """
    if not _finish(session, request_id, living.sid, "granted", now):
        return again(session, request_id, living, browser=browser, now=now)
    # What the registries have said meanwhile belongs into the data that the system is about to ask for.
    levels.look(session, session.get_one(Person, living.person_oid), now)
    request = session.get_one(AuthorizationRequest, request_id)
    if decided:
        given = consents.Given(asked=request.scopes, granted=scopes, address=browser.address)
        consents.record(
            session,
            person_oid=living.person_oid,
            system=requests.system_of(session, request),
            given=given,
            now=now,
            ids=ids,
        )
    row = AuthorizationCode(
        code_hash="",
        request_id=request.id,
        mnemonic=request.mnemonic,
        redirect_uri=request.redirect_uri,
        scopes=list(scopes),
        state=request.state,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        access_type=request.access_type,
        person_oid=living.person_oid,
        sid=living.sid,
        sign_in=request.sign_in,
        issued_at=now,
        expires_at=now + _code_life(request),
    )
    code = _code(session, row, living, browser)
    row.code_hash = tokens.digest(code)
    session.add(row)
    return _departure(request, {"code": code})


def deny(session: Session, request_id: str, living: GosuslugiSession, *, browser: Browser, now: datetime) -> Departure:
    """Finish the request with «Отказать»: nothing else is stored (S-24). Raises NotPendingError."""
    if not _finish(session, request_id, living.sid, "denied", now):
        return again(session, request_id, living, browser=browser, now=now)
    return _refusal(session.get_one(AuthorizationRequest, request_id))


def again(session: Session, request_id: str, living: GosuslugiSession, *, browser: Browser, now: datetime) -> Departure:
    """The answer a finished request has got, once more, while it is still worth something; else NotPendingError."""
    request = session.get(AuthorizationRequest, request_id)
    if request is None or request.session_sid != living.sid or request.finished_at is None:
        raise NotPendingError
    if request.outcome == "denied":
        if now > request.finished_at + tokens.CODE_LIFE:
            raise NotPendingError
        return _refusal(request, repeated=True)
    row = session.exec(select(AuthorizationCode).where(AuthorizationCode.request_id == request_id)).first()
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise NotPendingError
    code = _code(session, row, living, browser)
    if tokens.digest(code) != row.code_hash:
        raise NotPendingError  # Another browser, or another signing key by now.
    return _departure(request, {"code": code}, repeated=True)


def _finish(session: Session, request_id: str, sid: str, outcome: Outcome, now: datetime) -> bool:
    result = session.exec(
        update(AuthorizationRequest)
        .where(
            col(AuthorizationRequest.id) == request_id,
            col(AuthorizationRequest.session_sid) == sid,
            col(AuthorizationRequest.finished_at).is_(None),
            col(AuthorizationRequest.expires_at) > now,
        )
        .values(finished_at=now, outcome=outcome)
    )
    return result.rowcount == 1


def _refusal(request: AuthorizationRequest, *, repeated: bool = False) -> Departure:
    error = errors.DeniedError()
    description = error.description if request.issuer is None else error.plain
    return _departure(request, {"error": error.oauth, "error_description": description}, repeated=repeated)


def _departure(request: AuthorizationRequest, answer: dict[str, str], *, repeated: bool = False) -> Departure:
    """The answer with what every answer carries: `state`, and for an OpenID client the issuer (RFC 9207)."""
    state = {"state": request.state} if request.state else {}
    issuer = {"iss": request.issuer} if request.issuer is not None else {}
    return Departure(request.redirect_uri, {**answer, **state, **issuer}, repeated)


def _code_life(request: AuthorizationRequest) -> timedelta:
    """S-19: ESIA's code lives four minutes, that of an OpenID client one."""
    return tokens.CODE_LIFE if request.issuer is None else tokens.OPENID_CODE_LIFE


def _code(session: Session, row: AuthorizationCode, living: GosuslugiSession, browser: Browser) -> str:
    """The code of a row. It is the same whenever it is made: RS256 knows no randomness."""
    person = session.get_one(Person, row.person_oid)
    grant_ = tokens.Grant(
        client_id=row.mnemonic,
        scopes=row.scopes,
        state=row.state,
        issued_at=row.issued_at,
        code_life=row.expires_at - row.issued_at,
        jti=tokens.digest(row.request_id)[:32],
        remote_ip=browser.address,
        user_agent=browser.agent,
    )
    draft = engine.transform(Point.CODE, tokens.code_draft(tokens.Bearer(person, living), grant_))
    return tokens.sign(draft, current_key(session))
