"""Messages to the phones and mailboxes of a stand: the one sender, and the one way to read what has arrived."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, func, or_, select

from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from sandbox_idp.world.models import Message


def send(session: Session, draft: MessageDraft) -> Message:
    """Send a message; an armed effect may lose it on the way or hold it up. What was sent is stored either way."""
    draft = engine.transform(Point.MESSAGE, draft)
    now = current_stand().clock.now()
    message = Message(
        kind=draft.kind,
        recipient=draft.recipient,
        person_oid=draft.person_oid,
        subject=draft.subject,
        text=draft.text,
        code=draft.code,
        sent_at=now,
        delivered_at=None if draft.lost else now + draft.delay,
    )
    session.add(message)
    session.flush()
    return message


def replace(session: Session, message_id: int) -> None:
    """Say of a message that a newer code took the place of the one in it."""
    message = session.get(Message, message_id)
    if message is not None:
        message.replaced_at = current_stand().clock.now()
        session.add(message)


def inbox(
    session: Session,
    to: str | None = None,
    kinds: Collection[str] = (),
    after: int | None = None,
    *,
    person_oid: int | None = None,
) -> list[Message]:
    """What has arrived by now, oldest first; lost messages and those still on their way are not in it.

    `to` is a phone (`+70001000001`) or a mail address, `kinds` some of sms, push and mail (all, if empty), `after` the
    id of the last message that was seen. With `person_oid` only what was sent to that person.
    """
    statement = select(Message).where(col(Message.delivered_at) <= current_stand().clock.now())
    if to is not None:
        statement = statement.where(Message.recipient == to)
    if kinds:
        statement = statement.where(col(Message.kind).in_(list(kinds)))
    if after is not None:
        statement = statement.where(col(Message.id) > after)
    if person_oid is not None:
        statement = statement.where(Message.person_oid == person_oid)
    return list(session.exec(statement.order_by(col(Message.id))))


def inbox_of(session: Session, person_oid: int, addresses: Collection[str]) -> list[Message]:
    """What has arrived at one person's phone and mailboxes, oldest first."""
    statement = (
        select(Message)
        .where(col(Message.delivered_at) <= current_stand().clock.now())
        .where(or_(col(Message.recipient).in_(list(addresses)), col(Message.person_oid) == person_oid))
    )
    return list(session.exec(statement.order_by(col(Message.id))))


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
    return session.exec(statement.order_by(col(Message.id).desc())).first()
