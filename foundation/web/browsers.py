"""A browser as its owner would recognise it: in words, without numbers of versions, its network address masked."""

from __future__ import annotations

import ipaddress
import re

from flask import has_request_context, request

UNKNOWN = "Неизвестное устройство"
_BROWSERS = (
    ("Яндекс Браузер", re.compile(r"YaBrowser/")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|HeadlessChrome/")),
    ("Safari", re.compile(r"Version/[\d.]+ .*Safari/")),
)
"""In this order: most of them also claim to be those that come after them."""
_SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("телефон Android", re.compile(r"Android.*Mobile")),
    ("планшет Android", re.compile(r"Android")),
    ("компьютер с Windows", re.compile(r"Windows")),
    ("компьютер Mac", re.compile(r"Macintosh|Mac OS X")),
    ("компьютер с Linux", re.compile(r"Linux|X11")),
)


def device(user_agent: str | None = None) -> str:
    """`Chrome, компьютер с Windows`; without an argument that of the request at hand.

    The header says what its sender likes; it is only there to help the person to recognise their own.
    """
    given = user_agent if user_agent is not None else _header()
    browser = next((name for name, pattern in _BROWSERS if pattern.search(given)), None)
    system = next((name for name, pattern in _SYSTEMS if pattern.search(given)), None)
    if browser and system:
        return f"{browser}, {system}"
    words = browser or system
    return words[:1].upper() + words[1:] if words else UNKNOWN


def masked_address(address: str | None = None) -> str:
    """`127.0.•.•`: enough to recognise one's own network; without an argument that of the request at hand."""
    given = address if address is not None else ((request.remote_addr or "") if has_request_context() else "")
    try:
        known = ipaddress.ip_address(given)
    except ValueError:
        return "неизвестен"
    if known.version == 4:
        return ".".join([*given.split(".")[:2], "•", "•"])
    return ":".join([*known.exploded.split(":")[:2], "•"])


def _header() -> str:
    return request.user_agent.string[:500] if has_request_context() else ""
