"""What an entry of the catalogue is made of. `docs/scenarios.md` describes the fields; unknown ones are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from sandbox_idp.scenarios.effects.base import KINDS, Effect, Length, Match, StateEffect
from sandbox_idp.scenarios.paths import Program
from sandbox_idp.scenarios.rules import KNOWN_RULES

MOST_EFFECTS = 10
MOST_PARAMETERS = 10
LONGEST_ENUM = 30
"""A file comes from anywhere, and every effect is tried with every end of every parameter."""

Scope = Literal["everyone", "next-sign-in", "person"]
Scalar = bool | int | float | str


def _known_rule(rule: str) -> str:
    if rule not in KNOWN_RULES:
        raise ValueError(f"нет правила {rule}")
    return rule


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Rule = Annotated[str, AfterValidator(_known_rule)]
Source = Annotated[str, StringConstraints(pattern=r"^(?:[AB]:\d+|S|R)$")]
Address = Annotated[str, StringConstraints(pattern=r"^/")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ignored_types=(cached_property,))


class Action(_Part):
    """A control that the screen offers."""

    name: Text
    to: Address


class Sees(_Part):
    """What the person sees when it has gone wrong."""

    at: Literal["portal", "sandbox", "browser"]
    screen: Text | None = None
    status: int | None = Field(default=None, ge=100, le=599)
    heading: Text | None = None
    texts: tuple[Text, ...] = ()
    actions: tuple[Action, ...] = ()
    session: Literal["none", "unchanged", "ended", "opened"]
    calls_after: tuple[str, ...] | None = None
    """What the portal still asks Gosuslugi for afterwards; None: not looked at."""

    @field_validator("texts")
    @classmethod
    def _texts_need_a_screen(cls, texts: tuple[str, ...], info: Any) -> tuple[str, ...]:
        if texts and not info.data.get("screen"):
            raise ValueError("тексты без экрана (screen), на котором их искать")
        return texts


class Recovers(_Part):
    """What makes the same journey succeed afterwards."""

    by: Literal["heal", "clock", "person", "operator", "nothing"]
    note: Text
    ends_at: Address
    at: Literal["portal", "sandbox"] = "portal"
    """Whose address that is."""


class Parameter(_Part):
    """A setting of a scenario, in the words of JSON schema."""

    title: Text
    type: Literal["integer", "number", "string", "boolean"]
    enum: tuple[Scalar, ...] | None = Field(default=None, max_length=LONGEST_ENUM)
    minimum: float | None = None
    maximum: float | None = None
    default: Scalar

    @model_validator(mode="after")
    def _default_fits(self) -> Parameter:
        for value in (self.default, *(self.enum or ())):
            problem = self.problem_with(value)
            if problem:
                raise ValueError(f"{value!r}: {problem}")
        return self

    def problem_with(self, value: Any) -> str | None:
        """What is wrong with `value` (in Russian, for whoever gave it); None if it fits."""
        fits = {
            "integer": isinstance(value, int) and not isinstance(value, bool),
            "number": isinstance(value, int | float) and not isinstance(value, bool),
            "string": isinstance(value, str),
            "boolean": isinstance(value, bool),
        }
        if not fits[self.type]:
            return {
                "integer": "нужно целое число",
                "number": "нужно число",
                "string": "нужна строка",
                "boolean": "нужно true или false",
            }[self.type]
        if self.enum is not None and value not in self.enum:
            return f"возможны значения: {', '.join(json.dumps(each, ensure_ascii=False) for each in self.enum)}"
        if self.minimum is not None and isinstance(value, int | float) and value < self.minimum:
            return f"не меньше {self.minimum:g}"
        if self.maximum is not None and isinstance(value, int | float) and value > self.maximum:
            return f"не больше {self.maximum:g}"
        return None


class ArmingRules(_Part):
    """How the scenario may be switched on."""

    scopes: tuple[Scope, ...] = Field(min_length=1)
    default: Scope
    ttl: Length
    probability: float = Field(default=1, gt=0, le=1)
    seed: int | None = None
    """None: the stand's own."""

    @model_validator(mode="after")
    def _default_is_offered(self) -> ArmingRules:
        if self.default not in self.scopes:
            raise ValueError(f"значения по умолчанию {self.default!r} нет среди scopes")
        return self


class WatchedHeader(_Part):
    """A header that the request must have, or must not."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", max_length=60)]
    contains: Text | None = None
    """A piece of its value."""
    absent: bool = False

    def fits(self, value: str | None) -> bool:
        """Whether a request with that value (None: without the header) is meant."""
        if self.absent:
            return value is None
        return value is not None and (self.contains is None or self.contains in value)


class WatchedExchange(_Part):
    """What is seen of the act from outside: a request to one of the programs, and how it was answered.

    It is how people's doings at the portal are noticed, which knows nothing of scenarios.
    """

    program: Program = "portal"
    match: Match
    status: int | None = Field(default=None, ge=100, le=599)
    query: Text | None = None
    """A piece of the query, decoded."""
    contains: Text | None = None
    """A piece of the answer's body, such as one of its marks (`data-problem="upload-size"`)."""
    location: Text | None = None
    """A piece of where the answer leads."""
    header: WatchedHeader | None = None


class Watch(_Part):
    """What the journal is watched for while an entry of trigger `person` or `browser` is on."""

    act: Id
    when: WatchedExchange | None = None
    """None: the room in which it happens tells of the act by its name."""


class Journey(_Part):
    """How the end-to-end test goes."""

    person: Id
    steps: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    act: Id | None = None
    """What the person does wrong on purpose; the same journey without it must not show `sees`."""
    recovery: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    """How the person gets from the failure to the end; without it by what the screen and `recovers` say."""


class Story(_Part):
    """What a scenario is about; everybody may be told it as it is."""

    id: Id
    group: Literal["A", "B", "C", "D", "E", "F", "G"]
    cause: Literal[1, 2, 3, 4]
    title: Title
    side: Literal["person", "gosuslugi", "portal", "clinic"]
    trigger: Literal["effect", "state", "person", "browser", "never"]
    stage: Literal[
        "register", "password", "factor", "region", "consent", "authorize", "callback", "token", "person-data", "keys",
        "page", "part", "form", "upload", "booking", "session", "logout", "support",
    ]  # fmt: skip
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    profiles: tuple[Literal["esia-v1", "esia-v2", "openid"], ...] = Field(min_length=1)
    javascript: tuple[Literal["on", "off"], ...] = Field(min_length=1)
    story: Text
    learner: Text
    explain: Text
    sees: Sees
    recovers: Recovers


class Entry(Story):
    """One scenario."""

    effects: tuple[dict[str, Any], ...] = Field(default=(), max_length=MOST_EFFECTS)
    """As the file has them; `build` makes effects of them."""
    parameters: dict[Id, Parameter] = Field(default={}, max_length=MOST_PARAMETERS)
    arming: ArmingRules | None = None
    watch: Watch | None = None
    journey: Journey

    @model_validator(mode="after")
    def _trigger_has_what_it_needs(self) -> Entry:
        if self.trigger in ("effect", "state") and not self.effects:
            raise ValueError(f"для trigger {self.trigger!r} нужно [[effects]]")
        if self.trigger in ("person", "browser") and self.watch is None:
            raise ValueError(f"для trigger {self.trigger!r} нужно [watch]")
        if self.trigger != "never" and self.arming is None:
            raise ValueError(f"для trigger {self.trigger!r} нужно [arming]")
        changes = any(
            isinstance(kind, type) and issubclass(kind, StateEffect)
            for kind in (KINDS.get(str(table.get("kind"))) for table in self.effects)
        )
        if changes != (self.trigger == "state"):
            raise ValueError("сбои, которые меняют учётную запись, бывают только с trigger 'state', и только они")
        if changes and self.arming is not None and self.arming.scopes != ("person",):
            raise ValueError("trigger 'state' включают одному человеку: scopes = [\"person\"]")
        return self

    def defaults(self) -> dict[str, Scalar]:
        """Every parameter with its default."""
        return {name: parameter.default for name, parameter in self.parameters.items()}

    def build(self, parameters: Mapping[str, Any]) -> tuple[Effect, ...]:
        """The effects with these values of the parameters; defaults stand in for what is missing."""
        values = {**self.defaults(), **parameters}
        return tuple(build_effect(table, values) for table in self.effects)


def build_effect(table: Mapping[str, Any], parameters: Mapping[str, Any]) -> Effect:
    """One effect from its table; KeyError for a kind without a class or a parameter that is not declared."""
    filled = fill_in(table, parameters)
    return KINDS[filled["kind"]].model_validate(filled)


def is_reference(value: Any) -> bool:
    """Whether `value` is `{ parameter = "…" }`."""
    return isinstance(value, Mapping) and set(value) == {"parameter"} and isinstance(value["parameter"], str)


def fill_in(value: Any, parameters: Mapping[str, Any]) -> Any:
    """`value` with every reference to a parameter replaced by what it stands for."""
    if is_reference(value):
        return parameters[value["parameter"]]
    if isinstance(value, Mapping):
        return {key: fill_in(each, parameters) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill_in(each, parameters) for each in value]
    return value


def references(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every reference in `value`: where it stands, and the parameter it names."""
    if is_reference(value):
        yield path, value["parameter"]
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from references(each, (*path, key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from references(each, (*path, index))
