"""Electronic signatures, which the trainer revokes on the board (R-063), and restrictions that are lifted there."""

from __future__ import annotations

from sandbox_idp.accounts import factory
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import person_of
from tests.sandbox_idp.sign_in.test_signature import file_of, send


def test_a_signature_is_revoked_on_the_board(console: PageClient, sandbox: PageClient, stand: Stand) -> None:
    """signature-revoked: it stands there once it was issued; pressed twice it is revoked once."""
    assert "Действующие подписи" not in console.get("/console/").words
    data = file_of(stand)
    page = console.get("/console/")
    assert "Светлана Садовая Сертификат в силе" in page.words
    form = page.form("/console/revocations")
    console.follow(console.post("/console/revocations", form))
    assert console.page is not None
    assert "Действующие подписи" not in console.page.words
    assert "Сертификат отозван" in send(sandbox, data, status=403).words
    console.post("/console/revocations", form)
    assert [line.name for line in journal.lines(stand.database)].count("decision-grant") == 1
    send(sandbox, file_of(stand))


def test_a_restriction_is_lifted_on_the_board(console: PageClient, stand: Stand) -> None:
    """account-restricted: it stands there with its end until somebody presses."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, person_of(stand, "anna").oid)
        factory.change(session, anna, {"restricted": True}, now=stand.clock.now(), ids=stand.ids)
    page = console.get("/console/")
    assert "Ограничены после необычной активности Анна Лесная До" in page.words
    console.follow(console.post("/console/restrictions", page.form("/console/restrictions")))
    assert console.page is not None
    assert "Ограничены после" not in console.page.words
    assert person_of(stand, "anna").restricted_until is None
