"""Connecting an authenticator app: a secret as a QR code and as text, confirmed by one code of the app (R-137).

The secret counts for nothing until then. Whoever connects another app takes the place of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from sqlmodel import col, delete, select

from foundation.database import Session
from sandbox_idp.accounts import people, seeds
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import TotpNow
from sandbox_idp.context import current_stand
from sandbox_idp.factors import backup_codes
from sandbox_idp.factors.models import TotpSetup
from sandbox_idp.policy import TotpRules

ISSUER = "Госуслуги-стенд"


@dataclass(frozen=True)
class Connected:
    """The app is connected; these are the backup codes, told this once."""

    codes: list[str]


@dataclass(frozen=True)
class Refused:
    """The code is not the app's; `skewed`: it would have been some minutes earlier or later."""

    left: int
    skewed: bool


class NoSetupError(Exception):
    """Nothing is being connected here: it was finished or given up."""


def begin(session: Session, key: str, person: Person, now: datetime) -> TotpSetup:
    """Make a secret for an app that is to be connected; what was begun here before is forgotten."""
    forget(session, key)
    setup = TotpSetup(key=key, person_oid=person.oid, secret=seeds.new_totp_secret(current_stand().ids), begun_at=now)
    session.add(setup)
    session.flush()
    return setup


def at_hand(session: Session, key: str, oid: int) -> TotpSetup | None:
    """What is being connected here for this person."""
    setup = session.get(TotpSetup, key)
    return setup if setup is not None and setup.person_oid == oid else None


def confirm(
    session: Session, key: str, person: Person, typed: str, *, rules: TotpRules, now: datetime
) -> Connected | Refused:
    """Take the app into use if `typed` is its code. The code is used up by that (S-38). Raises NoSetupError.

    After `rules.tries` wrong codes it begins anew, with another secret: the QR code on the screen was of no use.
    """
    setup = session.get(TotpSetup, key, with_for_update=True, populate_existing=True)
    if setup is None or setup.person_oid != person.oid:
        raise NoSetupError
    step = people.totp_step(setup.secret, typed, now, reach=rules.window)
    if step is None:
        setup.wrong_codes += 1
        session.add(setup)
        session.flush()
        skewed = people.totp_step(setup.secret, typed, now, reach=people.SKEW_REACH) is not None
        if setup.wrong_codes >= rules.tries:
            begin(session, key, person, now)
            return Refused(0, skewed)
        return Refused(rules.tries - setup.wrong_codes, skewed)
    owner = session.get_one(Person, person.oid, with_for_update=True, populate_existing=True)
    owner.totp_secret = setup.secret
    owner.totp_last_step = step
    owner.updated_at = now
    session.add(owner)
    session.exec(delete(TotpSetup).where(col(TotpSetup.person_oid) == person.oid))
    return Connected(backup_codes.make(session, person.oid, count=rules.backup_codes, now=now, ids=current_stand().ids))


def refusal(refused: Refused) -> str:
    """What the page says beside the field."""
    if refused.skewed:
        return (
            "Код подошёл бы несколькими минутами раньше или позже: поставьте на телефоне точное время и введите новый."
        )
    if refused.left == 0:
        return "Код снова не подошёл. Мы показали новый QR-код: прочитайте его приложением и введите код оттуда."
    return f"Код не подошёл. Проверьте, что он из записи «{ISSUER}». Осталось попыток: {refused.left}"


def forget(session: Session, key: str) -> None:
    """Give up what was being connected here."""
    session.exec(delete(TotpSetup).where(col(TotpSetup.key) == key))


def shown_by_phone(session: Session, oid: int, now: datetime) -> TotpNow | None:
    """What the stand's phone shows of an app that is being connected: it has read the QR code off the screen."""
    newest = select(TotpSetup).where(TotpSetup.person_oid == oid).order_by(col(TotpSetup.begun_at).desc())
    setup = session.exec(newest).first()
    return people.totp_of(setup.secret, now) if setup is not None else None


def address(setup: TotpSetup, account: str) -> str:
    """The `otpauth:` address that authenticator apps read; `account` is how the app will name the account.

    What all of them take for granted (SHA-1, six digits, 30 seconds) is left out, so that the QR code stays coarse.
    """
    return f"otpauth://totp/{quote(account)}?{urlencode({'secret': setup.secret, 'issuer': ISSUER}, quote_via=quote)}"


def in_groups(secret: str) -> str:
    """`JBSW Y3DP …`: four letters at a time, for whoever types it in."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
