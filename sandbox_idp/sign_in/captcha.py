"""The captcha: figures in a picture and a recording, after three wrong passwords (R-100, U-16).

It is asked of logins that do not exist just as well (S-32), works once, and is not asked for anything but a password:
never after the code. Whoever can neither see nor hear it waits half a minute instead, which serves the same end.
The figures follow from a random key that the form carries and from the program's secret, so they are stored nowhere.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, delete

from foundation.database import Session
from sandbox_idp.accounts.models import Captcha
from sandbox_idp.accounts.ranges import code_digits
from sandbox_idp.context import current_stand
from sandbox_idp.policy import CaptchaRules
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import CaptchaDraft, Point
from sandbox_idp.sign_in import captcha_media
from sandbox_idp.sign_in.secrecy import keyed_hash, token_hash


@dataclass(frozen=True)
class Shown:
    """A captcha as a page shows it."""

    key: str
    available: bool
    """False: its service does not answer, so there is only the wait."""
    opens_at: datetime | None
    """Set where the wait takes the place of the figures."""


@dataclass(frozen=True)
class Verdict:
    """What became of an answer; only `passed` lets the password be looked at."""

    result: Literal["passed", "missing", "wrong", "expired", "early"]
    left: timedelta = timedelta(0)
    """For `early`: how much of the wait is left."""


def make(session: Session, *, rules: CaptchaRules, now: datetime, wait: bool = False) -> Shown:
    """A new captcha. `wait`: the person has asked for the other way; so it goes too when the service is down."""
    available = wait or engine.transform(Point.CAPTCHA, CaptchaDraft()).available
    key = current_stand().ids.token()
    opens_at = now + rules.wait if wait or not available else None
    session.add(
        Captcha(
            token_hash=token_hash(key),
            created_at=now,
            expires_at=(opens_at or now) + rules.valid_for,
            opens_at=opens_at,
        )
    )
    session.exec(delete(Captcha).where(col(Captcha.expires_at) <= now - rules.valid_for))
    session.flush()
    return Shown(key, available, opens_at)


def again(session: Session, key: str, now: datetime) -> Shown | None:
    """The same one once more, for a page that comes back for another reason; None if it is gone or too old."""
    row = session.get(Captcha, token_hash(key)) if key else None
    if row is None or row.expires_at <= now:
        return None
    return Shown(key, True, row.opens_at)


def spend(session: Session, key: str, typed: str, *, rules: CaptchaRules, now: datetime) -> Verdict:
    """Check an answer and use the captcha up, whatever the answer; only a wait that is not over goes on."""
    row = session.get(Captcha, token_hash(key), with_for_update=True) if key else None
    if row is None:
        return Verdict("missing")
    if row.opens_at is not None and row.opens_at > now:
        return Verdict("early", row.opens_at - now)
    used_up = session.exec(delete(Captcha).where(col(Captcha.token_hash) == row.token_hash))
    return _verdict(row, key, typed, rules, now) if used_up.rowcount == 1 else Verdict("missing")


def _verdict(row: Captcha, key: str, typed: str, rules: CaptchaRules, now: datetime) -> Verdict:
    if row.expires_at <= now:
        return Verdict("expired")
    answer = code_digits(typed)
    if row.opens_at is None and not answer:
        return Verdict("missing")
    right = row.opens_at is not None or hmac.compare_digest(answer.encode(), figures(key, rules).encode())
    return Verdict("passed" if right else "wrong")


def figures(key: str, rules: CaptchaRules) -> str:
    """The figures of the captcha of that key: 1 to 9, because nought cannot be told by so many sounds."""
    number = int(keyed_hash("captcha", key), 16)
    found = []
    for _ in range(rules.digits):
        number, rest = divmod(number, 9)
        found.append(str(rest + 1))
    return "".join(found)


def picture(key: str, rules: CaptchaRules) -> str:
    """The figures as an SVG."""
    return captcha_media.picture(figures(key, rules), _seed(key))


def recording(key: str, rules: CaptchaRules) -> bytes:
    """The figures as a WAV."""
    return captcha_media.recording(figures(key, rules), _seed(key))


def _seed(key: str) -> int:
    """The same picture each time it is asked for: comparing several would give the figures away."""
    return int(keyed_hash("captcha drawing", key)[:16], 16)
