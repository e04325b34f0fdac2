"""Routes of the room `control`: the HTTP API for test runners (`docs/control-api.md`).

Calls are declared (`sandbox_idp.control.calls`), here and in rooms of their own; this module puts them on the address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError

from sandbox_idp.context import Stand
from sandbox_idp.control import (
    bundles,
    clinic,
    decisions,
    exports,
    factors,
    journal,
    own_scenarios,
    people,
    scenarios,
    signatures,
    snapshots,
    systems,
)
from sandbox_idp.control.at_hand import new_stand_answer, stand_answer
from sandbox_idp.control.bodies import (
    LAST_MOMENT,
    ArmBody,
    CaptchaQuery,
    ClockBody,
    InboxQuery,
    JournalQuery,
    NewStandBody,
    SignInBody,
    read_kinds,
)
from sandbox_idp.control.calls import Answer, Call, Calls, EntryKey, StandKey
from sandbox_idp.control.guard import check_caller, house, settings
from sandbox_idp.control.inbox import MessagesAnswer, arrived
from sandbox_idp.control.journal import LinesAnswer, line_answer
from sandbox_idp.control.openapi import DocumentAnswer, document
from sandbox_idp.control.problems import ProblemError, Wrong, invalid
from sandbox_idp.control.scenarios import ArmingAnswer, DisarmedAnswer, ScenarioAnswer, ScenariosAnswer
from sandbox_idp.control.sign_ins import SignInAnswer, sign_in
from sandbox_idp.control.snapshots import refusing
from sandbox_idp.control.stands import (
    ClockAnswer,
    NewStandAnswer,
    StandAnswer,
    StandsAnswer,
    clock_answer,
    clock_of,
    living,
    row_answer,
)
from sandbox_idp.control.waiting import wait_for
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import journal as records
from sandbox_idp.scenarios.models import JournalLine
from sandbox_idp.sign_in import captcha
from sandbox_idp.stands.clock import ClockError
from sandbox_idp.stands.errors import StandError
from sandbox_idp.stands.house import DEFAULT

Result = TypeVar("Result")
ROOT = "/control/v1"

blueprint = Blueprint("control", __name__, url_prefix=ROOT)


@blueprint.record_once
def _without_csrf(state: BlueprintSetupState) -> None:
    """No cookie opens this API and no browser may call it, so there is nothing to forge."""
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.before_app_request
def _check_caller() -> None:
    """Also where there is no such call or method: what is switched off must not show what there would be."""
    if request.path == ROOT or request.path.startswith(f"{ROOT}/"):
        check_caller()


@blueprint.app_errorhandler(ProblemError)
def _problem(problem: ProblemError) -> Response:
    return problem.response()


# Stands: only without a stand's prefix.

stands = Calls("stands")


@stands.post("/stands", opens="pair", status=201, refuses=((404, "unknown-snapshot"), (409, "other-version")))
def create_stand(body: NewStandBody) -> NewStandAnswer:
    """Make a stand; its token is told this once. Not idempotent: each call makes another one."""
    with refusing():
        made = house().create(
            body.name, ttl=body.ttl, limits=body.limits.seconds(), personas=body.personas, snapshot=body.snapshot
        )
    return new_stand_answer(made.stand, made.token)


@stands.get("/stands", opens="pair")
def list_stands() -> StandsAnswer:
    """Every living stand."""
    return StandsAnswer(stands=[row_answer(record, settings()) for record in living(house())])


@stands.get("/stands/{stand_id}", opens="named-stand", refuses=((404, "unknown-stand"),))
def read_stand(stand_id: StandKey) -> StandAnswer:
    """One stand, with its time."""
    stand = house().find(stand_id)
    if stand is None:
        raise ProblemError(404, "unknown-stand", f"Нет стенда «{stand_id}».")
    return stand_answer(stand)


@stands.delete(
    "/stands/{stand_id}",
    opens="named-stand",
    status=204,
    refuses=((404, "unknown-stand"), (409, "default-stand")),
)
def delete_stand(stand_id: StandKey) -> None:
    """Throw a stand away; the default one can only be reset."""
    if stand_id == DEFAULT:
        raise ProblemError(409, "default-stand", "Основной стенд нельзя удалить, его можно сбросить.")
    try:
        house().delete(stand_id)
    except StandError as error:
        raise ProblemError(404, "unknown-stand", error.reason) from None


@stands.post("/reset")
def reset(stand: Stand) -> StandAnswer:
    """Everything as on the first day, the clock back at real time."""
    return stand_answer(house().reset(stand.id))


catalogue = Calls("scenarios")


@catalogue.get("/scenarios")
def list_scenarios(stand: Stand) -> ScenariosAnswer:
    """The whole catalogue and the stand's own scenarios, with the state of each."""
    return scenarios.all_answers(stand)


@catalogue.get("/scenarios/{entry}", refuses=((404, "unknown-scenario"), (409, "unfit-scenario")))
def read_scenario(stand: Stand, entry: EntryKey) -> ScenarioAnswer:
    """One entry with its state."""
    return scenarios.one_answer(stand, entry)


@catalogue.put(
    "/scenarios/{entry}", refuses=((404, "unknown-scenario"), (404, "unknown-person"), (409, "unfit-scenario"))
)
def arm_scenario(stand: Stand, entry: EntryKey, body: ArmBody) -> ArmingAnswer:
    """Arm an entry; says what the new arming replaced."""
    return scenarios.arm(stand, entry, body)


@catalogue.delete("/scenarios/{entry}", refuses=((404, "unknown-scenario"),))
def disarm_scenario(stand: Stand, entry: EntryKey) -> DisarmedAnswer:
    """Disarm an entry; repeating it changes nothing."""
    return scenarios.disarm(stand, entry)


@catalogue.delete("/scenarios")
def disarm_all_scenarios(stand: Stand) -> DisarmedAnswer:
    """Disarm everything."""
    return scenarios.disarm_all(stand)


world = Calls("world")


@world.post(
    "/sign-ins",
    refuses=(
        (404, "unknown-person"),
        (409, "locked"),
        (409, "closed-account"),
        (409, "password-expired"),
        (409, "second-factor-off"),
    ),
)
def sign_in_without_pages(stand: Stand, body: SignInBody) -> SignInAnswer:
    """Sign a person in for an authorization request; not idempotent, each call is another sign-in."""
    return SignInAnswer(location=sign_in(stand, body))


@world.get("/inbox")
def read_inbox(stand: Stand, query: InboxQuery) -> MessagesAnswer:
    """What came to the stand's phones and mailboxes, oldest first; may wait for the next one."""
    kinds = read_kinds(query.kind)
    found = wait_for(lambda: _look(stand, lambda still: arrived(still, query, kinds)), query.wait)
    return MessagesAnswer(messages=list(found))


class CaptchaAnswer(Answer):
    """What is to be typed."""

    figures: str


@world.get("/captcha", refuses=((404, "unknown-captcha"),))
def read_captcha(stand: Stand, query: CaptchaQuery) -> CaptchaAnswer:
    """The figures of a captcha that is on somebody's screen now, for tests that have to get past it."""
    with stand.database.reading() as session:
        shown = captcha.again(session, query.key, stand.clock.now())
    if shown is None:
        raise ProblemError(404, "unknown-captcha", "Такой проверки нет: она уже пройдена или устарела.")
    return CaptchaAnswer(figures=captcha.figures(query.key, current_policy().captcha))


@world.post("/clock")
def move_clock(stand: Stand, body: ClockBody) -> ClockAnswer:
    """Move, stop or start the stand's clock; answers with its time."""
    moved = clock_of(stand)
    try:
        if body.advance is not None:
            if moved.now() + body.advance > LAST_MOMENT:
                raise ClockError(f"Часы стенда идут не дальше {LAST_MOMENT:%Y} года.")
            moved.advance(body.advance)
        elif body.set is not None:
            moved.set(body.set)
        else:
            moved.freeze(bool(body.freeze))
    except ClockError as error:
        name = "advance" if body.advance is not None else "set"
        raise invalid([Wrong(f"/{name}", error.reason)]) from None
    return clock_answer(stand)


@world.get("/journal")
def read_journal(stand: Stand, query: JournalQuery) -> LinesAnswer:
    """What happened, oldest first, at most 500 lines; may wait for the next one."""

    def read(still: Stand) -> list[JournalLine]:
        return records.lines(still.database, after=query.since, sign_in=query.sign_in)

    found = wait_for(lambda: _look(stand, read), query.wait)
    return LinesAnswer(lines=[line_answer(line) for line in found])


about = Calls("document")


@about.get("/openapi.json", opens="any")
def read_document(stand: Stand) -> DocumentAnswer:
    """What the API can do at this address, in the words of OpenAPI 3.1; any valid token may read it."""
    return document(every_call(), server=stand.idp_url + ROOT, prefixed=bool(stand.prefix))


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


def every_call() -> Iterator[Call]:
    """Every call of the API, in the order of the document."""
    for room in (
        stands,
        snapshots.calls,
        exports.calls,
        bundles.calls,
        catalogue,
        own_scenarios.calls,
        people.calls,
        factors.calls,
        signatures.calls,
        systems.calls,
        decisions.calls,
        clinic.calls,
        world,
        journal.calls,
        about,
    ):
        yield from room


def _put_on_the_address(call: Call) -> None:
    rule = re.sub(r"{(\w+)}", r"<\1>", call.path)
    # Without Flask's own OPTIONS, which would answer before anybody has looked at the token.
    blueprint.add_url_rule(rule, call.name, call, methods=[call.method], provide_automatic_options=False)


for _call in every_call():
    _put_on_the_address(_call)
