"""The talon on paper: what one takes along to the appointment."""

from __future__ import annotations

from datetime import date, datetime

from foundation import russian
from portal.clinic.values import Booking
from portal.paper.pdf import Sheet

STATES = {
    "booked": "",
    "cancelled": "Запись отменена",
    "attended": "Приём состоялся",
    "missed": "Приём не состоялся",
}


def talon_file(booking: Booking, *, name: str, birth_date: date | None, made_at: datetime, note: str) -> bytes:
    """The PDF. `name` and `birth_date` are those of whoever goes; `note` stands at the foot of the page."""
    slot = booking.slot
    doctor, site = slot.doctor, slot.doctor.site
    sheet = Sheet(f"Талон на приём {booking.number}", made_at=made_at, note=note)
    if STATES[booking.state]:
        sheet.heading(STATES[booking.state])
    when = russian.in_zone(slot.start, site.zone)
    facts = [
        ("Когда", f"{russian.day_in(slot.start, site.zone)} {when.year}, {russian.time_in(slot.start, site.zone)}"),
        ("Врач", f"{doctor.name}, {doctor.speciality.name}"),
        ("Кабинет", doctor.room),
        ("Где", f"{site.name}, {site.address}"),
        ("Регистратура", russian.phone(site.phone)),
        ("Кто идёт", name if birth_date is None else f"{name}, {russian.date_long(birth_date)}"),
    ]
    if booking.reason:
        facts.append(("Повод", booking.reason))
    sheet.facts(facts)
    if booking.state == "booked":
        sheet.text(
            "Возьмите паспорт (для ребёнка — свидетельство о рождении) и полис ОМС. Придите за 10 минут до начала."
        )
        sheet.text(
            f"Отменить или перенести запись можно до: {russian.moment_in(booking.changeable_until, site.zone)}.",
            small=True,
        )
    return sheet.bytes()
