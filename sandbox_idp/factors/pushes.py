"""Push to the mobile app with number matching (S-40, R-061): two minutes, three a quarter of an hour.

The page that asks shows a number of two digits, the app three of them. Whoever presses «Да» without looking, because
requests keep coming, does not know which; a wrong number ends the request. What is confirmed counts for what it belongs
to and for nothing else, and once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select, update

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_sign_in, current_stand
from sandbox_idp.factors.models import APPROVED, EXPIRED, REJECTED, REPLACED, WAITING, WRONG, PushRequest
from sandbox_idp.policy import Policy, PushRules
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.world import messages

LOGIN = "login"
"""Purpose of a request that confirms a sign-in."""
_QUARTER = timedelta(minutes=15)
_LOWEST, _HIGHEST = 10, 99


class TooSoonError(Exception):
    """Another request may be sent only from `at` on."""

    def __init__(self, at: datetime) -> None:
        super().__init__("too soon")
        self.at = at


class NotWaitingError(Exception):
    """The request is not there, is somebody else's, was answered already or is over."""


@dataclass(frozen=True)
class Errand:
    """What a confirmation belongs to: worth nothing outside of it (S-36)."""

    key: str
    purpose: str
    words: str
    """«Вход в РС ЕГИСЗ»"""


def ask(
    session: Session, errand: Errand, person: Person, *, address: str, policy: Policy, now: datetime
) -> PushRequest:
    """Send a request to the person's app; whatever became of an earlier one for the same thing counts no more.

    Raises TooSoonError after three in a quarter of an hour. Requests of one person come one after the other.
    """
    session.get_one(Person, person.oid, with_for_update=True)
    at = next_at(session, person.oid, address=address, rules=policy.push, now=now)
    if at > now:
        raise TooSoonError(at)
    session.exec(
        update(PushRequest)
        .where(
            col(PushRequest.key) == errand.key,
            col(PushRequest.purpose) == errand.purpose,
            col(PushRequest.state) != REPLACED,
        )
        .values(state=REPLACED)
    )
    number, choices = _numbers()
    message = messages.send(session, _draft(session, errand, person))
    request = PushRequest(
        id=current_stand().ids.uuid(),
        key=errand.key,
        purpose=errand.purpose,
        person_oid=person.oid,
        words=errand.words,
        number=number,
        choices=choices,
        sign_in=current_sign_in(),
        message_id=message.id,
        address=address,
        asked_at=now,
        expires_at=now + policy.push.valid_for,
    )
    session.add(request)
    session.flush()
    return request


def next_at(session: Session, oid: int, *, address: str, rules: PushRules, now: datetime) -> datetime:
    """From when on another request may be sent to this person, and (a hundred times as many) from this address."""
    at = now
    for condition, most in (
        (col(PushRequest.person_oid) == oid, rules.a_quarter_hour),
        (col(PushRequest.address) == address, rules.a_quarter_hour * 100),
    ):
        at = max(at, _free_again(session, condition, most, now) or at)
    return at


def newest(session: Session, errand: Errand) -> PushRequest | None:
    """The request that was sent last for this errand."""
    return session.exec(
        select(PushRequest).where(
            PushRequest.key == errand.key, PushRequest.purpose == errand.purpose, PushRequest.state != REPLACED
        )
    ).first()


def waiting_for(session: Session, oid: int, now: datetime) -> list[PushRequest]:
    """What the person's app asks about now, the newest first. A message that has not arrived asks nothing."""
    arrived = {message.id for message in messages.inbox(session, kinds=("push",), person_oid=oid)}
    found = session.exec(
        select(PushRequest)
        .where(
            PushRequest.person_oid == oid,
            PushRequest.state == WAITING,
            col(PushRequest.expires_at) > now,
        )
        .order_by(col(PushRequest.asked_at).desc(), col(PushRequest.id))
    )
    return [request for request in found if request.message_id in arrived]


def answer(
    session: Session, request_id: str, oid: int, *, number: int | None, now: datetime
) -> Literal["approved", "wrong", "rejected"]:
    """What was pressed on the phone: a number, or «Это не я» (None). The first press counts.

    Raises NotWaitingError, ValueError for a number that the app did not show.
    """
    request = session.get(PushRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.person_oid != oid or request.state != WAITING or request.expires_at <= now:
        raise NotWaitingError
    if number is not None and number not in request.choices:
        raise ValueError(number)
    verdict: Literal["approved", "wrong", "rejected"] = "rejected"
    if number is not None:
        verdict = "approved" if number == request.number else "wrong"
    request.state = {"approved": APPROVED, "wrong": WRONG, "rejected": REJECTED}[verdict]
    request.answered_at = now
    session.add(request)
    session.flush()
    return verdict


def expire(session: Session, request: PushRequest, now: datetime) -> bool:
    """Note that nobody answered in time; whether this call was the one that noted it."""
    result = session.exec(
        update(PushRequest)
        .where(col(PushRequest.id) == request.id, col(PushRequest.state) == WAITING, col(PushRequest.expires_at) <= now)
        .values(state=EXPIRED)
    )
    session.refresh(request)
    return result.rowcount == 1


def use(session: Session, request: PushRequest, *, rules: PushRules, now: datetime) -> bool:
    """Go on with what was confirmed: once, and no later after the press than the request itself would have lived."""
    result = session.exec(
        update(PushRequest)
        .where(
            col(PushRequest.id) == request.id,
            col(PushRequest.state) == APPROVED,
            col(PushRequest.used_at).is_(None),
            col(PushRequest.answered_at) > now - rules.valid_for,
        )
        .values(used_at=now)
    )
    return result.rowcount == 1


def _numbers() -> tuple[int, list[int]]:
    """The number on the page, and three in an order that tells nothing."""
    ids = current_stand().ids
    choices: list[int] = []
    while len(choices) < 3:
        drawn = ids.number(_LOWEST, _HIGHEST)
        if drawn not in choices:
            choices.append(drawn)
    return choices[ids.number(0, 2)], choices


def _free_again(session: Session, condition: ColumnElement[bool], most: int, now: datetime) -> datetime | None:
    """When the oldest of the last `most` requests leaves the quarter of an hour; None if there were fewer."""
    oldest = session.exec(
        select(PushRequest.asked_at)
        .where(condition, col(PushRequest.asked_at) > now - _QUARTER)
        .order_by(col(PushRequest.asked_at).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    return oldest + _QUARTER if oldest is not None else None


def _draft(session: Session, errand: Errand, person: Person) -> MessageDraft:
    """To the app, which lives on the phone that the person's number belongs to, if there is one."""
    return MessageDraft(
        kind="push",
        recipient=people.confirmed_phone(session, person.oid) or str(person.oid),
        text=f"{errand.words}. Если это вы, откройте уведомление и выберите число с экрана.",
        person_oid=person.oid,
    )
