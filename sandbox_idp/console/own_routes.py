"""The console's pages about a stand's own scenarios: uploaded, put together, written by hand, copied, taken away."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox_idp.console.builder import PATHS, BuilderForm, builder_form, offered
from sandbox_idp.context import current_stand
from sandbox_idp.control.bodies import TOML
from sandbox_idp.scenarios import authoring
from sandbox_idp.scenarios.arming import UnknownEntry
from sandbox_idp.scenarios.files import LARGEST, FileError, Problem, decode, read_own, unified
from sandbox_idp.scenarios.own import OwnFile, StandEntries, entries_of
from sandbox_idp.scenarios.writing import copy_of, id_for

START = """\
id    = "moy-sboy"
title = "Мой сбой"
story = "Что случилось с человеком, в двух словах."

# Что человек увидит.
[sees]
at      = "portal"
screen  = "gosuslugi-failed"
heading = "Произошла ошибка.."
session = "none"

# Как это пройдёт.
[recovers]
by      = "heal"
note    = "Сбой снят, «Перезапустить»."
ends_at = "/home"

# Что сломается.
[[effects]]
kind    = "status"
where   = "gate"
program = "sandbox_idp"
channel = "back"
match   = { path = "/aas/oauth2/te" }
status  = 503

# Как его включают.
[arming]
scopes  = ["next-sign-in", "person", "everyone"]
default = "next-sign-in"
ttl     = "PT30M"
"""
"""What an empty text begins with."""


def install(blueprint: Blueprint) -> None:
    """Put the pages on the console's blueprint."""
    blueprint.add_url_rule("/own", "own", own, methods=["GET"])
    blueprint.add_url_rule("/own/upload", "upload_own", upload, methods=["POST"])
    blueprint.add_url_rule("/own/build", "build_own", build, methods=["GET"])
    blueprint.add_url_rule("/own/build/<kind>", "draft_own", draft, methods=["POST"])
    blueprint.add_url_rule("/own/text", "write_own", write, methods=["GET"])
    blueprint.add_url_rule("/own/text", "add_own", add, methods=["POST"])
    blueprint.add_url_rule("/own/files/<file_id>", "edit_own", edit, methods=["GET"])
    blueprint.add_url_rule("/own/files/<file_id>", "replace_own", replace, methods=["POST"])
    blueprint.add_url_rule("/own/files/<file_id>/delete", "ask_delete_own", ask_delete, methods=["GET"])
    blueprint.add_url_rule("/own/files/<file_id>/delete", "delete_own", delete, methods=["POST"])
    blueprint.add_url_rule("/scenarios/<entry>/copy", "copy_scenario", copy, methods=["GET"])
    blueprint.add_url_rule("/scenarios/<entry>/file", "scenario_file", download, methods=["GET"])


def own() -> Response:
    """The stand's own scenarios, and the ways to add one."""
    return _own()


def upload() -> BaseResponse:
    """Add the file that was sent; one with mistakes is shown with them, to be mended here."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _own(problem="Выберите файл .toml")
    data = sent.read()
    if len(data) > LARGEST:
        return _own(problem=f"Файл больше {LARGEST // 1024} КиБ: сценарий столько не занимает")
    try:
        text = decode(data)
    except FileError as error:
        return _own(problem=place_words(error.problems[0]))
    return _keep(text, replacing=request.form.get("replace") == "on")


def build() -> Response:
    """The form for one kind of effect."""
    return _builder(_form(request.args.get("kind", "")))


def draft(kind: str) -> Response:
    """The text of what was put together, to be looked at and kept."""
    form = _form(kind)
    if not form.validate_on_submit():
        return _builder(form, 422)
    return _editor(form.text(_ids(entries_of(current_stand()))), is_draft=True)


def write() -> Response:
    """A text to begin with."""
    return _editor(START)


def copy(entry: str) -> Response:
    """An entry as a text with an id of its own."""
    entries = entries_of(current_stand())
    found = entries.get(entry)
    if found is None:
        abort(404)
    return _editor(copy_of(found, id_for(entry, _ids(entries))), copied=found.title)


def add() -> BaseResponse:
    """Keep a new text."""
    return _keep(unified(request.form.get("toml", "")))


def edit(file_id: str) -> Response:
    """The text of a file, with what is wrong with it now."""
    file = _file(file_id)
    return _editor(file.text, file=file, problems=file.problems, status=200)


def replace(file_id: str) -> BaseResponse:
    """Put another text in place."""
    file = _file(file_id)
    text = unified(request.form.get("toml", ""))
    try:
        change = authoring.replace(current_stand(), file.id, text)
    except authoring.OtherId as error:
        return _editor(text, file=file, problems=[read_own(text).problem(("id",), error.reason)])
    except FileError as error:
        return _editor(text, file=file, problems=error.problems)
    except UnknownEntry:
        abort(404)
    return _to(change)


def ask_delete(file_id: str) -> str:
    """What a removal does, before it is done."""
    return render_template("sandbox_idp/console/own_delete.html", stand=current_stand(), file=_file(file_id))


def delete(file_id: str) -> BaseResponse:
    """Take a file away."""
    try:
        authoring.remove(current_stand(), _file(file_id).id)
    except UnknownEntry:
        abort(404)
    return redirect(url_for("console.own"), code=303)


def download(entry: str) -> Response:
    """The file in which an entry stands."""
    found = entries_of(current_stand()).text_of(entry)
    if found is None:
        abort(404)
    name, text = found
    response = Response(text.encode(), content_type=TOML)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response


def place_words(problem: Problem) -> str:
    """Where and what."""
    return f"Строка {problem.line}, знак {problem.column}: {problem.message}"


def _keep(text: str, *, replacing: bool = False) -> BaseResponse:
    stand = current_stand()
    try:
        file = read_own(text)
        if replacing and file.id in entries_of(stand).files:
            return _to(authoring.replace(stand, file.id, text))
        return _to(authoring.add(stand, text))
    except FileError as error:
        return _editor(text, problems=error.problems)
    except authoring.TooManyFiles as error:
        return _own(problem=error.reason)


def _to(change: authoring.Change) -> BaseResponse:
    return redirect(url_for("console.scenario", entry=change.file.id, _anchor="what"), code=303)


def _own(*, problem: str = "") -> Response:
    entries = entries_of(current_stand())
    rows = [
        {"id": file.id, "titles": [entry.title for entry in file.file.entries] if file.file else [], "file": file}
        for file in entries.files.values()
    ]
    page = render_template(
        "sandbox_idp/console/own.html", stand=current_stand(), rows=rows, kinds=offered(), problem=problem
    )
    return make_response(page, 422 if problem else 200)


def _editor(
    text: str,
    *,
    file: OwnFile | None = None,
    problems: tuple[Problem, ...] | list[Problem] = (),
    is_draft: bool = False,
    copied: str = "",
    status: int = 422,
) -> Response:
    lines = text.split("\n")
    told = [
        {"words": place_words(each), "line": lines[each.line - 1].strip()[:120] if each.line <= len(lines) else ""}
        for each in problems
    ]
    page = render_template(
        "sandbox_idp/console/own_text.html",
        stand=current_stand(),
        text=text,
        file=file,
        problems=told,
        is_draft=is_draft,
        copied=copied,
        rows=min(max(len(lines) + 1, 16), 48),
    )
    return make_response(page, status if problems else 200)


def _builder(form: BuilderForm, status: int = 200) -> Response:
    page = render_template(
        "sandbox_idp/console/own_build.html",
        stand=current_stand(),
        form=form,
        paths=PATHS,
        kind_words=form.effect.words,
    )
    return make_response(page, status)


def _form(kind: str) -> BuilderForm:
    try:
        return builder_form(kind)
    except KeyError:
        abort(404)


def _file(file_id: str) -> OwnFile:
    found = entries_of(current_stand()).own_file(file_id)
    if found is None:
        abort(404)
    return found


def _ids(entries: StandEntries) -> set[str]:
    return {entry.id for entry in entries} | set(entries.files)
