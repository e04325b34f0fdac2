"""Sign-ins under way: begun by a press on «Войти», finished once by the return from Gosuslugi (S-03).

`state` has 128 random bits, is kept as a hash, belongs to one browser, lives ten minutes and is good for one return.
"""

# The errors are named after what happened, as those of portal.esia; the base says that they are errors.
# ruff: noqa: N818

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import delete, update
from sqlmodel import col

from foundation.database import Session
from foundation.ids import Ids
from portal.esia.client import request_id
from portal.sign_in.models import PendingSignIn
from portal.sign_in.next_page import HOME

LIFE = timedelta(minutes=10)
KEPT_FOR = timedelta(days=7)
"""A return that comes later than this is as unknown as one that was never begun."""


class StateError(Exception):
    """The return belongs to no sign-in that could be finished; `name` is for the log."""

    name = "state"


class MissingState(StateError):
    """No `state` at all: a bookmark, or an address typed by hand."""

    name = "state_absent"


class UnknownState(StateError):
    """Never issued by this portal."""

    name = "state_unknown"


class ForeignBrowser(StateError):
    """Begun in another browser and still open: somebody may have been sent here with a stranger's sign-in."""

    name = "state_of_another_browser"


class StaleState(StateError):
    """Used already, or older than ten minutes."""

    name = "state_stale"

    def __init__(self, next_page: str = HOME, *, ask_consent: bool = False) -> None:
        super().__init__(self.name)
        self.next_page = next_page
        self.ask_consent = ask_consent


@dataclass(frozen=True)
class Secrets:
    """What one sign-in is recognised by. A profile that has no use for nonce and verifier leaves them out (S-02, S-04).

    Printed, it shows nothing that must not be logged.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)

    @classmethod
    def make(cls, ids: Ids) -> Self:
        """256 random bits for each, the state in the form that ESIA asks for."""
        return cls(state=request_id(ids), nonce=ids.token(), code_verifier=ids.token())

    @property
    def code_challenge(self) -> str:
        """What is shown of the verifier beforehand: its SHA-256 (RFC 7636, S256)."""
        digest = hashlib.sha256(self.code_verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def begin(
    session: Session, secrets: Secrets, *, browser: str, next_page: str, ask_consent: bool = False, now: datetime
) -> None:
    """Remember a browser that is sent to Gosuslugi; what is long over is thrown away on the way."""
    session.execute(delete(PendingSignIn).where(col(PendingSignIn.expires_at) < now - KEPT_FOR))
    session.add(
        PendingSignIn(
            state_hash=digest(secrets.state),
            browser_hash=digest(browser),
            next=next_page,
            ask_consent=ask_consent,
            nonce=secrets.nonce,
            code_verifier=secrets.code_verifier,
            created_at=now,
            expires_at=now + LIFE,
        )
    )


def claim(session: Session, *, state: str, browser: str | None, now: datetime) -> PendingSignIn:
    """The sign-in that this return finishes. Exactly one return gets it, however many come at once.

    Raises MissingState, UnknownState, ForeignBrowser or StaleState.
    """
    if not state:
        raise MissingState
    pending = session.get(PendingSignIn, digest(state))
    if pending is None:
        raise UnknownState
    own = browser is not None and hmac.compare_digest(pending.browser_hash, digest(browser))
    if pending.used_at is not None or now >= pending.expires_at:
        # Nobody can be let in with it any more, so it may be said; where its owner was going is only the owner's.
        raise _stale(pending) if own else StaleState
    if not own:
        raise ForeignBrowser
    claimed = session.execute(
        update(PendingSignIn)
        .where(col(PendingSignIn.state_hash) == pending.state_hash, col(PendingSignIn.used_at).is_(None))
        .values(used_at=now)
        .returning(col(PendingSignIn.state_hash))
        .execution_options(synchronize_session=False)
    )
    if claimed.first() is None:
        raise _stale(pending)
    return pending


def _stale(pending: PendingSignIn) -> StaleState:
    return StaleState(pending.next, ask_consent=pending.ask_consent)


def digest(value: str) -> str:
    """What is kept of a secret that only has to be recognised."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
