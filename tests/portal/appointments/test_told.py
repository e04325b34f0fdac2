"""What the patient is told of bookings, moves, cancellations and calls: at once, once, and as wanted (R-038, R-039)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.clinic.telling import change_of
from portal.clinic.values import Booking, Slot
from portal.doors import InsideMessages
from portal.notifications.models import Notification
from tests.pages import PageClient
from tests.portal.appointments.conftest import CARD, act_for
from tests.portal.fake_clinic import RUCHYOVA, VETROVA, FakeClinic
from tests.portal.fake_esia import FakeEsia
from tests.portal.family import PERSON, collection

Free = Callable[..., list[Slot]]


@pytest.fixture
def family(family: FakeEsia) -> FakeEsia:
    """Phone and mail are confirmed, so that both could be used."""
    family.answer_with(
        f"{PERSON}/ctts",
        collection(
            {"id": 1, "type": "MBT", "vrfStu": "VERIFIED", "value": "+7(000)1000001"},
            {"id": 2, "type": "EML", "vrfStu": "VERIFIED", "value": "anna@pochta.example"},
        ),
    )
    return family


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """`mail` or `sms`, and subject or text, of all that goes out."""
    out: list[tuple[str, str]] = []

    def mail(_self: InsideMessages, *, to: str, subject: str, text: str) -> bool:
        out.append(("mail", subject.split(" — ", maxsplit=1)[0]))
        return True

    def sms(_self: InsideMessages, *, to: str, text: str) -> bool:
        out.append(("sms", text))
        return True

    monkeypatch.setattr(InsideMessages, "mail", mail)
    monkeypatch.setattr(InsideMessages, "sms", sms)
    return out


def told(database: Database) -> list[Notification]:
    with database.reading() as session:
        return list(session.exec(select(Notification).order_by(Notification.at)))  # type: ignore[arg-type]  # A column.


def book(portal: PageClient, slot: Slot) -> str:
    """Book it; the path of the talon."""
    page = portal.get(f"/appointments/new/review?slot={slot.id}")
    return portal.post("/appointments/new", page.form("/appointments/new")).location.split("?")[0]


def test_a_booking_is_confirmed_in_the_portal_and_by_mail(
    anna: PageClient, free: Free, sent: list[tuple[str, str]], portal_database: Database
) -> None:
    """R-039: when, to whom and where; no SMS unless it is wanted; it leads to the talon."""
    path = book(anna, free(VETROVA)[0])
    (row,) = told(portal_database)
    assert (row.kind, row.title, row.path) == ("bookings", "Вы записаны к врачу", path)
    assert row.text.startswith(
        "23 ноября 2026 в 09:00\u00a0(мск), терапевт Ветрова Ирина Львовна, Поликлиника № 7, кабинет 214."
    )
    assert sent == [("mail", "Вы записаны к врачу")]
    assert "Вы записаны к врачу" in anna.get("/notifications").words


def test_the_same_form_twice_tells_once(
    anna: PageClient, free: Free, sent: list[tuple[str, str]], portal_database: Database
) -> None:
    """U-17, R-039."""
    page = anna.get(f"/appointments/new/review?slot={free(VETROVA)[0].id}")
    anna.post("/appointments/new", page.form("/appointments/new"))
    anna.page = page
    anna.post("/appointments/new", page.form("/appointments/new"))
    assert len(told(portal_database)) == len(sent) == 1


def test_moving_and_giving_up_are_confirmed(
    anna: PageClient, free: Free, clock: ManualClock, sent: list[tuple[str, str]], portal_database: Database
) -> None:
    """R-038: each with the time that counts now."""
    path = book(anna, free(VETROVA)[0])
    later = free(VETROVA)[2]
    clock.advance(timedelta(minutes=1))
    page = anna.get(f"{path}/move?slot={later.id}")
    anna.post(f"{path}/move", page.form(f"{path}/move"))
    clock.advance(timedelta(minutes=1))
    page = anna.get(f"{path}/cancel")
    anna.post(f"{path}/cancel", page.form(f"{path}/cancel"))
    assert [row.title for row in told(portal_database)] == [
        "Вы записаны к врачу", "Запись к врачу перенесена", "Запись к врачу отменена",
    ]  # fmt: skip
    assert told(portal_database)[1].text.startswith("Новое время: 23 ноября 2026 в 10:30")
    assert [way for way, _ in sent] == ["mail"] * 3


def test_each_kind_goes_as_the_patient_wants(
    anna: PageClient, free: Free, sent: list[tuple[str, str]], portal_database: Database
) -> None:
    """R-039: settings by kind; what is turned off still stands in the portal."""
    anna.get("/notifications/settings")
    anna.post("/notifications/settings", {"bookings-sms": "yes"})
    book(anna, free(VETROVA)[0])
    assert sent == [("sms", "Вы записаны к врачу. Подробности в личном кабинете пациента.")]
    assert len(told(portal_database)) == 1


def test_what_concerns_a_child_says_so(
    anna: PageClient, free: Free, sent: list[tuple[str, str]], portal_database: Database
) -> None:
    """As a reminder does: the parent is told, with the child's name."""
    act_for(anna, "Мила")
    book(anna, free(RUCHYOVA)[0])
    (row,) = told(portal_database)
    assert row.about == "Мила"
    assert sent == [("mail", "Вы записаны к врачу (Мила)")]


def test_a_doctor_called_home_is_confirmed_and_so_is_calling_it_off(
    anna: PageClient, clock: ManualClock, portal_database: Database
) -> None:
    """R-038: day and hours of the doctor; the address is not sent through the post."""
    anna.get("/home-visit")
    typed = {"address": "Воронеж, Учебная ул., 1, кв. 2", "phone": "+7 000 100-00-01", "complaint": "температура"}
    page = anna.post("/home-visit/review", typed, 200)
    anna.post("/home-visit", page.form("/home-visit"))
    (row,) = told(portal_database)
    assert (row.title, row.path) == ("Вызов врача на дом принят", "/home-visit")
    assert "Учебная" not in row.text
    clock.advance(timedelta(minutes=1))
    page = anna.get("/home-visit")
    action = next(str(form["action"]) for form in page.soup.find_all("form") if str(form["action"]).endswith("/cancel"))
    anna.post(action)
    assert [row.title for row in told(portal_database)][1:] == ["Вызов врача отменён"]


def test_what_the_clinic_tells_too_is_told_once(
    anna: PageClient, clinic: FakeClinic, booked: Callable[..., Booking], free: Free, portal_database: Database
) -> None:
    """R-039: a booking made elsewhere comes with the clinic's events, one made here is not told twice."""
    book(anna, free(VETROVA)[0])
    elsewhere = booked()
    here = next(one for one in clinic.bookings.all.values() if one.id != elsewhere.id)
    clinic.events.all_events[CARD] = [event for one in (here, elsewhere) if (event := change_of(one)) is not None]
    anna.get("/notifications")
    paths = {row.path for row in told(portal_database)}
    assert paths == {f"/appointments/{here.id}", f"/appointments/{elsewhere.id}"}
    assert len(told(portal_database)) == 2


def test_a_clinic_that_calls_off_is_a_warning_with_a_way_on(
    anna: PageClient,
    clinic: FakeClinic,
    booked: Callable[..., Booking],
    clock: ManualClock,
    sent: list[tuple[str, str]],
) -> None:
    """R-038, R-039: also by SMS, or somebody goes there for nothing; the talon leads to a new one."""
    booking = booked()
    off = replace(booking, state="cancelled", revision=1, called_off=True, changed_at=clinic.clock.now())
    clinic.bookings.all[booking.id] = off
    event = change_of(off)
    assert event is not None
    clinic.events.all_events[CARD] = [event]
    page = anna.get("/notifications")
    assert "Поликлиника отменила приём" in page.words
    assert sent == [
        ("mail", "Поликлиника отменила приём"),
        ("sms", "Поликлиника отменила приём. Подробности в личном кабинете пациента."),
    ]
    action = next(str(form["action"]) for form in page.soup.find_all("form") if str(form["action"]).endswith("/open"))
    talon = anna.follow(anna.post(action))
    assert "Приходить не нужно. Простите за неудобство: запишитесь на другое время." in talon.words
    assert talon.soup.find("a", string="Записаться ещё раз") is not None
