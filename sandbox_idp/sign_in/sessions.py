"""Sessions at Gosuslugi: server-side, three hours, no idle limit (S-43, `docs/policy.md`).

The cookie holds a random token, the table its hash. Every sign-in makes a new token and ends the browser's old session
(S-44). A session of a blocked or deleted person no longer counts (S-47).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, g, has_request_context
from sqlmodel import col, update
from werkzeug.wrappers import Response as BaseResponse

from foundation.database import Session
from foundation.web import browsers
from foundation.web.cookies import Cookie
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.sign_in.secrecy import token_hash


@dataclass(frozen=True)
class NewSession:
    """A session just begun, with the token that only its cookie will hold."""

    token: str
    record: GosuslugiSession


def current_session() -> GosuslugiSession | None:
    """The browser's living session."""
    if cookie().read() is None:
        return None
    stand = current_stand()
    with stand.database.reading() as session:
        return living_session(session, stand.clock.now())


def living_session(session: Session, now: datetime) -> GosuslugiSession | None:
    """The browser's living session, read in a transaction that is open already."""
    token = cookie().read()
    if not token:
        return None
    found = session.get(GosuslugiSession, token_hash(token))
    if found is None or found.ended_at is not None or found.expires_at <= now:
        return None
    person = session.get(Person, found.person_oid)
    return found if person is not None and person.state == "active" else None


def start_session(
    session: Session, *, person_oid: int, second_factor: str | None, now: datetime, method: str = "PWD"
) -> NewSession:
    """Begin a session: `second_factor` is otp, totp or push, `method` PWD or DS (they become `acr` and `amr`)."""
    ids = current_stand().ids
    token = ids.token()
    record = GosuslugiSession(
        token_hash=token_hash(token),
        sid=ids.uuid(),
        person_oid=person_oid,
        method=method,
        second_factor=second_factor,
        authenticated_at=now,
        device=browsers.device(),
        address=browsers.masked_address(),
        seen_at=now,
        expires_at=now + current_policy().sign_in.session_for,
    )
    session.add(record)
    session.flush()
    return NewSession(token, record)


def renew(session: Session, living: GosuslugiSession) -> NewSession:
    """Give a living session another token: after a confirmation the one before it opens nothing any more (S-44)."""
    token = current_stand().ids.token()
    before = session.get_one(GosuslugiSession, living.token_hash)
    session.flush()
    session.exec(
        update(GosuslugiSession)
        .where(col(GosuslugiSession.token_hash) == before.token_hash)
        .values(token_hash=token_hash(token))
        .execution_options(synchronize_session=False)
    )
    session.expunge(before)
    return NewSession(token, session.get_one(GosuslugiSession, token_hash(token)))


def touch(session: Session, key: str, now: datetime) -> None:
    """The session of that `token_hash` was used just now."""
    session.exec(
        update(GosuslugiSession)
        .where(col(GosuslugiSession.token_hash) == key, col(GosuslugiSession.ended_at).is_(None))
        .values(seen_at=now)
    )


def end_living_session(session: Session, now: datetime) -> GosuslugiSession | None:
    """End the browser's session, if one lives, and tell which it was; its cookie is the caller's matter."""
    found = living_session(session, now)
    if found is not None:
        found.ended_at = now
        session.add(found)
        session.flush()
        has_ended(found.sid)
    return found


def has_ended(*sids: str) -> None:
    """Sessions end in this request: whoever wants to be told will be, once it is over (`ended_in_this_request`)."""
    if has_request_context():
        g.setdefault("ended_sids", []).extend(sids)


def ended_in_this_request() -> list[str]:
    """The sessions at Gosuslugi that the request at hand has ended; each is told of once."""
    return list(dict.fromkeys(g.pop("ended_sids", ())))


def write_session(response: Response | BaseResponse, new: NewSession) -> None:
    """Give the browser the session's cookie."""
    cookie().write(_flask(response), new.token)


def end_session(response: Response | BaseResponse) -> GosuslugiSession | None:
    """Sign the browser out: end its session and have it forget the cookie. Tells which session ended."""
    stand = current_stand()
    ended = None
    if cookie().read() is not None:
        with stand.database.writing() as session:
            ended = end_living_session(session, stand.clock.now())
    cookie().delete(_flask(response))
    return ended


def cookie() -> Cookie:
    """The session's cookie."""
    return Cookie("gosuslugi", current_app.extensions["settings"].public_url)


def _flask(response: Response | BaseResponse) -> Response:
    """Flask's redirect() returns its response class under werkzeug's wider type."""
    assert isinstance(response, Response)
    return response
