"""The console's pages about stands: the list, a new one, reset and removal, each asked about before it is done."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox_idp.console.entry import opens_all
from sandbox_idp.context import current_stand
from sandbox_idp.control.stands import living, prefix_of
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.models import StandRecord

LONGEST_NAME = 80


def install(blueprint: Blueprint) -> None:
    """Put the pages on the console's blueprint."""
    blueprint.add_url_rule("/stands", "stands", stands, methods=["GET"])
    blueprint.add_url_rule("/stands", "create_stand", create_stand, methods=["POST"])
    blueprint.add_url_rule("/stands/<stand_id>/delete", "ask_delete", ask_delete, methods=["GET"])
    blueprint.add_url_rule("/stands/<stand_id>/delete", "delete_stand", delete_stand, methods=["POST"])
    blueprint.add_url_rule("/reset", "ask_reset", ask_reset, methods=["GET"])
    blueprint.add_url_rule("/reset", "reset", reset, methods=["POST"])


def stands() -> Response:
    """Every stand of the pair; from a stand's own console only that one."""
    return _stands()


def create_stand() -> BaseResponse:
    """Make a stand of the name given."""
    if not opens_all():
        abort(403)
    name = " ".join(request.form.get("name", "").split())
    problem = ""
    if not name:
        problem = "Введите название стенда, например «Класс 12»"
    elif len(name) > LONGEST_NAME:
        problem = f"Сократите название: не больше {LONGEST_NAME} знаков"
    if problem:
        return _stands(name=name, problem=problem, status=422)
    made = _house().create(name)
    return redirect(url_for("console.stands", made=made.stand.id, _anchor=f"stand-{made.stand.id}"), code=303)


def ask_reset() -> str:
    """What a reset does, before it is done."""
    return render_template("sandbox_idp/console/reset.html", stand=current_stand())


def reset() -> BaseResponse:
    """Everything in this stand as on the first day."""
    _house().reset(current_stand().id)
    return redirect(url_for("console.home"), code=303)


def ask_delete(stand_id: str) -> str:
    """What a removal does, before it is done."""
    record = _record(stand_id)
    return render_template("sandbox_idp/console/delete.html", stand=current_stand(), record=record)


def delete_stand(stand_id: str) -> BaseResponse:
    """Throw a stand away."""
    _house().delete(_record(stand_id).id)
    return redirect(url_for("console.stands"), code=303)


def _stands(*, name: str = "", problem: str = "", status: int = 200) -> Response:
    everywhere = opens_all()
    settings: SandboxSettings = current_app.extensions["settings"]
    rows = [
        {
            "record": record,
            "portal_url": f"{settings.portal_url}{prefix_of(record.id)}/",
            "idp_url": f"{settings.public_url}{prefix_of(record.id)}/",
            "console_url": f"{settings.public_url}{prefix_of(record.id)}/console/",
            "reset_url": f"{settings.public_url}{prefix_of(record.id)}/console/reset",
            "is_default": record.id == DEFAULT,
            "is_current": record.id == current_stand().id,
        }
        for record in living(_house())
        if everywhere or record.id == current_stand().id
    ]
    page = render_template(
        "sandbox_idp/console/stands.html",
        stand=current_stand(),
        rows=rows,
        everywhere=everywhere,
        made=request.args.get("made", ""),
        name=name,
        problem=problem,
    )
    return make_response(page, status)


def _record(stand_id: str) -> StandRecord:
    """A stand that may be thrown away from here: any but the default one, with the console of all stands open."""
    if not opens_all():
        abort(403)
    record = next((each for each in living(_house()) if each.id == stand_id), None)
    if record is None or record.id == DEFAULT:
        abort(404)
    return record


def _house() -> House:
    return cast("House", current_app.extensions["house"])
