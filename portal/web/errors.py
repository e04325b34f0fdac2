"""The one error component of the portal, as a page and as a fragment (U-1, U-6, U-23, R-033).

A page made here needs no database, no session, no script and no style sheet: its own small style is allowed by hash in
its own policy, and it reads well without. It is rendered without context processors, and if even the template fails,
a bare page with the same words is sent. Nothing of an exception is ever shown (S-61): the log has it, under the
reference that the person reads.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from foundation import russian
from foundation.log import get_log
from foundation.web.headers import content_security_policy
from portal.web.context import given, now
from portal.web.requests import wants_fragment
from portal.web.typed import Typed, to_be_shown, typed_in

Side = Literal["person", "gosuslugi", "portal", "clinic"]

HEADING = "Произошла ошибка.."
LEAD = "Попробуйте перезапустить страницу"
RESTART = "Перезапустить"
RETRY_AFTER_DATABASE = 30
RETRY_AFTER_CROWD = 60

log = get_log("portal.web")


@dataclass(frozen=True)
class Action:
    """Something the person can press: a link with a name that says what it does."""

    name: str
    href: str


@dataclass(frozen=True)
class Window:
    """A time of works: what is told on the page that says when the way in opens again (U-2)."""

    starts: datetime | None
    ends: datetime | None


@dataclass(frozen=True)
class Resend:
    """A form that was too old: where it goes and what was typed, without anything secret (S-51)."""

    action: str
    values: Typed
    file: str = ""
    """Name of the field whose file has to be chosen again: no page can give one back to the browser."""

    @property
    def safe(self) -> str:
        """What became of all that."""
        return "Ничего не отправлено. Введённое сохранилось" + (
            ", кроме файла: выберите его ещё раз." if self.file else "."
        )

    @property
    def shown(self) -> list[str]:
        """What of it is shown: what somebody typed."""
        return to_be_shown(self.values)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One thing that went wrong, in the words of the person who meets it.

    `what` says what happened and on whose side, `safe` what did not change, `then` what to do now, `otherwise` what to
    do if that does not help. `reference` is made (and logged with `reason`) when it was not given.
    """

    screen: str
    status: int
    side: Side
    what: str
    safe: str
    heading: str = HEADING
    lead: str = LEAD
    then: str = ""
    otherwise: str = ""
    actions: list[Action] = field(default_factory=list)
    retry_after: int | None = None
    reference: str = ""
    reason: str = ""
    window: Window | None = None
    queue: bool = False
    """Too many visitors at once: the page counts down `retry_after` seconds and asks again by itself (S-68)."""
    resend: Resend | None = None
    search: bool = False
    """Whether a search in the help is offered (U-3)."""

    @property
    def is_closure(self) -> bool:
        """Whether nothing has failed: a deliberate closure or a queue."""
        return self.window is not None or self.queue

    @property
    def state(self) -> str:
        """`data-state` of the page: a deliberate closure is no error."""
        return "ready" if self.is_closure else "error"


def new_reference(reason: str = "") -> str:
    """A reference for support, logged with what it stands for."""
    reference = given().ids.reference()
    log.warning("failure", ref=reference, reason=reason, path=request.path, method=request.method)
    return reference


def restart_address() -> str:
    """Where «Перезапустить» leads: the address asked for if asking again is harmless, else the start of the portal.

    A return from Gosuslugi is never repeated, because what it carries is worth something only once (R-033). «Войти»
    is: it reads by itself where it may lead (S-14), so the page that was asked for is not lost.
    """
    if request.path.startswith("/login/"):
        return f"{request.root_path}/login"
    if request.method not in ("GET", "HEAD"):
        return f"{request.root_path}/"
    return request.root_path + request.full_path.rstrip("?")


def restart() -> list[Action]:
    """The one action of most failures."""
    return [Action(RESTART, restart_address())]


def failure_page(failure: Failure) -> Response:
    """The failure as a whole page."""
    failure = _with_reference(failure)
    try:
        # What htmx puts into the page at hand is styled by that page, whose policy would refuse a style of its own. A
        # form to send again is no emergency: it is an ordinary page with the ordinary policy.
        style = "" if request.headers.get("HX-Request") or failure.resend else _own_style()
        text = current_app.jinja_env.get_template("portal/failure.html").render(**_words(failure), style=style)
    except Exception:
        log.exception("failure-page", ref=failure.reference)
        style, text = "", _bare(failure)
    response = Response(text, failure.status, mimetype="text/html")
    if style:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        response.headers["Content-Security-Policy"] = content_security_policy(style_hash=digest)
    return _finished(response, failure)


def failure_part(failure: Failure) -> Response:
    """The failure as a fragment, for the place in the page that asked."""
    failure = _with_reference(failure)
    try:
        text = current_app.jinja_env.get_template("portal/failure_part.html").render(**_words(failure))
    except Exception:
        log.exception("failure-part", ref=failure.reference)
        text = f'<div class="fault fault--part" data-fault data-ref="{failure.reference}"><p>{HEADING}</p></div>'
    return _finished(Response(text, failure.status, mimetype="text/html"), failure)


def failure_answer(failure: Failure) -> Response:
    """Page or fragment, whichever the request can use."""
    return failure_part(failure) if wants_fragment() else failure_page(failure)


def _with_reference(failure: Failure) -> Failure:
    return failure if failure.reference else replace(failure, reference=new_reference(failure.reason))


def _finished(response: Response, failure: Failure) -> Response:
    response.headers["Cache-Control"] = "no-store"
    if failure.retry_after is not None:
        response.headers["Retry-After"] = str(failure.retry_after)
    return response


def _words(failure: Failure) -> dict[str, object]:
    moment = now()
    return {
        "failure": failure,
        "chain": _chain(failure.side) if failure.side != "person" and not failure.is_closure else [],
        "notice": given().notice,
        "moment": russian.moment(moment),
        "seconds_left": _left(failure.window, moment),
        "root": request.root_path,
    }


def _left(window: Window | None, moment: datetime) -> int | None:
    if window is None or window.ends is None:
        return None
    return max(0, int((window.ends - moment).total_seconds()))


_CHAIN: tuple[tuple[Side, str, str, str], ...] = (
    ("person", "Ваше устройство", "phone", "работает"),
    ("portal", "Портал", "cab", "работает"),
    ("gosuslugi", "Госуслуги", "gov", "не затронуты"),
    ("clinic", "Поликлиника", "hosp", "не затронута"),
)


def _chain(side: Side) -> list[dict[str, str]]:
    """The four places between the person and the clinic. One failed; those before it did work, those after it were
    not reached."""
    failed = [place for place, *_ in _CHAIN].index(side)
    links = []
    for position, (_, name, icon, untouched) in enumerate(_CHAIN):
        word = "сбой здесь" if position == failed else ("работает" if position < failed else untouched)
        state = "error" if position == failed else ("ready" if position < failed else "idle")
        links.append({"name": name, "icon": icon, "state": state, "word": word})
    return links


def _own_style() -> str:
    return current_app.jinja_env.get_template("portal/failure.css").render()


def _bare(failure: Failure) -> str:
    """The page without any template: what remains when even those cannot be read."""
    links = "".join(f'<p><a href="{escape(action.href)}">{escape(action.name)}</a></p>' for action in failure.actions)
    return (
        f'<!doctype html><html lang="ru" data-screen="{escape(failure.screen)}" data-state="{failure.state}">'
        f'<head><meta charset="utf-8"><title>{escape(failure.heading)} — Личный кабинет пациента</title></head>'
        f"<body><main><h1>{escape(failure.heading)}</h1><p>{escape(failure.lead)}</p>{links}"
        f"<p>{escape(failure.what)} {escape(failure.safe)}</p>"
        f'<p data-ref="{failure.reference}">Код для поддержки: {failure.reference}</p></main></body></html>'
    )


def install_errors(app: Flask) -> None:
    """Every error of `app` that no view has dealt with ends in the component above."""

    @app.errorhandler(CSRFError)
    def form_too_old(_error: CSRFError) -> Response:
        return failure_answer(_form_failure())

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def database_silent(error: Exception) -> Response:
        failure = _with_reference(_database_failure())
        log.error("database", ref=failure.reference, kind=type(error).__name__)
        return failure_answer(failure)

    @app.errorhandler(HTTPException)
    def known_status(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return Response(error.get_response(request.environ).get_data(), error.code or 500, mimetype="text/html")
        return failure_answer(_status_failure(error.code, _retry_after(error)))

    @app.errorhandler(InternalServerError)
    @app.errorhandler(Exception)
    def last_resort(error: Exception) -> Response:
        failure = _with_reference(_status_failure(500, None))
        cause = getattr(error, "original_exception", None) or error
        log.error("unhandled", ref=failure.reference, exc_info=cause)
        return failure_answer(failure)


def _retry_after(error: HTTPException) -> int | None:
    value = getattr(error, "retry_after", None)
    return value if isinstance(value, int) else None


def _status_failure(status: int, retry_after: int | None) -> Failure:
    """The failure for a bare status."""
    home = [Action("На главную", f"{request.root_path}/")]
    if status in (404, 405, 410):
        return Failure(
            screen="not-found",
            status=status,
            side="person",
            heading="Такой страницы нет",
            lead="Возможно, в адресе опечатка или страница переехала.",
            what="По этому адресу страница не открывается.",
            safe="Портал работает, ваши данные на месте.",
            then="Проверьте адрес или начните с главной страницы.",
            actions=home,
            search=True,
            reason=f"status-{status}",
        )
    if status in (401, 403):
        return Failure(
            screen="forbidden",
            status=status,
            side="person",
            heading="Эта страница вам недоступна",
            lead="У вас нет прав, чтобы её открыть.",
            what="Страница есть, но она не для этой учётной записи.",
            safe="Портал работает, ваши данные на месте.",
            then="Вернитесь на главную. Если страница должна открываться, напишите нам и назовите код для поддержки.",
            actions=home,
            reason=f"status-{status}",
        )
    if status < 500:
        return _request_refused(status, retry_after)
    return Failure(
        screen="error",
        status=status,
        side="portal",
        what="Страница не открылась из-за сбоя на портале.",
        safe="Ваши данные не изменились.",
        then=f"Нажмите «{RESTART}»: страница откроется заново.",
        otherwise="Подождите 10 минут и попробуйте ещё раз.",
        actions=restart(),
        retry_after=retry_after if retry_after is not None or status != 503 else RETRY_AFTER_DATABASE,
        reason=f"status-{status}",
    )


def _request_refused(status: int, retry_after: int | None) -> Failure:
    """The request itself is at fault: what of it, and what the person can do (U-3, U-5)."""
    heading, lead, what, then = {
        413: (
            "Слишком много за один раз",
            "Форма или файл больше, чем портал принимает.",
            "Портал не стал читать отправленное до конца.",
            "Вернитесь назад, сократите текст или выберите файл поменьше и отправьте ещё раз.",
        ),
        429: (
            "Слишком много запросов подряд",
            "Подождите немного и попробуйте ещё раз.",
            "Из вашего браузера или из вашей сети пришло больше запросов, чем портал успевает принять.",
            f"Подождите {russian.span(retry_after or RETRY_AFTER_CROWD)} и нажмите «{RESTART}».",
        ),
    }.get(
        status,
        (
            "Портал не понял запрос",
            "Начните с главной страницы или вернитесь назад и отправьте форму ещё раз.",
            "Браузер прислал то, что портал не может прочитать: адрес или форма испорчены.",
            "Проверьте адрес. Если отправляли форму, вернитесь назад и проверьте введённое: нет ли там лишних знаков.",
        ),
    )
    waits = status == 429
    return Failure(
        screen="request-refused",
        status=status,
        side="person",
        heading=heading,
        lead=lead,
        what=what,
        safe="Портал работает, ваши данные не изменились.",
        then=then,
        otherwise="Напишите нам и назовите код для поддержки.",
        actions=restart() if waits else [Action("На главную", f"{request.root_path}/")],
        retry_after=(retry_after or RETRY_AFTER_CROWD) if waits else None,
        reason=f"status-{status}",
    )


def _database_failure() -> Failure:
    return Failure(
        screen="error",
        status=503,
        side="portal",
        what="Портал не может прочитать ваши данные: не отвечает хранилище.",
        safe="Данные не потеряны и не изменились.",
        then=f"Подождите минуту и нажмите «{RESTART}».",
        otherwise="Если через 10 минут не открылось, посмотрите состояние сервисов.",
        actions=restart(),
        retry_after=RETRY_AFTER_DATABASE,
        reason="database",
    )


def without_cookies(what: str, *, actions: list[Action] | None = None, reason: str) -> Failure:
    """The browser keeps no cookies: why they are needed and how to allow them."""
    return Failure(
        screen="no-cookies",
        status=400,
        side="person",
        heading="Браузер не сохраняет файлы cookie",
        lead="Без них портал не узнает, что на следующей странице снова вы, и войти не получится.",
        what=what,
        safe="Ничего не отправлено, ваши данные не изменились.",
        then="Разрешите файлы cookie для этого сайта в настройках браузера, откройте страницу заново и повторите.",
        otherwise="Попробуйте обычное окно браузера вместо приватного или другой браузер.",
        actions=actions or [Action("На главную", f"{request.root_path}/"), how_to_allow_cookies()],
        reason=reason,
    )


def how_to_allow_cookies() -> Action:
    """To the part of the self-test that says where browsers keep that setting."""
    return Action("Как разрешить файлы cookie", f"{request.root_path}/help/browser-check#cookies")


def _form_failure() -> Failure:
    if not request.cookies:
        return without_cookies("Браузер отправил форму без наших файлов cookie.", reason="form-without-cookies")
    form = resend()
    return Failure(
        screen="form-expired",
        status=400,
        side="person",
        heading="Форма устарела",
        lead="Она была открыта слишком давно. Отправьте её ещё раз.",
        what="Страница с формой была открыта до того, как начался новый сеанс.",
        safe=form.safe,
        then="Проверьте, что введено, и нажмите «Отправить ещё раз».",
        resend=form,
        reason="form-expired",
    )


def resend() -> Resend:
    """The form at hand, to be sent once more with what was typed, without anything secret (S-51)."""
    values = typed_in(request.form.items(multi=True))
    file = next((name for name, file in request.files.items() if file.filename), "")
    return Resend(request.root_path + request.full_path.rstrip("?"), values, file)
