"""Sessions: opened, used, prolonged, ended; and what a browser without one is told (S-43…S-50, U-25, U-30…U-32)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.sign_in import sessions as room
from portal.sign_in.models import PatientSession
from portal.sign_in.pending import digest
from tests.pages import PageClient
from tests.portal.conftest import NOON, SignIn
from tests.portal.fake_esia import FakeEsia

COOKIE = "__Host-session"


def rows(database: Database) -> list[PatientSession]:
    with database.reading() as session:
        return list(session.exec(select(PatientSession).order_by(PatientSession.created_at)))


def cookie(browser: PageClient) -> str:
    found = browser.client.get_cookie(COOKIE, domain="localhost")
    assert found is not None
    return found.value


def left(browser: PageClient) -> dict[str, int]:
    response = browser.client.get("/session", base_url=browser.base_url)
    assert response.status_code == 200
    return response.get_json()


def ended(browser: PageClient, path: str = "/home") -> str:
    """Ask for a page of a patient: it must be the page that says the session ended. Tells why."""
    page = browser.get(path, 401)
    assert page.screen == "session-ended"
    assert page.soup.find("h1").get_text() == "Сеанс завершён для вашей безопасности"
    return page.words


# The cookie


def test_the_cookie_holds_an_opaque_signed_id_and_the_row_its_hash(
    portal: PageClient, portal_database: Database, sign_in: SignIn
) -> None:
    """S-43: at least 128 random bits, nothing of the patient in it, and the row cannot be used as a cookie."""
    sign_in(portal)
    session_id, _, signature = cookie(portal).rpartition(".")
    assert len(session_id) >= 43
    assert signature
    (row,) = rows(portal_database)
    assert row.id_hash == digest(session_id)
    assert row.id_hash not in cookie(portal)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(portal: PageClient, sign_in: SignIn) -> None:
    """S-49: `__Host-`, Secure, HttpOnly, Lax, and no age of its own (the server keeps it)."""
    given = next(value for value in sign_in(portal).response.headers.getlist("Set-Cookie") if value.startswith(COOKIE))
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in given
    for absent in ("Max-Age", "Expires", "Domain"):
        assert absent not in given


def test_a_session_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(
    portal: PageClient, portal_app: Flask, portal_database: Database, sign_in: SignIn
) -> None:
    """S-44: a new id at every sign-in, so nobody rides on one they planted."""
    attacker = PageClient(portal_app, portal.base_url)
    sign_in(attacker)
    planted = cookie(attacker)
    portal.client.set_cookie(COOKIE, planted, domain="localhost")
    sign_in(portal)
    assert cookie(portal) != planted
    ended(attacker)
    assert sorted(row.ended_reason or "" for row in rows(portal_database)) == ["", "replaced"]


@pytest.mark.parametrize("value", ["forged", "a.b", "ы", "", "x" * 3000])
def test_a_cookie_that_we_did_not_sign_names_no_session(value: str, portal: PageClient) -> None:
    """S-43: it is not even looked up; the person reads that this session is no more."""
    portal.client.set_cookie(COOKIE, value, domain="localhost")
    if value:
        assert "Этот сеанс больше не действует" in ended(portal)


def test_a_changed_byte_ends_it(portal: PageClient, sign_in: SignIn) -> None:
    """S-43."""
    sign_in(portal)
    good = cookie(portal)
    portal.client.set_cookie(COOKIE, ("A" if good[0] != "A" else "B") + good[1:], domain="localhost")
    ended(portal)


def test_the_csrf_token_of_before_is_worth_nothing_after_a_sign_in(portal: PageClient, sign_in: SignIn) -> None:
    """S-44, S-51: what was handed out before the sign-in does not outlive it."""
    sign_in(portal)
    token = portal.get("/home").form("/logout")["csrf_token"]
    sign_in(portal)
    assert portal.client.post("/session", base_url=portal.base_url, data={"csrf_token": token}).status_code == 400


# Ages (S-45)


def test_fifteen_minutes_without_use_end_it(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> None:
    """S-45: on the server, by the portal's clock."""
    sign_in(portal)
    clock.advance(timedelta(minutes=14, seconds=59))
    portal.get("/home")
    clock.advance(timedelta(minutes=15))
    assert "Вы долго ничего не делали" in ended(portal)


def test_sixty_minutes_end_it_however_busy_it_is(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> None:
    """S-45: the absolute age cannot be prolonged."""
    sign_in(portal)
    for _ in range(5):
        clock.advance(timedelta(minutes=11))
        portal.get("/home")
    clock.advance(timedelta(minutes=5))
    assert "этот час прошёл" in ended(portal)


def test_a_session_whose_time_is_over_stays_over(
    portal: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """S-45: it is ended in the database, and the access token goes with it."""
    sign_in(portal)
    clock.advance(timedelta(minutes=16))
    ended(portal)
    (row,) = rows(portal_database)
    assert (row.ended_reason, row.access_token) == ("idle", None)
    assert row.ended_at == NOON + timedelta(minutes=16)


def test_use_is_noted_at_most_every_ten_seconds(
    portal: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """Parts that load side by side do not queue for a write."""
    sign_in(portal)
    clock.advance(timedelta(seconds=9))
    portal.get("/home")
    assert rows(portal_database)[0].seen_at == NOON
    clock.advance(timedelta(seconds=1))
    portal.get("/home")
    assert rows(portal_database)[0].seen_at == NOON + timedelta(seconds=10)


def test_asking_how_long_it_lives_does_not_prolong_it_and_staying_does(
    portal: PageClient, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30, U-32."""
    sign_in(portal)
    portal.get("/home")
    clock.advance(timedelta(minutes=13))
    assert left(portal) == {"seconds_left": 120, "absolute_seconds_left": 47 * 60, "warn_in": 0}
    assert left(portal)["seconds_left"] == 120
    portal.post("/session", headers={"Accept": "application/json"}, status=200)
    assert left(portal) == {"seconds_left": 900, "absolute_seconds_left": 47 * 60, "warn_in": 780}
    clock.advance(timedelta(minutes=14))
    portal.post("/session")
    clock.advance(timedelta(minutes=14))
    portal.post("/session")
    clock.advance(timedelta(minutes=14))
    assert left(portal) == {"seconds_left": 60, "absolute_seconds_left": 5 * 60, "warn_in": 0}


def test_near_the_absolute_end_staying_does_not_help(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> None:
    """U-30: the countdown never promises more than the absolute end allows."""
    sign_in(portal)
    for _ in range(5):
        clock.advance(timedelta(minutes=11))
        portal.get("/home")
    assert left(portal) == {"seconds_left": 300, "absolute_seconds_left": 300, "warn_in": 180}


def test_staying_without_script_comes_back_to_the_page(portal: PageClient, sign_in: SignIn) -> None:
    """U-30: a plain form, and never to a foreign page (S-14)."""
    sign_in(portal)
    portal.get("/home")
    assert portal.post("/session", headers={"Referer": "http://localhost:8000/profile?x=1"}).location == "/profile?x=1"
    assert portal.post("/session", headers={"Referer": "http://evil.test/profile"}).location == "/home"
    assert portal.post("/session").location == "/home"


def test_without_a_session_the_time_left_is_none(portal: PageClient) -> None:
    """A script that asks learns that it is over, without being sent away."""
    response = portal.client.get("/session", base_url=portal.base_url)
    assert (response.status_code, response.get_json()["seconds_left"]) == (401, 0)


# Ended from elsewhere (S-47)


def test_sessions_are_ended_from_elsewhere_and_the_others_live_on(
    portal: PageClient, portal_app: Flask, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """S-47, S-48: by patient, or by the session at Gosuslugi; the next request learns it."""
    other = PageClient(portal_app, portal.base_url)
    sign_in(portal)
    sign_in(other)
    first, second = rows(portal_database)
    with portal_database.writing() as session:
        assert (
            room.end_sessions_of_patient(session, first.patient_id, now=clock.now(), keep=digest(cookie(other)[:43]))
            == 1
        )
    assert "Сеанс завершили в другом месте" in ended(portal)
    assert left(other)
    with portal_database.writing() as session:
        assert second.sid is not None
        assert room.end_sessions_of_sid(session, second.sid, now=clock.now()) == 1
        assert room.end_sessions_of_sid(session, second.sid, now=clock.now()) == 0
    ended(other)


# Nobody is signed in (U-25)


def test_a_stranger_is_sent_to_the_sign_in_and_comes_back(portal: PageClient) -> None:
    """U-25: no cookie, no explanation needed."""
    assert portal.get("/home", 303).location == "/login"
    assert portal.get("/loading/policy?x=1", 303).location == "/login"


def test_an_ended_session_is_explained_with_a_way_back_to_the_same_page(
    portal: PageClient, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-25, U-31: 401, «Войти», and the page asked for is kept."""
    sign_in(portal)
    clock.advance(timedelta(minutes=20))
    page = portal.get("/parts/policy?x=1", 401)
    assert page.soup.find("a", string="Войти")["href"] == "/login?next=/parts/policy%3Fx%3D1"
    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_part_sends_the_whole_page_away(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> None:
    """U-25: 401 and HX-Redirect to the page's own address, never a sign-in inside a panel."""
    sign_in(portal)
    clock.advance(timedelta(minutes=20))
    for headers, target in (
        ({"HX-Current-URL": "http://localhost:8000/home?x=1"}, "/home?x=1"),
        ({"Referer": "http://localhost:8000/profile"}, "/profile"),
        ({"HX-Current-URL": "http://evil.test/home"}, "/home"),
        ({"HX-Current-URL": "http://localhost:8000//evil.test"}, "/home"),
        ({}, "/home"),
    ):
        response = portal.client.get(
            "/parts/policy", base_url=portal.base_url, headers={"HX-Request": "true", **headers}
        )
        assert response.status_code == 401
        assert response.headers["HX-Redirect"] == target
        assert response.get_data() == b""


def test_a_page_asked_for_by_script_is_opened_whole(portal: PageClient) -> None:
    """U-25: a boosted link names the page that was asked for."""
    response = portal.client.get(
        "/parts/policy",
        base_url=portal.base_url,
        headers={"HX-Request": "true", "HX-Request-Type": "full", "HX-Current-URL": "http://localhost:8000/home"},
    )
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/parts/policy"


# The access token


def test_the_access_token_is_there_for_its_hour_and_only_with_its_session(
    portal: PageClient, portal_app: Flask, portal_database: Database, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-13: encrypted in the database, bound to its row, gone when its hour is over."""
    sign_in(portal)
    (row,) = rows(portal_database)
    assert row.access_token is not None
    sealer = portal_app.extensions["portal.sessions"].sealer
    opened = sealer.decrypt(row.access_token, belongs_to=row.id_hash)
    assert opened == esia.access_token()
    assert sealer.decrypt(row.access_token, belongs_to="another row") is None
    assert sealer.decrypt("bm90aGluZw==", belongs_to=row.id_hash) is None
    assert sealer.decrypt("***", belongs_to=row.id_hash) is None
    assert (
        room.SessionKeeper(public_url="http://localhost", secret="another").sealer.decrypt(
            row.access_token, belongs_to=row.id_hash
        )
        is None
    )


def test_after_its_hour_the_access_token_is_none(
    portal: PageClient, portal_app: Flask, esia: FakeEsia, sign_in: SignIn, clock: ManualClock
) -> None:
    """The token of an hour ago is not sent anywhere; «Обновить данные» is a new sign-in."""
    esia.access_claims = {"exp": int((NOON + timedelta(minutes=10)).timestamp())}
    sign_in(portal)
    headers = {"Cookie": f"{COOKIE}={cookie(portal)}"}
    with portal_app.test_request_context("/home", base_url=portal.base_url, headers=headers):
        assert room.access_token() == esia.access_token()
    clock.advance(timedelta(minutes=10))
    with portal_app.test_request_context("/home", base_url=portal.base_url, headers=headers):
        assert room.access_token() is None
    with portal_app.test_request_context("/home", base_url=portal.base_url):
        assert room.access_token() is None


# Under a prefix


def test_two_prefixes_of_one_host_never_share_a_session(portal_app: Flask, portal: PageClient, sign_in: SignIn) -> None:
    """S-49: path and name of the cookies are the prefix's own, and addresses carry it."""

    def mounted(environ: dict, start_response: object) -> object:
        prefix = "/" + "/".join(environ["PATH_INFO"].split("/")[1:3])
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, environ["PATH_INFO"].removeprefix(prefix)
        return portal_app(environ, start_response)

    one = PageClient(mounted, portal.base_url, "/s/one")
    state = sign_in.begin(one)
    page = sign_in.come_back(one, state)
    assert page.location == "/s/one/loading"
    assert all("Path=/s/one" in value for value in page.response.headers.getlist("Set-Cookie"))
    assert not any("__Host-" in value for value in page.response.headers.getlist("Set-Cookie"))
    assert one.client.get("/s/one/session", base_url=portal.base_url).status_code == 200
    assert one.client.get("/s/two/session", base_url=portal.base_url).status_code == 401
    assert one.client.get("/s/two/home", base_url=portal.base_url).headers["Location"] == "/s/two/login"
