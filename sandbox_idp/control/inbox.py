"""What arrived at a stand's phones and mailboxes, as the control API tells it."""

from __future__ import annotations

from typing import Any

from sandbox_idp.context import Stand, use_stand
from sandbox_idp.control.bodies import InboxQuery
from sandbox_idp.world import messages
from sandbox_idp.world.models import Message


def arrived(stand: Stand, query: InboxQuery, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """The messages that the query asks for and that have arrived by the stand's time, oldest first."""
    with use_stand(stand):
        stand.clock.refresh()
        with stand.database.reading() as session:
            found = messages.inbox(session, to=query.to, kinds=kinds, after=query.after)
            return [message_answer(message) for message in found]


def message_answer(message: Message) -> dict[str, Any]:
    """A message as the API tells it."""
    assert message.delivered_at is not None
    return {
        "id": message.id,
        "kind": message.kind,
        "to": message.recipient,
        "person_oid": message.person_oid,
        "subject": message.subject,
        "text": message.text,
        "code": message.code,
        "sent_at": message.sent_at.isoformat(),
        "delivered_at": message.delivered_at.isoformat(),
        "replaced_at": None if message.replaced_at is None else message.replaced_at.isoformat(),
    }
