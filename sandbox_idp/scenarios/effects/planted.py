"""Messages that somebody else has sent: for lessons on how to tell them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, delete

from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios.effects.base import Change, StateEffect, effect
from sandbox_idp.world.models import Message

LOGIN = "{login}"
"""Stands in a text for the address of the stand's own page «Вход»."""


class Planted(BaseModel):
    """One message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["sms", "mail"]
    sender: Annotated[str, Field(min_length=1, max_length=80)]
    subject: Annotated[str, Field(max_length=120)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=1500)]
    code: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None


@effect("planted")
class PlantedMessages(StateEffect):
    """The person finds `messages` on the phone and in the mailbox; what was not reported goes with the arming."""

    where: Literal["world"]
    messages: tuple[Planted, ...] = Field(min_length=1, max_length=5)

    def details(self) -> dict[str, Any]:
        return {"messages": [each.kind for each in self.messages]}

    def apply(self, change: Change, person: Person) -> dict[str, Any]:
        addresses = {
            "sms": people.confirmed_phone(change.session, person.oid),
            "mail": people.confirmed_mail(change.session, person.oid),
        }
        rows = [
            Message(
                kind=each.kind,
                recipient=str(addresses[each.kind]),
                person_oid=person.oid,
                sender=each.sender,
                subject=each.subject,
                text=each.text.replace(LOGIN, f"{current_stand().idp_url}/login"),
                code=each.code,
                sent_at=change.now,
                delivered_at=change.now,
            )
            for each in self.messages
            if addresses[each.kind] is not None
        ]
        change.session.add_all(rows)
        change.session.flush()
        return {"messages": [row.id for row in rows]}

    def restore(self, change: Change, person: Person, kept: dict[str, Any]) -> None:
        change.session.exec(
            delete(Message).where(
                col(Message.id).in_(kept["messages"]),
                col(Message.person_oid) == person.oid,
                col(Message.reported_at).is_(None),
            )
        )
