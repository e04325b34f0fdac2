"""What a phone and a mailbox of the stand show at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import PersonCard, TotpNow
from sandbox_idp.world import messages
from sandbox_idp.world.models import Message

SHOWN = 12
"""So many messages of a kind, the newest first: nobody scrolls a training phone further."""
FRESH = timedelta(minutes=5)
_USES = {"sms": "СМС", "totp": "коды"}


@dataclass(frozen=True)
class ShownMessage:
    """A message as it stands on the screen."""

    id: int
    recipient: str
    subject: str
    lines: list[str]
    big_code: str
    """`418 205`; empty if it holds no code."""
    time: str
    """`21:03` by the phone's own clock, with the date if it is not of today."""
    replaced: bool
    sender: str | None
    """Who it says it is from, where that is not Gosuslugi: then there is a lesson on it."""


@dataclass(frozen=True)
class Phone:
    """Everything on one person's phone and in their mailboxes."""

    chosen: PersonCard
    clock: str
    local_time: str
    sms: list[ShownMessage]
    pushes: list[ShownMessage]
    mails: list[ShownMessage]
    totp: TotpNow | None


def choose(session: Session, cards: list[PersonCard], key: str | None) -> PersonCard | None:
    """Whose phone is asked for: a persona id or an oid; without a key the one that got a message last, else the first.

    None if there is nobody of that key.
    """
    if key:
        return next((card for card in cards if key in (card.id, str(card.oid))), None)
    last = messages.last_recipient(session)
    owner = next((card for card in cards if last is not None and (card.phone == last or last in card.mails)), None)
    return owner or (cards[0] if cards else None)


def look_at(session: Session, card: PersonCard, now: datetime) -> Phone:
    """Read one phone with its mailboxes."""
    person = session.get_one(Person, card.oid)
    addresses = [*([card.phone] if card.phone else []), *card.mails]
    arrived = messages.inbox_of(session, card.oid, addresses)

    def newest(kind: str) -> list[ShownMessage]:
        return [_shown(message, card, now) for message in reversed(arrived) if message.kind == kind][:SHOWN]

    return Phone(
        chosen=card,
        clock=f"{now.astimezone(ZoneInfo(card.zone)):%H:%M}",
        local_time=people.local_time(card, now),
        sms=newest("sms"),
        pushes=newest("push"),
        mails=newest("mail"),
        totp=people.totp_now(person, now),
    )


def fresh_by_person(session: Session, cards: list[PersonCard], now: datetime) -> dict[int, int]:
    """How many messages everybody got in the last five minutes, by oid."""
    counts = messages.fresh_counts(session, now - FRESH)
    return {
        card.oid: sum(counts.get(address, 0) for address in [*([card.phone] if card.phone else []), *card.mails])
        for card in cards
    }


def uses(card: PersonCard) -> str:
    """What somebody's phone is good for: `СМС, коды`."""
    words = ", ".join(_USES[factor] for factor in card.factors) or "подтверждение входа выключено"
    if card.note:
        words = f"{card.note}, {words}"
    return words[:1].upper() + words[1:]


def _shown(message: Message, card: PersonCard, now: datetime) -> ShownMessage:
    zone = ZoneInfo(card.zone)
    arrived = (message.delivered_at or message.sent_at).astimezone(zone)
    same_day = arrived.date() == now.astimezone(zone).date()
    code = message.code or ""
    assert message.id is not None
    return ShownMessage(
        id=message.id,
        recipient=message.recipient,
        subject=message.subject or "Без темы",
        lines=[line for line in message.text.splitlines() if line.strip()],
        big_code=f"{code[:3]} {code[3:]}" if len(code) == 6 else code,
        time=f"{arrived:%H:%M}" if same_day else f"{arrived:%d.%m %H:%M}",
        replaced=message.replaced_at is not None,
        sender=message.sender,
    )
