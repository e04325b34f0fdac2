"""A browser's place in the wizard: its row, its cookie, and which page it may open (S-60).

The row outlives the browser window: whoever comes back within a day goes on where they stopped. What the earlier steps
gave lies in the row alone, so no page can be reached by its address before its turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app
from sqlmodel import col, delete, select

from foundation.database import Session
from foundation.web.cookies import Cookie
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import documents
from sandbox_idp.registration.forms import StartForm
from sandbox_idp.registration.models import Registration
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.sign_in import pending
from sandbox_idp.sign_in.pending import RequestGoneError, Visit
from sandbox_idp.sign_in.secrecy import token_hash

CENTRE, CODE, PASSWORD, PROFILE, REVIEW, DONE = "centre", "code", "password", "profile", "review", "done"
_DRAFT = re.compile(r"[\w-]{43}", re.ASCII)


class NotBegunError(Exception):
    """This browser has no registration under way: it begins at the first page."""


class ElsewhereError(Exception):
    """The registration is at another step than the page that was asked for."""

    def __init__(self, at: Place) -> None:
        super().__init__(at.registration.stage)
        self.page = at.page()


@dataclass(frozen=True)
class Place:
    """What a page of the wizard works on."""

    registration: Registration
    visit: Visit

    def page(self) -> str:
        """The address of the page for the step that the registration is at."""
        return self.visit.address(f"registration.{self.registration.stage}")


def at_hand(session: Session, now: datetime, *stages: str, hold: bool = False) -> Place:
    """The browser's registration, if it is at one of `stages` (any, without them).

    `hold` keeps the row for this transaction, so that two presses are taken one after the other. Raises NotBegunError
    or ElsewhereError.
    """
    found = under_way(session, now, hold=hold)
    if found is None:
        raise NotBegunError
    place = Place(found, errand(session, found, now))
    if stages and found.stage not in stages:
        raise ElsewhereError(place)
    return place


def under_way(session: Session, now: datetime, *, hold: bool = False) -> Registration | None:
    """The browser's registration, at whatever step."""
    token = cookie().read()
    if not token:
        return None
    statement = select(Registration).where(Registration.token_hash == token_hash(token))
    if hold:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.exec(statement).first()
    return found if found is not None and found.expires_at > now else None


def errand(session: Session, registration: Registration | None, now: datetime) -> Visit:
    """What the browser goes back to: the request in the address, else the one that the registration began with.

    A request that is over by now is no reason to lose a registration: it goes on without.
    """
    try:
        here = pending.visit_at_hand(session, now)
    except RequestGoneError:
        here = Visit()
    if here.request_id is None and registration is not None and registration.request_id is not None:
        return pending.visit_of(session, registration.request_id, now) or here
    return here


@dataclass(frozen=True)
class Begun:
    """A registration that has just begun, with the token that only its cookie will hold."""

    registration: Registration
    token: str


def begin(session: Session, form: StartForm, visit: Visit, *, address: str, centre: str | None, now: datetime) -> Begun:
    """Take the first step: a new row, or the browser's own one with what was corrected in it.

    The stand is held, so that a second click finds the row of the first. A registration with another phone is a new
    one: a code belongs to one phone.
    """
    hold_stand(session)
    session.exec(delete(Registration).where(col(Registration.expires_at) <= now))
    token, own = _own(session, form, centre, now)
    registration = own or Registration(
        id=current_stand().ids.uuid(), token_hash=token_hash(token), stage=CENTRE if centre else CODE,
        surname="", name="", phone=form.read_phone, mail="", consent_version="", consent_hash="", consent_address="",
        consented_at=now, created_at=now, expires_at=now, centre=centre,
        centre_number=current_stand().ids.reference() if centre else None,
    )  # fmt: skip
    registration.surname, registration.name, registration.mail = form.read_surname, form.read_name, form.read_mail
    registration.consent_version, registration.consent_hash = documents.CONSENT.version, documents.CONSENT.hash
    registration.consent_address, registration.consented_at = address, now
    registration.request_id = visit.request_id
    registration.expires_at = now + current_policy().registration.kept_for
    session.add(registration)
    session.flush()
    return Begun(registration, token)


def _own(session: Session, form: StartForm, centre: str | None, now: datetime) -> tuple[str, Registration | None]:
    """The token to go on with, and the row behind it if this very phone is being registered with it already."""
    held = cookie().read()
    for token in (held, form.draft.data):
        if not token or not _DRAFT.fullmatch(token):
            continue
        found = session.exec(select(Registration).where(Registration.token_hash == token_hash(token))).first()
        if found is None and token != held:
            return token, None
        if found is not None and _is_same(found, form, centre) and found.expires_at > now:
            return token, found
        if found is not None and token == held and found.stage != DONE:
            session.delete(found)
            session.flush()
    return current_stand().ids.token(), None


def _is_same(found: Registration, form: StartForm, centre: str | None) -> bool:
    stage = CENTRE if centre else CODE
    return found.stage == stage and found.phone == form.read_phone and (found.centre == centre or found.stage == CODE)


def give_up(session: Session) -> None:
    """«Начать заново»: nothing of the browser's registration is kept."""
    token = cookie().read()
    if token:
        session.exec(
            delete(Registration).where(
                col(Registration.token_hash) == token_hash(token), col(Registration.stage) != DONE
            )
        )


def hold_stand(session: Session) -> None:
    """Keep others of this stand from making a registration or an account at the same time."""
    session.get_one(StandState, 1, with_for_update=True)


def write(response: Response, token: str) -> None:
    """Give the browser the registration's cookie; it is kept when the window is closed."""
    cookie().write(response, token, keep_for=current_policy().registration.kept_for)


def cookie() -> Cookie:
    """The registration's cookie."""
    return Cookie("registration", current_app.extensions["settings"].public_url)
