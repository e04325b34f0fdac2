"""What either program answers where the address names no living stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from foundation.web.headers import content_security_policy
from sandbox_idp.works.style import STYLE, STYLE_HASH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGE = f"""<!doctype html>
<html lang="ru" data-theme="sandbox" data-screen="no-stand" data-state="error">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>Учебный стенд: Такого стенда нет</title>
<style>{STYLE}</style></head>
<body>
<div class="stripe" role="region" aria-label="Предупреждение"><b>Учебный стенд — не вводите настоящие данные</b></div>
<main id="main"><h1>Такого стенда нет</h1>
<p class="lead">Стенд удалён, его время истекло, или в адресе ошибка.</p>
<p><a class="btn" href="/">На основной стенд</a></p>
<dl class="card"><dt>Что сделать</dt><dd>Попросите у преподавателя новую ссылку.</dd></dl></main></body></html>
"""
PROBLEM = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "code": "unknown-stand",
    "detail": "Такого стенда нет: он удалён, его время истекло, или в адресе ошибка.",
}


def unknown_stand(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """404 as a page that needs nothing, no database, no style sheet, no script; for the control API as JSON."""
    if "/control/v1/" in environ.get("PATH_INFO", ""):
        body = json.dumps(PROBLEM, ensure_ascii=False).encode()
        mimetype = "application/problem+json"
    else:
        body = PAGE.encode()
        mimetype = "text/html; charset=utf-8"
    start_response(
        "404 Not Found",
        [
            ("Content-Type", mimetype),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", content_security_policy(style_hash=STYLE_HASH)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [body]
