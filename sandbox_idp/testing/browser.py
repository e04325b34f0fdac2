"""A browser as thin as can be: connections, cookies, redirects and forms, and nothing that would cost much itself."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from foundation.clock import steady_seconds

REDIRECTS = (301, 302, 303, 307)
MOST_REDIRECTS = 10
IDLE = 20.0
"""Seconds for which an unused connection is kept; servers keep one a little longer."""
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_CONTROL = re.compile(r"<(?:input|button)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_SCREEN = re.compile(r'data-screen="([\w-]+)"')


@dataclass(frozen=True)
class Page:
    """What came back in the end."""

    url: str
    status: int
    text: str
    leads_to: str = ""

    @property
    def screen(self) -> str:
        """`data-screen` of the page."""
        found = _SCREEN.search(self.text)
        return found.group(1) if found else ""

    @property
    def location(self) -> str:
        """Where an answer that was not followed leads; empty if nowhere."""
        return urljoin(self.url, self.leads_to) if self.leads_to else ""

    def form(self, needed: str) -> tuple[str, list[tuple[str, str]]]:
        """Address and values of the first posting form with a control of name `needed`, as a browser would send it.

        Buttons are left out; LookupError if there is no such form.
        """
        for head, body in _FORM.findall(self.text):
            attributes = dict(_ATTRIBUTE.findall(head))
            values = []
            names = set()
            for control in _CONTROL.findall(body):
                control_attributes = dict(_ATTRIBUTE.findall(control))
                name, kind = control_attributes.get("name"), control_attributes.get("type", "text")
                if not name:
                    continue
                names.add(name)
                if kind in ("submit", "button") or (
                    kind in ("checkbox", "radio") and "checked" not in control_attributes
                ):
                    continue
                values.append((name, html.unescape(control_attributes.get("value", ""))))
            if attributes.get("method", "").lower() == "post" and needed in names:
                return urljoin(self.url, html.unescape(attributes.get("action", ""))), values
        raise LookupError(f"no form with {needed!r} on {self.screen or self.url}: {self.status} {self.text[:300]}")


class Browser:
    """One browser; `address` is the loopback address it comes from."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self.headers: dict[str, str] = {}
        """Sent with every request, besides what a browser always sends."""
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self._used: dict[str, float] = {}
        self._cookies: dict[str, dict[tuple[str, str], str]] = {}
        self.requests = 0

    def get(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._follow("GET", url, None)

    def ask(self, url: str) -> Page:
        """Open an address and look at what comes, also if it leads elsewhere."""
        status, location, text = self._ask("GET", url, None)
        return Page(url, status, text, location)

    def submit(self, page: Page, needed: str, *, without: str = "", **typed: str) -> Page:
        """Fill in the form of `page` that has the control `needed`, send it, and follow. `without` is left empty."""
        url, values = page.form(needed)
        kept = [(name, value) for name, value in values if name not in typed and name != without]
        return self._follow("POST", url, [*kept, *typed.items()])

    def twin(self) -> Browser:
        """Another one with the same cookies, and connections of its own."""
        twin = Browser(self._address)
        twin.headers = self.headers
        twin._cookies = {host: dict(jar) for host, jar in self._cookies.items()}
        return twin

    def forget(self) -> None:
        """Be a new browser on the same connections."""
        self._cookies.clear()

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections.values():
            connection.close()

    def _follow(self, method: str, url: str, values: Sequence[tuple[str, str]] | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            status, location, text = self._ask(method, url, values)
            if status not in REDIRECTS:
                return Page(url, status, text)
            method, url, values = "GET", urljoin(url, location), None
        raise RecursionError(f"too many redirects, the last one to {url}")

    def _ask(self, method: str, url: str, values: Sequence[tuple[str, str]] | None) -> tuple[int, str, str]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = self._connections.get(parts.netloc)
        if connection is None:
            # Both programs listen on IPv4's loopback, under whichever name they are asked.
            connection = http.client.HTTPConnection(
                "127.0.0.1", parts.port, timeout=60, source_address=(self._address, 0)
            )
            self._connections[parts.netloc] = connection
        elif steady_seconds() - self._used[parts.netloc] > IDLE:
            # The server is about to close it, or has done so; asked again it opens itself anew.
            connection.close()
        self._used[parts.netloc] = steady_seconds()
        headers = {"Host": parts.netloc, "Accept": "text/html", **self.headers}
        jar = self._cookies.setdefault(host, {})
        cookies = "; ".join(f"{name}={value}" for (name, place), value in jar.items() if parts.path.startswith(place))
        if cookies:
            headers["Cookie"] = cookies
        body = None
        if values is not None:
            body = urlencode(values)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", errors="replace")
        except BaseException:
            # Nothing more comes on it that could be told from the rest of this answer.
            self._connections.pop(parts.netloc).close()
            raise
        self.requests += 1
        for line in response.headers.get_all("Set-Cookie") or ():
            self._keep(jar, line)
        return response.status, response.headers.get("Location") or "", text

    @staticmethod
    def _keep(jar: dict[tuple[str, str], str], line: str) -> None:
        pair, *flags = line.split(";")
        name, _, value = pair.strip().partition("=")
        place = next((flag.strip()[5:] for flag in flags if flag.strip().lower().startswith("path=")), "/")
        if "max-age=0" in line.lower().replace(" ", ""):
            jar.pop((name, place), None)
        else:
            jar[name, place] = value
