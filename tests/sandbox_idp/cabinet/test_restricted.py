"""The 72 hours after unusual activity."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.accounts import factory
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey

RESTRICTED = "/cabinet/security/restricted"


@pytest.fixture
def restricted(sandbox: PageClient, stand: Stand) -> PageClient:
    """Anna, whose account is restricted, signs in all the same."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        factory.change(session, anna, {"restricted": True}, now=stand.clock.now(), ids=stand.ids)
    journey.sign_in(sandbox, stand)
    return sandbox


def test_what_protects_the_account_leads_to_the_explanation(restricted: PageClient) -> None:
    """account-restricted, S-48: even right after the sign-in; sessions, consents and password stay open."""
    assert restricted.get("/cabinet/consents/x/record", 303).location.endswith(RESTRICTED)
    page = restricted.get(RESTRICTED)
    assert page.screen == "account-restricted"
    for words in ("Пока нельзя", "По-прежнему можно", "Снять раньше", "Ещё 71 ч 59 мин"):
        assert words in page.words
    assert "Часть действий ограничена" in restricted.get("/cabinet/security").words
    for path in ("/cabinet/security/sessions", "/cabinet/consents", "/cabinet/security/password"):
        restricted.get(path)


def test_it_ends_by_itself(restricted: PageClient, stand: Stand) -> None:
    stand.clock.advance(timedelta(hours=72))  # type: ignore[attr-defined]
    journey.sign_in(restricted, stand)
    assert restricted.get(RESTRICTED).screen == "restriction-over"
    restricted.get("/cabinet/consents/x/record", 404)


def test_the_second_factor_lifts_it_early(restricted: PageClient, stand: Stand) -> None:
    """S-36: by a code of its own purpose; a wrong one does not, and a code that confirms does not either."""
    restricted.get("/cabinet/confirm")
    restricted.post("/cabinet/confirm", {"action": "send"})
    confirming = journey.last_code(stand)
    restricted.get(RESTRICTED)
    assert "Отправили на номер" in restricted.follow(restricted.post(RESTRICTED, {"action": "send"})).words
    code = journey.last_code(stand)
    for wrong in {confirming, journey.other_than(code)} - {code}:
        assert restricted.post(RESTRICTED, {"code": wrong}, 422).screen == "account-restricted"
    done = restricted.follow(restricted.post(RESTRICTED, {"code": code}))
    assert done.screen == "restriction-over"
    assert "Ограничения сняты" in restricted.get("/cabinet/notifications").words


@pytest.mark.usefixtures("still")
def test_a_code_is_not_sent_twice_a_minute(restricted: PageClient, stand: Stand) -> None:
    """S-39."""
    restricted.get(RESTRICTED)
    restricted.post(RESTRICTED, {"action": "send"})
    assert restricted.post(RESTRICTED, {"action": "send"}, 429).response.headers["Retry-After"] == "60"


def test_putting_back_what_a_scenario_changed(stand: Stand) -> None:
    """The end of an arming lifts it, unless somebody did before."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        for wanted in (True, False):
            factory.change(session, anna, {"restricted": wanted}, now=stand.clock.now(), ids=stand.ids)
            assert factory.as_it_is(session, anna, ["restricted"]) == {"restricted": wanted}
