"""The self-test of a browser (R-056…R-060): what the server can see of it, row by row, without script.

Script adds what only the browser knows: that it runs, how far its clock is off, how fast a small file comes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from flask import request

from portal.web.browsers import browser_of

State = Literal["good", "warn", "unknown"]

TLS_HEADER = "X-TLS-Version"
"""What the proxy in front of the portal says of the browser's connection: `TLSv1.2` (nginx: `$ssl_protocol`)."""
TLS_MINIMUM = (1, 2)
BLOB = hashlib.shake_128(b"browser check").digest(256 * 1024)
"""256 KiB that nothing can pack: at the stated 2 Mbit/s they take a second (R-059)."""

_TLS = re.compile(r"(TLS|SSL)v?(\d)(?:\.(\d))?")


@dataclass(frozen=True)
class Check:
    """One row of the self-test."""

    id: str
    name: str
    state: State
    says: str
    todo: str = ""
    """What to do about it, if it is not good."""


def look() -> list[Check]:
    """Everything that the request at hand tells of its browser."""
    return [_version(), _cookies(), _connection()]


def _version() -> Check:
    browser = browser_of(request.user_agent.string)
    if browser is None:
        return Check(
            "version", "Браузер", "unknown", "Не узнали. Портал проверен с Chrome, Edge и Firefox от 80, Safari от 13."
        )
    if browser.is_old:
        return Check(
            "version",
            "Браузер",
            "warn",
            f"{browser.name}. Портал проверен с {browser.minimum} и новее.",
            "Обновите браузер: меню, «О браузере». Пользоваться порталом можно и так, но он может выглядеть иначе.",
        )
    return Check("version", "Браузер", "good", f"{browser.name}, подходит.")


def _cookies() -> Check:
    if request.cookies:
        return Check("cookies", "Файлы cookie", "good", "Браузер их сохраняет.")
    return Check(
        "cookies",
        "Файлы cookie",
        "warn",
        "Браузер их не сохраняет. Без них портал не узнает, что вы вошли.",
        "Разрешите файлы cookie для этого сайта: как это сделать, написано ниже.",
    )


def _connection() -> Check:
    told = _TLS.fullmatch(request.headers.get(TLS_HEADER, "").strip())
    if told is None:
        words = (
            "Защищено. Версию TLS сервер не сообщает."
            if request.is_secure
            else "Без шифрования, насколько видно порталу. Если адрес начинается с https://, соединение защищено."
        )
        return Check("tls", "Защита соединения", "unknown", words)
    version = (int(told[2]), int(told[3] or 0)) if told[1] == "TLS" else (0, int(told[2]))
    name = f"{told[1]} {told[2]}.{told[3] or 0}"
    if version < TLS_MINIMUM:
        return Check(
            "tls",
            "Защита соединения",
            "warn",
            f"{name}. Нужна TLS 1.2 или новее: прежние версии можно подслушать.",
            "Обновите браузер и систему. На работе попросите администратора включить TLS 1.2.",
        )
    return Check("tls", "Защита соединения", "good", f"{name}, подходит.")
