"""An appointment as an iCalendar file: one event that calendars can follow through every change (RFC 5545)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from foundation.russian import phone
from portal.clinic.values import Booking


def calendar_file(booking: Booking, *, host: str, now: datetime) -> bytes:
    """The file. The UID never changes, SEQUENCE grows with every change, a cancelled one says METHOD:CANCEL.

    `host` makes the UID the portal's own; times are those of the clinic, with the description of their zone.
    """
    # Loaded with the first file, not with the program.
    from icalendar import Calendar, Event

    slot, cancelled = booking.slot, booking.state == "cancelled"
    doctor, zone = slot.doctor, ZoneInfo(slot.doctor.site.zone)
    event = Event()
    event.add("uid", f"{booking.id}@{host}")
    event.add("dtstamp", now)
    event.add("sequence", booking.revision)
    event.add("dtstart", slot.start.astimezone(zone))
    event.add("dtend", slot.end.astimezone(zone))
    event.add("summary", f"Приём врача: {doctor.speciality.name}")
    event.add("location", f"{doctor.site.name}, {doctor.site.address}, кабинет {doctor.room}")
    event.add(
        "description",
        f"{doctor.name}\nТалон {booking.number}\nРегистратура: {phone(doctor.site.phone)}",
    )
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Patient portal//Appointments//RU")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
