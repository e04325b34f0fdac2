"""The console's pages of the journal: what happened in the stand, newest first, and one sign-in from begin to end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from foundation.russian import date_weekday, moment, msk
from sandbox_idp.accounts import people as accounts
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.console.timeline import Arrow, arrows
from sandbox_idp.context import current_stand
from sandbox_idp.control.bodies import LARGEST_ROW, ZIP
from sandbox_idp.control.journal import newest_lines
from sandbox_idp.scenarios import journal, verdicts
from sandbox_idp.scenarios.har import har
from sandbox_idp.scenarios.models import JournalLine, SignIn
from sandbox_idp.scenarios.own import entries_of
from sandbox_idp.scenarios.verdicts import Verdict
from sandbox_idp.stands import bundles
from sandbox_idp.stands.bundles import BundleError, UnknownSignInError
from sandbox_idp.stands.house import House

ON_A_PAGE = 50
NEWEST_SIGN_INS = 8
MOST_ARROWS = 1000
KINDS = {"exchange": "запросы", "effect": "сбои", "act": "действия людей", "change": "перемены на стенде"}
_WHO = {"effect": "Сбой", "act": "Человек", "change": "Стенд"}
_ANSWERS = {"yes": "да", "no": "нет", "unknown": "неизвестно"}
_MARKS = {"yes": "warn", "no": "ok", "unknown": ""}
_QUESTIONS = {
    "called_on": "Портал спрашивал дальше после плохого ответа",
    "half_open": "Остался сеанс без полного входа",
    "looped": "Браузер ходил по кругу",
}


@dataclass(frozen=True)
class Row:
    """One line of the journal in a list."""

    id: int
    day: str
    """`воскресенье, 22 ноября`."""
    time: str
    """`14:03:26`."""
    who: str
    text: str
    failed: bool
    sign_in: int | None


@dataclass(frozen=True)
class SignInRow:
    """One sign-in in a list."""

    number: int
    began: str
    person: str
    ended: str
    failed: bool


def install(blueprint: Blueprint) -> None:
    """Put the pages on the console's blueprint."""
    blueprint.add_url_rule("/journal", "journal", journal_page, methods=["GET"])
    blueprint.add_url_rule("/journal.har", "journal_har", journal_har, methods=["GET"])
    blueprint.add_url_rule("/journal/<int:number>", "sign_in", sign_in, methods=["GET"])
    blueprint.add_url_rule("/journal/<int:number>/bundle", "sign_in_bundle", sign_in_bundle, methods=["GET"])


def journal_page() -> Response:
    """The whole stand, newest first; of one sign-in or one kind if asked."""
    asked, kind = request.args.get("sign_in", "").strip()[:20], request.args.get("kind", "")
    number = _number(asked)
    problem = "Введите номер входа цифрами, например 3" if asked and number is None else ""
    kind = kind if kind in KINDS else ""
    before = _number(request.args.get("before", ""))
    database = current_stand().database
    lines = newest_lines(database, ON_A_PAGE + 1, before=before, kind=kind or None, sign_in=number)
    older = lines[1].id if len(lines) > ON_A_PAGE else None
    title = _title_of()
    rows = [_row(line, title) for line in reversed(lines[-ON_A_PAGE:])]
    page = render_template(
        "sandbox_idp/console/journal.html",
        stand=current_stand(),
        rows=rows,
        sign_ins=_newest_sign_ins() if not (asked or kind or before) else [],
        kinds=KINDS,
        kind=kind,
        asked=asked,
        problem=problem,
        filtered=bool(asked or kind),
        older=url_for("console.journal", sign_in=number, kind=kind or None, before=older) if older else "",
        newest=url_for("console.journal", sign_in=number, kind=kind or None) if before else "",
    )
    return make_response(page, 422 if problem else 200)


def sign_in(number: int) -> str:
    """One sign-in: who asked whom for what, what struck, what can be said of it."""
    verdict = _verdict(number)
    stand = current_stand()
    lines = journal.lines(stand.database, sign_in=number, limit=MOST_ARROWS)
    lines.sort(key=lambda line: (line.real_at, line.id or 0))
    title = _title_of()
    entries = [(entry, title(entry) or entry) for entry in verdict.armed]
    return render_template(
        "sandbox_idp/console/sign_in.html",
        stand=stand,
        number=number,
        began=moment(verdict.started_at),
        person=_name(verdict.person_oid, _people()),
        ended=ended_words(verdict),
        failed=verdict.ended == "failed",
        entries=entries,
        repeatable=_is_repeatable(verdict),
        answers=[
            (question, _ANSWERS[getattr(verdict, name)], _MARKS[getattr(verdict, name)])
            for name, question in _QUESTIONS.items()
        ],
        arrows=arrows(lines, title),
    )


def journal_har() -> Response:
    """The exchanges as a file for the developer tools of a browser."""
    number = _number(request.args.get("sign_in", ""))
    stand = current_stand()
    told = {"log": har(stand, journal.lines(stand.database, sign_in=number, limit=None))}
    name = f"sign-in-{number}" if number is not None else "journal"
    return _download(json.dumps(told, ensure_ascii=False, indent=1).encode(), "application/json", f"{name}.har")


def sign_in_bundle(number: int) -> BaseResponse:
    """The sign-in as one file, to be repeated elsewhere."""
    house = cast("House", current_app.extensions["house"])
    try:
        data = house.export(current_stand().id, number)
    except UnknownSignInError:
        abort(404)
    except BundleError:
        # Its page says so in place of the link; whoever followed an old link is led there.
        return redirect(url_for("console.sign_in", number=number), code=303)
    return _download(data, ZIP, f"sign-in-{number}.zip")


def ended_words(verdict: Verdict) -> str:
    """How it ended, for people."""
    if verdict.ended == "failed":
        return "не вошёл, ответа не было" if verdict.status is None else f"не вошёл, ответ {verdict.status}"
    return {"signed-in": "вошёл", "under-way": "ещё не вернулся", "unknown": "неизвестно"}[verdict.ended]


def _download(data: bytes, kind: str, name: str) -> Response:
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _verdict(number: int) -> Verdict:
    if number > LARGEST_ROW:
        abort(404)
    database = current_stand().database
    journal.settle(database)
    found = verdicts.verdicts(database, sign_in=number)
    if not found:
        abort(404)
    return found[0]


def _is_repeatable(verdict: Verdict) -> bool:
    with current_stand().database.reading() as session:
        row = session.get_one(SignIn, verdict.sign_in)
    return bundles.is_repeatable(row, verdict)


def _newest_sign_ins() -> list[SignInRow]:
    database = current_stand().database
    query = select(SignIn.number).order_by(col(SignIn.number).desc()).limit(NEWEST_SIGN_INS)
    with database.reading() as session:
        numbers = list(session.exec(query))
    if not numbers:
        return []
    everybody = _people()
    found = verdicts.verdicts(database, after=(numbers[-1] or 1) - 1)
    return [
        SignInRow(
            each.sign_in,
            f"{msk(each.started_at):%H:%M}",
            _name(each.person_oid, everybody),
            ended_words(each),
            each.ended == "failed",
        )
        for each in reversed(found)
    ]


def _people() -> Sequence[PersonCard]:
    with current_stand().database.reading() as session:
        return accounts.list_people(session)


def _name(oid: int | None, everybody: Iterable[PersonCard]) -> str:
    if oid is None:
        return "человек ещё не назвался"
    return next((each.short_name for each in everybody if each.oid == oid), f"человек {oid}")


def _row(line: JournalLine, title: Callable[[str], str | None]) -> Row:
    drawn = arrows([line], title)
    return Row(
        id=line.id or 0,
        day=date_weekday(line.at),
        time=drawn[0].moment,
        who=_WHO.get(line.kind, drawn[0].who),
        text=_joined(drawn),
        failed=any(arrow.failed for arrow in drawn),
        sign_in=line.sign_in,
    )


def _joined(drawn: Sequence[Arrow]) -> str:
    return " → ".join(arrow.text for arrow in drawn)


def _title_of() -> Callable[[str], str | None]:
    """Names an entry of the catalogue or of the stand's own."""
    entries = entries_of(current_stand())

    def title(entry: str) -> str | None:
        found = entries.get(entry)
        return found.title if found is not None else None

    return title


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ROW else None
