"""Where a person goes after a sign-in: back to the page asked for, and never anywhere else (S-14)."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask import request

HOME = "/home"
LONGEST = 512

_NOWHERE = ("/login", "/logout", "/loading", "/session", "/signed-out", "/static", "/healthz")
"""Pages that make no sense to come back to; a sign-in that leads to a sign-in would never end."""


def safe_next(value: str | None, default: str = HOME) -> str:
    """`value` if it is a path inside the portal (without the prefix that the portal is served under), else `default`.

    Browsers read `//host`, `/\\host` and addresses with tabs or line ends in them as other hosts, and some servers
    decode `%2f` once more: whatever could be read so at any stage is not a path.
    """
    if value is None or not is_local_path(value):
        return default
    path = urlsplit(value).path
    if any(path == nowhere or path.startswith(nowhere + "/") for nowhere in _NOWHERE):
        return default
    return value


def is_local_path(value: str) -> bool:
    """Whether `value` is an absolute path of this program and nothing else, however often it is decoded."""
    if not 0 < len(value) <= LONGEST:
        return False
    seen, text = "", value
    while text != seen:
        if not text.startswith("/") or text.startswith("//") or "\\" in text:
            return False
        if any(ord(letter) <= 32 or ord(letter) == 127 for letter in text.partition("?")[0]):
            return False
        seen, text = text, unquote(text)
    if not value.isascii() or any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return False
    parts = urlsplit(value)
    return not parts.scheme and not parts.netloc and "//" not in unquote(parts.path)


def asked_page() -> str:
    """The page that the request at hand is about, as a value for `next`: for a part, the page it stands on."""
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full":
        return _page_of(request.headers.get("HX-Current-URL") or request.referrer)
    if request.method not in ("GET", "HEAD"):
        return _page_of(request.referrer)
    return safe_next(request.full_path.rstrip("?"))


def _page_of(address: str | None) -> str:
    """The path of an address on this very host, without the prefix; the home page for anything else."""
    parts = urlsplit(address or "")
    if parts.netloc != request.host or not parts.path.startswith(request.root_path + "/"):
        return HOME
    return safe_next(parts.path.removeprefix(request.root_path) + (f"?{parts.query}" if parts.query else ""))
