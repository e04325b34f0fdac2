"""Somebody with a standard account and everything that a confirmation needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from sandbox_idp.accounts import factory, passwords, people
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.conftest import acts

__all__ = ["acts"]

SERVICE = "/cabinet/services/medical-policy"


@dataclass
class Applicant:
    """A person of standard level, signed in at a browser."""

    browser: PageClient
    stand: Stand
    oid: int
    phone: str
    mail: str

    @property
    def person(self) -> Person:
        """As the account is now."""
        with self.stand.database.reading() as session:
            return session.get_one(Person, self.oid)

    def get(self, path: str = "", status: int = 200) -> Page:
        return self.browser.get(f"{SERVICE}{path}", status)

    def post(self, path: str, data: dict[str, str], status: int = 303) -> Page:
        return self.browser.post(f"{SERVICE}{path}", data, status)

    def code(self) -> str:
        return journey.last_code(self.stand, self.phone)

    def later(self, by: timedelta) -> None:
        self.stand.clock.advance(by)  # type: ignore[attr-defined]


@pytest.fixture
def applicant(sandbox: PageClient, stand: Stand) -> Applicant:
    """Made by the account factory; its password is that of the twelve."""
    now = stand.clock.now()
    with stand.database.writing() as session:
        anna = people.find_person(session, "anna")
        assert anna is not None
        new = factory.invent(session, today=now.date(), level="standard", sex="F", region="36")
        made = factory.make(session, new, password_hash=anna.password_hash, now=now, ids=stand.ids)
        assert passwords.verify(made.password_hash, PASSWORD)
        assert new.phone is not None
        found = Applicant(sandbox, stand, made.oid, new.phone, new.mails[0])
    sandbox.follow(journey.give_password(sandbox, None, found.phone))
    journey.give_code(sandbox, None, found.code())
    return found
