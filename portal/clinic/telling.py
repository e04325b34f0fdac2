"""How a change of an appointment is told to the patient: the same event, whoever notices it first (R-038, R-039).

The portal tells what was done through it at once; a medical system tells it too, with all that was done elsewhere.
The id follows from the appointment and its revision, so the patient hears of each change once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from foundation.russian import date_long, in_zone, time_in
from portal.clinic.values import Booking, Event, HomeVisit


def change_of(booking: Booking, at: datetime | None = None) -> Event | None:
    """The last change of an appointment: made, moved, given up, called off; None once it has been attended or missed.

    `at`: when that was, where the appointment itself does not say.
    """
    event = Event(
        id=f"booking:{booking.id}:{booking.revision}",
        kind="booking",
        at=booking.changed_at or at or booking.made_at,
        title="Вы записаны к врачу",
        text=f"{when_and_where(booking)}. Талон — в разделе «Запись к врачу».",
        object_id=booking.id,
    )
    if booking.state == "booked":
        if booking.revision == 0:
            return event
        return replace(event, title="Запись к врачу перенесена", text=f"Новое время: {when_and_where(booking)}.")
    if booking.state != "cancelled":
        return None
    if not booking.called_off:
        text = f"Вы отменили приём: {when_and_where(booking)}. Время отдано другим, записаться можно снова."
        return replace(event, title="Запись к врачу отменена", text=text)
    text = f"Приходить не нужно: {when_and_where(booking)}. Простите за неудобство. Запишитесь на другое время."
    return replace(event, kind="called-off", title="Поликлиника отменила приём", text=text)


def when_and_where(booking: Booking) -> str:
    """`24 ноября 2026 в 10:20 (мск+7), терапевт Иванова А. А., Поликлиника № 1, кабинет 12`: the clinic's time."""
    doctor = booking.slot.doctor
    start, zone = booking.slot.start, doctor.site.zone
    return (
        f"{date_long(in_zone(start, zone).date())} в {time_in(start, zone)}, "
        f"{doctor.speciality.name} {doctor.name}, {doctor.site.name}, кабинет {doctor.room}"
    )


def call_of(visit: HomeVisit, at: datetime | None = None) -> Event:
    """A doctor was called home, or called off again (`at`: when, which a call does not say)."""
    day = date_long(visit.day)
    if visit.state == "cancelled":
        title, again = "Вызов врача отменён", "Если он снова нужен, вызовите его ещё раз."
        text = f"Врач не придёт: {day}, {visit.site.name}. {again}"
        return Event(f"home-visit:{visit.id}:off", "home-visit", at or visit.asked_at, title, text, visit.id)
    text = f"Врач придёт {day} {visit.window}: {visit.site.name}, номер вызова {visit.number}."
    return Event(f"home-visit:{visit.id}", "home-visit", visit.asked_at, "Вызов врача на дом принят", text, visit.id)
