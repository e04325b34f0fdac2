"""One sign-in as steps that can be gone once more: what the person did, and what the trainer did meanwhile.

Made from the journal, so it knows what was done and not what was typed: a password was right or wrong. What is typed in
a repetition is made anew (`sandbox_idp.testing.replay`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import col, or_, select

from foundation.database import Session
from sandbox_idp.scenarios.models import JournalLine, SignIn
from sandbox_idp.scenarios.verdicts import CALLBACK, REDIRECTS, Answer, Ended, Verdict

VERSION = 1
MOST_STEPS = 500
_PATH = r"^/[\w/.-]*$"
_CONSENTS: dict[str, Literal["grant", "partial", "deny"]] = {
    "consent-granted": "grant",
    "consent-partial": "partial",
    "consent-refused": "deny",
}
_WRONG = {"password-wrong": "login", "login-format": "login", "sms-wrong": "sms", "totp-wrong": "totp"}
_CODES: dict[str, Literal["sms", "totp"]] = {"POST /login/sms": "sms", "POST /login/totp": "totp"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """One thing that was done."""

    do: Literal[
        "login", "code", "consent", "return", "open", "sign-in-without-pages",
        "arm", "disarm", "advance", "freeze", "run",
    ]  # fmt: skip
    right: bool = True
    """Whether what was typed (`login`, `code`) was right."""
    kind: Literal["sms", "totp"] | None = None
    """Which code."""
    decision: Literal["grant", "partial", "deny"] | None = None
    """On the consent page."""
    path: str | None = Field(None, max_length=200, pattern=_PATH)
    """What was opened at the portal."""
    entry: str | None = Field(None, max_length=80, pattern=r"^[\w-]+$")
    """The scenario that was switched on or off."""
    arming: dict[str, Any] = {}
    """How: fields of `PUT …/scenarios/{id}`."""
    seconds: float | None = Field(None, gt=0, le=400_000_000)
    """How far the clock was moved."""


class Outcome(_Part):
    """What a sign-in came to: its verdict without what differs between any two."""

    armed: list[str]
    ended: Ended
    status: int | None
    called_on: Answer
    half_open: Answer
    looped: Answer

    @classmethod
    def of(cls, verdict: Verdict) -> Outcome:
        """That of a verdict."""
        told = {name: getattr(verdict, name) for name in cls.model_fields if name != "armed"}
        return cls(armed=list(verdict.armed), **told)


class Journey(_Part):
    """A sign-in that can be repeated in a stand that was set up as it was when it began."""

    version: Literal[1]
    sign_in: int = Field(ge=1)
    """Its number; a repetition in a new stand gets the same, so that seeded chance falls alike."""
    began_at: Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]
    """On the stand's clock."""
    person: int | None
    """The oid; None if it never became known."""
    at_our_portal: bool
    """Whether it began with «Войти» at the stand's own portal; another portal's can only be repeated by hand."""
    policy: str = Field(max_length=80)
    """Preset of Gosuslugi's rules (`IDP_POLICY`) that it happened under."""
    steps: list[Step] = Field(max_length=MOST_STEPS)
    came_to: Outcome


def told(session: Session, row: SignIn, verdict: Verdict, *, policy: str) -> Journey:
    """The journey of a sign-in."""
    own = _lines(session, row)
    return Journey(
        version=VERSION,
        sign_in=row.number or 0,
        began_at=row.started_at,
        person=row.person_oid,
        at_our_portal=row.portal_browser is not None,
        policy=policy,
        steps=list(_steps(own))[:MOST_STEPS],
        came_to=Outcome.of(verdict),
    )


def _lines(session: Session, row: SignIn) -> list[JournalLine]:
    """Its lines, and what was changed in the stand between the first and the last of them, by their times."""
    wanted = or_(
        col(JournalLine.sign_in) == row.number,
        (col(JournalLine.kind) == "change") & (col(JournalLine.at) >= row.started_at),
    )
    lines = sorted(session.exec(select(JournalLine).where(wanted)), key=lambda line: (line.real_at, line.id or 0))
    own = [at for at, line in enumerate(lines) if line.sign_in == row.number]
    return lines[own[0] : own[-1] + 1] if own else []


def _steps(lines: Sequence[JournalLine]) -> Iterator[Step]:
    reader = _Reader()
    for line in lines:
        if line.kind == "change":
            yield from _change(line)
        elif line.kind == "act":
            yield from reader.act(line)
        elif line.kind == "exchange" and line.channel == "front":
            yield from reader.at_portal(line) if line.program == "portal" else reader.at_gosuslugi(line)


class _Reader:
    """Reads the steps of one browser out of its lines."""

    def __init__(self) -> None:
        self._wrong: set[str] = set()
        """What the request at hand was told to have typed wrong: acts come before the exchange they are part of."""
        self._returned = False
        self._led_to = ""

    def act(self, line: JournalLine) -> Iterator[Step]:
        if line.name in _WRONG:
            self._wrong.add(_WRONG[line.name])
        elif line.name == "signed-in" and line.channel is None:
            yield Step(do="sign-in-without-pages")
        elif line.name in _CONSENTS:
            yield Step(do="consent", decision=_CONSENTS[line.name])

    def at_gosuslugi(self, line: JournalLine) -> Iterator[Step]:
        if line.name == "POST /login":
            yield Step(do="login", right="login" not in self._wrong)
            self._wrong.discard("login")
        elif line.name in _CODES:
            kind = _CODES[line.name]
            yield Step(do="code", kind=kind, right=kind not in self._wrong)
            self._wrong.discard(kind)

    def at_portal(self, line: JournalLine) -> Iterator[Step]:
        method, _, path = line.name.partition(" ")
        if line.name == CALLBACK and not self._returned:
            self._returned = True
            yield Step(do="return")
        elif self._returned and method == "GET" and path != self._led_to and re.fullmatch(_PATH, path):
            yield Step(do="open", path=path)
        self._led_to = str(line.details.get("to", "")) if line.status in REDIRECTS else ""


def _change(line: JournalLine) -> Iterator[Step]:
    told = line.details
    if line.name == "clock":
        if told.get("seconds"):
            yield Step(do="advance", seconds=told["seconds"])
        else:
            yield Step(do="freeze" if told.get("frozen") else "run")
    elif line.name == "disarmed":
        yield Step(do="disarm", entry=line.entry)
    elif line.name == "armed" and "seconds" in told:
        arming = {
            "scope": {"person": told["person_oid"]} if told["scope"] == "person" else told["scope"],
            "parameters": told["parameters"],
            "probability": told["probability"],
            "seed": told["chance"],
            **{name: told[name] for name in ("count", "starts_at", "ends_at") if told.get(name) is not None},
        }
        if told["seconds"]:
            arming["ttl"] = f"PT{told['seconds']:g}S"
        yield Step(do="arm", entry=line.entry, arming=arming)
