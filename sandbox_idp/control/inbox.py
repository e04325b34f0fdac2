"""What arrived at a stand's phones and mailboxes, as the control API tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sandbox_idp.context import Stand, use_stand
from sandbox_idp.control.bodies import InboxQuery
from sandbox_idp.control.calls import Answer
from sandbox_idp.world import messages
from sandbox_idp.world.models import Message


class MessageAnswer(Answer):
    """A message that arrived."""

    id: int
    kind: Literal["sms", "push", "mail"]
    to: str
    """A phone or an address."""
    person_oid: int | None
    subject: str | None
    text: str
    code: str | None
    """The code in the text, if there is one."""
    sent_at: datetime
    delivered_at: datetime
    replaced_at: datetime | None
    """When a newer code took this one's place."""


class MessagesAnswer(Answer):
    """Messages, oldest first."""

    messages: list[MessageAnswer]


def arrived(stand: Stand, query: InboxQuery, kinds: tuple[str, ...]) -> list[MessageAnswer]:
    """The messages that the query asks for and that have arrived by the stand's time, oldest first."""
    with use_stand(stand):
        stand.clock.refresh()
        with stand.database.reading() as session:
            found = messages.inbox(session, to=query.to, kinds=kinds, after=query.after)
            return [_message(message) for message in found]


def _message(message: Message) -> MessageAnswer:
    members = {"to": message.recipient, **message.model_dump(exclude={"recipient"})}
    return MessageAnswer.model_validate({name: members[name] for name in MessageAnswer.model_fields})
