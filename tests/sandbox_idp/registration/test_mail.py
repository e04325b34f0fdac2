"""The link that proves the mailbox (C-01, U-4, U-15)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import Contact
from sandbox_idp.context import Stand
from sandbox_idp.registration.models import MailLink
from tests.pages import Page, PageClient
from tests.sandbox_idp.registration.wizard import MAIL, all_of, person_with, register
from tests.sandbox_idp.sign_in.journey import arrived, seen


def link(stand: Stand, to: str = MAIL) -> str:
    """The path of the link in the newest letter."""
    found = re.search(rf"{re.escape(stand.idp_url)}(/register/mail/\S+)", arrived(stand, to)[-1].text)
    assert found is not None
    return found.group(1)


def owner(stand: Stand, mail: str = MAIL) -> int | None:
    """Who has confirmed an address."""
    with stand.database.reading() as session:
        return session.exec(select(Contact.person_oid).where(Contact.value == mail, Contact.type == "EML")).first()


def test_the_address_is_the_persons_only_after_the_press(sandbox: PageClient, stand: Stand) -> None:
    """email-link-prefetched: opening the link changes nothing, however often; the POST spends it."""
    register(sandbox, stand)
    assert owner(stand) is None
    address = link(stand)
    for _ in range(2):
        page = sandbox.get(address)
    assert "z•••@pochta.example" in page.words
    assert MAIL not in page.text
    assert owner(stand) is None
    page = sandbox.post(address, {}, 200)
    assert page.screen == "register-mail-confirmed"
    person = person_with(stand)
    assert person is not None
    assert owner(stand) == person.oid


def test_the_link_works_in_any_browser_and_signs_nobody_in(sandbox: PageClient, stand: Stand) -> None:
    """A letter is often read on the phone; the link proves the mailbox and nothing else (C-18)."""
    register(sandbox, stand)
    sandbox.client._cookies = {}
    sandbox.get(link(stand))
    sandbox.post(link(stand), {}, 200)
    assert sandbox.get("/register/mail", 303).location.endswith("/login")


def test_expired_used_and_tampered_are_told_apart(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-email-link-expired · -used · -tampered: which one, and a new link."""
    register(sandbox, stand)
    address = link(stand)
    acts.clear()
    page = sandbox.get(address[:-1], 404)
    assert "Адрес ссылки изменён или скопирован не полностью." in page.words
    stand.clock.advance(timedelta(minutes=10))
    page = sandbox.get(address, 410)
    assert "Срок ссылки вышел" in page.words
    sandbox.post(address, {}, 410)
    sandbox.follow(sandbox.post(f"{address}/again"))
    assert sandbox.page is not None
    assert sandbox.page.screen == "register-mail-sent"
    assert "Есть ссылка новее" in sandbox.get(address, 410).words
    new = link(stand)
    sandbox.get(new)
    sandbox.post(new, {}, 200)
    page = sandbox.get(new, 410)
    assert "Ссылка уже использована" in page.words
    assert "подтверждён, делать ничего не нужно" in page.words
    assert acts == [
        "register-email-link-tampered",
        "register-email-link-expired",
        "register-email-link-expired",
        "register-email-link-replaced",
        "mail-confirmed",
        "register-email-link-used",
    ]


def test_a_taken_address_is_told_to_its_owner_alone(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-email-taken, S-32: the pages say what they always say, the owner's letter holds no link to press."""
    page = sandbox.follow(register(sandbox, stand, email="anna@pochta.example"))
    assert "Отправили на ваш адрес письмо." in page.words
    (letter,) = arrived(stand, "anna@pochta.example")
    assert "/register/mail/" not in letter.text
    assert f"{stand.idp_url}/recovery" in letter.text
    assert letter.person_oid == owner(stand, "anna@pochta.example") == 1000100001
    assert "register-email-taken" in acts
    page = sandbox.get("/register/mail")
    assert "Отправили письмо на a•••@pochta.example" in page.words


def test_a_taken_address_and_a_free_one_are_answered_alike(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-32: status, headers and text of the end and of the page of the mailbox; one hash each, of the password."""
    stand.clock.freeze(True)
    hashed: list[str] = []
    real = passwords.hash_password
    monkeypatch.setattr(passwords, "hash_password", lambda typed: hashed.append(typed) or real(typed))
    answers = []
    for number, mail in enumerate(("elena@pochta.example", "nobody@pochta.example")):
        sandbox.client._cookies = {}  # Another browser.
        hashed.clear()
        typed = {"phone": f"+7 (000) 300-00-1{number}", "email": mail}
        ended = register(sandbox, stand, **typed)
        done = sandbox.follow(ended)
        mailbox = sandbox.get("/register/mail")
        assert len(hashed) == 1
        answers.append([_alike(page, mail, number) for page in (ended, done, mailbox)])
    assert answers[0] == answers[1]


def _alike(page: Page, mail: str, number: int) -> tuple[int, dict[str, str], str]:
    status, headers, text = seen(page, mail)
    return status, headers, text.replace(f"{mail[0]}•••", "").replace(f"person=100030000{1 + number}", "")


def test_another_address_after_a_minute(sandbox: PageClient, stand: Stand) -> None:
    """S-39: one letter a minute; the address that was named before gets nothing any more."""
    register(sandbox, stand, email="anna@pochta.example")
    sandbox.get("/register/mail")
    page = sandbox.post("/register/mail", {"email": MAIL}, 429)
    assert "Новое письмо можно получить через" in page.words
    assert f'value="{MAIL}"' in page.text
    stand.clock.advance(timedelta(seconds=61))
    sandbox.post("/register/mail", {"email": MAIL})
    sandbox.get(link(stand))
    assert sandbox.post(link(stand), {}, 200).screen == "register-mail-confirmed"


def test_a_malformed_address_is_told_on_its_field(sandbox: PageClient, stand: Stand) -> None:
    """U-8, U-9: in the same words as on the first page."""
    register(sandbox, stand)
    sandbox.get("/register/mail")
    page = sandbox.post("/register/mail", {"email": "zoya@pochta"}, 422)
    assert [each["href"] for each in page.soup.select("#summary a")] == ["#email"]


def test_six_letters_an_hour_at_most(sandbox: PageClient, stand: Stand) -> None:
    """S-39: the first one, and five asked for again."""
    register(sandbox, stand)
    sandbox.get("/register/mail")
    for _ in range(5):
        stand.clock.advance(timedelta(seconds=61))
        sandbox.post("/register/mail", {"action": "resend"})
    stand.clock.advance(timedelta(seconds=61))
    page = sandbox.post("/register/mail", {"action": "resend"}, 429)
    assert int(page.response.headers["Retry-After"]) > 50 * 60
    assert len(all_of(stand, MailLink)) == 6


def test_an_address_that_somebody_else_proved_first(sandbox: PageClient, stand: Stand) -> None:
    """Two named one address; whoever pressed first has it, the other one, who has proved it too, is told so."""
    register(sandbox, stand)
    mine = link(stand)
    sandbox.get(mine)
    with stand.database.writing() as session:
        contact = session.exec(select(Contact).where(Contact.value == "anna@pochta.example")).one()
        contact.value = MAIL
        session.add(contact)
    page = sandbox.post(mine, {}, 409)
    assert page.screen == "register-mail-taken"
    assert owner(stand) == 1000100001


@pytest.mark.parametrize("path", ["/register/mail", "/register/done"])
def test_pages_of_an_account_need_a_session(sandbox: PageClient, path: str) -> None:
    """S-60: without one they lead to the sign-in."""
    assert sandbox.get(path, 303).location.endswith("/login")
