"""What either program answers where the address names no living stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGE = """<!doctype html>
<html lang="ru" data-theme="sandbox" data-screen="no-stand" data-state="error">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><title>Учебный стенд: Такого стенда нет</title></head>
<body><main><p>Учебный стенд — не вводите настоящие данные</p>
<h1>Такого стенда нет</h1>
<p>Стенд удалён, его время истекло, или в адресе ошибка. Попросите у преподавателя новую ссылку.</p>
<p><a href="/">На основной стенд</a></p></main></body></html>
"""


def unknown_stand(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """404 as a page that needs nothing: no database, no style sheet, no script."""
    body = PAGE.encode()
    start_response(
        "404 Not Found",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [body]
