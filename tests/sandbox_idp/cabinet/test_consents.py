"""«Согласия» in the cabinet."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from sandbox_idp.accounts.models import Consent
from sandbox_idp.cabinet.guard import CONFIRMED_FOR
from sandbox_idp.context import Stand
from sandbox_idp.oauth import consents
from sandbox_idp.oauth.consents import Given
from sandbox_idp.oauth.models import InformationSystem, IssuedToken
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey

ASKED = ["openid", "fullname", "snils", "inn"]


@pytest.fixture
def consent(sandbox: PageClient, stand: Stand) -> str:
    """Anna has granted the portal all but her INN, and is signed in; the consent's id."""
    journey.sign_in(sandbox, stand)
    return given_by(stand, "anna")


def given_by(stand: Stand, persona: str) -> str:
    """The consent of one of the twelve, with an access token that the portal has got in it."""
    oid, now = journey.person_of(stand, persona).oid, stand.clock.now()
    with stand.database.writing() as session:
        system = session.get_one(InformationSystem, "PORTAL_DEMO")
        given = Given(ASKED, ASKED[:3], "198.51.100.7")
        made = consents.record(session, person_oid=oid, system=system, given=given, now=now, ids=stand.ids)
        session.add(
            IssuedToken(
                token_hash=persona,
                kind="access",
                code_hash="",
                mnemonic="PORTAL_DEMO",
                person_oid=oid,
                sid=persona,
                scopes=ASKED[:3],
                issued_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
        return made.id


def test_the_person_sees_to_whom_what_was_granted(sandbox: PageClient, consent: str) -> None:
    """S-23: the system, why, which rights (and which not), when, until when."""
    page = sandbox.get("/cabinet/consents")
    for words in ("Просмотр вашего СНИЛС", "Просмотр вашего ИНН — не предоставлено", "до отзыва", "Дано"):
        assert words in page.words


def test_withdrawing_is_asked_first_and_ends_access(sandbox: PageClient, stand: Stand, consent: str) -> None:
    """S-23, R-072: an interruption page; then this person's tokens of that system end, and the next sign-in asks."""
    given_by(stand, "nina")
    question = sandbox.get(f"/cabinet/consents/{consent}/withdraw")
    assert "снова спросит разрешения" in question.words
    with stand.database.reading() as session:
        assert session.get_one(Consent, consent).revoked_at is None
    page = sandbox.follow(sandbox.post(f"/cabinet/consents/{consent}/withdraw"))
    assert "Согласие отозвано." in page.words
    assert "Прежние согласия" in page.words
    assert json.loads(sandbox.get(f"/cabinet/consents/{consent}/record").response.get_data())["отозвано"] is not None
    sandbox.get("/cabinet/consents")
    with stand.database.reading() as session:
        revoked = {token.sid: token.revoked_at is not None for token in session.exec(select(IssuedToken))}
        assert revoked == {"anna": True, "nina": False}
        system = session.get_one(InformationSystem, "PORTAL_DEMO")
        oid, now = journey.person_of(stand, "anna").oid, stand.clock.now()
        why = consents.remembered(session, person_oid=oid, system=system, asked=ASKED, now=now)
        assert (why.scopes, why.why) == (None, "revoked")
    assert "Согласие отозвано" in sandbox.get("/cabinet/notifications").words
    again = sandbox.get(f"/cabinet/consents/{consent}/withdraw", 303)
    assert again.location.endswith("/cabinet/consents")


def test_a_second_click_tells_it_once(sandbox: PageClient, stand: Stand, consent: str) -> None:
    """U-17: nothing is done twice."""
    sandbox.get("/cabinet/consents")
    for _ in range(2):
        sandbox.post(f"/cabinet/consents/{consent}/withdraw")
    letters = [letter.subject for letter in journey.arrived(stand, "anna@pochta.example")]
    assert letters == ["Согласие отозвано"]


def test_the_record_can_be_taken_along(sandbox: PageClient, consent: str) -> None:
    """S-64: who, to whom, which scopes, version and hash of the text, when, from where, until when; as a file."""
    answer = sandbox.get(f"/cabinet/consents/{consent}/record").response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    record = json.loads(answer.get_data())
    assert record["кто"]["фамилия"] == "Лесная"
    assert [right["scope"] for right in record["права"]] == ASKED[:3]
    assert record["не предоставлено"] == ["inn"]
    assert len(record["текст"]["sha256"]) == 64
    assert record["сетевой адрес"] == "198.51.•.•"
    assert record["отозвано"] is None


def test_the_record_needs_a_fresh_confirmation(sandbox: PageClient, stand: Stand, consent: str) -> None:
    """S-48."""
    stand.clock.advance(CONFIRMED_FOR)  # type: ignore[attr-defined]
    assert "/cabinet/confirm" in sandbox.get(f"/cabinet/consents/{consent}/record", 303).location


def test_nobody_elses_consent_is_found(sandbox: PageClient, stand: Stand, consent: str) -> None:
    """S-42: as if it were not there."""
    hers = given_by(stand, "nina")
    sandbox.get("/cabinet/consents")
    sandbox.get(f"/cabinet/consents/{hers}/withdraw", 404)
    sandbox.get("/cabinet/consents")
    sandbox.post(f"/cabinet/consents/{hers}/withdraw", status=404)
    sandbox.get(f"/cabinet/consents/{hers}/record", 404)
    with stand.database.reading() as session:
        assert session.get_one(Consent, hers).revoked_at is None


def test_without_any_the_page_says_what_will_be_there(sandbox: PageClient, stand: Stand) -> None:
    """An empty page is no riddle."""
    journey.sign_in(sandbox, stand)
    assert "Согласие появится здесь" in sandbox.get("/cabinet/consents").words
