"""Who signed in last on this browser, a living session, and «Другой пользователь»."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, ask, at, attached, give_password, sign_in

GLEB = "+70001000012"


def test_the_person_is_remembered_masked(sandbox: PageClient, stand: Stand) -> None:
    """R-024: nothing of the number but its end is in the page, and the password alone is asked."""
    sign_in(sandbox, stand, login="+7 (000) 100-00-01")
    sandbox.get("/cabinet")
    sandbox.post("/cabinet/sign-out")
    request_id = ask(stand)
    page = sandbox.get(at("/login", request_id))
    assert "+7 000 •••-••-01" in page.words
    assert page.soup.find(id="login") is None
    for private in ("1000001", "100-00-01", "Лесная", "Анна", "anna"):
        assert private not in page.text
    sent = sandbox.post(at("/login", request_id), {"password": PASSWORD})
    assert sandbox.follow(sent).screen == "login-sms"


@pytest.mark.parametrize(
    ("login", "masked"), [("anna@pochta.example", "a•••@pochta.example"), ("000-100-101 10", "000-•••-••• 10")]
)
def test_a_mail_address_and_a_snils_are_masked_too(sandbox: PageClient, stand: Stand, login: str, masked: str) -> None:
    """R-024."""
    sign_in(sandbox, stand, login=login)
    sandbox.get("/cabinet")
    assert masked in sandbox.follow(sandbox.post("/cabinet/sign-out")).words


def test_tries_of_the_remembered_person_go_on_where_the_typed_ones_stopped(sandbox: PageClient, stand: Stand) -> None:
    """S-32: one counter, however the person is named."""
    sign_in(sandbox, stand)
    sandbox.get("/cabinet")
    sandbox.follow(sandbox.post("/cabinet/sign-out"))
    for _ in range(2):
        sandbox.post("/login", {"password": WRONG}, 422)
    page = sandbox.post("/login", {"login": ANNA, "password": WRONG}, 422)
    assert "Осталось попыток: 2" in page.words


def test_another_person_makes_the_browser_forget(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """login-other-user, R-024: forgotten, and the other one signs in."""
    sign_in(sandbox, stand)
    sandbox.get("/cabinet")
    sandbox.follow(sandbox.post("/cabinet/sign-out"))
    request_id = ask(stand)
    sandbox.get(at("/login", request_id))
    acts.clear()
    page = sandbox.follow(sandbox.post(at("/login/other-user", request_id)))
    assert page.screen == "login"
    assert page.soup.find(id="login") is not None
    assert "•••" not in page.words
    assert acts == ["other-user"]
    sandbox.follow(give_password(sandbox, request_id, GLEB))
    end = journey.give_code(sandbox, request_id, journey.last_code(stand, GLEB))
    assert "/consent" in end.location
    assert journey.sessions_of(stand)[-1].person_oid == journey.person_of(stand, "gleb").oid


def test_a_browser_forgets_by_itself_after_half_a_year(sandbox: PageClient, stand: Stand) -> None:
    """A remembered device is aged on the server."""
    sign_in(sandbox, stand)
    stand.clock.advance(timedelta(days=181))
    assert sandbox.get("/login").soup.find(id="login") is not None


def test_a_living_session_is_used_only_by_a_press(sandbox: PageClient, stand: Stand) -> None:
    """S-26, R-041: the question first, «Продолжить» second, no password, and nothing attached before."""
    sign_in(sandbox, stand)
    request_id = ask(stand)
    page = sandbox.get(at("/login", request_id))
    assert page.screen == "login-continue"
    assert "Войти как Анна Л.?" in page.words
    assert "Лесная" not in page.text
    assert attached(stand, request_id) is None
    end = sandbox.post(at("/login", request_id), {"action": "continue"})
    assert end.location == f"{stand.prefix}/consent?request={request_id}"
    (living,) = journey.sessions_of(stand)
    assert attached(stand, request_id) == living.sid


def test_another_user_ends_the_living_session(sandbox: PageClient, stand: Stand) -> None:
    """other-person-signed-in, S-26: on a shared computer the other one's session is closed."""
    sign_in(sandbox, stand)
    request_id = ask(stand)
    sandbox.get(at("/login", request_id))
    page = sandbox.follow(sandbox.post(at("/login/other-user", request_id)))
    assert page.screen == "login"
    (ended,) = journey.sessions_of(stand)
    assert ended.ended_at is not None
    sent = sandbox.post(at("/login", request_id), {"action": "continue"})
    assert sent.location.endswith(f"/login?request={request_id}")
    assert attached(stand, request_id) is None


def test_the_address_of_other_user_changes_nothing_by_itself(sandbox: PageClient, stand: Stand) -> None:
    """S-51: a GET changes no state."""
    sign_in(sandbox, stand)
    assert sandbox.follow(sandbox.get("/login/other-user", 303), 303).location.endswith("/cabinet")


def test_a_session_lives_three_hours_without_an_idle_limit(sandbox: PageClient, stand: Stand) -> None:
    """`docs/policy.md`: session at Gosuslugi."""
    sign_in(sandbox, stand)
    stand.clock.advance(timedelta(hours=2, minutes=59))
    assert sandbox.get("/cabinet").screen == "cabinet"
    stand.clock.advance(timedelta(minutes=2))
    assert sandbox.get("/cabinet", 303).location.endswith("/login")


def test_the_session_of_a_blocked_account_ends(sandbox: PageClient, stand: Stand) -> None:
    """S-47."""
    sign_in(sandbox, stand)
    with stand.database.writing() as session:
        person = session.get_one(Person, journey.person_of(stand, "anna").oid)
        person.state = "blocked"
        session.add(person)
    assert sandbox.get("/cabinet", 303).location.endswith("/login")


def test_a_sign_in_makes_a_new_session_and_ends_the_old_one(sandbox: PageClient, stand: Stand) -> None:
    """S-44: another cookie each time, the old value opens nothing."""
    sign_in(sandbox, stand)
    before = journey.cookies(sandbox)
    request_id = ask(stand)
    sandbox.get(at("/login", request_id))
    sent = sandbox.post(at("/login", request_id), {"login": ANNA, "password": PASSWORD})
    sandbox.follow(sent)
    journey.give_code(sandbox, request_id, journey.last_code(stand))
    after = journey.cookies(sandbox)
    assert before["gosuslugi"] != after["gosuslugi"]
    assert before["device"] != after["device"]
    first, second = sorted(journey.sessions_of(stand), key=lambda made: made.authenticated_at)
    assert first.ended_at is not None
    assert second.ended_at is None
    assert first.sid != second.sid
    old = fresh(sandbox)
    for cookie in (sandbox.client._cookies or {}).values():
        word = cookie.key.split("-")[0]
        if word in before:
            old.client.set_cookie(cookie.key, before[word], domain="127.0.0.1", path=stand.prefix)
    page = old.get("/login")
    assert page.screen == "login"
    assert page.soup.find(id="login") is not None, "the old device cookie remembers nobody"


def test_a_planted_cookie_is_not_adopted(sandbox: PageClient, stand: Stand) -> None:
    """S-44: session fixation with cookies set beforehand."""
    sign_in(sandbox, stand)
    names = {cookie.key for cookie in (sandbox.client._cookies or {}).values()}
    victim = fresh(sandbox)
    for name in names:
        if not name.startswith("form"):
            victim.client.set_cookie(name, "planted", domain="127.0.0.1", path=stand.prefix)
    sign_in(victim, stand)
    planted = [value for value in journey.cookies(victim).values() if value == "planted"]
    assert planted == []


def test_cookies_belong_to_the_stand_and_to_the_server(
    sandbox: PageClient, stand: Stand, house: House, sandbox_settings: SandboxSettings
) -> None:
    """S-43, S-49: HttpOnly, Lax, the stand's path, no personal data, and no other stand lets one in with them."""
    sandbox.follow(give_password(sandbox, None))
    sent = journey.give_code(sandbox, None, journey.last_code(stand))
    set_cookies = sent.response.headers.getlist("Set-Cookie")
    own = [line for line in set_cookies if line.startswith(("gosuslugi-", "device-"))]
    assert len(own) == 2
    for line in own:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert f"Path={stand.prefix}" in line
        assert "Max-Age" not in line
        assert len(line.split(";")[0].split("=", 1)[1]) >= 43, "256 bits"
    other = house.create("neighbour").stand
    neighbour = PageClient(build(sandbox_settings, house), sandbox_settings.public_url, other.prefix)
    for cookie in list((sandbox.client._cookies or {}).values()):
        neighbour.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1", path=other.prefix)
    assert neighbour.get("/cabinet", 303).location.endswith("/login")


def fresh(sandbox: PageClient) -> PageClient:
    """Another browser at the same stand."""
    return PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
