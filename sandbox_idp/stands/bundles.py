"""One sign-in as one file: a stand as it was when the sign-in began, and the journey to repeat in it.

What the file knows exactly: what was armed (parameters, scope, seed, count), the clock, the number of the sign-in. What
it knows as of now: people and systems. What came of the sign-in or after it is left out: messages, consents, wrong
tries, patients that the portal first saw then. A patient that was changed later stays as it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.database import Database
from sandbox_idp.scenarios import journey as journeys
from sandbox_idp.scenarios import verdicts
from sandbox_idp.scenarios.journey import Journey
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.stands.archive import UPLOADS, Row

TOTP_STEP = 30


class BundleError(Exception):
    """A sign-in cannot be told as a file; `reason` is for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownSignInError(BundleError):
    """The stand has had no sign-in of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"На стенде не было входа {number}.")


class ForgottenBeginningError(BundleError):
    """The journal, or the copy that the stand was made of, does not reach back to its beginning."""

    def __init__(self, number: int) -> None:
        super().__init__(f"В журнале уже нет начала входа {number}: повторить его нельзя.")


@dataclass
class Bundle:
    """What goes into the file besides the stand, and what of the stand does."""

    journey: Journey
    circumstances: dict[str, Any]
    _patients: set[str] = field(default_factory=set)
    _tickets: set[str] = field(default_factory=set)

    @property
    def began(self) -> datetime:
        """When it began."""
        return self.journey.began_at

    def adjust(self, program: str, table: str, rows: list[Row]) -> list[Row]:
        """The rows of a table as they were when the sign-in began, as far as that is known."""
        if program == "portal":
            return self._portal(table, rows)
        put_back: dict[str, Callable[[list[Row]], list[Row]]] = {
            "armed": lambda _: list(self.circumstances["armed"]),
            "armed_asked": self._asked_earlier,
            "consent": lambda rows: [self._not_revoked(row) for row in self._before(rows, "granted_at")],
            "journal_line": lambda _: [],
            "login_throttle": lambda rows: self._before(rows, "last_failure_at"),
            "message": lambda rows: self._before(rows, "sent_at"),
            "person": lambda rows: [self._with_unused_code(row) for row in rows],
            "sign_in": self._earlier,
            "stand_state": lambda rows: [{**row, "frozen_at": self._stood_still_at} for row in rows],
        }
        return put_back.get(table, list)(rows)

    @property
    def _stood_still_at(self) -> datetime | None:
        return self.began if self.circumstances["frozen"] else None

    def _before(self, rows: list[Row], column: str) -> list[Row]:
        return [row for row in rows if row[column] is None or row[column] < self.began]

    def _asked_earlier(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["who"].startswith("#") and int(row["who"][1:]) < self.journey.sign_in]

    def _portal(self, table: str, rows: list[Row]) -> list[Row]:
        if table == "patient":
            known = [row for row in rows if row["created_at"] < self.began]
            self._patients = {row["id"] for row in known}
            return known
        if table in UPLOADS:
            # A sign-in is repeated without them, and they are the largest part of a stand.
            return []
        if table == "ticket_message":
            return [row for row in rows if row["ticket_id"] in self._tickets]
        kept = [row for row in rows if "patient_id" not in row or row["patient_id"] in self._patients]
        if table == "ticket":
            self._tickets = {row["id"] for row in kept}
        return kept

    def _earlier(self, rows: list[Row]) -> list[Row]:
        """The sign-ins before it, so that the next one gets its number (there may be gaps in the numbers)."""
        number = self.journey.sign_in
        kept = [{**row, "circumstances": None} for row in rows if row["number"] < number]
        if number > 1 and (not kept or kept[-1]["number"] < number - 1):
            empty = SignIn(number=number - 1, started_at=self.began).model_dump()
            kept.append(empty)
        return kept

    def _not_revoked(self, row: Row) -> Row:
        revoked = row["revoked_at"]
        return {**row, "revoked_at": None} if revoked is not None and revoked >= self.began else row

    def _with_unused_code(self, row: Row) -> Row:
        """A code of an authenticator that was used since must be good once more."""
        last = row["totp_last_step"]
        used = last is not None and (last + 2) * TOTP_STEP > self.began.timestamp()
        return {**row, "totp_last_step": None} if used else row


def look(database: Database, number: int, *, policy: str) -> Bundle:
    """What is known of a sign-in. Raises UnknownSignInError or ForgottenBeginningError."""
    with database.reading() as session:
        row = session.get(SignIn, number)
        if row is None:
            raise UnknownSignInError(number)
        (verdict,) = verdicts.verdicts(database, sign_in=number)
        if row.circumstances is None or not is_repeatable(row, verdict):
            raise ForgottenBeginningError(number)
        return Bundle(journeys.told(session, row, verdict, policy=policy), row.circumstances)


def is_repeatable(row: SignIn, verdict: verdicts.Verdict) -> bool:
    """Whether it is known how a sign-in began and what was done in it."""
    return row.circumstances is not None and verdict.called_on != "unknown"
