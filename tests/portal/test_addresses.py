"""Every address of the portal: written down, for whom it says, and closed to another patient (S-54, S-55).

The tests are made of the portal's own list of addresses, so that one which is added later cannot be forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask

from foundation.database import Database
from portal.settings import PortalSettings
from tests.pages import Page, PageClient
from tests.portal import addresses
from tests.portal.addresses import NAMES, OBJECTS, Address, Owner, arguments_of, documented, path_of, served
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import ANNA_SNILS, SEVEN, FakeClinic
from tests.portal.fake_clinic_record import fill
from tests.portal.fake_esia import ANNA, FRONT, FakeEsia

ERRORS = {"card-not-found", "error", "forbidden", "not-found", "queue", "form-expired", "no-cookies"}
NEIGHBOUR = 1000000102
SOMETHING = {"session": "x" * 64, "next": "/home"}
"""Fields of forms, with values that mean nothing to any of them."""


def test_every_address_is_written_down_with_its_methods(portal_app: Flask) -> None:
    """R-001: and none is written down that there is not."""
    assert Counter((each.rule, each.method) for each in documented()) == Counter(served(portal_app))


def test_every_argument_of_an_address_is_an_object_or_a_name(portal_app: Flask) -> None:
    """S-54: whoever adds an address with an id says here how such an object is made, so that others can be refused."""
    with_arguments = {rule for rule, _ in served(portal_app) if arguments_of(rule)}
    known = OBJECTS.keys() | NAMES.keys()
    assert with_arguments == known, f"not in tests/portal/addresses.py, or not in the portal: {with_arguments ^ known}"
    assert not OBJECTS.keys() & NAMES.keys()


def test_every_screen_that_is_written_down_is_the_screen_of_a_template() -> None:
    """A name that nobody shows misleads whoever writes a test of the portal."""
    root = addresses.PAGE.parents[1]
    shown = {
        found
        for path in [*root.glob("templates/**/*.html"), *root.glob("portal/**/*.py")]
        for said in re.findall(r'screen ?= ?("[^\n]+)', path.read_text(encoding="utf-8"))
        for found in re.findall(r'"([a-z-]+)"', said)
    }
    told = {screen for each in documented() for screen in each.screens}
    assert told <= shown, told - shown


def csrf_token(browser: PageClient) -> str:
    """A token that is good in this browser, whoever is signed in: a form without one comes back with it."""
    browser.client.set_cookie("seen", "1", domain="localhost")
    return browser.post("/session", {"csrf_token": "none"}, 400).form()["csrf_token"]


def ask(browser: PageClient, method: str, path: str) -> Page:
    """Ask for an address as its method wants it, with a good CSRF token."""
    sent = {} if method == "GET" else {"data": {**SOMETHING, "csrf_token": csrf_token(browser)}}
    response = browser.client.open(path, method=method, base_url=browser.base_url, buffered=True, **sent)
    if response.mimetype == "application/octet-stream":
        response.set_data("")  # Bytes are no page.
    return Page(response)


def sent_to_sign_in(page: Page) -> bool:
    """Whether a stranger was stopped."""
    return page.status == 401 or (page.status == 303 and urlsplit(page.location).path == "/login")


@pytest.fixture
def new_browser(portal_app: Flask, portal_settings: PortalSettings) -> Callable[[], PageClient]:
    return lambda: PageClient(portal_app, portal_settings.public_url)


@pytest.fixture
def owner(
    *,
    portal_app: Flask,
    portal: PageClient,
    portal_database: Database,
    sign_in: SignIn,
    family: FakeEsia,
    clinic: FakeClinic,
) -> Owner:
    """A patient with children, papers and a record; nobody works at a clinic as yet."""
    fill(clinic)
    clinic.reports.staff.clear()
    sign_in(portal)
    portal.get("/loading/all", 303)
    return Owner(portal, portal_app, portal_database)


@pytest.fixture
def neighbour(
    owner: Owner, new_browser: Callable[[], PageClient], sign_in: SignIn, esia: FakeEsia, clinic: FakeClinic
) -> PageClient:
    """Another patient, signed in beside the owner, with the same rights and a card at the same clinic."""
    clinic.directory.cards["00010010211"] = replace(clinic.directory.cards[ANNA_SNILS], id="card-boris")
    esia.subject = NEIGHBOUR
    esia.person = {**ANNA, "firstName": "Борис", "lastName": "Соседов", "snils": "000-100-102 11"}
    esia.scopes = esia.scopes.replace(str(1000000101), str(NEIGHBOUR))
    browser = new_browser()
    sign_in(browser)
    return browser


def test_what_belongs_to_another_patient_is_not_there(owner: Owner, neighbour: PageClient) -> None:
    """S-54: every address with an id, by every method: 404, and not one word that differs from an id that never was."""
    for each in documented():
        if each.rule not in OBJECTS:
            continue
        arguments = OBJECTS[each.rule](owner)
        path = path_of(each.rule, arguments)
        refused = ask(neighbour, each.method, path)
        never = ask(neighbour, each.method, path_of(each.rule, dict.fromkeys(arguments, "never-was-there")))
        # Who may not enter the room at all is sent away from what never was in the same way.
        sent_away = refused.status == 303 and refused.location == never.location
        assert refused.status == 404 or sent_away, f"{each.method} {path}: {refused.status} {refused.location}"
        # Giving up what is given up already changes nothing (303), whether it ever was or not.
        assert never.status in (refused.status, 303), f"{each.method} {path}: {never.status}"
        if never.status == refused.status:
            assert (refused.screen, _heading(refused)) == (never.screen, _heading(never))
        assert ask(owner.browser, each.method, path).status != 404, f"{each.rule}: not there for its owner either"
        if each.rule.startswith("/children/"):
            ask(owner.browser, "POST", "/children/stop")


def _heading(page: Page) -> str:
    return page.soup.h1.get_text() if page.soup.h1 else ""


def test_a_name_that_there_is_not_is_not_found(owner: Owner) -> None:
    """U-3: a part or an item that the portal does not have is a page that does not exist, and no failure."""
    for each in documented():
        if each.rule in NAMES:
            path = path_of(each.rule, dict.fromkeys(NAMES[each.rule], "never-was-there"))
            assert ask(owner.browser, each.method, path).status == 404, path


def as_stranger(_browser: PageClient, _sign_in: SignIn, _esia: FakeEsia, _clinic: FakeClinic) -> None:
    """Nobody is signed in."""


def as_patient(browser: PageClient, sign_in: SignIn, _esia: FakeEsia, _clinic: FakeClinic) -> None:
    """Confirmed, with everything granted."""
    sign_in(browser)


def as_simplified(browser: PageClient, sign_in: SignIn, esia: FakeEsia, _clinic: FakeClinic) -> None:
    """With the least that lets one in."""
    esia.person = {**ANNA, "trusted": False, "snils": None, "inn": None}
    sign_in(browser)


def as_parent(browser: PageClient, sign_in: SignIn, _esia: FakeEsia, _clinic: FakeClinic) -> None:
    """Acts for a child."""
    sign_in(browser)
    page = browser.get("/children")
    action = next(str(form["action"]) for form in page.soup.find_all("form") if str(form["action"]).endswith("/act"))
    browser.post(action)


def as_staff(browser: PageClient, sign_in: SignIn, _esia: FakeEsia, clinic: FakeClinic) -> None:
    """Works at a clinic."""
    clinic.reports.staff[ANNA_SNILS] = SEVEN
    sign_in(browser)


ROLES = {
    "stranger": as_stranger,
    "patient": as_patient,
    "simplified": as_simplified,
    "parent": as_parent,
    "staff": as_staff,
}


@pytest.mark.parametrize("role", ROLES)
def test_every_address_is_for_whom_it_says(
    *,
    role: str,
    owner: Owner,
    new_browser: Callable[[], PageClient],
    sign_in: SignIn,
    esia: FakeEsia,
    clinic: FakeClinic,
) -> None:
    """S-55: each role at each address; a screen that comes is one that is written down for it."""
    enter = ROLES[role]
    browser = new_browser()
    enter(browser, sign_in, esia, clinic)
    for each in documented():
        arguments = NAMES.get(each.rule) or (OBJECTS[each.rule](owner) if each.rule in OBJECTS else {})
        _check(each, role, ask(browser, each.method, path_of(each.rule, arguments)))
        if role != "stranger" and ask(browser, "GET", "/session").status == 401:
            # What was sent has ended the session, or everything.
            browser = new_browser()
            enter(browser, sign_in, esia, clinic)


def _check(each: Address, role: str, page: Page) -> None:
    where = f"{role} at {each.method} {each.rule}: {page.status} {page.location} {page.screen}"
    if each.rule == "/session" and each.method == "GET":
        assert page.status == (401 if role == "stranger" else 200), where
    elif role == "stranger" and each.whom != "everybody":
        assert sent_to_sign_in(page), where
    elif role != "staff" and each.whom == "staff":
        assert (page.status, page.screen) == (403, "forbidden"), where
    else:
        assert not sent_to_sign_in(page), where
        assert page.status != 403, where
        assert page.status < 500 or page.screen in each.screens, where
        assert page.location == "" or not urlsplit(page.location).netloc or page.location.startswith(FRONT), where
        if page.status == 200 and page.response.mimetype == "text/html":
            assert page.screen in each.screens | ERRORS, where
