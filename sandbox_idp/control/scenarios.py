"""Scenarios of a stand as the control API tells of them, and its calls to arm and disarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import WithJsonSchema, field_serializer

from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import ArmBody, read_scope
from sandbox_idp.control.calls import Answer
from sandbox_idp.control.problems import ProblemError, Wrong, invalid, pointer
from sandbox_idp.scenarios import arming
from sandbox_idp.scenarios.arming import State
from sandbox_idp.scenarios.entries import ArmingRules, Parameter, Story
from sandbox_idp.scenarios.files import Problem
from sandbox_idp.scenarios.models import Armed
from sandbox_idp.scenarios.own import StandEntries, entries_of
from sandbox_idp.scenarios.states import EntryState, state_of, states

Result = TypeVar("Result")

_ParameterSchema = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "type": {"enum": ["integer", "number", "string", "boolean"]},
                "enum": {"type": "array"},
                "minimum": {"type": "number"},
                "maximum": {"type": "number"},
                "default": {"type": ["integer", "number", "string", "boolean"]},
            },
            "required": ["title", "type", "default"],
            "additionalProperties": False,
        }
    ),
]


class ForPerson(Answer):
    """The scope of an entry that is armed for one person."""

    person: int
    """The oid."""


class ArmedAnswer(Answer):
    """How an entry is armed."""

    scope: Literal["everyone", "next-sign-in"] | ForPerson
    count_left: int | None
    probability: float
    seed: int
    parameters: dict[str, bool | int | float | str]
    armed_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    expires_at: datetime | None


class ArmingAnswer(ArmedAnswer):
    """What was armed, and the arming whose place it took."""

    id: str
    state: Literal["armed", "watching"]
    replaced: ArmedAnswer | None


class ScenarioAnswer(Story, Answer):
    """A scenario with its state."""

    own: bool
    """Whether it was added to this stand; the others are the catalogue's."""
    parameters: dict[str, Parameter]
    arming: ArmingRules | None
    state: State
    armed: ArmedAnswer | None

    @field_serializer("parameters")
    def _as_schema(self, parameters: dict[str, Parameter]) -> dict[str, _ParameterSchema]:
        """In the words of JSON schema, without those that a parameter does not use."""
        return {name: parameter.model_dump(mode="json", exclude_none=True) for name, parameter in parameters.items()}


class PlaceAnswer(Answer):
    """Something that is wrong with a file."""

    pointer: str
    """JSON pointer into the file's tables."""
    line: int
    column: int
    detail: str


class UnfitAnswer(Answer):
    """A file of the stand's own that strikes nobody."""

    id: str
    errors: list[PlaceAnswer]


class ScenariosAnswer(Answer):
    """The whole catalogue, and what was added to the stand."""

    scenarios: list[ScenarioAnswer]
    unfit: list[UnfitAnswer]
    """Files of the stand's own that these programs cannot use."""


class DisarmedAnswer(Answer):
    """What was armed and is no longer."""

    disarmed: list[str]


def all_answers(stand: Stand) -> ScenariosAnswer:
    """Every entry with its state, in the catalogue's order."""
    entries = entries_of(stand)
    return ScenariosAnswer(
        scenarios=[_answer(each, entries) for each in states(stand)],
        unfit=[UnfitAnswer(id=each.id, errors=[*map(_place, each.problems)]) for each in entries.unfit],
    )


def one_answer(stand: Stand, entry: str) -> ScenarioAnswer:
    """One entry with its state. Raises ProblemError."""
    found, entries = state_of(stand, entry), entries_of(stand)
    if found is not None:
        return _answer(found, entries)
    own = entries.own_file(entry)
    raise _unknown(arming.UnknownEntry(entry)) if own is None else _unfit(arming.UnfitEntry(entry, own.problems))


def arm(stand: Stand, entry: str, body: ArmBody) -> ArmingAnswer:
    """Arm `entry` as the body says; tells what that replaced. Raises ProblemError."""
    scope, person = read_scope(body.scope)
    armed = _refusing(
        lambda: arming.arm(
            stand,
            entry,
            scope,
            person=person,
            count=body.count,
            ttl=body.ttl,
            probability=body.probability,
            seed=body.seed,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            parameters=body.parameters,
        )
    )
    return ArmingAnswer(
        id=armed.entry.id,
        state=armed.state,
        replaced=None if armed.replaced is None else armed_answer(armed.replaced),
        **dict(armed_answer(armed.row)),
    )


def disarm(stand: Stand, entry: str) -> DisarmedAnswer:
    """Disarm `entry`; the ids that were armed (none, or this one). Raises ProblemError."""
    removed = _refusing(lambda: arming.disarm(stand, entry))
    return DisarmedAnswer(disarmed=[] if removed is None else [removed.entry])


def disarm_all(stand: Stand) -> DisarmedAnswer:
    """Disarm everything; the ids that were armed."""
    return DisarmedAnswer(disarmed=[row.entry for row in arming.disarm_all(stand)])


def armed_answer(row: Armed) -> ArmedAnswer:
    """How an entry is armed."""
    members = {name: getattr(row, name) for name in ArmedAnswer.model_fields}
    return ArmedAnswer.model_validate(
        {**members, "scope": {"person": row.person_oid} if row.scope == "person" else row.scope}
    )


def _answer(found: EntryState, entries: StandEntries) -> ScenarioAnswer:
    entry = found.entry
    return ScenarioAnswer.model_validate(
        {
            **{name: getattr(entry, name) for name in Story.model_fields},
            "own": not entries.is_of_catalogue(entry.id),
            "parameters": entry.parameters,
            "arming": entry.arming,
            "state": found.state,
            "armed": None if found.row is None else armed_answer(found.row),
        }
    )


def _refusing(act: Callable[[], Result]) -> Result:
    """`act`, with the engine's refusals turned into problems."""
    try:
        return act()
    except arming.UnknownEntry as error:
        raise _unknown(error) from None
    except arming.UnfitEntry as error:
        raise _unfit(error) from None
    except arming.UnknownPerson as error:
        raise ProblemError(404, "unknown-person", error.reason, [Wrong("/scope/person", error.reason)]) from None
    except (arming.ScopeNotOffered, arming.BadParameter) as error:
        raise invalid([Wrong(error.path, error.reason)]) from None


def _unknown(error: arming.UnknownEntry) -> ProblemError:
    return ProblemError(404, "unknown-scenario", error.reason)


def _unfit(error: arming.UnfitEntry) -> ProblemError:
    return ProblemError(409, "unfit-scenario", error.reason, wrong_places(error.problems))


def wrong_places(problems: Iterable[Problem]) -> list[Wrong]:
    """What is wrong with a file, as a refusal lists it."""
    return [Wrong(pointer(*each.keys), f"{each.message}.", each.line, each.column) for each in problems]


def _place(problem: Problem) -> PlaceAnswer:
    (wrong,) = wrong_places([problem])
    return PlaceAnswer.model_validate(wrong.told())
