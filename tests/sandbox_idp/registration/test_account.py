"""The account that comes out of it: exactly one for a phone, whoever presses at the same time."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.context import Stand
from sandbox_idp.registration.models import DataConsent, MailLink
from tests.pages import PageClient
from tests.sandbox_idp.registration.wizard import PASSWORD, PHONE, all_of, finish, person_with, register, up_to_review
from tests.sandbox_idp.sign_in.journey import WRONG, cookies, sessions_of
from tests.sandbox_idp.sign_in.test_side_by_side import AnyStatus, all_at_once, twin


def other_browser(sandbox: PageClient) -> AnyStatus:
    """A browser that knows nothing."""
    return AnyStatus(sandbox.client.application, sandbox.base_url, sandbox.prefix)


def test_two_browsers_with_one_phone_make_one_account(sandbox: PageClient, stand: Stand) -> None:
    """Both have proved the phone; one gets through, the other is told to sign in, nothing is half there."""
    second = other_browser(sandbox)
    up_to_review(sandbox, stand)
    up_to_review(second, stand, email="other@pochta.example")
    sandbox.get("/register/review")
    second.get("/register/review")
    first = twin(sandbox, stand)
    pages = all_at_once([lambda: first.post("/register/review"), lambda: second.post("/register/review")])
    assert sorted(page.status for page in pages) == [303, 409]
    refused = next(page for page in pages if page.status == 409)
    assert refused.screen == "register-taken"
    assert "Вторую учётную запись мы не завели" in refused.words
    with stand.database.reading() as session:
        assert len(list(session.exec(select(Contact).where(Contact.value == PHONE)))) == 1
        assert len(list(session.exec(select(Person).where(Person.surname == "Ясенева")))) == 1
    assert len(all_of(stand, DataConsent)) == len(all_of(stand, MailLink)) == len(sessions_of(stand)) == 1


def test_a_double_click_on_the_last_button_makes_one_account(sandbox: PageClient, stand: Stand) -> None:
    """U-17: the second press goes where the first one led."""
    up_to_review(sandbox, stand)
    sandbox.get("/register/review")
    twins = [twin(sandbox, stand), twin(sandbox, stand)]
    pages = all_at_once([lambda each=each: each.post("/register/review") for each in twins])  # type: ignore[misc]
    assert [page.location for page in pages] == [f"{stand.prefix}/register/done"] * 2
    assert len(sessions_of(stand)) == 1
    assert len(all_of(stand, DataConsent)) == 1


def test_two_people_at_once_get_two_accounts(sandbox: PageClient, stand: Stand) -> None:
    """Neither waits in vain nor takes the other's number."""
    second = other_browser(sandbox)
    up_to_review(sandbox, stand)
    up_to_review(second, stand, phone="+70003000002", email="other@pochta.example")
    sandbox.get("/register/review")
    second.get("/register/review")
    first = twin(sandbox, stand)
    pages = all_at_once([lambda: first.post("/register/review"), lambda: second.post("/register/review")])
    assert [page.status for page in pages] == [303, 303]
    found = [person_with(stand, PHONE), person_with(stand, "+70003000002")]
    assert len({person.oid for person in found if person is not None}) == 2


def test_the_new_account_signs_in_like_any_other(sandbox: PageClient, stand: Stand) -> None:
    """R-015: by phone and password, with a code by SMS; the e-mail address is no login until it is confirmed."""
    register(sandbox, stand)
    other = other_browser(sandbox)
    other.get("/login")
    wrong = {"login": "+7 (000) 300-00-01", "password": WRONG}
    assert other.post("/login", wrong).status == 422
    assert other.post("/login", {**wrong, "login": "zoya@pochta.example"}).status == 422
    assert other.post("/login", {**wrong, "password": PASSWORD}).location.endswith("/login/sms")


def test_signing_in_makes_new_cookies(sandbox: PageClient, stand: Stand) -> None:
    """S-44: neither the registration's cookie nor the form's outlives the step into the account."""
    up_to_review(sandbox, stand)
    sandbox.get("/register/review")
    before = cookies(sandbox)
    finish(sandbox)
    after = cookies(sandbox)
    assert "registration" in before
    assert "registration" not in after
    assert "gosuslugi" in after
    assert after.get("form") != before["form"]


def test_nothing_is_left_of_a_step_that_fails(sandbox: PageClient, stand: Stand) -> None:
    """An account whose phone was taken in between: no person, no consent, no letter, no session."""
    up_to_review(sandbox, stand)
    with stand.database.writing() as session:
        contact = session.exec(select(Contact).where(Contact.person_oid == 1000100001, Contact.type == "MBT")).one()
        contact.value = PHONE
        session.add(contact)
    finish(sandbox, status=409)
    with stand.database.reading() as session:
        assert session.exec(select(Person).where(Person.surname == "Ясенева")).first() is None
    assert all_of(stand, DataConsent) == all_of(stand, MailLink) == sessions_of(stand) == []
    assert sandbox.get("/register").screen == "register"


def test_a_registration_goes_on_after_a_night(sandbox: PageClient, stand: Stand) -> None:
    """Twenty-three hours later every step is still there."""
    up_to_review(sandbox, stand)
    stand.clock.advance(timedelta(hours=23))
    assert finish(sandbox).location.endswith("/register/done")
