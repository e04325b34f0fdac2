"""One-time codes: six digits, five minutes, three tries, only the newest, again after a minute, five an hour.

S-36…S-39.
A code belongs to a slot (an attempt to sign in, a registration, a recovery, …), so it is worth nothing in another
browser or for another errand. It is stored hashed; the message that carries it lies only in the stand's inbox.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import OneTimeCode
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, SmsRules
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.world import messages

LOGIN = "login"
ENROL = "enrol"
_WORDS = {LOGIN: "Код для входа", ENROL: "Код, чтобы включить подтверждение входа"}
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Slot:
    """What a code belongs to and is worth nothing outside of (S-36), and where it is sent."""

    key: str
    """Names the errand: the hash of an attempt's token, the id of a registration, …"""
    purpose: str
    """Keeps several codes of one errand apart."""
    recipient: str
    """`+70001000001`, or a mail address."""
    words: str
    """What the message says before the code: `Код для входа в РС ЕГИСЗ`."""
    kind: Literal["sms", "mail"] = "sms"
    subject: str | None = None
    """Of a letter."""
    person_oid: int | None = None
    """Whose code it is, where that is somebody with an account."""
    instead: str | None = None
    """What the message says in place of a code that nobody is to know; all else goes its usual way (S-32)."""
    proved: bool = True
    """False: nobody has shown yet that the recipient is whoever asks, so the first code counts as well (S-39)."""
    reaches: bool = True
    """False: the recipient is nobody's, so nothing arrives. The code exists all the same (S-32)."""


class TooSoonError(Exception):
    """Another code may be asked for only from `at` on."""

    def __init__(self, at: datetime) -> None:
        super().__init__("too soon")
        self.at = at


class NoPhoneError(Exception):
    """There is no confirmed phone to send a code to."""


@dataclass(frozen=True)
class Accepted:
    """The code is right; it works no second time."""


@dataclass(frozen=True)
class Refused:
    """The code is wrong; so many tries are left."""

    left: int


@dataclass(frozen=True)
class Replaced:
    """It is the code of an earlier message: only the newest works."""


@dataclass(frozen=True)
class Expired:
    """Its five minutes are over."""


Verdict = Accepted | Refused | Replaced | Expired


def of_attempt(session: Session, step: Step, purpose: str) -> Slot:
    """The slot of an attempt to sign in. Raises NoPhoneError without a confirmed phone."""
    phone = people.confirmed_phone(session, step.person.oid)
    if phone is None:
        raise NoPhoneError
    where = f" в {step.visit.system_name}" if step.visit.system_name and purpose == LOGIN else ""
    return Slot(step.attempt.token_hash, purpose, phone, f"{_WORDS[purpose]}{where}", person_oid=step.person.oid)


def send(
    session: Session, slot: Slot, *, address: str, policy: Policy, now: datetime, paced: bool = True
) -> OneTimeCode:
    """Send a new code; the slot's code before it stops working. The caller holds the row that the slot names.

    Raises TooSoonError while the countdown runs or the hour's codes are used up (S-39), messages.GatewayDownError
    (then the code before it goes on working). `paced=False`: the caller has a rule of its own for that, which must
    not depend on whether the recipient has an account (S-32).
    """
    stand = current_stand()
    before = newest(session, slot.key, slot.purpose)
    if paced:
        _wait_for_turn(session, slot, before, address=address, rules=policy.sms, now=now)
    code = stand.ids.digits(policy.sms.digits)
    draft = _draft(slot, code, stand.idp_url)
    # The gateway is asked also with what reaches nobody: else its being down would tell who has an account (S-32).
    message_id = None
    if slot.reaches:
        message_id = messages.send(session, draft).id
    else:
        messages.hand_over(draft)
    if before is not None:
        before.replaced_at = now
        session.add(before)
        if before.message_id is not None:
            messages.replace(session, before.message_id)
    code_id = stand.ids.uuid()
    sent = OneTimeCode(
        id=code_id,
        slot=slot.key,
        person_oid=slot.person_oid,
        purpose=slot.purpose,
        code_hash=_hash(code_id, code),
        sent_to=slot.recipient,
        message_id=message_id,
        address=address,
        sent_at=now,
        expires_at=now + (policy.sms.valid_for if slot.kind == "sms" else policy.mail.valid_for),
        attempts_left=policy.sms.tries,
    )
    session.add(sent)
    session.flush()
    return sent


def newest(session: Session, key: str, purpose: str) -> OneTimeCode | None:
    """The code that was sent last for the slot of that key and purpose."""
    statement = select(OneTimeCode).where(
        OneTimeCode.slot == key,
        OneTimeCode.purpose == purpose,
        col(OneTimeCode.replaced_at).is_(None),
    )
    return session.exec(statement).first()


def next_at(session: Session, sent: OneTimeCode, *, address: str, rules: SmsRules) -> datetime:
    """From when on another code may be asked for: after the countdown, and not more than five an hour.

    Counted are codes asked for *again*, over all slots of the account, of the number and (a hundred times as many)
    of the network address: the first code of an attempt follows a right password and is no way to cause costs.
    Where it does not go to a contact that is proved, it counts as well (`Slot.proved`).
    """
    at = sent.sent_at + rules.again_after
    counted = [(col(OneTimeCode.sent_to) == sent.sent_to, rules.an_hour)]
    counted.append((col(OneTimeCode.address) == address, rules.an_hour * 100))
    if sent.person_oid is not None:
        counted.append((col(OneTimeCode.person_oid) == sent.person_oid, rules.an_hour))
    for condition, most in counted:
        at = max(at, _free_again(session, condition, most, sent.sent_at) or at)
    return at


def check(session: Session, key: str, purpose: str, typed: str, *, now: datetime) -> Verdict:
    """Check the digits that were typed. The caller holds the row that the key names, so tries side by side cost one
    try each.
    """
    code = newest(session, key, purpose)
    if code is None or code.used_at is not None or code.attempts_left <= 0:
        return Refused(0)
    if code.expires_at <= now:
        return Expired()
    if _is(code, typed):
        code.used_at = now
        session.add(code)
        return Accepted()
    if any(_is(old, typed) for old in _replaced(session, key, purpose)):
        return Replaced()
    code.attempts_left -= 1
    session.add(code)
    return Refused(code.attempts_left)


def _is(code: OneTimeCode, typed: str) -> bool:
    return hmac.compare_digest(code.code_hash, _hash(code.id, typed))


def _replaced(session: Session, key: str, purpose: str) -> list[OneTimeCode]:
    return list(
        session.exec(
            select(OneTimeCode).where(
                OneTimeCode.slot == key,
                OneTimeCode.purpose == purpose,
                col(OneTimeCode.replaced_at).is_not(None),
            )
        )
    )


def _wait_for_turn(
    session: Session, slot: Slot, before: OneTimeCode | None, *, address: str, rules: SmsRules, now: datetime
) -> None:
    """Raise TooSoonError if another code, or the first one to a contact that is not proved, may go out only later."""
    turns = [] if before is None else [next_at(session, before, address=address, rules=rules)]
    if not slot.proved and (before is None or before.sent_to != slot.recipient):
        turns += _first_to_a_stranger(session, slot, address=address, rules=rules, now=now)
    at = max(turns, default=now)
    if at > now:
        raise TooSoonError(at)


def _first_to_a_stranger(
    session: Session, slot: Slot, *, address: str, rules: SmsRules, now: datetime
) -> list[datetime]:
    """What the first code to a contact that is not proved has to wait for: every one of its purpose counts, over all
    slots of the contact, of the account and (a hundred times as many) of the network address.
    """
    counted = [
        (col(OneTimeCode.sent_to) == slot.recipient, rules.an_hour + 1),
        (col(OneTimeCode.address) == address, rules.an_hour * 100),
    ]
    if slot.person_oid is not None:
        counted.append((col(OneTimeCode.person_oid) == slot.person_oid, rules.an_hour + 1))
    turns = []
    for condition, most in counted:
        sent = select(OneTimeCode.sent_at).where(
            condition, OneTimeCode.purpose == slot.purpose, col(OneTimeCode.sent_at) > now - _HOUR
        )
        oldest = session.exec(sent.order_by(col(OneTimeCode.sent_at).desc()).offset(most - 1).limit(1)).first()
        if oldest is not None:
            turns.append(oldest + _HOUR)
    return turns


def _free_again(session: Session, condition: ColumnElement[bool], most: int, since: datetime) -> datetime | None:
    """When the oldest of the last `most` codes that were replaced leaves the hour; None if there were fewer."""
    times = session.exec(
        select(OneTimeCode.replaced_at)
        .where(condition, col(OneTimeCode.replaced_at) > since - _HOUR)
        .order_by(col(OneTimeCode.replaced_at).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    return times + _HOUR if times is not None else None


def _draft(slot: Slot, code: str, idp_url: str) -> MessageDraft:
    """An SMS ends in the line that binds the code to this site, for browsers that fill it in (U-14)."""
    if slot.instead is not None:
        return MessageDraft(
            kind=slot.kind,
            recipient=slot.recipient,
            subject=slot.subject,
            text=slot.instead,
            person_oid=slot.person_oid,
        )
    binding = f"\n@{urlsplit(idp_url).hostname} #{code}" if slot.kind == "sms" else ""
    return MessageDraft(
        kind=slot.kind,
        recipient=slot.recipient,
        subject=slot.subject,
        text=f"{slot.words}: {code}. Никому не сообщайте.{binding}",
        code=code,
        person_oid=slot.person_oid,
    )


def _hash(code_id: str, code: str) -> str:
    return keyed_hash("code", f"{code_id}|{code}")
