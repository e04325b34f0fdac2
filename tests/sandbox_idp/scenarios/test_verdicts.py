"""Verdicts on portals that behave and on some that do not: each is a few lines that ask and lead somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from sandbox_idp.context import set_current_sign_in, use_stand
from sandbox_idp.scenarios import arming, journal
from sandbox_idp.scenarios.sign_ins import bind_person
from sandbox_idp.scenarios.verdicts import Verdict, verdicts
from tests.sandbox_idp.scenarios.conftest import AUTHORIZE, SYSTEM, TOKEN, Place, UseEntries, gate_effect

PERSON = "/rs/prns/1000000001"
TOKEN_FAILS = gate_effect("status", status="500", match='{ method = "POST", path = ["/aas/oauth2/te"] }')
PERSON_BUSY = gate_effect("status", status="503", match='{ path = ["/rs/prns/*"] }')
CONTACTS_FAIL = gate_effect("status", status="500", match='{ path = ["/rs/prns/*/ctts"] }')


@dataclass
class FakePortal:
    """The server's side of a portal and its one browser: calls and pages by hand."""

    place: Place
    number: int = 0

    def begin(self) -> None:
        self.browser = self.place.at_portal()
        self.number = self.browser.press_sign_in()

    def call(self, path: str, method: str = "GET") -> int:
        response = self.place.at_sandbox().client.open(
            self.place.stand.prefix + path,
            method=method,
            base_url=self.place.settings.public_url,
            headers={"X-Stand-Sign-In": str(self.number)},
            buffered=True,
        )
        return response.status_code

    def come_back(self, *, with_session: bool) -> None:
        """The return; the small portal goes on with a session if there is a code."""
        answer = "code=1" if with_session else "error=x"
        self.browser.get(f"/login/callback?{answer}&state=state-of-a-test")

    def verdict(self) -> Verdict:
        return judged(self.place, self.number)


def judged(place: Place, number: int) -> Verdict:
    journal.settle(place.stand.database)
    (found,) = verdicts(place.stand.database, sign_in=number)
    return found


@pytest.fixture
def portal(place: Place) -> FakePortal:
    return FakePortal(place)


def test_a_sign_in_that_goes_well(portal: FakePortal) -> None:
    portal.begin()
    assert portal.verdict().ended == "under-way"
    portal.call(TOKEN, "POST")
    portal.call(PERSON)
    portal.come_back(with_session=True)
    found = portal.verdict()
    assert (found.ended, found.status, found.armed) == ("signed-in", None, ())
    assert (found.called_on, found.half_open, found.looped) == ("no", "no", "no")


def test_a_portal_that_stops_at_a_refusal_behaves(portal: FakePortal, use_entries: UseEntries) -> None:
    """R-030: failed is failed, and nothing more is asked."""
    use_entries(token_fails=TOKEN_FAILS)
    arming.arm(portal.place.stand, "token-fails", "next-sign-in")
    portal.begin()
    assert portal.call(TOKEN, "POST") == 500
    portal.come_back(with_session=False)
    found = portal.verdict()
    assert (found.armed, found.ended, found.status) == (("token-fails",), "failed", 400)
    assert (found.called_on, found.half_open, found.looped) == ("no", "no", "no")


def test_a_sign_in_that_does_not_get_to_gosuslugi_has_failed(place: Place, use_entries: UseEntries) -> None:
    """Whatever else is opened at the portal afterwards."""
    use_entries(shut=gate_effect("status", "portal", status="503", match='{ path = ["/login"] }'))
    arming.arm(place.stand, "shut", "everyone")
    browser = place.at_portal()
    assert browser.get("/login").status_code == 503
    browser.get("/help")
    found = judged(place, 1)
    assert (found.armed, found.ended, found.status) == (("shut",), "failed", 503)


def test_a_portal_that_calls_on_after_a_refusal(portal: FakePortal, use_entries: UseEntries) -> None:
    use_entries(token_fails=TOKEN_FAILS)
    arming.arm(portal.place.stand, "token-fails", "everyone")
    portal.begin()
    portal.call(TOKEN, "POST")
    portal.call(PERSON)
    portal.come_back(with_session=False)
    assert portal.verdict().called_on == "yes"


def test_a_portal_that_sends_the_code_twice_calls_on(portal: FakePortal, use_entries: UseEntries) -> None:
    """A POST is never repeated (`docs/architecture.md`, rule 3)."""
    use_entries(token_fails=TOKEN_FAILS)
    arming.arm(portal.place.stand, "token-fails", "everyone")
    portal.begin()
    portal.call(TOKEN, "POST")
    portal.call(TOKEN, "POST")
    assert portal.verdict().called_on == "yes"


@pytest.mark.parametrize(("asked", "called_on"), [(1, "no"), (2, "no"), (3, "yes")])
def test_a_get_may_be_asked_once_more(portal: FakePortal, use_entries: UseEntries, asked: int, called_on: str) -> None:
    use_entries(busy=PERSON_BUSY)
    arming.arm(portal.place.stand, "busy", "everyone")
    portal.begin()
    portal.call(TOKEN, "POST")
    for _ in range(asked):
        portal.call(PERSON)
    assert portal.verdict().called_on == called_on


def test_what_is_no_part_of_a_session_may_fail(portal: FakePortal, use_entries: UseEntries) -> None:
    use_entries(contacts=CONTACTS_FAIL)
    arming.arm(portal.place.stand, "contacts", "everyone")
    portal.begin()
    portal.call(TOKEN, "POST")
    portal.call(PERSON)
    portal.call(f"{PERSON}/ctts")
    portal.call(f"{PERSON}/docs")
    portal.come_back(with_session=True)
    found = portal.verdict()
    assert (found.armed, found.ended, found.called_on, found.half_open) == (("contacts",), "signed-in", "no", "no")


def test_a_session_without_a_token_is_half_open(portal: FakePortal, use_entries: UseEntries) -> None:
    use_entries(token_fails=TOKEN_FAILS)
    arming.arm(portal.place.stand, "token-fails", "everyone")
    portal.begin()
    portal.call(TOKEN, "POST")
    portal.come_back(with_session=True)
    found = portal.verdict()
    assert (found.ended, found.half_open) == ("signed-in", "yes")


def test_a_session_behind_an_error_page_is_half_open(portal: FakePortal) -> None:
    """The small portal shows `/home` to everybody, so whoever failed and looks is in."""
    portal.begin()
    portal.come_back(with_session=False)
    assert portal.verdict().half_open == "no"
    portal.browser.get("/home")
    found = portal.verdict()
    assert (found.ended, found.half_open) == ("failed", "yes")


def test_data_stored_earlier_may_stand_in_for_a_failed_person(portal: FakePortal, use_entries: UseEntries) -> None:
    """Only of somebody whom the portal has let in before."""
    use_entries(busy=PERSON_BUSY)
    arming.arm(portal.place.stand, "busy", "everyone")
    found = []
    for _ in range(2):
        portal.begin()
        _is_anna(portal)
        portal.call(TOKEN, "POST")
        portal.call(PERSON)
        portal.come_back(with_session=True)
        portal.call(f"{PERSON}/ctts")
        found.append(portal.verdict())
    assert [(each.called_on, each.half_open) for each in found] == [("yes", "yes"), ("no", "no")]


def _is_anna(portal: FakePortal) -> None:
    with use_stand(portal.place.stand):
        set_current_sign_in(portal.number)
        bind_person(portal.place.anna())


def test_a_portal_that_sends_back_to_gosuslugi_without_a_page_loops(portal: FakePortal) -> None:
    browser = portal.place.at_portal()
    portal.browser = browser
    for round_ in range(3):
        browser.get(f"/login?state=round-{round_}")
        browser.get(f"/login/callback?code=1&state=round-{round_}")
    journal.settle(portal.place.stand.database)
    assert {each.looped for each in verdicts(portal.place.stand.database)} == {"yes"}


def test_pages_in_between_are_no_loop(portal: FakePortal) -> None:
    """Whoever presses «Войти» again and again sees something each time."""
    browser = portal.place.at_portal()
    for round_ in range(4):
        browser.get(f"/login?state=round-{round_}")
        browser.get("/help")
    journal.settle(portal.place.stand.database)
    assert {each.looped for each in verdicts(portal.place.stand.database)} == {"no"}


def _authorize(place: Place, browser: Any, state: str) -> None:
    browser.get(f"{AUTHORIZE}?client_id={SYSTEM}&state={state}")


def test_what_nobody_sees_of_a_foreign_portal_is_unknown(place: Place) -> None:
    browser = place.at_sandbox()
    _authorize(place, browser, "foreign")
    portal = FakePortal(place, 1)
    portal.call(TOKEN, "POST")
    found = portal.verdict()
    assert (found.ended, found.half_open, found.looped, found.called_on) == ("unknown", "unknown", "no", "no")


def test_a_foreign_portal_is_seen_to_call_on(place: Place, use_entries: UseEntries) -> None:
    use_entries(token_fails=TOKEN_FAILS)
    arming.arm(place.stand, "token-fails", "everyone")
    _authorize(place, place.at_sandbox(), "foreign")
    portal = FakePortal(place, 1)
    portal.call(TOKEN, "POST")
    portal.call(PERSON)
    found = portal.verdict()
    assert (found.ended, found.status, found.called_on) == ("failed", 500, "yes")


def test_nothing_is_said_of_what_the_journal_has_forgotten(place: Place) -> None:
    portal = FakePortal(place)
    portal.begin()
    journal.keep(place.stand.database, journal.Retention(lines=1))
    for _ in range(3):
        place.at_sandbox().get("/page")
        journal.settle(place.stand.database)
    found = portal.verdict()
    assert (found.ended, found.called_on, found.half_open, found.looped) == ("unknown", *["unknown"] * 3)


def test_verdicts_are_paged_by_number(portal: FakePortal) -> None:
    for _ in range(3):
        portal.begin()
    database = portal.place.stand.database
    assert [each.sign_in for each in verdicts(database, limit=2)] == [1, 2]
    assert [each.sign_in for each in verdicts(database, after=2)] == [3]
    assert verdicts(database, sign_in=9) == []
