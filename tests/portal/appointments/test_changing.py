"""An appointment that is there: talon, files, another time, giving it up; the list; doctors called home."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pypdf
import pytest
from icalendar import Calendar

from foundation.clock import ManualClock
from portal.clinic.values import Booking, Slot
from tests.pages import Page, PageClient
from tests.portal.appointments.conftest import CARD, act_for, links
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import ANNA_SNILS, CUT_OFF, GLAZOVA, MORSKOY, SEVEN, VETROVA, ZORIN, FakeClinic
from tests.portal.fake_esia import FakeEsia
from tests.portal.family import collection

Free = Callable[..., list[Slot]]
Booked = Callable[..., Booking]
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def events(page: Page) -> tuple[Calendar, list[object]]:
    calendar = Calendar.from_ical(page.response.get_data())
    return calendar, list(calendar.walk("VEVENT"))


def test_the_list_tells_what_is_to_come_and_what_was(
    anna: PageClient, clinic: FakeClinic, booked: Booked, clock: ManualClock
) -> None:
    """R-038: soonest first; attended, missed and cancelled ones with a word for it."""
    later, sooner = booked(ZORIN, number=5), booked(VETROVA)
    old = replace(later, id="booking-old", state="missed", slot=replace(later.slot, start=clock.now() - timedelta(9)))
    clinic.bookings.all[old.id] = replace(old, slot=replace(old.slot, end=old.slot.start + timedelta(minutes=20)))
    page = anna.get("/appointments")
    ahead = [str(tag["data-booking"]) for tag in page.soup.select("[data-booking]")]
    assert ahead == [sooner.id, later.id]
    assert "Прошедшие и отменённые" in page.words
    assert "Приём не состоялся" in page.words
    assert anna.get(links(page)["Записаться"]).screen == "appointment-new"


def test_the_talon_says_everything_and_prints(anna: PageClient, booked: Booked) -> None:
    """R-038: number, day, hour with its zone, doctor, room, address, whom to ring, until when it can be changed."""
    booking = booked()
    page = anna.get(f"/appointments/{booking.id}")
    for words in (booking.number, "Понедельник, 23 ноября, 09:00 (мск)", ZORIN.name, "301", SEVEN.address, SEVEN.phone):
        assert words in page.words, words
    assert "Перенести или отменить можно до: понедельник, 23 ноября, 06:00 (мск)" in page.words
    assert page.soup.select_one("[data-print]") is not None


def test_the_talon_as_a_file(anna: PageClient, booked: Booked) -> None:
    """R-038: a PDF with the same facts, for download only (S-56)."""
    booking = booked()
    answer = anna.client.get(f"/appointments/{booking.id}.pdf", base_url=anna.base_url)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(answer.get_data())).pages)
    for words in (booking.number, "09:00", ZORIN.name, SEVEN.phone):
        assert words in " ".join(text.split()), words


def test_the_calendar_follows_a_booking(anna: PageClient, clinic: FakeClinic, booked: Booked, free: Free) -> None:
    """RFC 5545: one event, the same UID for ever, the clinic's zone, SEQUENCE grows, CANCEL takes it out again."""
    booking = booked(MORSKOY)
    first, [event] = events(anna.get(f"/appointments/{booking.id}.ics"))
    assert str(first["method"]) == "PUBLISH"
    assert event["dtstart"].dt == booking.slot.start  # type: ignore[index]
    assert event["dtstart"].params["TZID"] == "Asia/Vladivostok"  # type: ignore[index]
    assert event["dtstart"].dt.tzinfo == ZoneInfo("Asia/Vladivostok")  # type: ignore[index]
    assert first.walk("VTIMEZONE")
    clinic.bookings.move(CARD, booking.id, free(MORSKOY)[4].id, key="moved")
    _, [moved] = events(anna.get(f"/appointments/{booking.id}.ics"))
    clinic.bookings.cancel(CARD, booking.id, key="cancelled")
    last, [cancelled] = events(anna.get(f"/appointments/{booking.id}.ics"))
    assert [int(one["sequence"]) for one in (event, moved, cancelled)] == [0, 1, 2]  # type: ignore[index]
    assert len({str(one["uid"]) for one in (event, moved, cancelled)}) == 1  # type: ignore[index]
    assert (str(last["method"]), str(cancelled["status"])) == ("CANCEL", "CANCELLED")  # type: ignore[index]


def test_giving_it_up_is_asked_first(anna: PageClient, clinic: FakeClinic, booked: Booked) -> None:
    """U-34: what will be lost, the way back first in reach; twice is once; GET changes nothing (S-51)."""
    booking = booked()
    page = anna.get(f"/appointments/{booking.id}/cancel")
    assert page.screen == "appointment-cancel"
    assert "вернуть его не получится" in page.words
    assert links(page)["Оставить запись"] == f"/appointments/{booking.id}"
    assert clinic.bookings.all[booking.id].state == "booked"
    values = page.form("/cancel")
    first = anna.post(f"/appointments/{booking.id}/cancel", values)
    again = anna.post(f"/appointments/{booking.id}/cancel", values)
    assert first.location == again.location
    talon = anna.follow(again)
    assert "Запись отменена" in talon.words
    assert "Отменить запись" not in links(talon)
    assert anna.get(f"/appointments/{booking.id}/cancel", 409).screen == "booking-over"


def test_too_late_is_a_page_with_a_phone(
    anna: PageClient, clinic: FakeClinic, booked: Booked, clock: ManualClock, sign_in: SignIn
) -> None:
    """too-late-to-cancel: until when it could be done, that the booking stands, whom to ring; an old form too."""
    booking = booked()
    clock.advance(booking.slot.start - CUT_OFF - clock.now() - timedelta(minutes=1))
    sign_in(anna)
    anna.get("/loading/all", 303)
    page = anna.get(f"/appointments/{booking.id}/cancel")
    clock.advance(timedelta(minutes=2))
    late = anna.post(f"/appointments/{booking.id}/cancel", page.form("/cancel"), 409)
    for path in ("cancel", "move"):
        assert anna.get(f"/appointments/{booking.id}/{path}", 409).screen == "too-late-to-cancel"
    assert late.screen == "too-late-to-cancel"
    assert "можно было до: понедельник, 23 ноября, 06:00 (мск)" in late.words
    assert "Запись осталась в силе." in late.words
    assert SEVEN.phone in late.words
    assert clinic.bookings.all[booking.id].state == "booked"
    assert "только по телефону регистратуры" in anna.get(links(late)["Вернуться к записи"]).words


def test_another_time_keeps_the_old_one_until_it_is_there(
    anna: PageClient, clinic: FakeClinic, booked: Booked, free: Free
) -> None:
    """R-038, R-102: chosen, looked at, moved; the same booking; a time that is taken meanwhile changes nothing."""
    booking = booked()
    times = anna.get(f"/appointments/{booking.id}/move")
    assert times.screen == "appointment-times"
    assert "Это время останется за вами" in times.words
    page = anna.get(links(times)["10:30"])
    assert "Было Понедельник, 23 ноября, 09:00 (мск)" in page.words
    assert "Станет Понедельник, 23 ноября, 10:30 (мск)" in page.words
    values = page.form("/move")
    clinic.bookings.taken_out = {values["slot"]}
    taken = anna.post(f"/appointments/{booking.id}/move", values, 409)
    assert taken.screen == "slot-taken"
    assert "Ничего не изменилось." in taken.words
    assert clinic.bookings.all[booking.id] == booking
    page = anna.get(next(href for words, href in links(taken).items() if "11:00" in words))
    clinic.lose_answers = 1
    talon = anna.follow(anna.post(f"/appointments/{booking.id}/move", page.form("/move")))
    assert "Запись перенесена" in talon.words
    assert "Понедельник, 23 ноября, 11:00 (мск)" in talon.words
    assert list(clinic.bookings.all) == [booking.id]
    assert free()[0].id == booking.slot.id


def test_a_silent_clinic_keeps_the_booking(anna: PageClient, clinic: FakeClinic, booked: Booked) -> None:
    """clinic-no-answer: cancelling is said to be unknown, and the same form may be sent again."""
    booking = booked()
    page = anna.get(f"/appointments/{booking.id}/cancel")
    clinic.silent = {SEVEN.id}
    silent = anna.post(f"/appointments/{booking.id}/cancel", page.form("/cancel"), 504)
    assert "Изменение не подтверждено." in silent.words
    clinic.silent = set()
    assert (
        "Запись отменена"
        in anna.follow(
            anna.post(silent.form("/cancel") and f"/appointments/{booking.id}/cancel", silent.form("/cancel"))
        ).words
    )


@pytest.mark.parametrize("path", ["", ".pdf", ".ics", "/cancel", "/move"])
def test_another_cards_booking_is_not_there(anna: PageClient, booked: Booked, path: str) -> None:
    """S-54: another patient's, the own child's while one is oneself, and none at all look the same."""
    for booking_id in (booked(GLAZOVA, "card-mila").id, "booking-9999", "%00"):
        assert anna.get(f"/appointments/{booking_id}{path}", 404).screen == "not-found"


def test_nothing_of_another_card_can_be_changed(anna: PageClient, clinic: FakeClinic, booked: Booked) -> None:
    """S-54, S-51: forms for another's booking do nothing, whatever key they bring."""
    own, other = booked(), booked(GLAZOVA, "card-mila")
    form = anna.get(f"/appointments/{own.id}/cancel").form("/cancel")
    anna.post(f"/appointments/{other.id}/cancel", form, 404)
    anna.post(f"/appointments/{other.id}/move", {**form, "slot": other.slot.id}, 404)
    anna.post("/waiting-list/waiting-0001/leave", form, 404)
    anna.post(f"/appointments/{own.id}/cancel", {**form, "key": "made.up"}, 409)
    assert clinic.bookings.all[own.id] == own
    assert clinic.bookings.all[other.id] == other


def test_the_home_page_shows_the_next_one(anna: PageClient, clinic: FakeClinic, booked: Booked) -> None:
    """U-21, U-22: asked for by itself, a page without script; silence of the clinic is told in the part alone."""
    home = anna.get("/home")
    section = home.soup.select_one('[data-part="appointments"]')
    assert section is not None
    assert section["data-hx-get"] == "/parts/appointments"
    assert "Приёмов впереди нет" in anna.get("/parts/appointments", headers=PART).words
    booked()
    booked(VETROVA)
    part = anna.get("/parts/appointments", headers=PART)
    assert "23 ноября понедельник 09:00 (мск)" in part.words
    assert "Ещё 1 запись" in part.words
    assert anna.get("/parts/appointments").screen == "home"
    clinic.silent = {"*"}
    silent = anna.get("/parts/appointments", 504, headers=PART)
    assert "Не отвечает система поликлиник" in silent.words
    assert silent.soup.select("[data-fault][data-ref]")


def test_a_clinic_without_a_card_says_so(anna: PageClient, clinic: FakeClinic) -> None:
    """card-not-found, card-duplicate: a page and no dead end; of two cards nothing is shown."""
    clinic.directory.duplicate = {ANNA_SNILS}
    assert anna.get("/appointments", 409).screen == "card-duplicate"
    clinic.directory.duplicate, clinic.directory.cards = set(), {}
    assert anna.get("/appointments").screen == "card-not-found"
    assert "Вашей карты в поликлинике пока нет" in anna.get("/parts/appointments", headers=PART).words


def test_without_a_medical_system_there_is_nothing_to_book(portal: PageClient, sign_in: SignIn) -> None:
    """`NoClinic`: the pages that need one are not there, the list says what to do instead."""
    sign_in(portal)
    for path in ("/appointments/new", "/appointments/x", "/waiting-list", "/home-visit", "/parts/appointments"):
        portal.get(path, 404)
    assert portal.get("/appointments").screen == "appointments"


def test_who_lacks_a_policy_is_sent_to_what_is_missing(
    anna: PageClient, clinic: FakeClinic, family: FakeEsia, sign_in: SignIn, clock: ManualClock
) -> None:
    """R-013, S-60: no address leads around level and policy; a child needs one of its own (R-019 right 4)."""
    family.answer_with("/rs/prns/1000000101/kids/11/docs", collection())
    clock.advance(timedelta(minutes=1))
    sign_in(anna)
    anna.get("/loading/all", 303)
    act_for(anna, "Мила")
    for path in ("/appointments/new", "/appointments/new/review?slot=x", "/home-visit"):
        assert anna.get(path, 303).location == "/appointments"
    assert "Мы не нашли полис ОМС ребёнка" in anna.get("/appointments").words
    assert "book" not in clinic.calls


def test_the_doctor_is_called_home(anna: PageClient, clinic: FakeClinic) -> None:
    """R-040, R-102, U-9: filled in from Gosuslugi and said so, looked at, sent once; a second one is not needed."""
    page = anna.get("/home-visit")
    assert "Из Госуслуг, можно исправить" in page.words
    values = page.form("/home-visit/review") | {"complaint": ""}
    wrong = anna.post("/home-visit/review", values | {"phone": "12", "address": ""}, 422)
    assert "Введите адрес: город, улицу, дом и квартиру" in wrong.words
    assert "Введите телефон полностью, 11 цифр" in wrong.words
    assert "Напишите, что беспокоит" in wrong.words
    checked = anna.post("/home-visit/review", values | {"phone": "8 (000) 100-00-01", "complaint": "Температура"}, 200)
    assert checked.screen == "home-visit-review"
    sent = checked.form("/home-visit")
    changing = anna.post("/home-visit/review", sent | {"change": "yes"}, 200)
    assert "Температура" in changing.text
    anna.page = checked
    for _ in range(2):
        done = anna.follow(anna.post("/home-visit", sent))
    assert "Вызов принят" in done.words
    assert "понедельник, 23 ноября, с 9:00 до 14:00".capitalize() in done.words
    [visit] = clinic.bookings.calls_home.values()
    assert visit.phone == "+7 (000) 100-00-01"
    anna.post(f"/home-visit/{visit.id}/cancel")
    assert "Вызов отменён" in anna.get("/home-visit?done=cancelled").words
    clinic.directory.change_card(ANNA_SNILS, attachment=None)
    refused = anna.get("/home-visit", 403)
    assert refused.screen == "attachment-none"
    assert "Врач на дом приезжает только к прикреплённым" in refused.words
    assert refused.soup.find("a", href="/applications") is not None
