"""Codes by SMS: six digits, five minutes, three tries, only the newest, again after a minute, five an hour (S-36…S-39).

A code belongs to one attempt, so it is worth nothing in another browser. It is stored hashed; the message that carries
it lies only in the stand's inbox.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import OneTimeCode
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, SmsRules
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.sign_in import attempts
from sandbox_idp.sign_in.attempts import Step
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.world import messages

LOGIN = "login"
ENROL = "enrol"
_WORDS = {LOGIN: "Код для входа", ENROL: "Код, чтобы включить подтверждение входа"}
_HOUR = timedelta(hours=1)


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


def send_code(
    session: Session, step: Step, purpose: str, *, address: str, policy: Policy, now: datetime
) -> OneTimeCode:
    """Send a new code for this attempt; the one before it stops working.

    Raises TooSoonError while the countdown runs or the hour's codes are used up (S-39), NoPhoneError without a phone,
    messages.GatewayDownError (then the one before goes on working).
    """
    phone = people.confirmed_phone(session, step.person.oid)
    if phone is None:
        raise NoPhoneError
    stand = current_stand()
    attempts.held(session, step)
    before = newest_code(session, step, purpose)
    if before is not None:
        at = next_code_at(session, before, address=address, rules=policy.sms)
        if at > now:
            raise TooSoonError(at)
    code = stand.ids.digits(policy.sms.digits)
    message = messages.send(session, _draft(step, purpose, phone, code, stand.idp_url))
    if before is not None:
        before.replaced_at = now
        session.add(before)
        if before.message_id is not None:
            messages.replace(session, before.message_id)
    code_id = stand.ids.uuid()
    sent = OneTimeCode(
        id=code_id,
        attempt_hash=step.attempt.token_hash,
        person_oid=step.person.oid,
        purpose=purpose,
        code_hash=_hash(code_id, code),
        sent_to=phone,
        message_id=message.id,
        address=address,
        sent_at=now,
        expires_at=now + policy.sms.valid_for,
        attempts_left=policy.sms.tries,
    )
    session.add(sent)
    session.flush()
    return sent


def newest_code(session: Session, step: Step, purpose: str) -> OneTimeCode | None:
    """The code that was sent last for this attempt."""
    statement = select(OneTimeCode).where(
        OneTimeCode.attempt_hash == step.attempt.token_hash,
        OneTimeCode.purpose == purpose,
        col(OneTimeCode.replaced_at).is_(None),
    )
    return session.exec(statement).first()


def next_code_at(session: Session, sent: OneTimeCode, *, address: str, rules: SmsRules) -> datetime:
    """From when on another code may be asked for: after the countdown, and not more than five an hour.

    Counted are codes asked for *again*, over all attempts of the account, of the number and (a hundred times as many)
    of the network address: the first code of an attempt follows a right password and is no way to cause costs.
    """
    at = sent.sent_at + rules.again_after
    for condition, most in (
        (col(OneTimeCode.person_oid) == sent.person_oid, rules.an_hour),
        (col(OneTimeCode.sent_to) == sent.sent_to, rules.an_hour),
        (col(OneTimeCode.address) == address, rules.an_hour * 100),
    ):
        at = max(at, _free_again(session, condition, most, sent.sent_at) or at)
    return at


def check_code(session: Session, step: Step, purpose: str, typed: str, *, now: datetime) -> Verdict:
    """Check the digits that were typed. The caller holds the attempt, so tries side by side cost one try each."""
    code = newest_code(session, step, purpose)
    if code is None or code.used_at is not None or code.attempts_left <= 0:
        return Refused(0)
    if code.expires_at <= now:
        return Expired()
    if _is(code, typed):
        code.used_at = now
        session.add(code)
        return Accepted()
    if any(_is(old, typed) for old in _replaced(session, step, purpose)):
        return Replaced()
    code.attempts_left -= 1
    session.add(code)
    return Refused(code.attempts_left)


def _is(code: OneTimeCode, typed: str) -> bool:
    return hmac.compare_digest(code.code_hash, _hash(code.id, typed))


def _replaced(session: Session, step: Step, purpose: str) -> list[OneTimeCode]:
    return list(
        session.exec(
            select(OneTimeCode).where(
                OneTimeCode.attempt_hash == step.attempt.token_hash,
                OneTimeCode.purpose == purpose,
                col(OneTimeCode.replaced_at).is_not(None),
            )
        )
    )


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


def _draft(step: Step, purpose: str, phone: str, code: str, idp_url: str) -> MessageDraft:
    """The text ends in the line that binds the code to this site, for browsers that fill it in (U-14)."""
    where = f" в {step.visit.system_name}" if step.visit.system_name and purpose == LOGIN else ""
    return MessageDraft(
        kind="sms",
        recipient=phone,
        text=f"{_WORDS[purpose]}{where}: {code}. Никому не сообщайте.\n@{urlsplit(idp_url).hostname} #{code}",
        code=code,
        person_oid=step.person.oid,
    )


def _hash(code_id: str, code: str) -> str:
    return keyed_hash("code", f"{code_id}|{code}")
