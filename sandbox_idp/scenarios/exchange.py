"""The request at hand as the engine sees it. The gate makes one for each request; unit tests may do without."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.paths import Program, Way
from sandbox_idp.scenarios.transactions import writing_or_joining


@dataclass
class Waiting:
    """How long a request has been held back so far."""

    until: datetime | None = None
    """The end of its last wait on the stand's clock; None if it has not waited."""


@dataclass
class Exchange:
    """One request while it is answered."""

    program: Program
    way: Way
    method: str
    path: str
    template: str
    browser: str | None = None
    """Hash of the gate's cookie."""
    version: int | None = None
    """The stand's `armed_version` at the beginning; None where nobody has looked."""
    people: dict[int, int | None] = field(default_factory=dict)
    """Sign-ins whose person has been looked up or told."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the rooms told about the sign-in at hand: columns of `SignIn`, written when the program has answered."""
    verdicts: dict[str, bool] = field(default_factory=dict)
    """Entries already decided for this request: chance and count are asked once."""
    lines: list[journal.Line] = field(default_factory=list)
    """Lines of the journal, written when the program has answered."""
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def channel(self) -> str:
        """What the journal says of effects and acts in it: a browser asks for assets, and a browser looks at health."""
        return "back" if self.way is Way.BACK else "front"

    @property
    def name(self) -> str:
        """`POST /aas/oauth2/te`: what the journal calls it."""
        return f"{self.method} {self.template}"


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def current_exchange() -> Exchange | None:
    """The request at hand; None outside of the gate."""
    return _current.get()


@contextlib.contextmanager
def use_exchange(exchange: Exchange | None) -> Iterator[Exchange | None]:
    """Make it the one at hand inside the block.

    With None what the rooms tell is written at once: the control API acts for a person, and its own request is none of
    the stand's exchanges.
    """
    token = _current.set(exchange)
    try:
        yield exchange
    finally:
        _current.reset(token)


def note(stand: Stand, line: journal.Line) -> None:
    """Have a line of the journal written: with the others of this request, or at once where there is none.

    Nothing is written of what the stand's own places ask (the console looks at the schedule of works, too).
    """
    exchange = _current.get()
    if exchange is None:
        with writing_or_joining(stand.database) as connection:
            journal.write(stand.database, connection, [line])
    elif exchange.way is not Way.ASIDE:
        exchange.lines.append(line)
