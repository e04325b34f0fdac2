"""«Смена пароля» in the cabinet."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import select

from foundation.web.cookies import cookie_rules
from sandbox_idp.accounts import password_change, password_rules, passwords
from sandbox_idp.accounts.models import EarlierPassword, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.settings import SandboxSettings
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey

ADDRESS = "/cabinet/security/password"
NEW = "Zimnee-Utro-57"


@pytest.fixture
def inside(sandbox: PageClient, stand: Stand) -> PageClient:
    """Anna, signed in, on the page."""
    journey.sign_in(sandbox, stand)
    sandbox.get(ADDRESS)
    return sandbox


def change(browser: PageClient, present: str, new: str, status: int = 303) -> Page:
    return browser.post(ADDRESS, {"password": present, "new_password": new}, status)


def test_the_page_asks_for_a_sign_in_and_prints_the_rule(sandbox: PageClient, stand: Stand) -> None:
    """S-27, S-60."""
    assert sandbox.get(ADDRESS, 303).location.endswith(f"/login?next={ADDRESS}")
    journey.sign_in(sandbox, stand)
    page = sandbox.get(ADDRESS)
    for line in load().password.words():
        assert " ".join(line.split()) in page.words


def test_the_present_password_is_needed_and_the_others_are_signed_out(inside: PageClient, stand: Stand) -> None:
    """S-31, S-47: this session stays, every other one ends, the person is told, and the old password is remembered."""
    elsewhere = PageClient(inside.client.application, inside.base_url, inside.prefix)
    journey.sign_in(elsewhere, stand)
    saved = inside.follow(change(inside, PASSWORD, NEW))
    assert "Пароль изменён." in saved.words
    assert inside.get("/cabinet").screen == "cabinet"
    assert elsewhere.get("/cabinet", 303).location.endswith("/login")
    assert journey.arrived(stand)[-1].text.startswith("Пароль изменён.")
    assert passwords.verify(journey.person_of(stand, "anna").password_hash, NEW)
    with stand.database.reading() as session:
        (earlier,) = session.exec(select(EarlierPassword))
    assert passwords.verify(earlier.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("present", "new", "told"),
    [
        (journey.WRONG, NEW, "Нынешний пароль неверный."),
        ("", NEW, "Введите нынешний пароль."),
        (PASSWORD, "", "Введите новый пароль."),
        (PASSWORD, "lampa", "Пароль пока не подходит."),
        (PASSWORD, PASSWORD, "Такой пароль у вас уже был."),
        (PASSWORD, "Lesnaya-Zimoy-7", "Уберите имена"),
    ],
)
def test_what_will_not_do_is_told_and_changes_nothing(
    inside: PageClient, stand: Stand, present: str, new: str, told: str
) -> None:
    """S-27, S-31, U-9: the same rule as everywhere; neither password comes back."""
    page = change(inside, present, new, 422)
    assert told in page.words
    for typed in filter(None, (present, new)):
        assert typed not in page.text
    assert passwords.verify(journey.person_of(stand, "anna").password_hash, PASSWORD)


@pytest.mark.parametrize(("new", "status"), [(NEW, 303), (PASSWORD, 422)], ids=["changed", "refused"])
def test_the_right_present_password_gives_the_session_another_token(
    inside: PageClient, stand: Stand, sandbox_settings: SandboxSettings, new: str, status: int
) -> None:
    """S-44: it confirms who sits here, so the token from before opens nothing, whatever becomes of the new password."""
    before = journey.cookies(inside)["gosuslugi"]
    change(inside, PASSWORD, new, status)
    assert inside.get("/cabinet").screen == "cabinet"
    rules = cookie_rules("gosuslugi", stand.prefix, sandbox_settings.public_url)
    inside.client.set_cookie(rules.name, before, domain="127.0.0.1", path=rules.path)
    assert "/login" in inside.get("/cabinet", 303).location


def test_guessing_the_present_password_is_limited(inside: PageClient, stand: Stand) -> None:
    """S-34: whoever sits at an unlocked computer has five guesses."""
    for _ in range(4):
        change(inside, journey.WRONG, NEW, 422)
    assert change(inside, journey.WRONG, NEW, 429).screen == "lockout"
    assert inside.get(ADDRESS).screen == "cabinet-password"
    assert change(inside, PASSWORD, NEW, 429).screen == "lockout"


def test_the_last_five_are_looked_back_at(stand: Stand, app: Flask) -> None:
    """R-133: the present one and the four before it, the newest first."""
    strict = load().password
    with app.app_context(), stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        assert password_rules.earlier_hashes(session, anna, strict) == [anna.password_hash]
        for number in range(7):
            password_change.change_password(session, anna, f"hash {number}", now=stand.clock.now())
        looked_at = password_rules.earlier_hashes(session, anna, strict)
        assert looked_at == ["hash 6", "hash 5", "hash 4", "hash 3", "hash 2"]
        assert password_rules.earlier_hashes(session, anna, load("nist-asvs").password) == []


def test_no_more_of_them_are_kept_than_are_looked_at(stand: Stand, app: Flask) -> None:
    """The history does not grow for ever."""
    with app.app_context(), stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        for number in range(password_change.KEPT + 5):
            password_change.change_password(session, anna, f"hash {number}", now=stand.clock.now())
    with stand.database.reading() as session:
        kept = [row.password_hash for row in session.exec(select(EarlierPassword).order_by(EarlierPassword.id))]
    assert len(kept) == password_change.KEPT
    assert kept[-1] == f"hash {password_change.KEPT + 3}"
