"""Switching scenarios on and off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.arming import (
    BadParameter,
    ScopeNotOffered,
    UnknownEntry,
    UnknownPerson,
    arm,
    disarm,
    disarm_all,
)
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.stands.house import House
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries, gate_effect

PARAMETER = """
[parameters.code]
title   = "Код"
type    = "integer"
minimum = 500
maximum = 504
default = 500
"""
STATUS = gate_effect("status", status='{ parameter = "code" }') + PARAMETER
WATCHED = '[watch]\nact = "password-wrong"'


@pytest.fixture(autouse=True)
def _entries(use_entries: UseEntries) -> None:
    use_entries(probe=STATUS, other=gate_effect("status", status="503"))


def version(stand: Stand) -> int:
    with stand.database.reading() as session:
        return session.get_one(StandState, 1).armed_version


def test_arming_says_what_is_on_and_what_it_replaced(place: Place) -> None:
    first = arm(place.stand, "probe")
    assert (first.state, first.row.scope, first.replaced) == ("armed", "next-sign-in", None)
    assert first.row.parameters == {"code": 500}
    assert first.row.expires_at == first.row.armed_at + timedelta(minutes=30)
    second = arm(place.stand, "probe", "everyone", parameters={"code": 503}, ttl=timedelta(minutes=5))
    assert second.replaced is not None
    assert second.replaced.parameters == {"code": 500}
    kept = place.armed("probe")
    assert kept is not None
    assert (kept.scope, kept.parameters) == ("everyone", {"code": 503})


def test_every_change_raises_the_version_and_is_in_the_journal(place: Place) -> None:
    stand, before = place.stand, version(place.stand)
    arm(stand, "probe")
    arm(stand, "other")
    removed = disarm(stand, "probe")
    assert removed is not None
    assert removed.entry == "probe"
    assert disarm(stand, "probe") is None
    assert [row.entry for row in disarm_all(stand)] == ["other"]
    assert version(stand) >= before + 4
    changes = [(line.entry, line.name) for line in place.lines(kind="change")]
    assert changes == [("probe", "armed"), ("other", "armed"), ("probe", "disarmed"), ("other", "disarmed")]


def test_what_does_not_exist_is_refused(place: Place) -> None:
    with pytest.raises(UnknownEntry) as unknown:
        arm(place.stand, "no-such-entry")
    assert unknown.value.entry == "no-such-entry"
    with pytest.raises(UnknownEntry):
        disarm(place.stand, "no-such-entry")
    for person in ("nobody", 1, None):
        with pytest.raises(UnknownPerson):
            arm(place.stand, "probe", "person", person=person)
    assert place.armed("probe") is None


def test_a_person_is_named_by_persona_or_oid(place: Place) -> None:
    anna = place.anna()
    for person in ("anna", anna, str(anna)):
        assert arm(place.stand, "probe", "person", person=person).row.person_oid == anna
    assert arm(place.stand, "probe", "everyone", person="anna").row.person_oid is None


def test_a_scope_that_the_entry_does_not_offer_is_refused(place: Place) -> None:
    with pytest.raises(ScopeNotOffered) as refused:
        arm(place.stand, "probe", "nobody")
    assert (refused.value.path, refused.value.offered) == ("/scope", ("next-sign-in", "person", "everyone"))


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/parameters/code", {"parameters": {"code": 499}}),
        ("/parameters/code", {"parameters": {"code": 505}}),
        ("/parameters/code", {"parameters": {"code": "500"}}),
        ("/parameters/code", {"parameters": {"code": True}}),
        ("/parameters/a~1b", {"parameters": {"a/b": 1}}),
        ("/count", {"count": 0}),
        ("/ttl", {"ttl": timedelta(0)}),
        ("/probability", {"probability": 0}),
        ("/probability", {"probability": 1.01}),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_path(
    place: Place, path: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(BadParameter) as refused:
        arm(place.stand, "probe", **arguments)
    assert refused.value.path == path
    assert place.armed("probe") is None


def test_a_schedule_must_end_after_it_begins_and_after_now(place: Place) -> None:
    now = place.stand.clock.now()
    for starts_at, ends_at in ((None, now - timedelta(1)), (now + timedelta(2), now + timedelta(1))):
        with pytest.raises(BadParameter) as refused:
            arm(place.stand, "probe", starts_at=starts_at, ends_at=ends_at)
        assert refused.value.path == "/ends_at"
    with pytest.raises(BadParameter) as refused:
        arm(place.stand, "probe", starts_at=now.replace(tzinfo=None))
    assert refused.value.path == "/starts_at"


def test_an_entry_of_a_person_is_watched(place: Place, use_entries: UseEntries) -> None:
    use_entries(habit=STATUS + WATCHED)
    assert arm(place.stand, "habit").state == "watching"


def test_what_is_armed_in_one_stand_is_not_armed_in_another(house: House) -> None:
    first, second = house.create("a").stand, house.create("b").stand
    arm(first, "probe", "everyone")
    assert version(second) == 0
    assert disarm(second, "probe") is None
    assert disarm_all(second) == []
    house.delete(first.id)
    house.delete(second.id)
