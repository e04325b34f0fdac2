"""Routes of the room `control`: the HTTP API for test runners (`docs/control-api.md`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, abort
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError

from sandbox_idp.accounts import people
from sandbox_idp.context import Stand, current_stand
from sandbox_idp.control import scenarios
from sandbox_idp.control.bodies import (
    ArmBody,
    ClockBody,
    InboxQuery,
    JournalQuery,
    NewStandBody,
    NoQuery,
    Nothing,
    SignInBody,
    read_body,
    read_kinds,
    read_query,
)
from sandbox_idp.control.guard import allow_all, allow_stand, check_caller, house, settings
from sandbox_idp.control.inbox import arrived
from sandbox_idp.control.journal import line_answer
from sandbox_idp.control.problems import ProblemError, Wrong, answer, invalid
from sandbox_idp.control.sign_ins import sign_in
from sandbox_idp.control.stands import clock_answer, clock_of, living, record_answer
from sandbox_idp.control.waiting import wait_for
from sandbox_idp.scenarios import journal as records
from sandbox_idp.stands.clock import ClockError
from sandbox_idp.stands.house import DEFAULT, StandError

Result = TypeVar("Result")

blueprint = Blueprint("control", __name__, url_prefix="/control/v1")
blueprint.before_request(check_caller)


@blueprint.record_once
def _without_csrf(state: BlueprintSetupState) -> None:
    """No cookie opens this API and no browser may call it, so there is nothing to forge."""
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.errorhandler(ProblemError)
def _problem(problem: ProblemError) -> Response:
    return problem.response()


# Stands: only without a stand's prefix.


@blueprint.post("/stands")
def create_stand() -> Response:
    """Make a stand; its token is told this once."""
    _outside()
    allow_all()
    read_query(NoQuery)
    body = read_body(NewStandBody)
    made = house().create(body.name, ttl=body.ttl, limits=body.limits.seconds())
    return answer({**_stand_answer(made.stand), "token": made.token}, 201)


@blueprint.get("/stands")
def list_stands() -> Response:
    """Every living stand."""
    _outside()
    allow_all()
    read_query(NoQuery)
    return answer({"stands": [record_answer(record, settings()) for record in living(house())]})


@blueprint.get("/stands/<stand_id>")
def read_stand(stand_id: str) -> Response:
    """One stand, with its time."""
    _outside()
    allow_stand(stand_id)
    read_query(NoQuery)
    stand = house().find(stand_id)
    if stand is None:
        raise ProblemError(404, "unknown-stand", f"Нет стенда «{stand_id}».")
    return answer(_stand_answer(stand))


@blueprint.delete("/stands/<stand_id>")
def delete_stand(stand_id: str) -> tuple[str, int]:
    """Throw a stand away; the default one can only be reset."""
    _outside()
    allow_stand(stand_id)
    read_query(NoQuery)
    read_body(Nothing)
    if stand_id == DEFAULT:
        raise ProblemError(409, "default-stand", "Основной стенд нельзя удалить, его можно сбросить.")
    try:
        house().delete(stand_id)
    except StandError as error:
        raise ProblemError(404, "unknown-stand", error.reason) from None
    return "", 204


@blueprint.post("/reset")
def reset() -> Response:
    """Everything as on the first day, the clock back at real time."""
    stand = _stand()
    read_query(NoQuery)
    read_body(Nothing)
    return answer(_stand_answer(house().reset(stand.id)))


# Scenarios.


@blueprint.get("/scenarios")
def list_scenarios() -> Response:
    """The whole catalogue with the state of each entry."""
    stand = _stand()
    read_query(NoQuery)
    return answer({"scenarios": scenarios.all_answers(stand)})


@blueprint.get("/scenarios/<entry>")
def read_scenario(entry: str) -> Response:
    """One entry with its state."""
    stand = _stand()
    read_query(NoQuery)
    return answer(scenarios.answer(stand, entry))


@blueprint.put("/scenarios/<entry>")
def arm_scenario(entry: str) -> Response:
    """Arm an entry; says what the new arming replaced."""
    stand = _stand()
    read_query(NoQuery)
    return answer(scenarios.arm(stand, entry, read_body(ArmBody)))


@blueprint.delete("/scenarios/<entry>")
def disarm_scenario(entry: str) -> Response:
    """Disarm an entry; repeating it changes nothing."""
    stand = _stand()
    read_query(NoQuery)
    read_body(Nothing)
    return answer({"disarmed": scenarios.disarm(stand, entry)})


@blueprint.delete("/scenarios")
def disarm_all_scenarios() -> Response:
    """Disarm everything."""
    stand = _stand()
    read_query(NoQuery)
    read_body(Nothing)
    return answer({"disarmed": scenarios.disarm_all(stand)})


# People, inbox, clock, journal.


@blueprint.get("/people")
def list_people() -> Response:
    """Everybody with an account in the stand."""
    stand = _stand()
    read_query(NoQuery)
    with stand.database.reading() as session:
        return answer({"people": [card.as_json() for card in people.list_people(session)]})


@blueprint.get("/people/<key>/totp")
def totp(key: str) -> Response:
    """What the person's authenticator app shows now."""
    stand = _stand()
    read_query(NoQuery)
    with stand.database.reading() as session:
        person = people.find_person(session, key)
    if person is None:
        raise ProblemError(404, "unknown-person", f"В стенде нет человека «{key}».")
    shown = people.totp_now(person, stand.clock.now())
    if shown is None:
        raise ProblemError(404, "no-authenticator", "У этого человека не подключено приложение с кодами.")
    return answer({"code": shown.code, "seconds_left": shown.seconds_left})


@blueprint.post("/sign-ins")
def sign_in_without_pages() -> Response:
    """Sign a person in for an authorization request; not idempotent, each call is another sign-in."""
    stand = _stand()
    read_query(NoQuery)
    return answer({"location": sign_in(stand, read_body(SignInBody))})


@blueprint.get("/inbox")
def inbox() -> Response:
    """What came to the stand's phones and mailboxes, oldest first; may wait for the next one."""
    stand = _stand()
    query = read_query(InboxQuery)
    kinds = read_kinds(query.kind)

    return answer({"messages": wait_for(lambda: _look(stand, lambda still: arrived(still, query, kinds)), query.wait)})


@blueprint.post("/clock")
def clock() -> Response:
    """Move, stop or start the stand's clock; answers with its time."""
    stand = _stand()
    read_query(NoQuery)
    body = read_body(ClockBody)
    moved = clock_of(stand)
    try:
        if body.advance is not None:
            moved.advance(body.advance)
        elif body.set is not None:
            moved.set(body.set)
        else:
            moved.freeze(bool(body.freeze))
    except ClockError as error:
        name = "advance" if body.advance is not None else "set"
        raise invalid([Wrong(f"/{name}", error.reason)]) from None
    return answer(clock_answer(stand))


@blueprint.get("/journal")
def journal() -> Response:
    """What happened, oldest first; may wait for the next line."""
    stand = _stand()
    query = read_query(JournalQuery)

    def read(still: Stand) -> list[dict[str, Any]]:
        lines = records.lines(still.database, after=query.since, sign_in=query.sign_in)
        return [line_answer(line) for line in lines]

    return answer({"lines": wait_for(lambda: _look(stand, read), query.wait)})


def _outside() -> None:
    """Calls about stands as such exist only without a stand's prefix."""
    if current_stand().prefix:
        abort(404)


def _stand() -> Stand:
    """The stand of the address, if the token opens it."""
    stand = current_stand()
    allow_stand(stand.id)
    return stand


def _look(stand: Stand, read: Callable[[Stand], Result]) -> Result:
    """What `read` finds in the stand as it is now: a reset puts another database in its place, and it may be gone."""
    try:
        return read(_still(stand))
    except SQLAlchemyError:
        # That happened just now, between finding the stand and asking its database.
        return read(_still(stand))


def _still(stand: Stand) -> Stand:
    found = house().find(stand.id)
    if found is None:
        raise ProblemError(404, "unknown-stand", f"Стенда «{stand.id}» больше нет.")
    return found


def _stand_answer(stand: Stand) -> dict[str, Any]:
    record = house().record(stand.id)
    if record is None:
        raise ProblemError(404, "unknown-stand", f"Нет стенда «{stand.id}».")
    return {**record_answer(record, settings()), **clock_answer(stand)}
