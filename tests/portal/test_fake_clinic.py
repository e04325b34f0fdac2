"""The small medical system of the unit tests keeps the promises of the interface."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foundation.clock import ManualClock
from portal.clinic.base import Clinic
from portal.clinic.errors import KeyReusedError, NoAnswerError, NotFoundError, SameSpecialityError, SlotTakenError
from portal.clinic.values import Identity, Slot
from tests.portal.fake_clinic import DAYS, FAR, ZORIN, FakeClinic

CARD = "card-anna"


def free(clinic: FakeClinic, clock: ManualClock, doctor: str = ZORIN.id) -> list[Slot]:
    now = clock.now()
    return clinic.bookings.slots(since=now, until=now + timedelta(days=DAYS), doctor_id=doctor)


def test_it_is_a_clinic(clinic: FakeClinic) -> None:
    """mypy compares it with the interface here."""
    system: Clinic = clinic
    assert system.is_there
    assert system.is_alive()
    found = system.directory.card(Identity("Лебедева", "Анна", "Сергеевна", None, "00010010110", None))
    assert found.id == CARD


def test_a_key_does_a_thing_once(clinic: FakeClinic, clock: ManualClock) -> None:
    """Also when the answer was lost; for another thing it is refused."""
    one, other, *_ = free(clinic, clock)
    clinic.lose_answers = 1
    with pytest.raises(NoAnswerError):
        clinic.bookings.book(CARD, one.id, key="k")
    assert clinic.bookings.book(CARD, one.id, key="k") == clinic.bookings.booking_by_key(CARD, "k")
    assert len(clinic.bookings.all) == 1
    with pytest.raises(KeyReusedError):
        clinic.bookings.book(CARD, other.id, key="k")


def test_rules_and_silence(clinic: FakeClinic, clock: ManualClock) -> None:
    """A taken slot, one speciality at a time, another card's booking, a clinic that does not answer."""
    one, other, *_ = free(clinic, clock)
    booked = clinic.bookings.book(CARD, one.id, key="a")
    with pytest.raises(SameSpecialityError):
        clinic.bookings.book(CARD, other.id, key="b")
    with pytest.raises(SlotTakenError) as taken:
        clinic.bookings.book("card-mila", one.id, key="c")
    assert taken.value.nearest[0] == other
    with pytest.raises(NotFoundError):
        clinic.bookings.booking("card-mila", booked.id)
    clinic.silent = {FAR.id}
    with pytest.raises(NoAnswerError):
        clinic.bookings.slots(
            since=clock.now(), until=clock.now() + timedelta(1), site_id=FAR.id, speciality_id="oculist"
        )
