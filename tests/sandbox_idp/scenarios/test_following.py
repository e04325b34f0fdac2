"""Following one sign-in through both programs."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest

from sandbox_idp.context import current_sign_in, set_current_sign_in, use_stand
from sandbox_idp.oauth.models import AuthorizationCode, IssuedToken
from sandbox_idp.scenarios import sign_ins
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.models import SignIn
from tests.sandbox_idp.scenarios.conftest import AUTHORIZE, SYSTEM, TOKEN, Browser, Place, UseEntries, gate_effect


def at_gosuslugi(browser: Browser, state: str, system: str = SYSTEM) -> int | None:
    """The sign-in of an authorization request."""
    return browser.number(f"{AUTHORIZE}?client_id={system}&state={state}")


def test_a_sign_in_begins_at_our_portal_and_goes_on_at_gosuslugi(place: Place) -> None:
    """Browser at the portal ↔ state ↔ browser at the sandbox."""
    number = place.at_portal().press_sign_in("one")
    assert (place.sign_in(number).system, place.sign_in(number).state) == (SYSTEM, "one")
    browser = place.at_sandbox()
    assert browser.number("/login") is None
    assert at_gosuslugi(browser, "one") == number
    assert browser.number("/login/sms") == number
    assert place.sign_in(number).idp_browser is not None
    assert place.sign_in(number).idp_browser != place.sign_in(number).portal_browser


def test_a_foreign_portals_sign_in_begins_with_the_authorization_request(place: Place) -> None:
    browser = place.at_sandbox()
    number = at_gosuslugi(browser, "theirs", "CLINIC_36")
    assert number is not None
    assert at_gosuslugi(place.at_sandbox(), "theirs", "CLINIC_36") == number
    assert at_gosuslugi(browser, "another", "CLINIC_36") == number + 1
    assert at_gosuslugi(browser, "theirs", "OTHER_36") == number + 2
    assert browser.number(AUTHORIZE) == number + 2, "without a state it belongs to the browser's last sign-in"
    form = {"client_id": "CLINIC_36", "state": "posted"}
    assert f"belongs to {number + 3} " in browser.post(AUTHORIZE, data=form).get_data(as_text=True)


def test_every_press_at_the_portal_is_a_sign_in_of_its_own(place: Place) -> None:
    browser = place.at_portal()
    assert [browser.press_sign_in(f"state-{each}") for each in range(3)] == [1, 2, 3]
    browser.get("/login", headers={"Sec-Purpose": "prefetch"})
    browser.client.head(place.stand.prefix + "/login", base_url=browser.base_url)
    Browser(browser.client, browser.prefix, "http://other-name:8000").get("/login")
    assert browser.number("/page") == 3


def test_two_tabs_of_one_browser_are_told_apart_by_their_state(place: Place) -> None:
    browser = place.at_portal()
    first, second = browser.press_sign_in("first"), browser.press_sign_in("second")
    browser.get("/login/callback?code=x&state=first")
    assert place.sign_in(first).opened_at is not None
    assert place.sign_in(second).opened_at is None
    assert browser.number("/home") == first, "pages belong to the session, not to what was begun and left"
    browser.get("/login/callback?state=second&error=access_denied")
    assert place.sign_in(second).opened_at is None


def test_the_pending_request_leads_to_its_sign_in_in_any_browser(place: Place) -> None:
    number = place.at_portal().press_sign_in("one")
    with use_stand(place.stand):
        set_current_sign_in(number)
        assert sign_ins.bind_request("the-request", system=SYSTEM, state="one") == number
    assert place.at_sandbox().number("/consent?request=the-request") == number
    assert place.at_sandbox().number("/consent?request=unknown") is None


def code_row(place: Place, code: str, number: int) -> AuthorizationCode:
    now = place.stand.clock.now()
    return AuthorizationCode(
        code_hash=hashlib.sha256(code.encode()).hexdigest(),
        request_id=f"request of {code}",
        mnemonic=SYSTEM,
        redirect_uri="http://portal.example/login/callback",
        scopes=["openid"],
        state="one",
        person_oid=place.anna(),
        sid="sid",
        sign_in=number,
        issued_at=now,
        expires_at=now + timedelta(minutes=4),
    )


def test_code_and_tokens_lead_to_their_sign_in(place: Place) -> None:
    """A foreign portal's token call and data calls carry nothing else."""
    now = place.stand.clock.now()
    with place.stand.database.writing() as session:
        session.add(code_row(place, "the-code", 7))
        for kind in ("access", "refresh"):
            session.add(
                IssuedToken(
                    token_hash=hashlib.sha256(f"the-{kind}".encode()).hexdigest(),
                    kind=kind,
                    code_hash="x",
                    mnemonic=SYSTEM,
                    person_oid=place.anna(),
                    sid="sid",
                    scopes=["openid"],
                    sign_in=7,
                    issued_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )
        session.add(SignIn(number=7, system=SYSTEM, state="one", started_at=now))
    server = place.at_sandbox()
    for form, belongs in (({"code": "the-code"}, 7), ({"refresh_token": "the-refresh"}, 7), ({"code": "other"}, None)):
        answer = server.post(TOKEN, data=form).json
        assert answer is not None
        assert answer["sign_in"] == belongs
    by_query = server.post(f"{TOKEN}?code=the-code").json
    assert by_query is not None
    assert by_query["sign_in"] == 7
    assert server.number("/rs/prns/1", headers={"Authorization": "Bearer the-access"}) == 7
    assert server.number("/rs/prns/1", headers={"Authorization": "bearer  the-access "}) == 7
    assert server.number("/rs/prns/1", headers={"Authorization": "Bearer other"}) is None


def test_the_doors_private_header_counts_between_servers_only(place: Place) -> None:
    """Preflight, keys and schedule carry nothing on the wire that tells the sign-in."""
    number = place.at_portal().press_sign_in()
    header = {sign_ins.SIGN_IN_HEADER: str(number)}
    server = place.at_sandbox()
    for path in ("/healthz/live", "/works.json", "/oauth2/jwks", "/rs/prns/1"):
        assert server.number(path, headers=header) == number
    assert server.number("/login", headers=header) is None
    for wrong in ("x", "999", "1;2", "-1"):
        assert server.number("/oauth2/jwks", headers={sign_ins.SIGN_IN_HEADER: wrong}) is None


def test_what_the_rooms_tell_is_kept_with_the_sign_in(place: Place) -> None:
    number = place.at_portal().press_sign_in()
    with use_stand(place.stand):
        sign_ins.bind_person(place.anna())
        assert place.sign_in(number).person_oid is None, "no sign-in is at hand"
        set_current_sign_in(number)
        sign_ins.bind_person(place.anna())
        sign_ins.bind_session("the-sid")
    assert (place.sign_in(number).person_oid, place.sign_in(number).sid) == (place.anna(), "the-sid")


def test_a_request_without_the_gate_finds_or_starts_its_sign_in(place: Place) -> None:
    """The control API signs in without pages."""
    with use_stand(place.stand), place.stand.database.writing() as session:
        session.add(code_row(place, "in the same transaction", 1))
        session.flush()
        number = sign_ins.bind_request("r1", system=SYSTEM, state="direct")
        assert number is not None
        assert current_sign_in() == number
    assert place.sign_in(number).request_id == "r1"
    with use_stand(place.stand):
        assert sign_ins.bind_request("r2", system=SYSTEM, state="direct") == number


# The next sign-in


def test_the_next_sign_in_gets_it_and_keeps_it(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", status="503", channel='"front"'), other=gate_effect("status", status="500"))
    earlier = place.at_sandbox()
    assert at_gosuslugi(earlier, "earlier", "CLINIC_36") == 1
    arm(place.stand, "probe")
    assert earlier.get("/login").status_code == 200, "a sign-in that goes on already is not the next one"
    chosen = place.at_sandbox()
    asked = f"{AUTHORIZE}?client_id=CLINIC_36&state=chosen"
    assert chosen.get(asked).status_code == 503
    assert chosen.get("/login").status_code == 503
    later = place.at_sandbox()
    assert at_gosuslugi(later, "later", "CLINIC_36") == 3
    assert later.get("/login").status_code == 200
    kept = place.armed("probe")
    assert kept is not None
    assert kept.sign_in == 2
    disarm(place.stand, "probe")
    assert chosen.get("/login").status_code == 200


def test_at_our_portal_the_press_claims_it_so_that_the_preflight_belongs_to_it(
    place: Place, use_entries: UseEntries
) -> None:
    use_entries(probe=gate_effect("status", status="503", channel='"back"'))
    arm(place.stand, "probe")
    chosen, later = place.at_portal().press_sign_in("a"), place.at_portal().press_sign_in("b")
    server = place.at_sandbox()
    assert server.get("/healthz/live", headers={sign_ins.SIGN_IN_HEADER: str(later)}).status_code == 200
    assert server.get("/healthz/live", headers={sign_ins.SIGN_IN_HEADER: str(chosen)}).status_code == 503
    assert server.get("/healthz/live").status_code == 200


def test_what_is_not_yet_or_no_longer_on_is_not_claimed(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", status="503"))
    arm(place.stand, "probe", starts_at=place.stand.clock.now() + timedelta(hours=1))
    place.at_portal().press_sign_in("early")
    waiting = place.armed("probe")
    assert waiting is not None
    assert waiting.sign_in is None
    place.stand.clock.advance(timedelta(hours=3))
    place.at_portal().press_sign_in("late")
    assert place.armed("probe") is None


@pytest.mark.parametrize("door", ["portal", "authorize"])
def test_under_any_number_of_workers_exactly_one_sign_in_gets_it(
    place: Place, use_entries: UseEntries, door: str
) -> None:
    """One conditional UPDATE decides. The threads stand for workers: nothing but the database is asked who won."""
    use_entries(probe=gate_effect("status", status="503"))
    for round_number in range(3):
        arm(place.stand, "probe")
        together = threading.Barrier(8)
        numbers: list[int] = []

        def begin(index: int, round_number: int = round_number, together: threading.Barrier = together) -> None:
            browser = place.at_portal() if door == "portal" else place.at_sandbox()
            together.wait()
            if door == "portal":
                browser.get(f"/login?state=round-{round_number}-{index}")
            else:
                browser.get(f"{AUTHORIZE}?client_id=CLINIC_36&state=round-{round_number}-{index}")

        threads = [threading.Thread(target=begin, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = place.armed("probe")
        assert kept is not None
        assert kept.sign_in is not None
        numbers.append(kept.sign_in)
        struck = {line.sign_in for line in place.lines(kind="effect", entry="probe")}
        assert struck <= set(numbers) | struck
        if door == "authorize":
            lines = [line for line in place.lines(kind="effect") if line.sign_in == kept.sign_in]
            assert len(lines) == 1
            everybody = {line.sign_in for line in place.lines(kind="exchange")}
            assert len(everybody) == 8 * (round_number + 1)
    assert len(place.lines(kind="effect")) == (3 if door == "authorize" else 0)


def test_a_count_is_never_exceeded_by_requests_at_once(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", status="503"))
    arm(place.stand, "probe", "everyone", count=3)
    together = threading.Barrier(8)
    answers: list[int] = []

    def ask() -> None:
        browser = place.at_sandbox()
        together.wait()
        answers.append(browser.get("/page").status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 5 + [503] * 3
