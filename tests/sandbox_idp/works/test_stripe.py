"""S-72: every page of the sandbox says that it is a training stand and asks not to be found."""

from __future__ import annotations

import pytest
from flask import Flask

from sandbox_idp.assembly import create_app
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import arming
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.pages import Page, PageClient

STRIPE = "Учебный стенд — не вводите настоящие данные"


@pytest.fixture
def inside(sandbox_settings: SandboxSettings, house: House, stand: Stand) -> PageClient:
    """A browser that may see the console as well."""
    settings = sandbox_settings.model_copy(update={"console_password": "password"})
    browser = PageClient(build(settings, house), settings.public_url, stand.prefix)
    browser.get("/console/enter")
    browser.post("/console/enter", {"password": "password"})
    return browser


def plain_addresses(app: Flask) -> list[str]:
    """Every address that is asked for without an argument."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return sorted({rule.rule for rule in rules})


def check(page: Page, address: str) -> None:
    assert STRIPE in page.words, f"{address}: no stripe"
    title = page.soup.find("title")
    assert title is not None
    assert title.get_text().startswith("Учебный стенд: "), f"{address}: title {title.get_text()}"
    robots = page.soup.find("meta", attrs={"name": "robots"})
    assert robots is not None, f"{address}: may be indexed"
    assert "noindex" in str(robots["content"]), f"{address}: may be indexed"


def ask(browser: PageClient, address: str) -> Page | None:
    """The whole page at an address, whatever its status; None for what is not a page."""
    response = browser.client.get(browser.prefix + address, base_url=browser.base_url)
    if response.mimetype != "text/html" or 300 <= response.status_code < 400:
        return None
    page = Page(response)
    return page if "<html" in page.text else None


def test_every_page_carries_the_stripe(inside: PageClient, sandbox_settings: SandboxSettings, house: House) -> None:
    """Walks every address of the program, so a new page needs no line here."""
    seen: set[str] = set()
    for address in plain_addresses(create_app(sandbox_settings, house)):
        page = ask(inside, address)
        if page is not None:
            check(page, address)
            seen.add(page.screen)
    assert {"idp-start", "login", "phone", "works", "console", "console-stands", "console-reset"} <= seen


@pytest.mark.parametrize("address", ["/nothing", "/console/nothing", "/console/scenarios/none"])
def test_so_does_every_refusal(inside: PageClient, address: str) -> None:
    check(inside.get(address, status=404), address)


def test_so_does_the_page_about_works(inside: PageClient, stand: Stand) -> None:
    arming.arm(stand, "works-planned")
    check(inside.get("/login", status=503), "/login")


def test_so_does_a_stand_that_is_not_there(sandbox_settings: SandboxSettings, house: House) -> None:
    nowhere = PageClient(build(sandbox_settings, house), sandbox_settings.public_url, "/s/aaaaaaaaaaaaaaaa")
    for address in ("/", "/login", "/console/"):
        check(nowhere.get(address, status=404), address)
    problem = nowhere.get("/control/v1/people", status=404).response
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["code"] == "unknown-stand"
