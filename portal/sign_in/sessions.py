"""Sessions of signed-in browsers (S-43…S-50), and the one place that knows flask-login.

The cookie holds a random id with our signature, the database a row under the id's hash. The row alone decides: it can
be ended from anywhere, and both ages (15 minutes without use, 60 minutes in all) are told by the portal's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote, urlencode

import flask_login
from flask import Flask, Response, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import bindparam, update
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from foundation.database import Session
from foundation.log import get_log
from foundation.web.cookies import Cookie
from portal.doors import doors
from portal.sign_in.models import PatientSession
from portal.sign_in.next_page import HOME
from portal.sign_in.pending import digest
from portal.sign_in.sealing import Sealer

log = get_log("portal.sign_in")

WARNED_BEFORE = timedelta(minutes=2)
"""How long before its end a session says so (U-30)."""

TOUCHED_EVERY = timedelta(seconds=10)
"""The row learns of a use at most this often: parts of a page that load side by side need not queue for a write."""

_BY_ID_HASH = select(PatientSession).where(col(PatientSession.id_hash) == bindparam("id_hash"))
"""Asked with every page, so put together once: that costs more than the query itself."""

Reason = Literal["logout", "idle", "absolute", "elsewhere", "replaced"]
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):
    """`flask_login.current_user` of a request with a living session."""

    def __init__(self, session: PatientSession) -> None:
        self.session = session
        self.patient_id = session.patient_id

    def get_id(self) -> str:
        return self.patient_id


@dataclass(frozen=True)
class NewSession:
    """What a session is opened with."""

    patient_id: str
    address: str
    user_agent: str
    sid: str | None
    scopes: tuple[str, ...]
    access_token: str
    access_expires_at: datetime
    stale: bool


class SessionKeeper:
    """The cookies and the login manager of one program."""

    def __init__(self, *, public_url: str, secret: str) -> None:
        self.sealer = Sealer(secret)
        self._session = Cookie("session", public_url)
        self._browser = Cookie("browser", public_url)
        self._left = Cookie("left", public_url)

    def browser(self) -> str | None:
        """The browser's own mark, which its sign-ins are bound to."""
        return self.sealer.unsign(self._browser.read())

    def set_browser(self, response: Response, value: str) -> None:
        self._browser.write(response, self.sealer.sign(value))

    def session_id(self) -> str | None:
        """The id in the session cookie; None for no cookie and for one we did not make."""
        return self.sealer.unsign(self._session.read())

    def has_session_cookie(self) -> bool:
        """Whether the browser sent a session cookie, good or not."""
        return self._session.read() is not None

    def set_session(self, response: Response, session_id: str) -> None:
        self._session.write(response, self.sealer.sign(session_id))
        self._left.delete(response)

    def mark_browser(self, response: Response) -> None:
        """Give the browser its own mark, if it has none: the press on «Войти» then shows whether it keeps cookies."""
        if self.browser() is None:
            self.set_browser(response, doors().ids.token())

    def has_left(self) -> bool:
        """Whether this browser was signed out a moment ago: its other tabs are told so, and Back is."""
        return self.sealer.unsign(self._left.read()) is not None

    def forget(self, response: Response, *, remember_for: timedelta) -> None:
        """Have the browser drop what we gave it, cookie by cookie (S-46: never everything of the host at once).

        What it keeps for a while is that it was signed out, and nothing of whom.
        """
        self._session.delete(response)
        self._browser.delete(response)
        self._left.write(response, self.sealer.sign("yes"), keep_for=remember_for)


def keeper() -> SessionKeeper:
    """The keeper of the program at hand."""
    return cast(SessionKeeper, current_app.extensions["portal.sessions"])


# The row


def open_session(session: Session, new: NewSession, *, now: datetime, absolute: timedelta) -> str:
    """Store a new session and tell its id, which only the cookie will know (S-44)."""
    session_id = doors().ids.token()
    row_id = digest(session_id)
    session.add(
        PatientSession(
            id_hash=row_id,
            patient_id=new.patient_id,
            created_at=now,
            seen_at=now,
            expires_at=now + absolute,
            address=new.address,
            user_agent=new.user_agent,
            sid=new.sid,
            scopes=list(new.scopes),
            access_token=keeper().sealer.encrypt(new.access_token, belongs_to=row_id, ids=doors().ids),
            access_expires_at=new.access_expires_at,
            stale=new.stale,
        )
    )
    return session_id


def exchange_session(session: Session, row: PatientSession, *, acting_for: str | None, now: datetime) -> str:
    """Go on under a new id, for somebody else or for oneself again (S-44); tells the id for the cookie.

    Both ages are those of the session that is given up: changing the role prolongs nothing. SessionOverError.
    """
    token = access_token()
    session_id = doors().ids.token()
    row_id = digest(session_id)
    if not end_session(session, row.id_hash, reason="replaced", now=now):
        raise SessionOverError
    session.add(
        PatientSession(
            id_hash=row_id,
            patient_id=row.patient_id,
            created_at=row.created_at,
            seen_at=now,
            expires_at=row.expires_at,
            address=row.address,
            user_agent=row.user_agent,
            sid=row.sid,
            scopes=list(row.scopes),
            access_token=keeper().sealer.encrypt(token, belongs_to=row_id, ids=doors().ids) if token else None,
            access_expires_at=row.access_expires_at,
            stale=row.stale,
            acting_for=acting_for,
        )
    )
    return session_id


class SessionOverError(Exception):
    """The session was ended by another request a moment ago."""


def end_session(session: Session, row_id: str, *, reason: Reason, now: datetime) -> bool:
    """End one session; tells whether it was living. The access token goes with it."""
    return _end(session, col(PatientSession.id_hash) == row_id, reason=reason, now=now) == 1


def end_sessions_of_patient(
    session: Session, patient_id: str, *, now: datetime, reason: Reason = "elsewhere", keep: str | None = None
) -> int:
    """End every session of a patient but `keep` (S-47, S-48); tells how many were living."""
    condition = col(PatientSession.patient_id) == patient_id
    if keep is not None:
        condition = condition & (col(PatientSession.id_hash) != keep)
    return _end(session, condition, reason=reason, now=now)


def end_sessions_of_sid(session: Session, sid: str, *, now: datetime) -> int:
    """End every session that came from one session at Gosuslugi (S-47); tells how many were living."""
    return _end(session, col(PatientSession.sid) == sid, reason="elsewhere", now=now)


def _end(session: Session, condition: Any, *, reason: Reason, now: datetime) -> int:
    ended = session.execute(
        update(PatientSession)
        .where(condition, col(PatientSession.ended_at).is_(None))
        .values(ended_at=now, ended_reason=reason, access_token=None)
        .returning(col(PatientSession.id_hash))
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def over_because(row: PatientSession, *, now: datetime, idle: timedelta) -> str | None:
    """Why the session is over, None while it lives (S-45)."""
    if row.ended_at is not None:
        return row.ended_reason or "elsewhere"
    if now >= row.expires_at:
        return "absolute"
    return "idle" if now >= row.seen_at + idle else None


@dataclass(frozen=True)
class Left:
    """How long a session still lives, in whole seconds."""

    idle: int
    """Until it ends for want of use; every page asked for starts this anew."""
    absolute: int
    """Until it ends whatever is done."""

    @property
    def warn_in(self) -> int:
        """Until it has to say that it will end (U-30)."""
        return max(0, self.idle - int(WARNED_BEFORE.total_seconds()))


def left(row: PatientSession, *, now: datetime, idle: timedelta) -> Left:
    """What is left of the session."""
    absolute = max(0, int((row.expires_at - now).total_seconds()))
    return Left(idle=min(absolute, max(0, int((row.seen_at + idle - now).total_seconds()))), absolute=absolute)


# The request at hand


def find_row() -> PatientSession | None:
    """The row that the session cookie names, living or not."""
    session_id = keeper().session_id()
    if session_id is None:
        return None
    with doors().database.reading() as session:
        return session.exec(_BY_ID_HASH, params={"id_hash": digest(session_id)}).first()


def living_row() -> PatientSession | None:
    """The row that the session cookie names if the session lives; one whose time is over is ended on the way."""
    row = find_row()
    if row is None:
        return None
    now, settings = doors().clock.now(), doors().settings
    why = over_because(row, now=now, idle=settings.session_idle)
    if why is None:
        return row
    if row.ended_at is None:
        with doors().database.writing() as session:
            end_session(session, row.id_hash, reason=cast(Reason, why), now=now)
        row.ended_at, row.ended_reason = now, why
    g.ended_session = row
    return None


def prolong(row: PatientSession) -> None:
    """Note that the session is in use now."""
    now = doors().clock.now()
    with doors().database.writing() as session:
        session.execute(
            update(PatientSession)
            .where(
                col(PatientSession.id_hash) == row.id_hash,
                col(PatientSession.ended_at).is_(None),
                col(PatientSession.seen_at) < now,
            )
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )
    row.seen_at = max(row.seen_at, now)


def access_token() -> str | None:
    """The access token of the session at hand; None when nobody is signed in or its hour is over."""
    if not current_user.is_authenticated:
        return None
    row: PatientSession = current_user.session
    if row.access_token is None or row.access_expires_at is None or doors().clock.now() >= row.access_expires_at:
        return None
    return keeper().sealer.decrypt(row.access_token, belongs_to=row.id_hash)


def does_not_prolong(view: View) -> View:
    """Mark a view that a page asks by itself: it must not keep a forgotten session alive (U-32)."""
    view.prolongs_session = False  # type: ignore[attr-defined]  # A mark on the function, read by the loader.
    return view


# flask-login


def install_sessions(app: Flask, *, public_url: str, secret: str, not_signed_in: Callable[[], BaseResponse]) -> None:
    """Give `app` the keeper and flask-login: `current_user`, and `not_signed_in` for where nobody is (U-25)."""
    app.extensions["portal.sessions"] = SessionKeeper(public_url=public_url, secret=secret)
    # A name that no browser can send: flask-login must never look for a remember-me cookie instead of our session.
    app.config["REMEMBER_COOKIE_NAME"] = "no remember cookie;"
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    manager.unauthorized_handler(not_signed_in)
    # Not in every template: public pages ask neither session nor database, so that they are there without either (U-6).
    manager.init_app(app, add_context_processor=False)


def login_required(view: View) -> View:
    """flask-login's decorator, with types: the view is for a living session only."""
    return cast(View, flask_login.login_required(view))


def _load(_request: Any) -> SignedIn | None:
    row = living_row()
    if row is None:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "prolongs_session", True) and doors().clock.now() - row.seen_at >= TOUCHED_EVERY:
        prolong(row)
    return SignedIn(row)


def sign_in_address(next_page: str = HOME, *, ask_consent: bool = False, **more: str) -> str:
    """The address of «Войти» that comes back to `next_page`; `ask_consent`: and asks for the rights again (R-017)."""
    query = {} if next_page == HOME else {"next": next_page}
    if ask_consent:
        query["consent"] = "again"
    text = urlencode(query | more, safe="/", quote_via=quote)
    return f"{request.root_path}/login" + (f"?{text}" if text else "")
