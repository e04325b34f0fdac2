"""A sign-in as steps, read from the journal."""

from __future__ import annotations

from typing import Any

from sandbox_idp.scenarios import arming, journal
from sandbox_idp.scenarios.journey import told
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.verdicts import verdicts
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries, gate_effect

TOKEN_FAILS = gate_effect("status", status="500", match='{ method = "POST", path = ["/aas/oauth2/te"] }')


def steps(place: Place, number: int) -> list[dict[str, Any]]:
    """The steps of a sign-in, without what is as ever."""
    journal.settle(place.stand.database)
    (verdict,) = verdicts(place.stand.database, sign_in=number)
    with place.stand.database.reading() as session:
        found = told(session, session.get_one(SignIn, number), verdict, policy="seed-strict")
    return [step.model_dump(exclude_defaults=True) for step in found.steps]


def test_pages_after_the_return_are_opened_and_what_redirects_led_to_is_not(place: Place) -> None:
    portal = place.at_portal()
    portal.get("/login?state=one")
    portal.get("/login/callback?code=1&state=one")
    portal.get("/loading")
    portal.get("/parts/contacts")
    portal.get("/documents/2f1c0f0e-8f0f-4c43-9a53-3a1f6f3f8a11")
    assert steps(place, 1) == [{"do": "return"}, {"do": "open", "path": "/parts/contacts"}]


def test_what_was_switched_meanwhile_is_among_the_steps(place: Place, use_entries: UseEntries) -> None:
    """What was switched before it began is not: the stand has it."""
    use_entries(token_fails=TOKEN_FAILS)
    stand, portal = place.stand, place.at_portal()
    arming.arm(stand, "token-fails", "everyone")
    portal.get("/login?state=one")
    arming.arm(stand, "token-fails", "person", person="anna", count=2, seed=7)
    arming.disarm(stand, "token-fails")
    stand.clock.freeze(True)
    stand.clock.freeze(False)
    portal.get("/login/callback?code=1&state=one")
    arm, *rest = steps(place, 1)
    assert rest == [{"do": "disarm", "entry": "token-fails"}, {"do": "freeze"}, {"do": "run"}, {"do": "return"}]
    assert arm["arming"]["scope"] == {"person": place.anna()}
    assert (arm["arming"]["seed"], arm["arming"]["count"], arm["arming"]["ttl"]) == (7, 2, "PT1800S")
