"""What every page says where the medical system does not help: it is silent, it has no card, it has two of them.

A room that has more to say about one of these catches it itself; what it lets through comes here.
"""

from __future__ import annotations

from flask import Flask, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NoAnswerError, NotFoundError
from portal.doors import doors
from portal.web.errors import RESTART, Action, Failure, failure_answer, new_reference, restart
from portal.web.requests import wants_fragment

SILENT = 504
"""Status of a page or part whose clinic did not answer in time."""
DUPLICATE = 409
"""Status of a page about somebody who has two cards."""


def clinic_is_there() -> bool:
    """Whether the portal has a medical system; for templates."""
    return doors().clinic.is_there


def demand_clinic() -> None:
    """`before_request` of a room that is nothing without a medical system: where there is none, its pages are not."""
    if not clinic_is_there():
        abort(404)


def silent(error: NoAnswerError, *, screen: str = "clinic-silent") -> Failure:
    """The clinic did not answer: whose failure it is, that nothing is lost, and the way to ask again (R-042, U-22)."""
    who = f"Не отвечает система поликлиники: {error.site.name}." if error.site else "Не отвечает система поликлиник."
    return Failure(
        screen=screen,
        status=SILENT,
        side="clinic",
        what=who,
        safe="Ваши данные не потеряны и не изменились, остальной кабинет работает.",
        then=f"Подождите минуту и нажмите «{RESTART}».",
        otherwise="Срочный вопрос задайте по телефону регистратуры.",
        actions=[*restart(), *([] if wants_fragment() else [Action("На главную", f"{request.root_path}/home")])],
        reason="clinic-silent",
    )


def install_clinic_pages(app: Flask) -> None:
    """Give `app` the pages for what no room catches."""
    app.add_template_global(clinic_is_there)

    @app.errorhandler(NoAnswerError)
    def no_answer(error: NoAnswerError) -> Response:
        return failure_answer(silent(error))

    @app.errorhandler(NotFoundError)
    def not_there(_error: NotFoundError) -> ResponseReturnValue:
        return app.handle_user_exception(NotFound())

    @app.errorhandler(CardNotFoundError)
    def no_card(_error: CardNotFoundError) -> Response:
        return _page("card-not-found", 200)

    @app.errorhandler(CardDuplicateError)
    def two_cards(error: CardDuplicateError) -> Response:
        return _page("card-duplicate", DUPLICATE, number=error.number, reference=new_reference("card-duplicate"))


def _page(screen: str, status: int, **words: str) -> Response:
    kind = "part" if wants_fragment() else "page"
    return make_response(render_template(f"portal/patients/card_{kind}.html", screen=screen, **words), status)
