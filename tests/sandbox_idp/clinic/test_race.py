"""Many at once: of one slot exactly one appointment, of one wish exactly one outcome (S-59), on either database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from sqlmodel import select

from portal.clinic.errors import SameSpecialityError, SlotTakenError
from portal.clinic.values import Card, Slot
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard
from sandbox_idp.context import Stand, use_stand

MANY = 50


def free(stand: Stand, clinic: EmbeddedClinic, speciality: str = "dermatologist") -> list[Slot]:
    now = stand.clock.now()
    return clinic.bookings.slots(
        since=now + timedelta(days=1), until=now + timedelta(days=28), site_id="369001", speciality_id=speciality
    )


def cards(stand: Stand, many: int = MANY) -> list[str]:
    """So many people who may book."""
    ids = [f"card-{number}" for number in range(many)]
    with stand.database.writing() as session:
        session.add_all(
            ClinicCard(id=each, number=each, surname="Луговая", name="Дарья", sex="female", birth_date=date(1990, 1, 1))
            for each in ids
        )
    return ids


def at_once(stand: Stand, act: Callable[[int], str], many: int = MANY) -> Counter[str]:
    """What came of doing it so often at the same moment."""
    start = threading.Barrier(many)

    def run(number: int) -> str:
        with use_stand(stand):
            stand.clock.refresh()  # As the layer does with every request.
            start.wait()
            try:
                return act(number)
            except (SlotTakenError, SameSpecialityError) as refused:
                return type(refused).__name__

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(run, range(many)))


def living(stand: Stand) -> list[ClinicBooking]:
    with stand.database.reading() as session:
        return list(session.exec(select(ClinicBooking).where(ClinicBooking.state == "booked")))


def test_fifty_want_one_slot_and_one_gets_it(stand: Stand, clinic: EmbeddedClinic) -> None:
    """S-59."""
    slot, ids = free(stand, clinic)[0], cards(stand)

    def act(number: int) -> str:
        clinic.bookings.book(ids[number], slot.id, key="mine")
        return "booked"

    assert at_once(stand, act) == {"booked": 1, "SlotTakenError": MANY - 1}
    (row,) = living(stand)
    assert row.start == slot.start


def test_one_wish_sent_fifty_times_is_one_appointment(stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    """R-038: the same key."""
    slot = free(stand, clinic)[0]
    outcome = at_once(stand, lambda _number: clinic.bookings.book(anna.id, slot.id, key="mine").id, 20)
    assert list(outcome.values()) == [20]
    assert [row.id for row in living(stand)] == list(outcome)


def test_one_card_gets_one_appointment_of_a_speciality(stand: Stand, clinic: EmbeddedClinic, anna: Card) -> None:
    slots = free(stand, clinic)

    def act(number: int) -> str:
        clinic.bookings.book(anna.id, slots[number].id, key=f"wish {number}")
        return "booked"

    assert at_once(stand, act, 20) == {"booked": 1, "SameSpecialityError": 19}
    assert len(living(stand)) == 1


def test_two_who_want_each_others_time_both_keep_their_own(stand: Stand, clinic: EmbeddedClinic) -> None:
    """Both or neither: nobody loses the old time without getting the new one."""
    ids, slots = cards(stand, 2), free(stand, clinic)[:2]
    made = [clinic.bookings.book(ids[each], slots[each].id, key="first") for each in range(2)]

    def act(number: int) -> str:
        clinic.bookings.move(ids[number], made[number].id, slots[1 - number].id, key="then")
        return "moved"

    assert at_once(stand, act, 2) == {"SlotTakenError": 2}
    assert {row.start for row in living(stand)} == {slot.start for slot in slots}


def test_many_who_move_to_one_slot_all_have_a_time(stand: Stand, clinic: EmbeddedClinic) -> None:
    many = 12
    ids, slots = cards(stand, many), free(stand, clinic)
    made = [clinic.bookings.book(ids[each], slots[each].id, key="first") for each in range(many)]
    target = slots[many]

    def act(number: int) -> str:
        clinic.bookings.move(ids[number], made[number].id, target.id, key="then")
        return "moved"

    assert at_once(stand, act, many) == {"moved": 1, "SlotTakenError": many - 1}
    rows = living(stand)
    assert len({(row.doctor, row.start) for row in rows}) == len({row.card_id for row in rows}) == many
