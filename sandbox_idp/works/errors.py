"""What the sandbox answers when something went wrong by itself: a calm page, a part, or a JSON object (U-1, U-3, S-61).

The page needs no style sheet, script, session or database (U-6): its small style is allowed by hash in its own policy.
No answer holds a stack, a path or a value; the reference leads support to the line in the log.
"""

from __future__ import annotations

import http
import re

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from foundation import log
from foundation.ids import SystemIds
from foundation.web.headers import content_security_policy
from sandbox_idp.context import current_stand
from sandbox_idp.oauth.requests import form_action_sources
from sandbox_idp.works.readers import Reader, reader_of, wire_error
from sandbox_idp.works.style import STYLE, STYLE_HASH
from sandbox_idp.works.without_stand import NO_DATABASE, RETRY_AFTER, Words

_log = log.get_log("sandbox_idp.works")
_NOT_KEPT = re.compile(r"csrf_token|password|code|pin|key|secret|otp", re.IGNORECASE)
_NO_SECRET = frozenset({"issuer_code"})
"""«Код подразделения» of a passport: only named like a code that opens something."""
_MOST_KEPT = 40


_ADDRESS = "Адрес набран с ошибкой или страницы больше нет. Учебные Госуслуги работают."
_WORDS = {
    400: Words(
        "bad-request",
        "Запрос не получилось прочитать",
        "Откройте страницу заново.",
        "Запрос пришёл не целиком. Учебные Госуслуги работают.",
        "Вернитесь на начальную страницу и пройдите шаги ещё раз.",
    ),
    403: Words(
        "forbidden",
        "Сюда войти нельзя",
        "Для этой страницы нужен другой доступ.",
        "Всё работает. Страница открыта не всем.",
        "Если доступ вам нужен, обратитесь к преподавателю.",
    ),
    404: Words(
        "not-found",
        "Такой страницы нет",
        "Проверьте адрес или начните с начальной страницы.",
        _ADDRESS,
        "Перейдите на начальную страницу учебных Госуслуг.",
    ),
    405: Words(
        "wrong-method",
        "Эта страница так не открывается",
        "Она принимает заполненную форму, а не адрес.",
        "Всё работает. Сюда попадают по кнопке.",
        "Вернитесь на страницу с формой и нажмите кнопку.",
    ),
    413: Words(
        "too-large",
        "Отправлено слишком много",
        "Форма или файл больше, чем можно принять.",
        "Всё работает. Отправленное не сохранено.",
        "Вернитесь назад и отправьте меньше.",
    ),
    429: Words(
        "too-many",
        "Слишком много попыток",
        "Подождите немного и попробуйте ещё раз.",
        "Всё работает. Частые запросы сдерживаются.",
        "Подождите минуту и откройте страницу ещё раз.",
    ),
    500: Words(
        "fault",
        "Произошла ошибка..",
        "Попробуйте перезапустить страницу",
        "Ошиблась программа учебных Госуслуг, а не вы.",
        "Нажмите «Перезапустить». Если не помогло, назовите преподавателю код для поддержки.",
    ),
}
_CSRF = Words(
    "form-expired",
    "Форма устарела",
    "Отправьте её ещё раз.",
    "Страница с формой была открыта слишком давно или в другом окне. Ничего не отправлено.",
    "Нажмите «Отправить ещё раз». Пароль и код, если они были, введите заново. Если эта страница появляется снова, "
    "разрешите сайту файлы cookie.",
)


def install_errors(app: Flask) -> None:
    """Have `app` answer every fault with the page, part or JSON object of this module."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, http_fault)
    app.register_error_handler(OperationalError, _silent_database)
    app.register_error_handler(PoolTimeout, _silent_database)
    app.register_error_handler(Exception, _unexpected)


def _csrf(error: CSRFError) -> BaseResponse:
    reference = new_reference()
    _log.info("csrf_refused", ref=reference, reason=error.description)
    kept: dict[str, str] = {}
    if _from_here():
        kept = {name: value for name, value in request.form.items() if name in _NO_SECRET or not _NOT_KEPT.search(name)}
    if len(kept) > _MOST_KEPT:
        kept = {}
    return fault_response(_CSRF, 400, reference, kept=kept, resend=_from_here())


def http_fault(error: HTTPException) -> BaseResponse:
    """What the sandbox says about a request that it refuses by its status alone."""
    status = error.code or 500
    reference = new_reference()
    _log.info("refused", ref=reference, status=status, method=request.method)
    response = _answer(_WORDS.get(status) or _WORDS[500 if status >= 500 else 400], status, reference)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> BaseResponse:
    reference = new_reference()
    _log.error("failure", ref=reference, reason=type(error).__name__, method=request.method, exc_info=error)
    return _answer(_WORDS[500], 500, reference)


def _silent_database(error: Exception) -> BaseResponse:
    reference = new_reference()
    _log.error("database_silent", ref=reference, reason=type(error).__name__, method=request.method, exc_info=error)
    response = _answer(NO_DATABASE, 503, reference, code=NO_DATABASE.code, detail=NO_DATABASE.detail)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def new_reference() -> str:
    """A reference for support that needs nothing but the machine's randomness."""
    return SystemIds().reference()


def fault_response(
    words: Words, status: int, reference: str, *, kept: dict[str, str] | None = None, resend: bool = False
) -> Response:
    """The page, or for an htmx request the part, that says `words`; `resend` offers the sent values once more."""
    template = "fault_part.html" if request.headers.get("HX-Request") else "fault.html"
    try:
        body = render_template(
            f"sandbox_idp/works/{template}",
            words=words,
            reference=reference,
            style=STYLE,
            home=f"{request.script_root}/",
            again=_again(),
            here=_address(),
            safe=status >= 500,
            kept=kept or {},
            resend=resend,
        )
    except Exception as error:  # noqa: BLE001 - the page about a fault must come even where its template fails (U-6)
        _log.error("fault_page_failed", ref=reference, reason=type(error).__name__)
        body = _plain(words, reference)
    response = make_response(body, status)
    response.headers["Content-Security-Policy"] = content_security_policy(
        style_hash=STYLE_HASH, form_action=form_action_sources() if resend else None
    )
    return response


def _plain(words: Words, reference: str) -> str:
    return (
        f'<!doctype html>\n<html lang="ru" data-theme="sandbox" data-screen="{words.screen}" data-state="error"><head>'
        f'<meta charset="utf-8"><meta name="robots" content="noindex, nofollow">'
        f"<title>Учебный стенд: {words.heading}</title></head><body><main>"
        f"<p>Учебный стенд — не вводите настоящие данные</p><h1>{words.heading}</h1><p>{words.lead}</p>"
        f'<p>Код для поддержки: <b data-ref="{reference}">{reference}</b></p></main></body></html>'
    )


def _answer(words: Words, status: int, reference: str, **more: str) -> Response:
    """The answer in the form that whoever asked can read; `more` stands in the problem of the control API."""
    reader = reader_of(request.path)
    if reader is Reader.PERSON:
        return fault_response(words, status, reference)
    phrase = http.HTTPStatus(status).phrase if status in http.HTTPStatus._value2member_map_ else "Error"
    if reader is Reader.CONTROL:
        response = jsonify({"type": "about:blank", "title": phrase, "status": status, "reference": reference, **more})
        response.mimetype = "application/problem+json"
    else:
        response = jsonify(wire_error(status, phrase, reference))
    response.status_code = status
    return response


def _from_here() -> bool:
    """Whether the form came from a page of this very program (a foreign page's fields are never offered again)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _address() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.script_root}{request.path}" + (f"?{query}" if query else "")


def _again() -> str:
    """Where «Перезапустить» leads: the same address, always as a GET."""
    try:
        prefix = current_stand().prefix
    except LookupError:
        prefix = request.script_root
    return _address() if request.method in ("GET", "HEAD") else f"{prefix}/"
