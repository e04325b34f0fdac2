"""`/login/callback`: a session, once, for the browser that began (S-03, S-11, S-17)."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import httpx2
import pytest
from flask import Flask

from foundation.clock import ManualClock
from foundation.database import Database
from tests.pages import PageClient
from tests.portal.conftest import NOON, SignIn
from tests.portal.fake_esia import FakeEsia
from tests.portal.sign_in.helpers import (
    TOKEN,
    after_the_start,
    is_neutral,
    is_signed_in,
    patients,
    sessions,
)

# It ends well


def test_a_sign_in_stores_the_person_and_opens_a_session(
    portal: PageClient, portal_database: Database, sign_in: SignIn
) -> None:
    """S-11: the key is (issuer, subject). R-013: the level follows from what ESIA sends."""
    page = sign_in(portal)
    assert page.location == "/loading"
    (patient,) = patients(portal_database)
    assert (patient.issuer, patient.subject) == ("http://esia.gosuslugi.ru/", "1000000101")
    assert (patient.surname, patient.name, patient.patronymic) == ("Лебедева", "Анна", "Сергеевна")
    assert (patient.snils, patient.birth_date, patient.level) == ("00010010110", date(1985, 5, 26), "confirmed")
    assert patient.person_as_of == NOON
    (row,) = sessions(portal_database)
    assert row.patient_id == patient.id
    assert row.scopes == ["openid", "fullname", "snils", "contacts"]
    assert row.sid == "fd0b5333-1111-2222-3333-444455556666"
    assert not row.stale
    assert is_signed_in(portal)


def test_the_portal_opens_with_the_two_required_rights_alone(
    portal: PageClient, portal_database: Database, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-66: rights 3 and 7; everything else may be withheld."""
    esia.scopes = "openid fullname?oid=1000000101 snils?oid=1000000101"
    esia.person = {"firstName": "Анна", "lastName": "Лебедева", "snils": "000-100-101 10", "trusted": False}
    assert sign_in(portal).location == "/loading"
    assert patients(portal_database)[0].level == "standard"


def test_a_simplified_account_without_snils_is_let_in(
    portal: PageClient, portal_database: Database, esia: FakeEsia, sign_in: SignIn
) -> None:
    """R-013: signing in is allowed at every level."""
    esia.person = {"firstName": "Анна", "lastName": "Лебедева", "trusted": False}
    assert sign_in(portal).location == "/loading"
    assert patients(portal_database)[0].level == "simplified"


def test_no_token_reaches_browser_address_page_or_log(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """S-13, S-62: nor does the code, the SNILS or the name get into the log."""
    state = sign_in.begin(portal)
    code = esia.code()
    page = sign_in.come_back(portal, state, code=code)
    given = str(page.response.headers) + page.text + str(portal.get("/home").text)
    access, identity = esia.access_token(), esia.id_token()
    logged = "".join(capsys.readouterr())
    assert "signed_in" in logged
    for secret in (access, identity, access.split(".")[2], identity.split(".")[2], code):
        assert secret not in given
        assert secret not in logged
    for private in ("Лебедева", "000-100-101", "00010010110", "1000000101", state):
        assert private not in logged
    (row,) = sessions(portal_database)
    assert row.access_token is not None
    assert access not in row.access_token
    assert access.split(".")[1] not in row.access_token


def test_a_later_sign_in_brings_the_person_up_to_date(
    portal: PageClient, portal_database: Database, esia: FakeEsia, sign_in: SignIn, clock: ManualClock
) -> None:
    """S-11: one row for one subject; a withheld right leaves no old value behind, but the SNILS stays to compare."""
    sign_in(portal)
    clock.advance(timedelta(hours=2))
    esia.person = {"firstName": "Анна", "lastName": "Орлова", "trusted": True}
    sign_in(portal)
    (patient,) = patients(portal_database)
    assert (patient.surname, patient.patronymic, patient.inn) == ("Орлова", None, None)
    assert patient.snils == "00010010110"
    assert patient.person_as_of == NOON + timedelta(hours=2)


# `state` (S-03)


def test_a_return_without_state_is_stale_and_asks_nothing(portal: PageClient, esia: FakeEsia) -> None:
    """S-03: a bookmark, an address typed by hand."""
    page = portal.get("/login/callback?code=x", 400)
    assert page.screen == "sign-in-stale"
    assert "Эта ссылка входа уже использована или устарела" in page.words
    assert page.soup.find("a", string="Начать вход заново")["href"] == "/login"
    assert esia.calls == []


def test_a_state_that_was_never_issued_is_refused_neutrally(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-03: no token call."""
    sign_in.begin(portal)
    is_neutral(sign_in.come_back(portal, "11111111-2222-3333-4444-555555555555", 400))
    assert after_the_start(esia) == []


@pytest.mark.parametrize("state", ["x" * 10_000, "\0", "ы", "' or 1=1 --"])
def test_a_state_of_any_shape_is_only_looked_up(state: str, portal: PageClient, sign_in: SignIn) -> None:
    """S-03, S-61."""
    sign_in.begin(portal)
    is_neutral(sign_in.come_back(portal, state, 400))


def test_a_state_of_another_browser_is_refused_neutrally_and_stays_good_for_its_own(
    portal: PageClient, portal_app: Flask, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-03: nobody can be signed in as somebody else by a link, and nobody's sign-in can be spoiled by one."""
    state = sign_in.begin(portal)
    stranger = PageClient(portal_app, portal.base_url)
    is_neutral(sign_in.come_back(stranger, state, 400))
    sign_in.begin(stranger)
    is_neutral(sign_in.come_back(stranger, state, 400))
    assert after_the_start(esia) == []
    assert not is_signed_in(stranger)
    assert sign_in.come_back(portal, state).location == "/loading"


def test_a_state_older_than_ten_minutes_is_stale(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn, clock: ManualClock
) -> None:
    """S-03: on the portal's clock; the page asked for is kept for the new try."""
    state = sign_in.begin(portal, "/login?next=/profile")
    clock.advance(timedelta(minutes=10))
    page = sign_in.come_back(portal, state, 400)
    assert page.screen == "sign-in-stale"
    assert page.soup.find("a", string="Начать вход заново")["href"] == "/login?next=/profile"
    assert after_the_start(esia) == []


def test_just_within_ten_minutes_is_in_time(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> None:
    """S-03."""
    state = sign_in.begin(portal)
    clock.advance(timedelta(minutes=9, seconds=59))
    assert sign_in.come_back(portal, state).location == "/loading"


@pytest.mark.parametrize("doubled", ["state", "code"])
def test_a_doubled_parameter_counts_as_none(doubled: str, portal: PageClient, sign_in: SignIn) -> None:
    """RFC 6749, section 3.1: parameters come once."""
    state = sign_in.begin(portal)
    page = portal.get(f"/login/callback?state={state}&code=a&{doubled}=b", 400)
    assert page.screen in ("sign-in-stale", "sign-in-failed")
    assert not is_signed_in(portal)


# Again, back, twice (S-17)


def test_a_reload_of_the_return_goes_on_without_signing_in_twice(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """S-17, U-31: the same browser with its living session just goes on to where it was going."""
    state, code = sign_in.begin(portal, "/login?next=/appointments"), esia.code()
    sign_in.come_back(portal, state, code=code)
    asked = len(esia.calls)
    for _ in range(3):
        assert sign_in.come_back(portal, state, code=code).location == "/appointments"
    assert len(esia.calls) == asked
    assert len(sessions(portal_database)) == 1


def test_a_reload_of_a_return_that_failed_is_stale(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """S-17: the code is not sent again."""
    esia.answer_with(TOKEN, httpx2.Response(500))
    state, code = sign_in.begin(portal), esia.code()
    assert sign_in.come_back(portal, state, 502, code=code).screen == "gosuslugi-failed"
    esia.answers.clear()
    assert sign_in.come_back(portal, state, 400, code=code).screen == "sign-in-stale"
    assert esia.calls.count(f"POST {TOKEN}") == 1


def test_the_wish_to_be_asked_for_the_rights_outlives_a_return_that_failed(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """R-017, S-66: whatever became of the return, and of nobody else's sign-in."""
    esia.answer_with(TOKEN, httpx2.Response(500))
    again = "/login?next=/policies&consent=again"
    state = sign_in.begin(portal, again)
    page = sign_in.come_back(portal, state, 502)
    assert page.soup.find("a", string="Перезапустить")["href"] == again
    page = sign_in.come_back(portal, state, 400)
    assert page.soup.find("a", string="Начать вход заново")["href"] == again
    portal.client.delete_cookie("__Host-browser", domain="localhost")
    page = sign_in.come_back(portal, state, 400)
    assert page.soup.find("a", string="Начать вход заново")["href"] == "/login"


def test_a_reload_after_signing_out_opens_nothing(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """S-17, S-46: the mark of the browser went with the session, and the state is spent: nobody gets in with it."""
    state, code = sign_in.begin(portal), esia.code()
    sign_in.come_back(portal, state, code=code)
    portal.get("/home")
    portal.post("/logout")
    assert sign_in.come_back(portal, state, 400, code=code).screen == "sign-in-stale"
    assert not is_signed_in(portal)


def test_two_returns_at_once_sign_in_once(
    portal_app: Flask, portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """S-17, S-03: exactly one return claims the state, however they meet."""
    state, code = sign_in.begin(portal), esia.code()
    cookie = portal.client.get_cookie("__Host-browser", domain="localhost")
    assert cookie is not None
    start, seen = threading.Barrier(4), []

    def come_back() -> None:
        browser = PageClient(portal_app, portal.base_url)
        browser.client.set_cookie("__Host-browser", cookie.value, domain="localhost")
        start.wait()
        response = browser.client.get(
            "/login/callback", base_url=portal.base_url, query_string={"state": state, "code": code}
        )
        seen.append(response.status_code)

    threads = [threading.Thread(target=come_back) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [303, 400, 400, 400]
    assert esia.calls.count(f"POST {TOKEN}") == 1
    assert len(sessions(portal_database)) == 1


def test_two_tabs_both_end_well(portal: PageClient, sign_in: SignIn, portal_database: Database) -> None:
    """Two sign-ins of one browser: the second replaces the session of the first."""
    first, second = sign_in.begin(portal), sign_in.begin(portal)
    assert sign_in.come_back(portal, first).location == "/loading"
    assert sign_in.come_back(portal, second).location == "/loading"
    assert [row.ended_reason for row in sessions(portal_database)].count("replaced") == 1
    assert is_signed_in(portal)


def test_two_first_sign_ins_of_one_person_at_once_make_one_patient(
    portal_app: Flask, portal: PageClient, sign_in: SignIn, portal_database: Database
) -> None:
    """S-11: the unique key decides, and neither browser sees an error."""
    browsers = [PageClient(portal_app, portal.base_url) for _ in range(4)]
    states = [sign_in.begin(browser) for browser in browsers]
    start, seen = threading.Barrier(4), []

    def come_back(browser: PageClient, state: str) -> None:
        start.wait()
        seen.append(sign_in.come_back(browser, state).location)

    threads = [threading.Thread(target=come_back, args=pair) for pair in zip(browsers, states, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["/loading"] * 4
    assert len(patients(portal_database)) == 1
    assert len(sessions(portal_database)) == 4
