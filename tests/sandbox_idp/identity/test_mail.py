"""Confirmation by e-mail link: bound to the browser, ten minutes, once, spent by a POST; a code to carry over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from werkzeug.test import Client

from tests.pages import Page, PageClient
from tests.sandbox_idp.identity.conftest import SERVICE, Applicant
from tests.sandbox_idp.sign_in import journey


def ask(applicant: Applicant) -> str:
    """Ask for a letter; the path of the link in it."""
    applicant.get("/mail")
    applicant.post("/mail", {"contact": applicant.mail})
    return newest_link(applicant)


def newest_link(applicant: Applicant) -> str:
    letter = journey.arrived(applicant.stand, applicant.mail)[-1]
    assert letter.subject == "Подтвердите личность"
    found = re.search(r"/identity/mail/\S+", letter.text)
    assert found is not None
    return found.group()


@pytest.fixture
def elsewhere(applicant: Applicant) -> PageClient:
    """Another browser at the same stand."""
    own = applicant.browser
    return PageClient(own.client.application, own.base_url, own.prefix)


def carried(page: Page) -> str:
    code = page.soup.select_one(".msg__code")
    assert code is not None
    return code.get_text().strip()


def test_the_link_confirms_in_its_own_browser(applicant: Applicant, acts: list[str]) -> None:
    """R-087, R-079: opening shows a button, pressing it spends the link; a second time it says so."""
    link = ask(applicant)
    page = applicant.browser.get(link)
    assert page.screen == "identity-link"
    assert applicant.person.level == "standard"
    assert applicant.browser.post(link).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed"
    page = applicant.browser.get(link, 410)
    assert (page.screen, "Ссылка уже использована" in page.words) == ("email-link-bad", True)
    applicant.get()
    applicant.browser.get("/cabinet")
    applicant.browser.post(link, status=410)
    assert acts == ["identity-confirmed", "email-link-used", "email-link-used"]


def test_a_mail_scanner_does_not_spend_the_link(applicant: Applicant, elsewhere: PageClient) -> None:
    """email-link-prefetched: a GET or HEAD from anywhere changes nothing."""
    link = ask(applicant)
    for _ in range(2):
        elsewhere.get(link, 403)
    Client(applicant.browser.client.application).head(
        applicant.stand.prefix + link, base_url=applicant.browser.base_url
    ).close()
    applicant.browser.get(link)
    applicant.browser.post(link)
    assert applicant.person.level == "confirmed"


def test_another_browser_gets_a_code_to_carry_over(applicant: Applicant, elsewhere: PageClient) -> None:
    """R-087: «Откройте ссылку там, где начали вход»; the link cannot be spent there, the code works where it began."""
    link = ask(applicant)
    page = elsewhere.get(link, 403)
    assert "Откройте ссылку там, где начали вход" in page.words
    elsewhere.get("/login")
    assert elsewhere.post(link).location.endswith(link)
    code = carried(page)
    applicant.get("/mail")
    wrong = applicant.post("/mail", {"action": "code", "code": journey.other_than(code)}, 422)
    assert "Код не подошёл. Осталось попыток: 2" in wrong.words
    assert applicant.post("/mail", {"action": "code", "code": code}).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed"


def test_guessing_the_code_ends_the_link(applicant: Applicant, elsewhere: PageClient) -> None:
    """S-36: three tries."""
    link = ask(applicant)
    code = carried(elsewhere.get(link, 403))
    applicant.get("/mail")
    for _ in range(3):
        page = applicant.post("/mail", {"action": "code", "code": journey.other_than(code)}, 422)
    assert "Попытки кончились. Отправьте новую ссылку." in page.words
    page = applicant.post("/mail", {"action": "code", "code": code}, 422)
    assert "Ссылка больше не действует." in page.words
    assert applicant.person.level == "standard"


@pytest.mark.parametrize(
    ("later", "change", "status", "words"),
    [
        (timedelta(minutes=10), "", 410, "Ссылка действует 10 минут"),
        (timedelta(0), "x", 404, "почтовая программа могла обрезать адрес"),
    ],
    ids=["expired", "tampered"],
)
def test_a_bad_link_says_why(applicant: Applicant, later: timedelta, change: str, status: int, words: str) -> None:
    """email-link-bad, U-4, U-15: which one, and a new link."""
    link = ask(applicant)
    if later:
        applicant.later(later)
    page = applicant.browser.get(link + change, status)
    assert words in page.words
    assert page.soup.find("a", string="Получить новую ссылку") is not None
    assert applicant.person.level == "standard"


@pytest.mark.usefixtures("still")
def test_a_newer_letter_replaces_the_link(applicant: Applicant) -> None:
    """U-15, S-39: again after a minute; the earlier link says that there is a newer one."""
    link = ask(applicant)
    assert applicant.post("/mail", {"action": "resend"}, 429).response.headers["Retry-After"] == "60"
    applicant.later(timedelta(seconds=61))
    applicant.get("/mail")
    applicant.post("/mail", {"action": "resend"})
    assert "Есть ссылка новее" in applicant.browser.get(link, 410).words
    again = newest_link(applicant)
    assert again != link
    applicant.browser.get(again)


def test_letters_are_limited(applicant: Applicant) -> None:
    """S-39: five an hour again."""
    applicant.get("/mail")
    applicant.post("/mail", {"contact": applicant.mail})
    for _ in range(5):
        applicant.later(timedelta(seconds=61))
        applicant.get("/mail")
        applicant.post("/mail", {"action": "resend"})
    applicant.later(timedelta(seconds=61))
    applicant.get("/mail")
    applicant.post("/mail", {"action": "resend"}, 429)
