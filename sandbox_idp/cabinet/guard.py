"""Who may see a page of the cabinet, and who may change what protects the account (S-48, C-08).

Every page asks `signed_in`. Whatever would let a stranger at an unlocked computer take the account over also asks
`confirmed`: that the person gave the password, or a code, within the last minutes of this very session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g, request

from foundation.database import Session
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in import sessions

CONFIRMED_FOR = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
"""So exactly is it kept when a session was last used: not every page needs a write."""
HOME = "/cabinet"


class NotSignedInError(Exception):
    """Nobody is signed in at this browser: sign in first, then back to `path`."""

    def __init__(self, path: str) -> None:
        super().__init__("not signed in")
        self.path = path


class NotConfirmedError(Exception):
    """The last confirmation is too long ago: confirm first, then back to `path`."""

    def __init__(self, path: str) -> None:
        super().__init__("not confirmed")
        self.path = path


class RestrictedError(Exception):
    """After unusual activity nothing that protects the account is changed until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__("restricted")
        self.until = until


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in at this browser."""

    session: GosuslugiSession
    person: Person


def signed_in(session: Session, now: datetime | None = None) -> SignedIn:
    """Who is signed in, read in the caller's transaction. Raises NotSignedInError."""
    moment = now or current_stand().clock.now()
    living = sessions.living_session(session, moment)
    if living is None:
        raise NotSignedInError(this_page())
    if living.seen_at is None or moment - living.seen_at >= SEEN_EVERY:
        g.seen = living.token_hash
    return SignedIn(living, session.get_one(Person, living.person_oid))


def confirmed(session: Session, now: datetime | None = None) -> SignedIn:
    """The same for what protects the account.

    Raises RestrictedError during the 72 hours after unusual activity, else NotConfirmedError if the last confirmation
    is too old.
    """
    moment = now or current_stand().clock.now()
    here = signed_in(session, moment)
    until = restricted_until(here.person, moment)
    if until is not None:
        raise RestrictedError(until)
    if moment - (here.session.confirmed_at or here.session.authenticated_at) >= CONFIRMED_FOR:
        raise NotConfirmedError(this_page())
    return here


def restricted_until(person: Person, now: datetime) -> datetime | None:
    """Until when the person's account is restricted; None if it is not (any more)."""
    return person.restricted_until if person.restricted_until is not None and person.restricted_until > now else None


def this_page() -> str:
    """The page to come back to: this one where it can be asked for again, else the section it belongs to."""
    return request.path if request.method == "GET" else HOME
