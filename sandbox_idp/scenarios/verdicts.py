"""What can be said of a sign-in from its journal: what struck, how it ended, and whether the portal behaved.

`called_on`, `half_open` and `looped` are about the portal, whoever wrote it. What was not looked at is `unknown`: the
pages of a portal without a gate in front are seen by nobody here (`docs/control-api.md`, "Verdicts").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_
from sqlmodel import col, select

from foundation.database import Database, Session
from sandbox_idp.scenarios.models import JournalLine, SignIn
from sandbox_idp.scenarios.paths import AUTHORIZE, BEARER, TOKEN

Answer = Literal["yes", "no", "unknown"]
Ended = Literal["signed-in", "failed", "under-way", "unknown"]

BEGINNING = "GET /login"
CALLBACK = "GET /login/callback"
PERSON = ("GET /rs/prns/<id>", "GET /oauth2/userinfo")
"""What a session needs of the person; all other data may fail by itself."""
INSIDE = ("GET /home", "GET /loading", "GET /session")
"""What the portal answers with 200 only to whoever is signed in."""
REDIRECTS = (301, 302, 303, 307, 308)
REPEATABLE = (None, 502, 503, 504)
"""After these a GET may be asked once more (`docs/architecture.md`, rule 3)."""
PEOPLES_OWN = (401, 403, 422)
"""Statuses by which Gosuslugi tells a person something and waits for what he does next."""
ROUNDS = 3
"""So often the same request, with nothing but redirects in between, is a loop."""
TOLERATED_SKEW = 300
"""Seconds; a token from a clock farther away must not be trusted (`docs/failure-catalogue.md`, group E)."""


@dataclass(frozen=True)
class Verdict:
    """One sign-in in a few words."""

    sign_in: int
    person_oid: int | None
    started_at: datetime
    armed: tuple[str, ...]
    """Ids of the entries that struck, in the order in which they first did."""
    ended: Ended
    """`under-way`: the person has not come back from Gosuslugi; `unknown`: has, to a portal that nobody looks at."""
    status: int | None
    """Of the answer with which it failed; None if none came, or if it did not fail."""
    called_on: Answer
    """Whether the portal used what it must not trust: a call with a token or a code after a bad token or a refusal."""
    half_open: Answer
    """Whether somebody is signed in at the portal without a sign-in that came to its end."""
    looped: Answer
    """Whether the browser was sent round in circles without a page in between."""


def verdicts(database: Database, *, sign_in: int | None = None, after: int = 0, limit: int = 500) -> list[Verdict]:
    """The verdict of one sign-in, else of those with a number above `after`, oldest first."""
    query = select(SignIn).where(col(SignIn.number) > after).order_by(col(SignIn.number)).limit(limit)
    if sign_in is not None:
        query = select(SignIn).where(SignIn.number == sign_in)
    with database.reading() as session:
        found = list(session.exec(query))
        return [_verdict(session, each) for each in found]


def _verdict(session: Session, row: SignIn) -> Verdict:
    assert row.number is not None
    browsers = [each for each in (row.portal_browser, row.idp_browser) if each is not None]
    wanted = or_(col(JournalLine.sign_in) == row.number, col(JournalLine.browser).in_(browsers))
    around = list(session.exec(select(JournalLine).where(wanted)))
    # By their times: what another process exchanged is written a moment after it happened.
    around.sort(key=lambda line: (line.real_at, line.id or 0))
    own = [line for line in around if line.sign_in == row.number]
    followed = row.portal_browser is not None
    if not own or (followed and not any(line.name == BEGINNING and line.program == "portal" for line in own)):
        return _forgotten(row)
    trust = _trust(own)
    stored = row.opened_at is not None and trust.token and _known_before(session, row)
    ended, status = _ended(own, row, followed=followed)
    return Verdict(
        sign_in=row.number,
        person_oid=row.person_oid,
        started_at=row.started_at,
        armed=tuple(dict.fromkeys(line.entry for line in own if line.kind == "effect" and line.entry)),
        ended=ended,
        status=status,
        called_on=_called_on(trust, stored=stored),
        half_open=_half_open(own, row, trust, followed=followed, stored=stored),
        looped=_looped(around, row.number, followed=followed),
    )


def _forgotten(row: SignIn) -> Verdict:
    """Of a sign-in whose beginning is not in the journal (any more): only whether it came to its end."""
    assert row.number is not None
    return Verdict(
        sign_in=row.number,
        person_oid=row.person_oid,
        started_at=row.started_at,
        armed=(),
        ended="unknown" if row.opened_at is None else "signed-in",
        status=None,
        called_on="unknown",
        half_open="unknown",
        looped="unknown",
    )


@dataclass
class _Trust:
    """What Gosuslugi's answers to the portal were worth by the end of a sign-in."""

    token: bool = False
    """Whether a token came that is one."""
    bad: JournalLine | None = None
    """The first answer that was none, or was not to be trusted, and was not made good."""
    person_only: bool = False
    """Whether that was a failure of the person data alone, which a portal may have stored from an earlier time."""
    used: bool = False
    """Whether something was asked for with a token or a code after it."""


def _trust(own: Sequence[JournalLine]) -> _Trust:
    trust = _Trust()
    spoilt: set[str] = set()
    repeated = False
    for line in own:
        if line.kind == "effect" and _spoils(line):
            spoilt.add(str(line.details.get("exchange")))
        if line.kind != "exchange" or line.channel != "back":
            continue
        path = line.name.partition(" ")[2]
        asks = TOKEN.search(path) is not None or BEARER.search(path) is not None
        before = trust.bad
        if before is not None and asks:
            may_repeat = before.name == line.name and line.name.startswith("GET ") and before.status in REPEATABLE
            trust.used |= repeated or not may_repeat
            repeated |= may_repeat
        untrue = line.name in spoilt
        spoilt.discard(line.name)
        failed = line.status is None or line.status >= 400
        if not failed and not untrue:
            trust.token |= TOKEN.search(path) is not None
            if before is not None and before.name == line.name and not trust.used:
                trust.bad = None
        elif before is None and (TOKEN.search(path) or line.name in PERSON):
            trust.bad = line
            trust.person_only = failed and line.name in PERSON
    return trust


def _spoils(effect: JournalLine) -> bool:
    """Whether an effect makes an answer to the portal one that must not be trusted."""
    told = effect.details
    if effect.name == "jwt":
        return told.get("marker") != "code" and (told.get("signature") != "rotated" or bool(told.get("changed")))
    if effect.name == "response":
        return told.get("answer") in ("token", "person")
    return effect.name == "clock" and abs(float(told.get("seconds", 0))) > TOLERATED_SKEW


def _known_before(session: Session, row: SignIn) -> bool:
    """Whether the portal has let this person in before, and so may have stored his data."""
    earlier = select(SignIn.number).where(
        SignIn.person_oid == row.person_oid,
        col(SignIn.number) < row.number,
        col(SignIn.opened_at).is_not(None),
    )
    return row.person_oid is not None and session.exec(earlier.limit(1)).first() is not None


def _called_on(trust: _Trust, *, stored: bool) -> Answer:
    return "yes" if trust.used and not (trust.person_only and stored) else "no"


def _half_open(own: Sequence[JournalLine], row: SignIn, trust: _Trust, *, followed: bool, stored: bool) -> Answer:
    if not followed:
        return "unknown"
    sound = trust.token and (trust.bad is None or (trust.person_only and stored))
    if row.opened_at is not None:
        return "no" if sound else "yes"
    back = next((at for at, line in enumerate(own) if line.name == CALLBACK), len(own))
    inside = any(line.name in INSIDE and line.status == 200 and line.program == "portal" for line in own[back:])
    return "yes" if inside else "no"


def _looped(around: Iterable[JournalLine], number: int, *, followed: bool) -> Answer:
    if not any(_goes_round(run, number) for run in _without_pages(around)):
        return "no"
    # At a portal without a gate there may have been a page with a button in between.
    return "yes" if followed else "unknown"


def _goes_round(run: Sequence[JournalLine], number: int) -> bool:
    asked = Counter((line.program, line.name) for line in run)
    return any(line.sign_in == number for line in run) and max(asked.values()) >= ROUNDS


def _without_pages(lines: Iterable[JournalLine]) -> Iterator[list[JournalLine]]:
    """What a browser asked for without anything being shown: one redirect after the other."""
    run: list[JournalLine] = []
    for line in lines:
        if line.kind != "exchange" or line.channel != "front":
            continue
        if line.status in REDIRECTS and line.name.startswith("GET "):
            run.append(line)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _ended(own: Sequence[JournalLine], row: SignIn, *, followed: bool) -> tuple[Ended, int | None]:
    """How it ended, and with which status if it failed."""
    if row.opened_at is not None:
        return "signed-in", None
    front = [line for line in own if line.kind == "exchange" and line.channel == "front"]
    returns = [line for line in front if line.name == CALLBACK and line.program == "portal"]
    if returns:
        return "failed", returns[-1].status
    if not followed:
        tokens = [line for line in own if line.channel == "back" and TOKEN.search(line.name)]
        if tokens:
            refused = tokens[-1].status is None or tokens[-1].status >= 400
            return ("failed", tokens[-1].status) if refused else ("unknown", None)
    # Pages that anybody may open meanwhile (help, the check of the session) end nothing.
    ends = [line for line in front if line.program == "sandbox_idp" or line.name == BEGINNING]
    if ends and _is_an_end(ends[-1]):
        return "failed", ends[-1].status
    if not followed and any(line.details.get("to_host") for line in front if not AUTHORIZE.search(line.name)):
        return "unknown", None
    return "under-way", None


def _is_an_end(line: JournalLine) -> bool:
    """Whether a person can do nothing more on this page than begin anew."""
    if line.status is None or line.status >= 500:
        return True
    if line.program == "portal":
        # «Войти» leads to Gosuslugi, or to a page that says why not.
        return line.status not in REDIRECTS
    return line.status >= 400 and line.status not in PEOPLES_OWN
