"""«Безопасность»: sessions and devices, the history of sign-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from foundation.web.cookies import cookie_rules
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet import history
from sandbox_idp.cabinet.models import SignInRecord
from sandbox_idp.context import Stand
from sandbox_idp.oauth.models import IssuedToken
from sandbox_idp.settings import SandboxSettings
from tests.pages import PageClient
from tests.sandbox_idp.cabinet.browsers import PhoneClient
from tests.sandbox_idp.sign_in import journey

VIKTOR = "+70001000002"
SESSIONS = "/cabinet/security/sessions"


@pytest.fixture
def elsewhere(sandbox: PageClient, stand: Stand) -> PageClient:
    """Anna is signed in in both browsers; this is the one of the phone."""
    journey.sign_in(sandbox, stand)
    phone = PhoneClient(sandbox)
    journey.sign_in(phone, stand)
    sandbox.get(SESSIONS)
    return phone


def lines(stand: Stand) -> list[SignInRecord]:
    """The history of the stand, the oldest first."""
    with stand.database.reading() as session:
        return list(session.exec(select(SignInRecord).order_by(col(SignInRecord.id))))


def test_the_section_asks_for_a_sign_in_and_leads_to_its_pages(sandbox: PageClient, stand: Stand) -> None:
    """S-48, S-60."""
    assert sandbox.get("/cabinet/security", 303).location.endswith("/login?next=/cabinet/security")
    journey.sign_in(sandbox, stand)
    page = sandbox.get("/cabinet/security")
    for words in ("Пароль", "Сеансы и устройства", "История входов", "Согласия", "Мой аккаунт взломали"):
        link = page.soup.find("a", string=words)
        assert link is not None, words
        sandbox.get(str(link["href"]))  # type: ignore[index]
    assert page.soup.find("a", attrs={"aria-current": "page"}).get_text(strip=True) == "Безопасность"


def test_the_person_sees_every_session(sandbox: PageClient, elsewhere: PageClient, stand: Stand) -> None:
    """S-48: device in plain words, address masked, begun, last seen; this one is marked."""
    page = sandbox.get(SESSIONS)
    assert page.words.count("Вы здесь") == 1
    other = page.soup.find("li", attrs={"data-own": "no"})
    words = " ".join(other.get_text(" ").split())  # type: ignore[union-attr]
    assert "Chrome, телефон Android" in words
    assert "198.51.•.•" in words
    assert "198.51.100.7" not in page.text
    assert "Последнее действие" in words


def test_a_foreign_session_is_ended_with_its_tokens(sandbox: PageClient, elsewhere: PageClient, stand: Stand) -> None:
    """S-47, S-48: at once, with every token given out in it; this one stays."""
    (foreign,) = [each for each in journey.sessions_of(stand) if "Android" in each.device]
    now = stand.clock.now()
    with stand.database.writing() as session:
        for number, sid in enumerate((foreign.sid, "another")):
            session.add(
                IssuedToken(
                    token_hash=str(number),
                    kind="access",
                    code_hash="",
                    mnemonic="PORTAL_DEMO",
                    sid=sid,
                    scopes=[],
                    person_oid=foreign.person_oid,
                    issued_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )
    page = sandbox.follow(sandbox.post(SESSIONS, {"sid": foreign.sid}))
    assert "1 сеанс завершён." in page.words
    assert "Других сеансов нет." in page.words
    assert "/login" in elsewhere.get("/cabinet", 303).location
    with stand.database.reading() as session:
        revoked = {token.sid: token.revoked_at for token in session.exec(select(IssuedToken))}
    assert revoked[foreign.sid] is not None
    assert revoked["another"] is None
    again = sandbox.follow(sandbox.post(SESSIONS, {"sid": foreign.sid}))
    assert "Этот сеанс уже закончился сам." in again.words


def test_all_others_are_ended_and_nobody_elses(sandbox: PageClient, elsewhere: PageClient, stand: Stand) -> None:
    """S-48: «Завершить все, кроме этого»; the sessions of other people are not touched, neither by their sid."""
    viktor = PhoneClient(sandbox)
    viktor.follow(journey.give_password(viktor, None, VIKTOR))
    journey.give_code(viktor, None, journey.last_code(stand, VIKTOR))
    oid = journey.person_of(stand, "viktor").oid
    (his,) = [each for each in journey.sessions_of(stand) if each.person_oid == oid]
    sandbox.post(SESSIONS, {"sid": his.sid})
    assert "1 сеанс завершён." in sandbox.follow(sandbox.post(SESSIONS, {"action": "others"})).words
    assert viktor.get("/cabinet").screen == "cabinet"
    assert sandbox.get("/cabinet").screen == "cabinet"


def test_this_session_is_not_ended_by_its_own_sid(sandbox: PageClient, elsewhere: PageClient, stand: Stand) -> None:
    """One's own session ends by «Выйти», which forgets its cookie too."""
    (own,) = [each for each in journey.sessions_of(stand) if "Android" not in each.device]
    sandbox.post(SESSIONS, {"sid": own.sid})
    assert sandbox.get("/cabinet").screen == "cabinet"


def test_last_use_is_kept_to_the_minute(sandbox: PageClient, stand: Stand) -> None:
    """S-48: the list tells when a session was last used."""
    journey.sign_in(sandbox, stand)
    (before,) = journey.sessions_of(stand)
    stand.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    sandbox.get("/cabinet")
    (after,) = journey.sessions_of(stand)
    assert before.seen_at is not None
    assert after.seen_at is not None
    assert after.seen_at - before.seen_at >= timedelta(minutes=10)


def test_the_history_tells_sign_ins_and_refusals_after_the_right_password(sandbox: PageClient, stand: Stand) -> None:
    """R-079: time, method, device, masked address, result."""
    sandbox.follow(journey.give_password(sandbox, None))
    code = journey.last_code(stand)
    journey.give_code(sandbox, None, journey.other_than(code), 422)
    journey.give_code(sandbox, None, code)
    page = sandbox.get("/cabinet/security/history")
    assert [line.refused for line in lines(stand)] == ["неверный код", None]
    for words in ("Вход: не пустили", "неверный код", "Пароль и код из СМС", "этот сеанс", "Сетевой адрес"):
        assert words in page.words


def test_a_wrong_password_is_no_line_of_the_history(sandbox: PageClient, stand: Stand) -> None:
    """Anybody can type a login: that says nothing of the account, and a list of it would only be noise."""
    journey.give_password(sandbox, None, password=journey.WRONG, status=422)
    assert lines(stand) == []


def test_a_blocked_account_refuses_and_ends_its_sessions(sandbox: PageClient, stand: Stand) -> None:
    """S-47, R-079."""
    journey.sign_in(sandbox, stand)
    with stand.database.writing() as session:
        session.get_one(Person, journey.person_of(stand, "anna").oid).state = "blocked"
    assert "/login" in sandbox.get("/cabinet/security", 303).location
    journey.give_password(sandbox, None, status=403)
    assert lines(stand)[-1].refused == "учётная запись заблокирована"


def test_an_event_of_another_room_is_a_line_and_a_notice(sandbox: PageClient, stand: Stand) -> None:
    """R-079: success of an identity confirmation stands in «История входов»."""
    journey.sign_in(sandbox, stand)
    anna = journey.person_of(stand, "anna")
    with stand.database.writing() as session:
        history.record(session, anna, "Личность подтверждена", method="банковская карта", address="198.51.100.7")
    page = sandbox.get("/cabinet/security/history")
    assert "Личность подтверждена" in page.words
    assert "198.51.•.•" in page.words
    assert "Личность подтверждена" in sandbox.get("/cabinet/notifications").words


def test_a_planted_session_is_never_anybodys(
    sandbox: PageClient, sandbox_settings: SandboxSettings, stand: Stand
) -> None:
    """S-44: fixation. What lay in the cookie before the sign-in names no session afterwards: the id is new."""
    rules = cookie_rules("gosuslugi", stand.prefix, sandbox_settings.public_url)
    sandbox.client.set_cookie(rules.name, "planted", domain="127.0.0.1", path=rules.path)
    journey.sign_in(sandbox, stand)
    assert journey.cookies(sandbox)["gosuslugi"] != "planted"
    assert sandbox.get("/cabinet").screen == "cabinet"
    sandbox.client.set_cookie(rules.name, "planted", domain="127.0.0.1", path=rules.path)
    assert "/login" in sandbox.get("/cabinet", 303).location


def test_a_confirmation_gives_the_session_another_id(
    sandbox: PageClient, sandbox_settings: SandboxSettings, stand: Stand
) -> None:
    """S-44: step-up. The cookie of before opens nothing any more; it is the same session all the same."""
    journey.sign_in(sandbox, stand)
    before = journey.cookies(sandbox)["gosuslugi"]
    (living,) = journey.sessions_of(stand)
    sandbox.get("/cabinet/confirm")
    sandbox.post("/cabinet/confirm", {"password": PASSWORD})
    assert sandbox.get("/cabinet").screen == "cabinet"
    assert [each.sid for each in journey.sessions_of(stand)] == [living.sid]
    rules = cookie_rules("gosuslugi", stand.prefix, sandbox_settings.public_url)
    sandbox.client.set_cookie(rules.name, before, domain="127.0.0.1", path=rules.path)
    assert "/login" in sandbox.get("/cabinet", 303).location
