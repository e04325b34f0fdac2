"""Confirmation by bank card: a list and no number, the bank's page, and every ending."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from sandbox_idp.context import Stand
from sandbox_idp.identity.models import IdentityConfirmation
from sandbox_idp.scenarios.arming import arm
from tests.pages import Page
from tests.sandbox_idp.identity.conftest import SERVICE, Applicant
from tests.sandbox_idp.sign_in import journey


def choose(applicant: Applicant, card: str) -> Page:
    """Choose a card and go where that leads."""
    applicant.get("/card")
    return follow(applicant, applicant.post("/card", {"card": card}))


def follow(applicant: Applicant, page: Page) -> Page:
    """Go on, whatever status the page that ends a try has."""
    while page.location:
        path = urlsplit(page.location).path.removeprefix(applicant.stand.prefix)
        answer = applicant.browser.client.get(
            applicant.stand.prefix + path, base_url=applicant.browser.base_url, buffered=True
        )
        page = applicant.browser._keep(answer, answer.status_code)
    return page


def at_bank(applicant: Applicant, values: dict[str, str], status: int = 303) -> Page:
    """Send the bank's form that is open."""
    page = applicant.browser.page
    assert page is not None
    action = next(str(form["action"]) for form in page.soup.find_all("form") if "/bank/" in str(form["action"]))
    return applicant.browser.post(action, values, status)


def test_no_card_number_is_typed_anywhere(applicant: Applicant) -> None:
    """R-076: demo cards to choose from, and only that."""
    page = applicant.get("/card")
    assert [tag["type"] for tag in page.soup.select("main input:not([type=hidden])")] == ["radio"] * 4
    assert "Карта •••• 1111 успех" in page.words
    assert "Выберите карту из списка." in applicant.post("/card", {}, 422).words
    assert "Выберите карту из списка." in applicant.post("/card", {"card": "4111111111111111"}, 422).words


def test_the_right_code_confirms(applicant: Applicant, acts: list[str]) -> None:
    """R-076, R-079, card-3ds-wrong: a page of the bank's own, attempts left are told, then подтверждённая."""
    page = choose(applicant, "success")
    assert page.screen == "bank-3ds"
    assert "Карта •••• 1111" in page.words
    assert "деньги не спишутся" in page.words
    code = applicant.code()
    assert "Введено 3 из 6 цифр." in at_bank(applicant, {"action": "code", "code": "123"}, 422).words
    wrong = at_bank(applicant, {"action": "code", "code": journey.other_than(code)}, 422)
    assert "Код не подошёл. Осталось попыток: 2" in wrong.words
    assert at_bank(applicant, {"action": "code", "code": code}).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed"
    assert acts == ["card-3ds-wrong", "identity-confirmed"]


@pytest.mark.parametrize(
    ("card", "screen", "status"), [("declined", "card-declined", 422), ("plain", "card-3ds-unsupported", 422)]
)
def test_a_card_that_will_not_do_is_told_at_once(
    applicant: Applicant, acts: list[str], card: str, screen: str, status: int
) -> None:
    """card-declined, card-3ds-unsupported: own words, other ways, no code is sent; the page can be loaded again."""
    before = len(journey.arrived(applicant.stand, applicant.phone))
    page = choose(applicant, card)
    assert (page.screen, page.status) == (screen, status)
    assert "Деньги не списаны" in page.words
    assert {"Другая карта", "Другой способ"} <= {tag.get_text() for tag in page.soup.find_all("a")}
    assert len(journey.arrived(applicant.stand, applicant.phone)) == before
    assert acts == [screen]
    assert applicant.person.level == "standard"


def test_a_bank_that_does_not_answer(applicant: Applicant, acts: list[str]) -> None:
    """card-3ds-timeout: nothing was charged, try again; by the card for it, or by waiting too long."""
    choose(applicant, "timeout")
    page = follow(applicant, at_bank(applicant, {"action": "code", "code": applicant.code()}))
    assert (page.screen, page.status) == ("card-3ds-timeout", 504)
    choose(applicant, "success")
    opened = applicant.browser.page
    assert opened is not None
    applicant.later(timedelta(minutes=5))
    page = follow(applicant, at_bank(applicant, {"action": "code", "code": "123456"}))
    assert page.screen == "card-3ds-timeout"
    assert acts == ["card-3ds-timeout"] * 2


def test_cancelling_leads_back(applicant: Applicant, acts: list[str]) -> None:
    """card-3ds-cancelled: its own page, nothing is lost, and the closed page of the bank opens nothing."""
    choose(applicant, "success")
    code = applicant.code()
    page = follow(applicant, at_bank(applicant, {"action": "cancel"}))
    assert page.screen == "card-3ds-cancelled"
    with applicant.stand.database.reading() as session:
        (row,) = session.exec(select(IdentityConfirmation)).all()
    done = applicant.browser.post(f"/bank/{row.id}", {"action": "code", "code": code})
    assert follow(applicant, done).screen == "card-3ds-cancelled"
    assert applicant.person.level == "standard"
    assert acts == ["card-3ds-cancelled"]


def test_three_wrong_codes_close_the_page(applicant: Applicant) -> None:
    """S-36: then a new try, with a code of its own after the countdown."""
    choose(applicant, "success")
    wrong = journey.other_than(applicant.code())
    for _ in range(2):
        at_bank(applicant, {"action": "code", "code": wrong}, 422)
    assert follow(applicant, at_bank(applicant, {"action": "code", "code": wrong})).screen == "card-3ds-over"


def test_without_a_linked_card_the_bank_is_not_asked(applicant: Applicant, stand: Stand, acts: list[str]) -> None:
    """card-not-linked, R-077: named, with other ways."""
    arm(stand, "card-not-linked", person=str(applicant.oid))
    page = choose(applicant, "success")
    assert (page.screen, page.status) == ("card-not-linked", 409)
    assert acts == ["card-not-linked"]


def test_one_try_is_open_in_a_session(applicant: Applicant) -> None:
    """U-17: going to the bank once more closes the try before; the database holds it."""
    choose(applicant, "success")
    choose(applicant, "success")
    with applicant.stand.database.reading() as session:
        rows = session.exec(select(IdentityConfirmation)).all()
    assert sorted(each.state for each in rows) == ["open", "replaced"]
    old = next(each for each in rows if each.state == "replaced")
    another = IdentityConfirmation(**{**old.model_dump(), "id": "another", "state": "open", "finished_at": None})
    with pytest.raises(IntegrityError), applicant.stand.database.writing() as session:
        session.add(another)


def test_nobody_elses_try_is_there(applicant: Applicant) -> None:
    """S-54: a key of another session opens nothing."""
    choose(applicant, "success")
    with applicant.stand.database.writing() as session:
        (row,) = session.exec(select(IdentityConfirmation)).all()
        row.session_hash = "of another browser"
        session.add(row)
    applicant.browser.get(f"/bank/{row.id}", 404)
    applicant.get(f"/card/{row.id}", 404)
