"""Messages to the phones and mailboxes of a stand: the one sender, and the one way to read what has arrived."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, update
from sqlmodel import col, func, or_, select

from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from sandbox_idp.world.models import Message


class GatewayDownError(Exception):
    """The gateway for messages of this kind takes nothing now (sms-gateway-down): nothing was sent."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def hand_over(draft: MessageDraft) -> MessageDraft:
    """Hand a message to the gateway; what armed effects made of it. Raises GatewayDownError."""
    draft = engine.transform(Point.MESSAGE, draft)
    if draft.refused:
        raise GatewayDownError(draft.kind)
    return draft


def send(session: Session, draft: MessageDraft) -> Message:
    """Send a message; an armed effect may lose it on the way, hold it up or have it arrive more than once.

    What was sent is stored either way. Raises GatewayDownError, before anything was written.
    """
    draft = hand_over(draft)
    now = current_stand().clock.now()
    message = _put(session, draft, now, arrives_at=None if draft.lost else now + draft.delay)
    if not draft.lost:
        for later in draft.echoes:
            _put(session, draft, now, arrives_at=now + draft.delay + later, echo_of=message.id)
    return message


def _put(
    session: Session, draft: MessageDraft, now: datetime, *, arrives_at: datetime | None, echo_of: int | None = None
) -> Message:
    message = Message(
        kind=draft.kind,
        recipient=draft.recipient,
        person_oid=draft.person_oid,
        subject=draft.subject,
        text=draft.text,
        code=draft.code,
        sent_at=now,
        delivered_at=arrives_at,
        echo_of=echo_of,
    )
    session.add(message)
    session.flush()
    return message


def replace(session: Session, message_id: int) -> None:
    """Say of a message, and of whatever repeats it, that a newer code took the place of the one in it."""
    session.execute(
        update(Message)
        .where(or_(col(Message.id) == message_id, col(Message.echo_of) == message_id))
        .values(replaced_at=current_stand().clock.now())
    )


def inbox(
    session: Session,
    to: str | None = None,
    kinds: Collection[str] = (),
    after: int | None = None,
    *,
    person_oid: int | None = None,
) -> list[Message]:
    """What has arrived by now, in the order of arrival; lost messages and those still on their way are not in it.

    `to` is a phone (`+70001000001`) or a mail address, `kinds` some of sms, push and mail (all, if empty), `after` the
    id of the message that was seen last: what arrived after it counts, even if it had been sent before. With
    `person_oid` only what was sent to that person.
    """
    statement = select(Message).where(col(Message.delivered_at) <= current_stand().clock.now())
    if to is not None:
        statement = statement.where(Message.recipient == to)
    if kinds:
        statement = statement.where(col(Message.kind).in_(list(kinds)))
    if after is not None:
        seen = session.get(Message, after)
        if seen is None or seen.delivered_at is None:
            statement = statement.where(col(Message.id) > after)
        else:
            same = and_(col(Message.delivered_at) == seen.delivered_at, col(Message.id) > after)
            statement = statement.where(or_(col(Message.delivered_at) > seen.delivered_at, same))
    if person_oid is not None:
        statement = statement.where(Message.person_oid == person_oid)
    return list(session.exec(statement.order_by(col(Message.delivered_at), col(Message.id))))


def inbox_of(session: Session, person_oid: int, addresses: Collection[str]) -> list[Message]:
    """What has arrived at one person's phone and mailboxes, in the order of arrival."""
    statement = (
        select(Message)
        .where(col(Message.delivered_at) <= current_stand().clock.now())
        .where(or_(col(Message.recipient).in_(list(addresses)), col(Message.person_oid) == person_oid))
    )
    return list(session.exec(statement.order_by(col(Message.delivered_at), col(Message.id))))


def fresh_counts(session: Session, since: datetime) -> dict[str, int]:
    """How many messages reached each phone and mailbox after `since` and are still of use."""
    now = current_stand().clock.now()
    statement = select(Message.recipient).where(
        col(Message.delivered_at) > since, col(Message.delivered_at) <= now, col(Message.replaced_at).is_(None)
    )
    counts: dict[str, int] = {}
    for recipient in session.exec(statement):
        counts[recipient] = counts.get(recipient, 0) + 1
    return counts


def recipients(session: Session, kind: str) -> list[str]:
    """To whom messages of that kind have gone, those first who got one first."""
    statement = select(Message.recipient).where(Message.kind == kind).group_by(Message.recipient)
    return list(session.exec(statement.order_by(func.min(Message.id))))


def last_recipient(session: Session) -> str | None:
    """Who got a message last."""
    statement = select(Message.recipient).where(col(Message.delivered_at) <= current_stand().clock.now())
    return session.exec(statement.order_by(col(Message.delivered_at).desc(), col(Message.id).desc())).first()
