"""Operators of the clinics over the control API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.clinic.errors import SlotTakenError
from portal.clinic.values import Booking, Card, Identity, Slot
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.context import Stand
from tests.sandbox_idp.clinic.conftest import child_of, identity
from tests.sandbox_idp.control.conftest import ControlClient


@pytest.fixture
def clinic(stand: Stand) -> EmbeddedClinic:
    del stand
    return EmbeddedClinic()


@pytest.fixture
def anna(clinic: EmbeddedClinic) -> Card:
    return clinic.directory.card(identity("anna"))


def free(stand: Stand, clinic: EmbeddedClinic, speciality: str = "therapist", site: str = "369001") -> list[Slot]:
    now = stand.clock.now()
    since, until = now + timedelta(days=2), now + timedelta(days=28)
    return clinic.bookings.slots(since=since, until=until, site_id=site, speciality_id=speciality)


@pytest.fixture
def booking(stand: Stand, clinic: EmbeddedClinic, anna: Card) -> Booking:
    return clinic.bookings.book(anna.id, free(stand, clinic)[0].id, key="a", reason="кашель")


def test_appointments_of_a_person_and_the_children(
    control: ControlClient, stand: Stand, clinic: EmbeddedClinic, booking: Booking
) -> None:
    child = clinic.directory.card(child_of("anna"))
    slot = free(stand, clinic, "paediatrician", "369003")[0]
    clinic.bookings.book(child.id, slot.id, key="b")
    told = control.call("GET", "/people/anna/bookings")["bookings"]
    living = {each["patient"]: each for each in told if each["state"] == "booked"}
    assert set(living) == {"Лесная Анна", "Лесная Мила"}
    assert living["Лесная Анна"]["slot"] == booking.slot.id
    assert living["Лесная Анна"]["reason"] == "кашель"
    assert {each["state"] for each in told} == {"booked", "attended", "missed"}
    control.call("GET", "/people/nobody/bookings", status=404)


def test_nobody_knows_who_comes_before_it_begins(control: ControlClient, booking: Booking) -> None:
    path = f"/clinic/bookings/{booking.id}/attendance"
    assert control.call("PUT", path, {"state": "missed"}, status=409)["code"] == "not-yet"


def test_an_operator_says_who_came(
    control: ControlClient, stand: Stand, clinic: EmbeddedClinic, booking: Booking
) -> None:
    """R-038: attendance; the record follows."""
    before = clinic.record.counts(booking.card_id)
    control.call("POST", "/clock", {"set": (booking.slot.start + timedelta(minutes=1)).isoformat()})
    path = f"/clinic/bookings/{booking.id}/attendance"
    stand.clock.refresh()
    for state, visits in (("attended", 1), ("missed", 0), ("missed", 0), ("attended", 1)):
        assert control.call("PUT", path, {"state": state})["state"] == state
        assert clinic.bookings.booking(booking.card_id, booking.id).state == state
        assert clinic.record.counts(booking.card_id)["visits"] == before["visits"] + visits


def test_a_cancelled_appointment_is_none_to_come_to(
    control: ControlClient, clinic: EmbeddedClinic, booking: Booking
) -> None:
    clinic.bookings.cancel(booking.card_id, booking.id, key="c")
    path = f"/clinic/bookings/{booking.id}/attendance"
    assert control.call("PUT", path, {"state": "missed"}, status=404)["code"] == "unknown-booking"
    control.call("PUT", "/clinic/bookings/x/attendance", {"state": "missed"}, status=404)


def test_the_clinic_calls_an_appointment_off(
    control: ControlClient, stand: Stand, clinic: EmbeddedClinic, booking: Booking
) -> None:
    """R-038, R-039: its patient is told, nobody gets the time, and once more is no other cancellation."""
    since = stand.clock.now() - timedelta(minutes=1)
    path = f"/clinic/bookings/{booking.id}/called-off"
    for _ in range(2):
        assert control.call("PUT", path)["state"] == "cancelled"
    off = clinic.bookings.booking(booking.card_id, booking.id)
    assert (off.called_off, off.revision) == (True, 1)
    told = [each for each in clinic.events.events(booking.card_id, since=since) if each.object_id == booking.id]
    assert [(each.kind, each.title) for each in told] == [("called-off", "Поликлиника отменила приём")]
    doctor = booking.slot.doctor
    assert booking.slot not in free(stand, clinic, doctor.speciality.id, doctor.site.id)
    control.call("PUT", "/clinic/bookings/x/called-off", status=404)
    own = clinic.bookings.book(booking.card_id, free(stand, clinic, "therapist", doctor.site.id)[0].id, key="own")
    clinic.bookings.cancel(own.card_id, own.id, key="given up")
    control.call("PUT", f"/clinic/bookings/{own.id}/called-off", status=404)


def test_a_time_that_is_taken_out_cannot_be_booked(
    control: ControlClient, stand: Stand, clinic: EmbeddedClinic, anna: Card
) -> None:
    slot = free(stand, clinic)[0]
    assert control.call("PUT", f"/clinic/slots/{slot.id}", {"state": "taken"})["doctor"] == slot.doctor.name
    assert slot not in free(stand, clinic)
    with pytest.raises(SlotTakenError):
        clinic.bookings.book(anna.id, slot.id, key="d")
    control.call("PUT", f"/clinic/slots/{slot.id}", {"state": "free"})
    assert clinic.bookings.book(anna.id, slot.id, key="e").slot == slot


def test_a_time_that_is_given_back_is_held_for_whoever_waits(
    control: ControlClient, stand: Stand, clinic: EmbeddedClinic, anna: Card
) -> None:
    slot = free(stand, clinic)[5]
    control.call("PUT", f"/clinic/slots/{slot.id}", {"state": "taken"})
    clinic.bookings.wait(anna.id, "369001", "therapist", key="f")
    control.call("PUT", f"/clinic/slots/{slot.id}", {"state": "free"})
    assert clinic.bookings.waiting(anna.id)[0].offered == slot


def test_a_patients_time_is_not_taken_away(control: ControlClient, booking: Booking) -> None:
    path = f"/clinic/slots/{booking.slot.id}"
    assert control.call("PUT", path, {"state": "taken"}, status=409)["code"] == "booked"
    assert control.call("PUT", "/clinic/slots/none", {"state": "taken"}, status=404)["code"] == "unknown-slot"


def decide(control: ControlClient, request: str, *reasons: str) -> None:
    body = {"request": request, "decision": "refuse" if reasons else "grant", "reasons": list(reasons)}
    control.call("POST", "/decisions", body)


def test_an_operator_decides_certificates(control: ControlClient, clinic: EmbeddedClinic, anna: Card) -> None:
    """R-045."""
    first = clinic.papers.ask_certificate(anna.id, "vaccinations", answers={}, key="g")
    decide(control, f"certificate:{first.number}")
    assert clinic.papers.certificate(anna.id, first.id).state == "ready"
    assert clinic.papers.certificate_paper(anna.id, first.id).number == first.number
    second = clinic.papers.ask_certificate(anna.id, "pool", answers={}, key="h")
    decide(control, f"certificate:{second.number}", "Нужен осмотр дерматолога.")
    refused = clinic.papers.certificate(anna.id, second.id)
    assert (refused.state, refused.refused_because) == ("refused", "Нужен осмотр дерматолога.")
    again = {"request": f"certificate:{second.number}", "decision": "grant"}
    assert control.call("POST", "/decisions", again, status=404)["code"] == "unknown-request"


def test_an_operator_decides_applications(control: ControlClient, clinic: EmbeddedClinic) -> None:
    """R-045: also of somebody who has no card yet."""
    gleb: Identity = identity("gleb")
    first = clinic.papers.apply(gleb, "attachment", "369001", text="", key="i")
    decide(control, f"application:{first.number}", "Участок переполнен.")
    assert clinic.papers.application(gleb, first.id).reason == "Участок переполнен."
    second = clinic.papers.apply(gleb, "attachment", "369002", text="", key="j")
    decide(control, f"application:{second.number}")
    card = clinic.directory.card(gleb)
    assert card.attachment is not None
    assert (card.attachment.state, card.attachment.site.id) == ("attached", "369002")
