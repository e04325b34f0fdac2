"""What a phone and a mailbox of the stand show at a moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import PersonCard, TotpNow
from sandbox_idp.factors import backup_codes, pushes, totp_setup
from sandbox_idp.factors.backup_codes import Written
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.signature import issuing
from sandbox_idp.world import messages
from sandbox_idp.world.models import Message

SHOWN = 12
"""So many messages of a kind, the newest first: nobody scrolls a training phone further."""
FRESH = timedelta(minutes=5)
_USES = {"sms": "СМС", "totp": "коды", "push": "приложение"}
SPECIMENS = tuple(kind for kind in issuing.KINDS.values() if kind.id != issuing.VALID)


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
class ShownRequest:
    """A request for confirmation as the mobile app shows it (S-40)."""

    id: str
    words: str
    """«Вход в РС ЕГИСЗ»"""
    time: str
    choices: list[int]
    left: int
    """Seconds until it is over."""


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
    new_totp: TotpNow | None
    """The same of an app that is being connected: the phone has read the QR code off the screen."""
    requests: list[ShownRequest]
    """What the mobile app asks about now."""
    sheet: list[Written]
    """Backup codes on paper."""


def everybody(session: Session) -> list[PersonCard]:
    """Everybody with an account, and after them the phones that got a message and belong to nobody (yet): whoever
    registers reads the code on such a one.
    """
    cards = people.list_people(session)
    known = {card.phone for card in cards}
    numbers = [number for number in messages.recipients(session, "sms") if number not in known]
    return [*cards, *(_nobodys(number, -place) for place, number in enumerate(numbers, 1))]


def choose(session: Session, cards: list[PersonCard], key: str | None) -> PersonCard | None:
    """Whose phone is asked for: a persona id, an oid or a phone number; without a key the one that got a message last,
    else the first.

    None if there is nobody of that key.
    """
    if key:
        return next((card for card in cards if key in (card.id, str(card.oid), card.phone)), None)
    last = messages.last_recipient(session)
    owner = next((card for card in cards if last is not None and (card.phone == last or last in card.mails)), None)
    return owner or (cards[0] if cards else None)


def look_at(session: Session, card: PersonCard, now: datetime) -> Phone:
    """Read one phone with its mailboxes."""
    person = session.get(Person, card.oid)
    addresses = [*([card.phone] if card.phone else []), *card.mails]
    arrived = messages.inbox_of(session, card.oid, addresses)
    waiting = pushes.waiting_for(session, card.oid, now)
    asked = {request.message_id for request in waiting}

    def newest(kind: str) -> list[ShownMessage]:
        found = (message for message in reversed(arrived) if message.kind == kind and message.id not in asked)
        return [_shown(message, card, now) for message in found][:SHOWN]

    return Phone(
        chosen=card,
        clock=clock_of(card, now),
        local_time=people.local_time(card, now),
        sms=newest("sms"),
        pushes=newest("push"),
        mails=newest("mail"),
        totp=people.totp_now(person, now) if person is not None else None,
        new_totp=totp_setup.shown_by_phone(session, card.oid, now),
        requests=[_asked(request, card, now) for request in waiting],
        sheet=backup_codes.sheet(session, card.oid),
    )


def clock_of(card: PersonCard, now: datetime) -> str:
    """`21:03`: what the phone's own clock shows."""
    return f"{now.astimezone(ZoneInfo(card.zone)):%H:%M}"


def shown_id(phone: Phone) -> str:
    """What the mobile app shows, in one word: as long as it stays the same there is nothing new to be seen."""
    return phone.requests[0].id if phone.requests else "none"


def fresh_by_person(session: Session, cards: list[PersonCard], now: datetime) -> dict[int, int]:
    """How many messages everybody got in the last five minutes, by oid."""
    counts = messages.fresh_counts(session, now - FRESH)
    return {
        card.oid: sum(counts.get(address, 0) for address in [*([card.phone] if card.phone else []), *card.mails])
        for card in cards
    }


def has_token(card: PersonCard) -> bool:
    """Whether an electronic signature lies beside this phone."""
    return card.snils is not None and issuing.has_signature(card.level)


def can_get_token(card: PersonCard) -> bool:
    """Whether the stand's authority issues a signature to this person: it is found by its SNILS."""
    return card.snils is not None


def with_token(cards: list[PersonCard]) -> PersonCard | None:
    """The first who has an electronic signature."""
    return next((card for card in cards if has_token(card)), None)


def uses(card: PersonCard) -> str:
    """What somebody's phone is good for: `СМС, коды`."""
    words = ", ".join(_USES[factor] for factor in card.factors) or "подтверждение входа выключено"
    if has_token(card):
        words = f"электронная подпись, {words}"
    if card.note:
        words = f"{card.note}, {words}"
    return words[:1].upper() + words[1:]


def _nobodys(number: str, oid: int) -> PersonCard:
    """The card of a phone without an account; `oid` below zero keeps such cards apart."""
    return PersonCard(
        oid=oid,
        id=number,
        surname="номер",
        name="Новый",
        patronymic=None,
        level="simplified",
        state="active",
        region="36",
        zone="Europe/Moscow",
        phone=number,
        mails=(),
        snils=None,
        factors=("sms",),
    )


def _asked(request: PushRequest, card: PersonCard, now: datetime) -> ShownRequest:
    return ShownRequest(
        id=request.id,
        words=request.words,
        time=_on_the_phone(request.asked_at, card, now),
        choices=request.choices,
        left=math.ceil((request.expires_at - now).total_seconds()),
    )


def _on_the_phone(at: datetime, card: PersonCard, now: datetime) -> str:
    """`21:03` by the phone's own clock, with the date if it is not of today."""
    zone = ZoneInfo(card.zone)
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%d.%m %H:%M}"


def _shown(message: Message, card: PersonCard, now: datetime) -> ShownMessage:
    code = message.code or ""
    assert message.id is not None
    return ShownMessage(
        id=message.id,
        recipient=message.recipient,
        subject=message.subject or "Без темы",
        lines=[line for line in message.text.splitlines() if line.strip()],
        big_code=f"{code[:3]} {code[3:]}" if len(code) == 6 else code,
        time=_on_the_phone(message.delivered_at or message.sent_at, card, now),
        replaced=message.replaced_at is not None,
        sender=message.sender,
    )
