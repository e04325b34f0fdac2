"""What has become of each scenario: idle, armed, watching, happening, recovered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox_idp.context import set_current_sign_in, use_stand
from sandbox_idp.scenarios import catalogue, engine, sign_ins
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.states import state_of, states
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries, entry_text, gate_effect

PART = gate_effect("status", "portal", status="500", match='{ path = "/parts/*" }')


def state(place: Place, entry: str = "probe") -> str:
    found = state_of(place.stand, entry)
    assert found is not None
    return found.state


def test_a_failure_at_the_portal_from_the_switch_to_the_recovery(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=PART, other=PART)
    browser, stranger = place.at_portal(), place.at_portal()
    assert state(place) == "idle"
    browser.get("/parts/policy")
    arm(place.stand, "probe", "everyone")
    assert state(place) == "armed"
    browser.get("/parts/policy")
    assert state(place) == "happening"
    stranger.get("/home")
    browser.get("/parts/children")
    assert state(place) == "happening", "another browser's page, another part's failure"
    disarm(place.stand, "probe")
    assert state(place) == "idle", "healed, but nobody has tried again"
    browser.get("/parts/children")
    assert state(place) == "recovered"
    assert state(place, "other") == "idle"
    arm(place.stand, "probe", "everyone")
    assert state(place) == "armed", "armed anew"


def test_the_end_of_the_journey_is_a_recovery_while_it_is_still_armed(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", "portal", status="500", match='{ path = "/login/callback" }'))
    browser = place.at_portal()
    browser.press_sign_in("first")
    arm(place.stand, "probe")
    browser.press_sign_in("second")
    browser.get("/login/callback?code=x&state=second")
    assert state(place) == "happening"
    browser.press_sign_in("third")
    browser.get("/login/callback?code=x&state=third")
    browser.get("/home")
    assert state(place) == "recovered"


def test_a_cut_answer_is_no_recovery(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("reset", "portal", match='{ path = "/parts/*" }'))
    arm(place.stand, "probe", "everyone")
    browser = place.at_portal()
    with pytest.raises(ConnectionResetError):
        browser.get("/parts/policy")
    assert state(place) == "happening"


def test_an_act_is_watched_for(place: Place, use_entries: UseEntries) -> None:
    use_entries(habit=PART + '\n[watch]\nact = "password-wrong"')
    arm(place.stand, "habit", "everyone")
    assert state(place, "habit") == "watching"
    with use_stand(place.stand):
        engine.act("sms-wrong")
        assert state(place, "habit") == "watching"
        engine.act("password-wrong")
        assert state(place, "habit") == "happening"


def test_an_act_of_one_person_is_hers_even_if_that_is_known_only_afterwards(
    place: Place, use_entries: UseEntries
) -> None:
    """Who typed a wrong password is told by the right one."""
    use_entries(habit=PART + '\n[watch]\nact = "password-wrong"')
    arm(place.stand, "habit", "person", person="anna")
    number = place.at_portal().press_sign_in()
    with use_stand(place.stand):
        set_current_sign_in(number)
        engine.act("password-wrong")
        assert state(place, "habit") == "watching"
        sign_ins.bind_person(place.anna())
        assert state(place, "habit") == "happening"


def test_the_next_sign_in_is_watched_alone(place: Place, use_entries: UseEntries) -> None:
    use_entries(habit=PART + '\n[watch]\nact = "password-wrong"')
    arm(place.stand, "habit")
    chosen, other = place.at_portal().press_sign_in("chosen"), place.at_portal().press_sign_in("other")
    with use_stand(place.stand):
        set_current_sign_in(other)
        engine.act("password-wrong")
        assert state(place, "habit") == "watching"
        set_current_sign_in(chosen)
        engine.act("password-wrong")
        assert state(place, "habit") == "happening"


def test_what_is_seen_at_gosuslugi_is_over_when_the_person_has_signed_in(place: Place, tmp_path: Path) -> None:
    text = entry_text("habit", PART + '\n[watch]\nact = "password-wrong"').replace(
        '= "portal"\nscreen', '= "sandbox"\nscreen'
    )
    (tmp_path / "habit.toml").write_text(text, encoding="utf-8")
    with catalogue.using(catalogue.load(tmp_path)), use_stand(place.stand):
        arm(place.stand, "habit")
        chosen, other = place.at_portal().press_sign_in("chosen"), place.at_portal().press_sign_in("other")
        set_current_sign_in(chosen)
        engine.act("password-wrong")
        set_current_sign_in(other)
        engine.act("signed-in")
        assert state(place, "habit") == "happening"
        set_current_sign_in(chosen)
        engine.act("signed-in")
        assert state(place, "habit") == "recovered"


def test_what_is_over_is_idle_again(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=PART)
    arm(place.stand, "probe", "everyone", ttl=timedelta(minutes=1))
    place.stand.clock.advance(timedelta(minutes=2))
    (found,) = states(place.stand)
    assert (found.state, found.row, found.last) == ("idle", None, None)


def test_every_entry_of_the_catalogue_has_a_state(place: Place) -> None:
    found = states(place.stand)
    assert len(found) >= 15
    assert {each.state for each in found} == {"idle"}
    assert state_of(place.stand, "no-such-entry") is None
