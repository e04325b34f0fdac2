"""What either program answers where no stand is at hand: the address names none, or a database does not answer.

Each is a page, a part or a JSON object that needs nothing: no database, session, template, style sheet or script (U-6).
None holds a stack, a path or a value (S-61); the reference leads support to the line in the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation import log
from foundation.ids import SystemIds
from foundation.web.headers import content_security_policy
from sandbox_idp.works.readers import Reader, reader_of, wire_error
from sandbox_idp.works.style import STYLE, STYLE_HASH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RETRY_AFTER = 30
"""Seconds after which a database that did not answer may be asked again."""
_log = log.get_log("sandbox_idp.works")
_OF_A_STAND = re.compile(r"^/s/\w+(?=/)", re.ASCII)


@dataclass(frozen=True)
class Words:
    """What a person is told about one kind of fault."""

    screen: str
    heading: str
    lead: str
    side: str
    """Whose side failed; empty where none did."""
    what: str
    """What the person can do."""
    data: str = ""
    """What became of what is stored or was sent; empty where nobody would ask."""


@dataclass(frozen=True, kw_only=True)
class _Words(Words):
    """The same with what stands around it where no program is there yet."""

    status: str
    code: str
    button: str
    detail: str
    """All of it for a program, in one line."""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is told besides, each with its name."""
        told = (("На чьей стороне", self.side), ("Что с данными", self.data), ("Что сделать", self.what))
        return [(name, text) for name, text in told if text]


_NO_STAND = _Words(
    status="404 Not Found",
    code="unknown-stand",
    screen="no-stand",
    heading="Такого стенда нет",
    lead="Стенд удалён, его время истекло, или в адресе ошибка.",
    button="На основной стенд",
    side="",
    what="Попросите у преподавателя новую ссылку.",
    detail="Такого стенда нет: он удалён, его время истекло, или в адресе ошибка.",
)
NO_DATABASE = _Words(
    status="503 Service Unavailable",
    code="database-silent",
    screen="fault",
    heading="Произошла ошибка..",
    lead="Попробуйте перезапустить страницу",
    button="Перезапустить",
    side="На стороне учебного стенда: не отвечает хранилище его данных. Вы всё сделали правильно.",
    data="Сохранённое не потеряно. Если вы отправляли форму, проверьте потом, принята ли она.",
    what="Подождите минуту и нажмите «Перезапустить». Если не помогло, назовите преподавателю код для поддержки.",
    detail="Не отвечает хранилище данных стенда. Сохранённое не потеряно, запрос можно повторить позже.",
)
"""The register or the stand's database is away."""


def unknown_stand(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """404: the address names no living stand."""
    reference = SystemIds().reference()
    _log.info("unknown_stand", ref=reference)
    return _answer(_NO_STAND, reference, "/", environ, start_response)


def silent_database(error: Exception, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """503: the register or the stand's database raised `error` where no program was there to catch it."""
    reference = SystemIds().reference()
    _log.error("database_silent", ref=reference, reason=type(error).__name__, exc_info=error)
    return _answer(NO_DATABASE, reference, _again(environ), environ, start_response)


def _again(environ: WSGIEnvironment) -> str:
    """Where «Перезапустить» leads: the address asked for (the empty link), else the start of that stand.

    A form is not sent twice, and a return from Gosuslugi is not repeated, for what it carries serves only once (R-033).
    """
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] in ("GET", "HEAD") and not path.endswith("/login/callback"):
        return ""
    stand = _OF_A_STAND.match(path)
    return f"{stand.group()}/" if stand else "/"


def _answer(
    words: _Words, reference: str, to: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    mimetype = "text/html; charset=utf-8"
    # Where the register is away, the stand's prefix is still in the path.
    reader = reader_of(_OF_A_STAND.sub("", environ.get("PATH_INFO", ""), count=1))
    if reader is Reader.CONTROL:
        mimetype, body = "application/problem+json", _problem(words, reference)
    elif reader is Reader.WIRE:
        mimetype, body = "application/json", _wire(words, reference)
    elif environ.get("HTTP_HX_REQUEST") == "true" and environ.get("HTTP_HX_REQUEST_TYPE") != "full":
        body = _part(words, reference, to)
    else:
        body = _page(words, reference, to)
    content = body.encode()
    headers = [
        ("Content-Type", mimetype),
        ("Content-Length", str(len(content))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", content_security_policy(style_hash=STYLE_HASH)),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if words is NO_DATABASE:
        headers.append(("Retry-After", str(RETRY_AFTER)))
    start_response(words.status, headers)
    return [content]


def _page(words: _Words, reference: str, to: str) -> str:
    facts = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in words.facts)
    return f"""<!doctype html>
<html lang="ru" data-theme="sandbox" data-screen="{words.screen}" data-state="error">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>Учебный стенд: {words.heading}</title>
<style>{STYLE}</style></head>
<body>
<div class="stripe" role="region" aria-label="Предупреждение"><b>Учебный стенд — не вводите настоящие данные</b></div>
<main id="main"><h1>{words.heading}</h1>
<p class="lead">{words.lead}</p>
<p><a class="btn" href="{to}">{words.button}</a></p>
<dl class="card">{facts}</dl>
<p class="ref">Код для поддержки: <b data-ref="{reference}">{reference}</b></p></main></body></html>
"""


def _part(words: _Words, reference: str, to: str) -> str:
    """The same for the place in a page that asked (U-23); it is styled by that page."""
    facts = "".join(f"<p>{text}</p>" for _, text in words.facts)
    return (
        '<div class="fault fault--part" data-part="fault" data-state="error" data-fault role="alert">'
        f"<h3>{words.heading}</h3><p>{words.lead}</p>{facts}"
        f'<p><a class="btn btn--2 btn--s" href="{to}" data-hx-boost="false">{words.button}</a></p>'
        f'<p class="fault__ref">Код для поддержки: <b data-ref="{reference}">{reference}</b></p></div>'
    )


def _wire(words: _Words, reference: str) -> str:
    number, _, phrase = words.status.partition(" ")
    return json.dumps(wire_error(int(number), phrase, reference))


def _problem(words: _Words, reference: str) -> str:
    number, _, title = words.status.partition(" ")
    problem = {
        "type": "about:blank",
        "title": title,
        "status": int(number),
        "code": words.code,
        "detail": words.detail,
        "reference": reference,
    }
    return json.dumps(problem, ensure_ascii=False)
