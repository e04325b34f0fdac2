"""A client that reads every page it gets as strictly as a careful reviewer would.

Each HTML answer must parse without an error in html5lib, have exactly one h1, a title that begins with it, a language,
a main landmark, a screen id, no doubled ids, no inline script or style, an action on every form, a CSRF token in every
form that posts, and a reference where it tells of an error that is no field's. What it returns is the parsed page, with
helpers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import html5lib
from bs4 import BeautifulSoup
from bs4.builder._html5lib import HTML5TreeBuilder
from bs4.element import Tag
from werkzeug.test import Client, TestResponse

SANDBOX_TITLE = "Учебный стенд: "


class _NotingBuilder(HTML5TreeBuilder):
    """Builds the soup and keeps what html5lib found wrong, so that a page need not be parsed twice."""

    def feed(self, markup: str) -> None:
        parser = html5lib.HTMLParser(tree=self.create_treebuilder)
        self.underlying_builder.parser = parser
        parser.parse(markup).original_encoding = None
        self.underlying_builder.parser = None
        self.errors: list[Any] = parser.errors
        """Position, name and details of each."""


class Page:
    """A parsed answer."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        try:
            self.text = response.get_data(as_text=True)
        except UnicodeDecodeError:
            # What is no text (a PDF, a measure of the line) has no words.
            self.text = ""
        builder = _NotingBuilder()
        self.soup = BeautifulSoup("" if response.mimetype.endswith("xml") else self.text, builder=builder)
        self.parse_errors = builder.errors

    @property
    def screen(self) -> str:
        """`data-screen` of the page."""
        return str(self.root.get("data-screen", ""))

    @property
    def root(self) -> Tag:
        root = self.soup.find("html")
        assert isinstance(root, Tag)
        return root

    @property
    def words(self) -> str:
        """The visible text with single spaces (no-break spaces too)."""
        return " ".join(self.soup.get_text(" ").split())

    def form(self, action: str | None = None) -> dict[str, str]:
        """Values of the (first matching) form as a browser without script would send them."""
        for form in self.soup.find_all("form"):
            if action is None or urlsplit(str(form.get("action"))).path.endswith(action):
                return _values(form)
        raise AssertionError(f"no form with action {action!r} on {self.screen}: {self.words[:300]}")


def _values(form: Tag) -> dict[str, str]:
    values: dict[str, str] = {}
    for control in form.find_all("input"):
        kind = control.get("type", "text")
        if kind in ("checkbox", "radio") and not control.has_attr("checked"):
            continue
        if control.get("name") and kind not in ("submit", "button"):
            values[str(control["name"])] = str(control.get("value", "on" if kind == "checkbox" else ""))
    return values


class PageClient:
    """Asks a WSGI program and checks what comes back."""

    def __init__(self, app: Any, base_url: str, prefix: str = "") -> None:
        """`base_url`: scheme and host, without the prefix; `prefix` is put before every path given."""
        self.client = Client(app)
        self.base_url = base_url
        self.prefix = prefix
        self.page: Page | None = None

    def get(self, path: str, status: int = 200, **kwargs: Any) -> Page:
        """Ask for `path` (without the prefix, or a full address of this program) and expect `status`."""
        return self._keep(self.client.get(self._path(path), base_url=self.base_url, buffered=True, **kwargs), status)

    def post(self, path: str, data: Mapping[str, Any] | None = None, status: int = 303, **kwargs: Any) -> Page:
        """Send a form to `path`; the CSRF token of the page seen last is put in unless `data` has one."""
        values: dict[str, Any] = dict(data or {})
        if "csrf_token" not in values and self.page is not None:
            field = self.page.soup.find("input", attrs={"name": "csrf_token"})
            if isinstance(field, Tag):
                values["csrf_token"] = str(field["value"])
        return self._keep(
            self.client.post(self._path(path), data=values, base_url=self.base_url, buffered=True, **kwargs), status
        )

    def follow(self, page: Page, status: int = 200) -> Page:
        """Go where a redirect within this program leads."""
        assert page.location, f"no redirect: {page.status} {page.words[:300]}"
        return self.get(page.location, status)

    def _path(self, address: str) -> str:
        if address.startswith(self.base_url):
            return address.removeprefix(self.base_url)
        if self.prefix and address.startswith(self.prefix + "/"):
            return address
        return self.prefix + address

    def _keep(self, response: TestResponse, status: int) -> Page:
        page = Page(response)
        assert page.status == status, f"{page.status} instead of {status}: {page.location} {page.words[:600]}"
        if response.mimetype == "text/html" and not 300 <= page.status < 400:
            if page.soup.find("main") is not None or page.text.lstrip().lower().startswith("<!doctype"):
                check_page(page)
            self.page = page
        return page


def check_page(page: Page) -> None:
    """Fail with a sentence for the first rule that the page breaks."""
    assert not page.parse_errors, f"{page.screen}: not well-formed: {page.parse_errors[:3]}"
    headings = page.soup.find_all("h1")
    assert len(headings) == 1, f"{page.screen}: {len(headings)} h1"
    heading = " ".join(headings[0].get_text(" ").split())
    title = page.soup.find("title")
    assert title is not None
    words = " ".join(title.get_text().split()).removeprefix(SANDBOX_TITLE).removeprefix("Ошибка: ")
    assert words.startswith(heading), f"{page.screen}: title {words!r} does not begin with h1 {heading!r}"
    assert page.root.get("lang") == "ru", f"{page.screen}: no language"
    assert page.screen, f"no data-screen: {heading}"
    assert page.root.get("data-state") in ("loading", "ready", "error"), f"{page.screen}: no data-state"
    assert page.soup.find("main") is not None, f"{page.screen}: no main landmark"
    ids = [str(tag["id"]) for tag in page.soup.find_all(id=True)]
    doubled = {name for name in ids if ids.count(name) > 1}
    assert not doubled, f"{page.screen}: doubled ids {doubled}"
    if page.root["data-state"] == "error":
        told = page.soup.find(attrs={"data-ref": True}) or page.soup.find(class_="field__error")
        assert told is not None, f"{page.screen}: an error without reference that is no field's (U-1, U-8)"
    for tag in page.soup.find_all(True):
        assert not tag.has_attr("style"), f"{page.screen}: inline style on {tag.name}"
        assert not any(name.startswith("on") for name in tag.attrs), f"{page.screen}: inline handler on {tag.name}"
    for script in page.soup.find_all("script"):
        assert script.get("src"), f"{page.screen}: inline script"
    for style in page.soup.find_all("style"):
        assert "sha256-" in page.response.headers.get("Content-Security-Policy", ""), (
            f"{page.screen}: inline style {style}"
        )
    for form in page.soup.find_all("form"):
        assert form.get("action"), f"{page.screen}: a form without action"
        if str(form.get("method", "get")).lower() == "post":
            assert form.find("input", attrs={"name": "csrf_token"}), f"{page.screen}: a posting form without CSRF token"
