"""The effect kind `clinic`: silence, slowness, lost answers, and cards that are not as hoped for (group F, card-…)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from portal.clinic.base import Clinic
from portal.clinic.errors import (
    CardDuplicateError,
    CardNotFoundError,
    NoAnswerError,
    NotAttachedError,
    SlotTakenError,
)
from portal.clinic.values import Card, Slot
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.effects import clinic as effects
from sandbox_idp.scenarios.effects.base import Moment, Passage
from sandbox_idp.scenarios.points import ClinicDraft
from tests.sandbox_idp.clinic.conftest import identity

Strike = Callable[..., Any]


@pytest.fixture
def waits() -> list[float]:
    """How long something was held back."""
    return []


@pytest.fixture
def strike(monkeypatch: pytest.MonkeyPatch, stand: Stand, waits: list[float]) -> Strike:
    """Let one effect act on every call inside a block, as an arming for everyone would."""

    @contextmanager
    def striking(answer: str, **settings: Any) -> Iterator[None]:
        effect = TypeAdapter(effects.Clinic).validate_python(
            {"kind": "clinic", "where": "world", "answer": answer, **settings}
        )
        moment = Moment(
            now=stand.clock.now(),
            armed_at=stand.clock.now(),
            starts_at=None,
            ends_at=None,
            ids=stand.ids,
            earlier=lambda: 0,
            hold=waits.append,
            luck=lambda: 0.5,
            person_known=lambda: True,
        )

        def transform(_point: object, draft: ClinicDraft) -> ClinicDraft:
            passage = Passage(draft, moment)
            if effect.concerns(passage):
                effect.change(passage)
            return draft

        with monkeypatch.context() as patch:
            patch.setattr("sandbox_idp.clinic.asking.engine.transform", transform)
            yield

    return striking


def free(stand: Stand, clinic: EmbeddedClinic, site: str = "", speciality: str = "dermatologist") -> list[Slot]:
    now = stand.clock.now()
    since, until = now + timedelta(days=1), now + timedelta(days=28)
    return clinic.bookings.slots(since=since, until=until, site_id=site, speciality_id=speciality)


def test_a_silent_system_answers_nothing(strike: Strike, stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    today = stand.clock.now().date()
    with strike("silent"):
        for ask in (
            lambda: clinic.directory.card(identity("anna")),
            clinic.directory.sites,
            lambda: clinic.bookings.bookings(anna.id),
            lambda: clinic.bookings.waiting(anna.id),
            lambda: clinic.record.transfers(anna.id),
            lambda: clinic.record.expenses(anna.id, 2026),
            lambda: clinic.record.series(anna.id, "hgb"),
            lambda: clinic.papers.certificates(anna.id),
            lambda: clinic.reports.visits("369001", since=today, until=today),
        ):
            with pytest.raises(NoAnswerError) as silent:
                ask()
            assert silent.value.site is None or silent.value.site.id == "369001"
        assert not clinic.is_alive()
        assert not any(source.answered for source in clinic.record.sources(anna.id))
    assert clinic.is_alive()


def test_one_silent_clinic_leaves_the_others(strike: Strike, stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """clinic-no-answer: that clinic only."""
    slot = free(stand, clinic, "369001", "surgeon")[0]
    with strike("silent", clinics=["369001"]):
        with pytest.raises(NoAnswerError) as silent:
            clinic.bookings.book(anna.id, slot.id, key="a")
        assert silent.value.site == slot.doctor.site
        with pytest.raises(NoAnswerError):
            free(stand, clinic, "369001", "surgeon")
        elsewhere = free(stand, clinic, speciality="surgeon")
        assert elsewhere
        assert all(each.doctor.site.id != "369001" for each in elsewhere)
        assert clinic.bookings.bookings(anna.id)[0].state != "booked"
        other = next(each for each in elsewhere if each.doctor.site.id == "369002")
        assert clinic.bookings.book(anna.id, other.id, key="b").state == "booked"
    assert clinic.bookings.booking_by_key(anna.id, "a") is None


@pytest.mark.parametrize(("seconds", "answers"), [(3, True), (30, False)])
def test_a_slow_system_is_waited_for_as_long_as_the_portal_waits(
    strike: Strike, clinic: EmbeddedClinic, waits: list[float], *, seconds: float, answers: bool
) -> None:
    with strike("slow", seconds=seconds):
        if answers:
            assert clinic.directory.regions()
        else:
            with pytest.raises(NoAnswerError):
                clinic.directory.regions()
    assert waits == [min(seconds, 5)]


def test_nobody_waits_longer_than_the_request_may_take(strike: Strike, stand: Stand, waits: list[float]) -> None:
    hasty: Clinic = EmbeddedClinic(lambda: 1.5)
    with strike("slow", seconds=4), pytest.raises(NoAnswerError):
        hasty.directory.regions()
    assert waits == [1.5]
    del stand


def test_a_lost_answer_is_found_again(strike: Strike, stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """booking-lost-answer: stored, and a repeat does not make a second one."""
    slot = free(stand, clinic)[0]
    with strike("lost"):
        with pytest.raises(NoAnswerError):
            clinic.bookings.book(anna.id, slot.id, key="mine")
        found = clinic.bookings.booking_by_key(anna.id, "mine")
        assert found is not None
        with pytest.raises(NoAnswerError):
            clinic.bookings.book(anna.id, slot.id, key="mine")
    assert clinic.bookings.book(anna.id, slot.id, key="mine") == found
    assert [each.id for each in clinic.bookings.bookings(anna.id) if each.state == "booked"] == [found.id]


def test_a_slot_taken_a_moment_ago(strike: Strike, stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """slot-taken: the nearest free ones, and not the one that is gone."""
    slot = free(stand, clinic)[0]
    with strike("slot-taken"), pytest.raises(SlotTakenError) as refused:
        clinic.bookings.book(anna.id, slot.id, key="a")
    assert refused.value.nearest
    assert slot.start not in {each.start for each in refused.value.nearest}
    assert clinic.bookings.book(anna.id, refused.value.nearest[0].id, key="b").state == "booked"


def test_nothing_is_free(strike: Strike, stand: Stand, clinic: EmbeddedClinic) -> None:
    """no-slots, everywhere or in one clinic."""
    with strike("no-slots"):
        assert free(stand, clinic) == []
    with strike("no-slots", clinics=["369001"]):
        assert free(stand, clinic, "369001", "surgeon") == []
        left = {each.doctor.site.id for each in free(stand, clinic, speciality="surgeon")}
        assert left
        assert "369001" not in left


def test_cards_that_are_not_as_hoped_for(strike: Strike, clinic: EmbeddedClinic) -> None:
    """card-not-found, card-duplicate."""
    with strike("card-not-found"), pytest.raises(CardNotFoundError):
        clinic.directory.card(identity("anna"))
    with strike("card-duplicate"), pytest.raises(CardDuplicateError) as two:
        clinic.directory.card(identity("anna"))
    assert two.value.number.startswith("Д-")


def test_attachments(strike: Strike, stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """attachment-none, attachment-pending."""
    slot = free(stand, clinic, "369001", "therapist")[0]
    with strike("attachment-none"):
        assert clinic.directory.card(identity("anna")).attachment is None
        with pytest.raises(NotAttachedError):
            clinic.bookings.book(anna.id, slot.id, key="a")
        with pytest.raises(NotAttachedError):
            clinic.bookings.call_home(anna.id, address="дом", phone="+70001000001", complaint="жар", key="b")
    with strike("attachment-pending"):
        attachment = clinic.directory.card(identity("anna")).attachment
        assert attachment is not None
        assert (attachment.state, attachment.since) == ("pending", None)
        assert attachment.decided_by is not None
        assert attachment.decided_by > stand.clock.now().date()
        with pytest.raises(NotAttachedError):
            clinic.bookings.book(anna.id, slot.id, key="c")


def test_a_silent_source_leaves_the_others(strike: Strike, clinic: EmbeddedClinic, anna: Card) -> None:
    """record-partial: what is missing is named."""
    whole = clinic.record.counts(anna.id)
    with strike("silent", sources=["laboratory"]):
        page = clinic.record.entries(anna.id, "results")
        assert page.items == ()
        assert {source.id: source.answered for source in page.sources} == {
            "clinic": True,
            "laboratory": False,
            "vaccinations": True,
        }
        assert clinic.record.entries(anna.id, "visits").items
        assert set(whole) - set(clinic.record.counts(anna.id)) == {"results"}
        with pytest.raises(NoAnswerError):
            clinic.record.series(anna.id, "hgb")
    assert clinic.record.counts(anna.id) == whole


def test_calls_can_be_named(strike: Strike, clinic: EmbeddedClinic, anna: Card) -> None:
    with strike("silent", operations=["expenses"]):
        with pytest.raises(NoAnswerError):
            clinic.record.expenses(anna.id, 2026)
        assert clinic.record.expense_totals(anna.id)
    with pytest.raises(ValidationError, match="нет такого вызова"):
        effects.Clinic(kind="clinic", where="world", answer="silent", operations=("fly",))


def test_every_call_of_the_interface_can_be_named() -> None:
    from portal.clinic import base

    parts = (base.Directory, base.Bookings, base.Record, base.Papers, base.Reports)
    calls = {name for part in parts for name in vars(part) if not name.startswith("_")}
    assert calls | {"is_alive"} == effects.OPERATIONS
