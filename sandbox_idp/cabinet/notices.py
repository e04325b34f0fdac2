"""Telling a person something: a notice in the cabinet, and the same by SMS or mail where that is wanted."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import col, func, select, update

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet.models import Notice
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.world import messages

Way = Literal["sms", "mail"]


@dataclass(frozen=True)
class Link:
    """Where a notice leads: a path of this program without the stand's prefix, and the words on it."""

    path: str
    words: str


def notify(
    session: Session,
    person: Person,
    title: str,
    text: str,
    *,
    ways: Collection[Way] = (),
    outside: str | None = None,
    link: Link | None = None,
) -> Notice:
    """Put a notice into the person's cabinet, and send it by each of the `ways` that the person can be reached by.

    `outside` is a further line of the messages that the cabinet does not show.
    """
    told = f"{text}\n{outside}" if outside else text
    notice = Notice(
        person_oid=person.oid,
        title=title,
        text=text,
        link=link.path if link else None,
        link_words=link.words if link else None,
        at=current_stand().clock.now(),
    )
    session.add(notice)
    session.flush()
    if "sms" in ways:
        phone = people.confirmed_phone(session, person.oid)
        if phone is not None:
            _send(session, MessageDraft("sms", phone, f"{title}. {told}", person_oid=person.oid))
    if "mail" in ways:
        mail = people.confirmed_mail(session, person.oid)
        if mail is not None:
            _send(session, MessageDraft("mail", mail, told, subject=title, person_oid=person.oid))
    return notice


def _send(session: Session, draft: MessageDraft) -> None:
    """What the notice is about has happened, whether or not the gateway takes the message: it stands in the cabinet."""
    with contextlib.suppress(messages.GatewayDownError):
        messages.send(session, draft)


def newest(session: Session, person_oid: int, most: int = 50) -> list[Notice]:
    """The person's notices, the newest first."""
    statement = select(Notice).where(Notice.person_oid == person_oid).order_by(col(Notice.id).desc()).limit(most)
    return list(session.exec(statement))


def unread(session: Session, person_oid: int) -> int:
    """How many notices were not read yet."""
    return session.exec(
        select(func.count())
        .select_from(Notice)
        .where(col(Notice.person_oid) == person_oid, col(Notice.read_at).is_(None))
    ).one()


def mark_read(session: Session, person_oid: int, now: datetime) -> None:
    """The person has seen all of them."""
    session.exec(
        update(Notice).where(col(Notice.person_oid) == person_oid, col(Notice.read_at).is_(None)).values(read_at=now)
    )
