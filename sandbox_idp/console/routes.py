"""Routes of the room `console`: the trainer's pages. They call in-process what the control API calls (S-70)."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox_idp.accounts import people
from sandbox_idp.console import journal_pages, own_routes, stand_routes
from sandbox_idp.console.arm_form import ArmForm, arm_form
from sandbox_idp.console.doorkeeper import LockedError, SpentKeyError, WrongKeyError, WrongPasswordError
from sandbox_idp.console.entry import doorkeeper, is_inside, let_in, let_out
from sandbox_idp.console.views import Look, changed, context, look_from_request
from sandbox_idp.context import current_stand
from sandbox_idp.control import decisions
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.control.stands import clock_of
from sandbox_idp.scenarios import arming
from sandbox_idp.scenarios.entries import Entry
from sandbox_idp.scenarios.own import entries_of

blueprint = Blueprint("console", __name__, url_prefix="/console")
stand_routes.install(blueprint)
journal_pages.install(blueprint)
own_routes.install(blueprint)

OPEN = ("console.enter", "console.open_door")
"""What can be asked for from outside."""
STEPS = {"PT1M": timedelta(minutes=1), "PT5M": timedelta(minutes=5), "PT60M": timedelta(minutes=60)}


@blueprint.before_request
def _guard() -> BaseResponse | None:
    """Everybody else is led to the door; a part that is asked for by script leads the whole page there (U-25)."""
    if request.endpoint in OPEN or is_inside():
        return None
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("console.enter")
        return response
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("console.enter"), code=303)
    return _door(status=401)


# The door.


@blueprint.get("/enter")
def enter() -> BaseResponse:
    """The one-time link leads here. Looking does not spend the key: only the button does."""
    key = request.args.get("key", "")
    if not key:
        return redirect(url_for("console.home"), code=303) if is_inside() else _door()
    try:
        doorkeeper().look_at(key)
    except SpentKeyError:
        return redirect(url_for("console.home"), code=303) if is_inside() else _door(problem="spent", status=410)
    except WrongKeyError:
        return _door(problem="wrong-key", status=403)
    return _door(key=key)


@blueprint.post("/enter")
def open_door() -> BaseResponse:
    """Let in whoever has the key or the password."""
    key, password = request.form.get("key", ""), request.form.get("password", "")
    keeper = doorkeeper()
    try:
        if key:
            keeper.spend(key)
        elif not password:
            return _door(problem="empty", status=422)
        else:
            keeper.check_password(password, request.remote_addr or "")
    except SpentKeyError:
        return _door(problem="spent", status=410)
    except WrongKeyError:
        return _door(problem="wrong-key", status=403)
    except WrongPasswordError:
        return _door(problem="wrong-password", status=422)
    except LockedError as error:
        locked = _door(problem="locked", status=429, seconds=error.seconds)
        locked.headers["Retry-After"] = str(error.seconds)
        return locked
    response = make_response(redirect(url_for("console.home"), code=303))
    let_in(response)
    return response


@blueprint.post("/leave")
def leave() -> BaseResponse:
    """Close the console in this browser."""
    response = make_response(redirect(url_for("works.index"), code=303))
    let_out(response)
    return response


def _door(*, status: int = 200, key: str = "", problem: str = "", seconds: int = 0) -> Response:
    page = render_template(
        "sandbox_idp/console/enter.html",
        stand=current_stand(),
        key=key,
        problem=problem,
        seconds=seconds,
        has_password=doorkeeper().has_password,
    )
    return make_response(page, status)


# Scenarios.


@blueprint.get("/")
def home() -> str:
    """The console without a scenario chosen."""
    return _board(look_from_request(None), None)


@blueprint.get("/scenarios/<entry>")
def scenario(entry: str) -> str:
    """One scenario: its story, what will be seen, and the form that arms it."""
    found = _entry(entry)
    return _board(look_from_request(entry), found)


@blueprint.post("/scenarios/<entry>/arm")
def arm(entry: str) -> BaseResponse:
    """Arm it as the form says."""
    found = _entry(entry)
    look = look_from_request(entry)
    if found.arming is None:
        abort(404)
    form = _form(found)
    if form.validate_on_submit():
        asked = form.read()
        try:
            arming.arm(
                current_stand(),
                entry,
                asked.scope,
                person=asked.person,
                count=asked.count,
                ttl=asked.ttl,
                probability=asked.probability,
                parameters=asked.parameters,
            )
        except (arming.UnknownPerson, arming.ScopeNotOffered) as error:
            form.refuse("scope", error.reason)
        except arming.BadParameter as error:
            form.refuse(error.path.rpartition("/")[2], error.reason)
        else:
            return redirect(look.here, code=303)
    return make_response(_board(look, found, form), 422)


@blueprint.post("/scenarios/<entry>/disarm")
def disarm(entry: str) -> BaseResponse:
    """Switch it off."""
    _entry(entry)
    arming.disarm(current_stand(), entry)
    return _back()


@blueprint.post("/disarm-all")
def disarm_all() -> BaseResponse:
    """Switch everything off."""
    arming.disarm_all(current_stand())
    return _back()


@blueprint.get("/parts/pulse")
def pulse() -> str:
    """The time, and every part that has changed since the browser looked last."""
    look = look_from_request(request.args.get("entry"))
    data = context(current_stand(), look)
    return render_template(
        "sandbox_idp/console/parts.html", changed=changed(data["versions"], request.args.get("seen", "")), **data
    )


def _entry(entry: str) -> Entry:
    found = entries_of(current_stand()).get(entry)
    if found is None:
        abort(404)
    return found


def _form(entry: Entry) -> ArmForm:
    with current_stand().database.reading() as session:
        return arm_form(entry, people.list_people(session))


def _board(look: Look, entry: Entry | None, form: ArmForm | None = None) -> str:
    if form is None and entry is not None and entry.arming is not None:
        form = _form(entry)
    return render_template("sandbox_idp/console/board.html", form=form, **context(current_stand(), look))


@blueprint.post("/visits")
def confirm_visit() -> BaseResponse:
    """Somebody who registers has been at the service centre: the operator's decision, made by the trainer (R-010)."""
    return _decide("centre", request.form.get("number", ""))


@blueprint.post("/revocations")
def revoke() -> BaseResponse:
    """The certificates of somebody's electronic signature are revoked (signature-revoked, R-063)."""
    return _decide("revoke", request.form.get("person", ""))


@blueprint.post("/restrictions")
def lift() -> BaseResponse:
    """The restriction after unusual activity is lifted: somebody came with the passport (account-restricted)."""
    return _decide("lift", request.form.get("person", ""))


def _decide(kind: str, key: str) -> BaseResponse:
    wanted = decisions.DecisionBody(request=f"{kind}:{key[:20]}", decision="grant")
    with contextlib.suppress(ProblemError):  # It waits no longer: another trainer was quicker.
        decisions.decide(current_stand(), wanted)
    return _back()


# The stand's clock, and the stands.


@blueprint.post("/clock")
def move_clock() -> BaseResponse:
    """Move the stand's time forward, stop it or let it run."""
    move = request.form.get("move", "")
    clock = clock_of(current_stand())
    if move in STEPS:
        clock.advance(STEPS[move])
    elif move in ("freeze", "run"):
        clock.freeze(move == "freeze")
    else:
        abort(400)
    return _back()


def _back() -> BaseResponse:
    """To the page of the console that the form was on; never elsewhere (S-14)."""
    back = request.form.get("back", "")
    parts = urlsplit(back)
    home_address = url_for("console.home")
    if parts.scheme or parts.netloc or "\\" in back or not parts.path.startswith(home_address):
        return redirect(home_address, code=303)
    return redirect(back, code=303)
