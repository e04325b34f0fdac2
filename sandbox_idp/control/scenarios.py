"""Scenarios of a stand as the control API tells of them, and its calls to arm and disarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import ArmBody, read_scope
from sandbox_idp.control.problems import ProblemError, Wrong, invalid
from sandbox_idp.scenarios import arming
from sandbox_idp.scenarios.entries import Entry, Parameter
from sandbox_idp.scenarios.models import Armed
from sandbox_idp.scenarios.states import EntryState, state_of, states

Result = TypeVar("Result")


def all_answers(stand: Stand) -> list[dict[str, Any]]:
    """Every entry with its state, in the catalogue's order."""
    return [_answer(each) for each in states(stand)]


def answer(stand: Stand, entry: str) -> dict[str, Any]:
    """One entry with its state. Raises ProblemError."""
    found = state_of(stand, entry)
    if found is None:
        raise _unknown(arming.UnknownEntry(entry))
    return _answer(found)


def arm(stand: Stand, entry: str, body: ArmBody) -> dict[str, Any]:
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
    return {
        "id": armed.entry.id,
        "state": armed.state,
        **armed_answer(armed.row),
        "replaced": None if armed.replaced is None else armed_answer(armed.replaced),
    }


def disarm(stand: Stand, entry: str) -> list[str]:
    """Disarm `entry`; the ids that were armed (none, or this one). Raises ProblemError."""
    removed = _refusing(lambda: arming.disarm(stand, entry))
    return [] if removed is None else [removed.entry]


def disarm_all(stand: Stand) -> list[str]:
    """Disarm everything; the ids that were armed."""
    return [row.entry for row in arming.disarm_all(stand)]


def armed_answer(row: Armed) -> dict[str, Any]:
    """How an entry is armed."""
    return {
        "scope": {"person": row.person_oid} if row.scope == "person" else row.scope,
        "count_left": row.count_left,
        "probability": row.probability,
        "seed": row.seed,
        "parameters": row.parameters,
        "armed_at": row.armed_at.isoformat(),
        "starts_at": None if row.starts_at is None else row.starts_at.isoformat(),
        "ends_at": None if row.ends_at is None else row.ends_at.isoformat(),
        "expires_at": None if row.expires_at is None else row.expires_at.isoformat(),
    }


def _answer(found: EntryState) -> dict[str, Any]:
    entry: Entry = found.entry
    whole = entry.model_dump(mode="json", exclude={"effects", "parameters", "watch", "journey"})
    return {
        **whole,
        "parameters": {name: _schema(parameter) for name, parameter in entry.parameters.items()},
        "state": found.state,
        "armed": None if found.row is None else armed_answer(found.row),
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    """A parameter as JSON schema, without the words it does not use."""
    return parameter.model_dump(mode="json", exclude_none=True)


def _refusing(act: Callable[[], Result]) -> Result:
    """`act`, with the engine's refusals turned into problems."""
    try:
        return act()
    except arming.UnknownEntry as error:
        raise _unknown(error) from None
    except arming.UnknownPerson as error:
        raise ProblemError(404, "unknown-person", error.reason, [Wrong("/scope/person", error.reason)]) from None
    except (arming.ScopeNotOffered, arming.BadParameter) as error:
        raise invalid([Wrong(error.path, error.reason)]) from None


def _unknown(error: arming.UnknownEntry) -> ProblemError:
    return ProblemError(404, "unknown-scenario", error.reason)
