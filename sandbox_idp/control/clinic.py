"""The clinics over the control API: who has which appointment, who came, which time is taken out or given back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from sandbox_idp.clinic import operators, schedule
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard
from sandbox_idp.clinic.region import region
from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import Body, examples
from sandbox_idp.control.calls import Answer, Calls, PersonKey, key
from sandbox_idp.control.changes import note_change
from sandbox_idp.control.people import known
from sandbox_idp.control.problems import ProblemError

calls = Calls("clinic")

BookingKey = Annotated[str, key("id of an appointment")]
SlotKey = Annotated[str, key("id of a doctor's time, as the portal's forms have it")]


class BookingAnswer(Answer):
    """An appointment as testers see it."""

    id: str
    number: str
    """Of the talon."""
    patient: str
    """Surname and name: the person's, or a child's."""
    clinic: str
    """Code."""
    doctor: str
    speciality: str
    slot: str
    """Id of the time."""
    start: datetime
    end: datetime
    state: Literal["booked", "cancelled", "attended", "missed"]
    reason: str


class BookingsAnswer(Answer):
    """Appointments, oldest first."""

    bookings: list[BookingAnswer]


class AttendanceBody(Body):
    """Whether the patient came."""

    model_config = examples({"state": "missed"})

    state: Literal["attended", "missed"]


class SlotBody(Body):
    """`taken`: nobody can book it; `free`: others give it back, and it is offered to whoever waits."""

    model_config = examples({"state": "taken"})

    state: Literal["taken", "free"]


class SlotAnswer(Answer):
    """A doctor's time."""

    slot: str
    clinic: str
    doctor: str
    speciality: str
    start: datetime
    state: Literal["taken", "free"]


@calls.get("/people/{person}/bookings", refuses=((404, "unknown-person"),))
def read_bookings(stand: Stand, person: PersonKey) -> BookingsAnswer:
    """Every appointment of a person and of the children in the profile."""
    with stand.database.reading() as session:
        rows = operators.bookings_of(session, known(session, person))
    return BookingsAnswer(bookings=[_answer(card, row) for card, row in rows])


@calls.put("/clinic/bookings/{booking}/attendance", refuses=((404, "unknown-booking"), (409, "not-yet")))
def say_who_came(stand: Stand, booking: BookingKey, body: AttendanceBody) -> BookingAnswer:
    """Say whether the patient came; without it everybody came who had not cancelled."""
    now = stand.clock.now()
    try:
        with stand.database.writing() as session:
            found = operators.say_who_came(session, booking, body.state, now)
            if found is None:
                raise ProblemError(404, "unknown-booking", f"Нет записи «{booking}», на которую можно было прийти.")
            note_change(stand, session, "attendance", booking=found[1].number, state=body.state)
    except operators.NotYetError:
        raise ProblemError(409, "not-yet", "Приём ещё не начался: переведите часы стенда вперёд.") from None
    return _answer(*found)


@calls.put("/clinic/bookings/{booking}/called-off", refuses=((404, "unknown-booking"),))
def call_off(stand: Stand, booking: BookingKey) -> BookingAnswer:
    """The clinic calls an appointment off: the patient is told, and the time is in nobody's hands any more."""
    now = stand.clock.now()
    with stand.database.writing() as session:
        found = operators.call_off(session, booking, now)
        if found is None:
            raise ProblemError(404, "unknown-booking", f"Нет записи «{booking}», которую можно было бы отменить.")
        note_change(stand, session, "called-off", booking=found[1].number)
    return _answer(*found)


@calls.put("/clinic/slots/{slot}", refuses=((404, "unknown-slot"), (409, "booked")))
def set_slot(stand: Stand, slot: SlotKey, body: SlotBody) -> SlotAnswer:
    """Take a doctor's time out, or give it back; repeating it changes nothing."""
    found = schedule.find(slot)
    if found is None:
        raise ProblemError(404, "unknown-slot", f"Такого времени нет в расписании: «{slot}».")
    number, place = found
    now = stand.clock.now()
    try:
        with stand.database.writing() as session:
            operators.set_slot(session, number, place.start, "blocked" if body.state == "taken" else "freed", now)
            note_change(stand, session, f"slot-{body.state}", slot=slot)
    except operators.BookedError:
        raise ProblemError(409, "booked", "На это время записан человек стенда: отменить запись может он.") from None
    doctor = region().receptions[number].doctor
    return SlotAnswer(
        slot=slot,
        clinic=doctor.site.code,
        doctor=doctor.name,
        speciality=doctor.speciality.id,
        start=place.start,
        state=body.state,
    )


def _answer(card: ClinicCard, row: ClinicBooking) -> BookingAnswer:
    return BookingAnswer.model_validate(
        {
            "id": row.id,
            "number": row.number,
            "patient": f"{card.surname} {card.name}",
            "clinic": row.site,
            "doctor": region().receptions[row.doctor].doctor.name,
            "speciality": row.speciality,
            "slot": schedule.slot_id(row.doctor, row.start),
            "start": row.start,
            "end": row.end,
            "state": row.state,
            "reason": row.reason,
        }
    )
