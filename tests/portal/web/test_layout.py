"""What is the same on every page: addresses that lead somewhere, the notice, «версия для слабовидящих», weight."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from bs4.element import Tag
from flask import Flask

from foundation.assets import assets
from portal import create_app
from portal.doors import doors
from portal.settings import PortalSettings
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn

PUBLIC = (
    "/",
    "/help",
    "/help/login-problems",
    "/help/how-to-sign-in",
    "/help/browser-check?again=1",
    "/terms",
    "/privacy",
    "/status",
    "/accessibility",
)
PATIENT = ("/home", "/loading", "/loading/policy", "/parts/policy", "/parts/children", "/parts/contacts")
LEAVES = ("/login", "/logout")
"""Addresses that lead to Gosuslugi; their own tests follow them."""


def internal_links(page: Page) -> set[str]:
    addresses = {str(tag["href"]) for tag in page.soup.find_all("a", href=True, download=False)}
    addresses |= {str(tag["action"]) for tag in page.soup.find_all("form") if tag.get("method", "get") == "get"}
    addresses |= {str(tag["data-hx-get"]) for tag in page.soup.find_all(attrs={"data-hx-get": True})}
    assert not any(urlsplit(address).netloc for address in addresses), addresses
    return {address for address in addresses if address and not address.startswith("#")}


@pytest.mark.parametrize("signed_in", [False, True])
def test_no_link_is_dead(portal: PageClient, sign_in: SignIn, signed_in: bool) -> None:
    """R-034: from every page, every address of the portal leads to a page, and every anchor to something on it."""
    if signed_in:
        sign_in(portal)
    seen: set[str] = set()
    waiting = [*PUBLIC, *(PATIENT if signed_in else ())]
    while waiting:
        address = waiting.pop()
        path = urlsplit(address).path
        if address in seen or path in LEAVES or address.startswith("/accessibility?"):
            continue
        seen.add(address)
        response = portal.client.get(address, base_url=portal.base_url)
        assert response.status_code in (200, 303, 502), f"{address}: {response.status_code}"
        if response.status_code == 303:
            continue
        page = Page(response)
        main = page.soup.find("main")
        assert not isinstance(main, Tag) or main.find(["a", "button"]) is not None, f"{address}: no next step"
        anchor = urlsplit(address).fragment
        assert not anchor or page.soup.find(id=anchor) is not None, f"{address}: no such place"
        waiting.extend(internal_links(page))
    assert len(seen) > len(PUBLIC)


@pytest.mark.parametrize("path", PUBLIC)
def test_every_page_has_help_at_the_same_place(portal: PageClient, path: str) -> None:
    """R-001, WCAG 3.2.6: help for signing in, 103 and 112, and the other version are one press away."""
    page = portal.get(path)
    footer = page.soup.find("footer")
    assert footer is not None
    assert footer.find("a", href="/help/login-problems") is not None
    assert "103" in footer.get_text()
    assert "112" in footer.get_text()
    header = page.soup.find("header")
    assert header is not None
    assert header.find("a", attrs={"aria-label": "Версия для слабовидящих"}) is not None


def test_htmx_is_set_up_as_agreed(portal: PageClient) -> None:
    """U-24, U-26: 30 s, no copy of pages, no indicator style, nothing swapped for 204 and 304."""
    page = portal.get("/")
    meta = page.soup.find("meta", attrs={"name": "htmx-config"})
    assert meta is not None
    assert json.loads(str(meta["content"])) == {
        "defaultTimeout": 30000,
        "noSwap": [204, 304],
        "history": "reload",
        "includeIndicatorCSS": False,
    }
    scripts = [str(tag["src"]) for tag in page.soup.find_all("script")]
    assert [name.rsplit("/", 1)[1] for name in scripts] == ["portal.js", "htmx-4.0.1.min.js", "session.js"]
    assert all(tag.has_attr("defer") for tag in page.soup.find_all("script"))


def test_the_first_page_needs_two_font_files_only(portal: PageClient) -> None:
    """`weight`: no rouble sign and no other character that is in neither of them, which would load a third file."""
    style = (assets("static") / "css" / "fonts.css").read_text("utf-8")
    ranges = re.search(r"basic-wght.*?unicode-range:([^}]+)}", style, re.DOTALL)[1] + ",U+0400-045F,U+2116"
    ends = [part.removeprefix("U+").split("-") for part in ranges.split(",")]
    covered = [(int(end[0], 16), int(end[-1], 16)) for end in ends]
    for letter in portal.get("/").words:
        assert any(low <= ord(letter) <= high for low, high in covered), letter


def test_the_start_page_knows_no_password(portal: PageClient) -> None:
    """R-002: there is one way in, and it is not a form."""
    page = portal.get("/")
    assert not page.soup.find_all("input", type="password")
    assert page.soup.find("a", href="/login", string="Войти через Госуслуги") is not None


def test_the_notice_stands_on_every_page(portal_app: Flask, portal_settings: PortalSettings) -> None:
    """PORTAL_NOTICE: an ordinary line, on pages and on the error page; without it there is none."""
    with portal_app.app_context():
        room = doors()
    settings = portal_settings.model_copy(update={"notice": "Работает <проверка>"})
    app = create_app(
        settings, database=room.database, esia=room.esia, clinic=room.clinic, messages=room.messages,
        files=room.files, clock=room.clock, ids=room.ids,
    )  # fmt: skip
    noticed, plain = PageClient(app, settings.public_url), PageClient(portal_app, settings.public_url)
    for path, status in (("/", 200), ("/help", 200), ("/nowhere", 404)):
        assert "Работает <проверка>" in noticed.get(path, status).words
        assert not plain.get(path, status).soup.find(class_="stripe")


def choose(portal: PageClient, **answers: str) -> Page:
    return portal.get("/accessibility", 303, query_string={"apply": "1", **answers})


def test_the_other_version_is_kept_through_a_sign_in(portal: PageClient, sign_in: SignIn) -> None:
    """U-35: size, spacing, colours, pictures and motion are on every page afterwards, the error page as well."""
    answers = {"size": "3", "spacing": "wide", "contrast": "white", "images": "off", "motion": "still"}
    portal.follow(choose(portal, **answers))
    sign_in(portal)
    for path, status in (("/help", 200), ("/home", 200), ("/nowhere", 404)):
        root = portal.get(path, status).root
        assert {name: root.get(f"data-{name}") for name in answers} == answers


def test_the_usual_version_leaves_no_mark(portal: PageClient) -> None:
    """What was not chosen, or is not on the list, is as usual; one press brings everything back."""
    portal.follow(choose(portal, size="9", contrast="'><script>", spacing="wide"))
    root = portal.get("/").root
    assert root.get("data-spacing") == "wide"
    assert not root.has_attr("data-size")
    assert not root.has_attr("data-contrast")
    portal.get("/accessibility", 303, query_string={"usual": "1", "size": "3"})
    assert not portal.get("/").root.has_attr("data-spacing")


@pytest.mark.parametrize("back", ["//evil.test", "/\\evil.test", "https:evil.test", "/%2f%2fevil.test", "evil", "/a b"])
def test_the_way_back_never_leads_elsewhere(portal: PageClient, back: str) -> None:
    """S-14: a foreign address is ignored."""
    page = portal.follow(portal.get("/accessibility", 303, query_string={"apply": "1", "back": back}))
    assert page.soup.find("a", string="Вернуться", href="/") is not None


def test_the_way_back_is_the_page_one_came_from(portal: PageClient) -> None:
    """The link in the header remembers the page, and «Вернуться» leads there."""
    link = portal.get("/help/how-to-sign-in").soup.find("a", attrs={"aria-label": "Версия для слабовидящих"})
    assert link is not None
    portal.get(str(link["href"]))
    assert portal.page is not None
    values = portal.page.form("/accessibility")
    page = portal.follow(portal.get("/accessibility", 303, query_string={**values, "apply": "1"}))
    assert page.soup.find("a", string="Вернуться", href="/help/how-to-sign-in") is not None


def test_public_pages_need_no_database(portal: PageClient, portal_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-001, U-6: help and start open with the database away; a page of a patient says that it is."""

    def away(*_: object, **__: object) -> None:
        raise AssertionError("asked the database")

    with portal_app.app_context():
        database = doors().database
    monkeypatch.setattr(database, "reading", away)
    monkeypatch.setattr(database, "writing", away)
    for path in set(PUBLIC) - {"/status"}:
        portal.get(path)
