"""What every kind of effect is: a small model whose fields are its settings, registered by the name of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from foundation.database import Session
from foundation.ids import Ids
from foundation.settings import Duration
from sandbox_idp.scenarios.paths import Program
from sandbox_idp.scenarios.points import Point

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from sandbox_idp.accounts.models import Person

LONGEST = 3600
"""Seconds that one effect may hold a request: each holds a thread of the server."""

LONGEST_LENGTH = timedelta(days=30)


def _bounded(length: timedelta) -> timedelta:
    if not timedelta(0) < length <= LONGEST_LENGTH:
        raise ValueError(f"нужна длительность больше нуля и не больше {LONGEST_LENGTH.days} дней, например PT30M")
    return length


Length = Annotated[Duration, AfterValidator(_bounded)]
"""A length of time that a file may ask for."""

Value = TypeVar("Value")
Class = TypeVar("Class", bound="type[Effect]")

_PATH = re.compile(r"(?:/(?:\*(?!\*)|[^*/]*))*(?:\*\*)?")

KINDS: dict[str, type[Effect]] = {}
"""Every kind of effect by its name."""


def effect(kind: str) -> Callable[[Class], Class]:
    """Register a class under the kind that catalogue files name."""

    def register(cls: Class) -> Class:
        if kind in KINDS:
            raise ValueError(f"two classes for the effect kind {kind!r}")
        KINDS[kind] = cls
        return cls

    return register


@dataclass(frozen=True)
class Moment:
    """What an effect may know of the moment it acts in."""

    now: datetime
    """The stand's time."""
    armed_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    ids: Ids
    earlier: Callable[[], int]
    """How often this effect has acted before in the sign-in at hand, since it was armed."""
    hold: Callable[[float], None]
    """Wait until so many seconds of the stand's time are over, or until the scenario is switched off."""
    luck: Callable[[], float]
    """A number from 0 to 1 (excluded): seeded by the arming, and the same whenever the same call is repeated."""
    person_known: Callable[[], bool]
    """Whether it is known who signs in: the password was right."""


class Effect(BaseModel):
    """Base of all kinds. An unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ignored_types=(cached_property,))

    words: ClassVar[str] = ""
    """What a trainer calls it. Without it, it is not offered for putting a scenario together in the console; its main
    fields are those with a title there (`titled`)."""

    kind: str
    where: str

    def details(self) -> dict[str, Any]:
        """What the journal says about it besides its kind."""
        return {}


RECEIVED_AT = "portal.received_at"
"""Environ key with the moment a request reached the portal, on the stand's clock: its time limit counts from there."""


class Match(BaseModel):
    """Which requests an effect at the gate concerns."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    method: str | None = Field(default=None, pattern=r"^[A-Z]+$")
    path: tuple[str, ...] = Field(min_length=1)
    """Without a stand's prefix; `*` stands for one part, `**` for any rest."""

    @field_validator("path")
    @classmethod
    def _wildcards_stand_alone(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        """So that there is one way only in which a path can match, and matching takes no time."""
        for path in paths:
            if not _PATH.fullmatch(path):
                raise ValueError("путь начинают с /, знак * стоит вместо целой части, ** только в конце")
        return paths

    @model_validator(mode="before")
    @classmethod
    def _one_path(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("path"), str):
            return {**value, "path": [value["path"]]}
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        alternatives = [
            re.escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^/]+") if "*" in path else re.escape(path)
            for path in self.path
        ]
        return re.compile("|".join(alternatives))

    def covers(self, method: str, path: str) -> bool:
        """Whether a request of `method` for the tidy `path` is meant."""
        return self.method in (None, method) and self._pattern.fullmatch(path) is not None


class Answer:
    """A response on its way out, as the program made it."""

    def __init__(
        self, status: str, headers: list[tuple[str, str]], body: Iterable[bytes], *, complete: bool = True
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.complete = complete
        """False where the connection will break before the end."""

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.split(" ", 1)[0])

    def header(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")

    def whole_body(self) -> bytes:
        """All of the body, after which it is closed."""
        try:
            return b"".join(self.body)
        finally:
            self.close()

    def close(self) -> None:
        """Have the program end what it had begun; for an answer that nobody will read."""
        close = getattr(self.body, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True)
class Call:
    """A request at the gate."""

    environ: WSGIEnvironment
    moment: Moment
    proceed: Callable[[], Answer]
    """Gives the answer that would come without this effect."""


class RequestEffect(Effect):
    """An effect on a whole request, around either program.

    When several act on one request they are put around each other by `order`, the smallest outermost: a delay first,
    then silence, then a cut connection around whatever answer there is (`docs/scenarios.md`, "Order").
    """

    order: ClassVar[int]

    program: Program
    channel: Literal["front", "back", "both"] = "both"
    match: Match | None = None

    def concerns(self, program: str, channel: str, method: str, path: str) -> bool:
        """Whether a request is meant; what is not part of a sign-in (`channel` "quiet") only if the path is named."""
        if program != self.program:
            return False
        if channel == "quiet":
            return self.match is not None and self.match.covers(method, path)
        if self.channel not in ("both", channel):
            return False
        return self.match is None or self.match.covers(method, path)

    def around(self, call: Call) -> Answer:
        """The answer to the request."""
        raise NotImplementedError


class GateEffect(RequestEffect):
    """One that does to the request what a network or a server in front of the program would do."""

    where: Literal["gate"]


@dataclass(frozen=True)
class Passage(Generic[Value]):
    """A value on its way through a place of the sandbox."""

    value: Value
    moment: Moment


class PointEffect(Effect, Generic[Value]):
    """An effect on a value that passes through one of the sandbox's places."""

    ahead: ClassVar[bool] = False
    """Whether it is asked before the arming's `starts_at` too (announced works are)."""

    def points(self) -> tuple[Point, ...]:
        """The places it acts at."""
        raise NotImplementedError

    def concerns(self, passage: Passage[Value]) -> bool:
        """Whether the value is one it acts on."""
        return passage.value is not None

    def change(self, passage: Passage[Value]) -> None:
        """Act on the value."""
        raise NotImplementedError


@dataclass(frozen=True)
class Change:
    """The transaction in which an account is changed or put back."""

    session: Session
    now: datetime
    """The stand's time."""
    ids: Ids


class StateEffect(Effect):
    """One that is there for as long as the entry is armed: a person's account is different.

    Arming changes the account in its own transaction, and the end of the arming, whatever brought it about, puts back
    what is still as it was left: what the person or an operator has mended meanwhile stays mended.
    """

    def apply(self, change: Change, person: Person) -> dict[str, Any]:
        """Change the account; what `restore` will need to know, as JSON."""
        raise NotImplementedError

    def restore(self, change: Change, person: Person, kept: dict[str, Any]) -> None:
        """Put back what `apply` has changed and nobody has touched since."""
        raise NotImplementedError


def titled(title: str, *, example: Any = None, words: Mapping[str, str] | None = None, **limits: Any) -> Any:
    """A main field of a kind: what a trainer calls it, an example if it has no default, words for its values."""
    extra: Any = {"words": dict(words)} if words else None
    return Field(title=title, examples=None if example is None else [example], json_schema_extra=extra, **limits)


def chunks(body: bytes) -> Iterator[bytes]:
    """The body as an iterable of at most one chunk."""
    if body:
        yield body


def given(value: Any, ids: Ids, before: Any = None) -> Any:
    """A value that a file asks for: as it stands, `{random = true}`, or `{shift = -600}` from what was there before."""
    if isinstance(value, dict) and set(value) == {"random"}:
        return ids.token(16)
    if isinstance(value, dict) and set(value) == {"shift"}:
        numbers = isinstance(before, int | float) and isinstance(value["shift"], int | float)
        return before + value["shift"] if numbers else before
    return value
