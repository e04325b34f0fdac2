"""Booking: whom to go to, when, a look at everything, and exactly one booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.clinic.values import Booking, Slot
from tests.pages import Page, PageClient
from tests.portal.appointments.conftest import CARD, act_for, links
from tests.portal.fake_clinic import (
    ANNA_SNILS,
    CARDIOLOGIST,
    FAR,
    GYNAECOLOGIST,
    KIDS,
    MORSKOY,
    PAVLOV,
    PEDIATRICIAN,
    RUCHYOVA,
    SEVEN,
    THERAPIST,
    UROLOGIST,
    VETROVA,
    ZORIN,
    FakeClinic,
)

Free = Callable[..., list[Slot]]
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def review(portal: PageClient, slot: Slot, status: int = 200) -> Page:
    return portal.get(f"/appointments/new/review?slot={slot.id}", status)


def press(portal: PageClient, page: Page, status: int = 303, **changes: str) -> Page:
    return portal.post("/appointments/new", page.form("/appointments/new") | changes, status)


def test_a_booking_takes_four_presses(anna: PageClient, clinic: FakeClinic) -> None:
    """R-038, R-102: «Записаться», the speciality, the time, «Записаться»; links and buttons without script."""
    start = anna.get(links(anna.get("/parts/appointments"))["Записаться"])
    assert start.screen == "appointment-new"
    assert "Ваша поликлиника: Поликлиника № 7" in start.words
    times = anna.get(links(start)["Терапевт для прикреплённых"])
    assert times.screen == "appointment-times"
    assert "Понедельник, 23 ноября" in times.words
    checked = anna.get(links(times)["09:30"])
    assert checked.screen == "appointment-review"
    talon = anna.follow(press(anna, checked))
    assert talon.screen == "appointment"
    assert "Вы записаны" in talon.words
    assert "Понедельник, 23 ноября, 09:30 (мск)" in talon.words
    assert [one.slot.doctor for one in clinic.bookings.all.values()] == [VETROVA]


def test_everything_is_shown_before_anything_is_done(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """R-102, R-040: when, to whom, where, who and by which policy, said where it comes from."""
    page = review(anna, free(VETROVA)[0])
    for words in (
        "Понедельник, 23 ноября, 09:00 (мск)",
        "Ветрова Ирина Львовна, терапевт",
        "Поликлиника № 7, Воронеж, Кленовая ул., 5, кабинет 214",
        "Лебедева Анна Сергеевна, 26 мая 1985 из Госуслуг",
        "•••• •••• •••• 0370 из Госуслуг",
    ):
        assert words in page.words, words
    assert "book" not in clinic.calls


def test_a_form_sent_twice_is_one_booking(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """U-17, double-submit: the repeat shows the booking that is there."""
    page = review(anna, free()[0])
    first, second = press(anna, page), press(anna, page)
    assert first.location == second.location
    assert len(clinic.bookings.all) == 1


def test_a_lost_answer_is_found_again(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """booking-lost-answer: stored, and the answer lost on its way from the clinic: the patient sees the booking."""
    page = review(anna, free()[0])
    clinic.lose_answers = 1
    assert "Вы записаны" in anna.follow(press(anna, page)).words
    assert len(clinic.bookings.all) == 1


def test_what_nobody_knows_is_said_and_cleared_up(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """booking-lost-answer: neither the answer nor news of it: nothing is claimed, and a repeat shows the booking."""
    page = review(anna, free()[0])
    clinic.lose_answers, clinic.silent_calls = 1, {"booking_by_key"}
    unknown = press(anna, page, 504)
    assert unknown.screen == "clinic-no-answer"
    assert "Поликлиника не ответила. Неизвестно, создана ли запись." in unknown.words
    clinic.silent_calls = set()
    talon = anna.follow(anna.post("/appointments/new", unknown.form("/appointments/new")))
    assert "Вы записаны" in talon.words
    assert len(clinic.bookings.all) == 1


def test_the_same_time_from_another_form_is_the_same_booking(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """U-17: the way back and through the form once more: the booking that is there, and no refusal."""
    slot = free()[0]
    first = press(anna, review(anna, slot))
    assert press(anna, review(anna, slot)).location == first.location
    assert len(clinic.bookings.all) == 1


def test_a_silent_clinic_books_nothing_and_the_same_form_may_be_sent_again(
    anna: PageClient, clinic: FakeClinic, free: Free
) -> None:
    """clinic-no-answer, U-22: whose failure, nothing booked, «Повторить» with the same key, another clinic."""
    page = review(anna, free()[0])
    clinic.silent = {SEVEN.id}
    silent = press(anna, page, 504, reason="Болит глаз")
    assert silent.screen == "clinic-no-answer"
    assert "Поликлиника не ответила. Запись не создана." in silent.words
    assert "Поликлиника № 7" in silent.words
    assert links(silent)["Другая поликлиника"] == "/appointments/new?q="
    assert silent.soup.select("[data-ref]")
    clinic.silent = set()
    again = silent.form("/appointments/new")
    talon = anna.follow(anna.post("/appointments/new", again))
    assert "Вы написали Болит глаз" in talon.words
    assert len(clinic.bookings.all) == 1


def test_only_the_clinic_that_is_silent_fails(anna: PageClient, clinic: FakeClinic) -> None:
    """clinic-no-answer: its times cannot be shown, those of another clinic can."""
    clinic.silent = {SEVEN.id}
    page = anna.get(f"/appointments/new?clinic={SEVEN.id}&speciality=oculist", 504)
    assert "Не отвечает система поликлиники: Поликлиника № 7" in page.words
    assert anna.get(f"/appointments/new?clinic={KIDS.id}&speciality=oculist").screen == "appointment-times"
    assert KIDS.name in anna.get("/appointments/new?speciality=oculist").words


def test_a_slot_that_was_taken_shows_the_nearest(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """slot-taken: 409, nothing booked, the nearest free times are one press away."""
    first, second, *_ = free()
    page = review(anna, first)
    clinic.bookings.taken_out = {first.id}
    taken = press(anna, page, 409)
    assert taken.screen == "slot-taken"
    assert "Это время уже занято" in taken.words
    assert "Запись не создана." in taken.words
    checked = anna.get(links(taken)["понедельник, 23 ноября 09:30 (мск)"])
    assert second.id in checked.form("/appointments/new")["slot"]
    assert anna.follow(press(anna, checked)).screen == "appointment"


@pytest.mark.parametrize(
    ("slot_of", "screen", "words"),
    [
        (RUCHYOVA, "age-limit", "Педиатр принимает пациентов до 17 лет включительно"),
        (PAVLOV, "sex-limit", "Уролог принимает только мужчин"),
    ],
)
def test_who_a_speciality_is_not_for_is_told_before_choosing_a_time(
    anna: PageClient, free: Free, slot_of: object, screen: str, words: str
) -> None:
    """age-limit, U-3: a page with its own text and a way on, never an error of a field; by every way there."""
    slot = free(slot_of)[0]
    for path in (f"/appointments/new?doctor={slot.doctor.id}", f"/appointments/new/review?slot={slot.id}"):
        page = anna.get(path, 403)
        assert page.screen == screen
        assert words in page.words
        assert "Запись не создана." in page.words
        assert anna.get(links(page)["Выбрать другого врача"]).screen == "appointment-new"


def test_what_the_clinic_alone_knows_it_says(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """R-038: a referral is looked for by the clinic; without one it says no."""
    slot = next(one for one in free(next(d for d in clinic.directory.all_doctors if d.speciality == CARDIOLOGIST)))
    page = press(anna, review(anna, slot), 403)
    assert page.screen == "referral-needed"
    assert "Кардиолог принимает по направлению" in page.words
    clinic.bookings.referrals.add((CARD, CARDIOLOGIST.id))
    assert anna.follow(press(anna, review(anna, slot))).screen == "appointment"


def test_attachment_is_demanded_where_the_clinic_demands_it(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """attachment-none: therapists see those attached; what can be booked anyway is said."""
    clinic.directory.change_card(ANNA_SNILS, attachment=None)
    page = anna.get(f"/appointments/new?clinic={SEVEN.id}&speciality={THERAPIST.id}", 403)
    assert page.screen == "attachment-none"
    assert "К врачам, которые принимают всех, можно записаться уже сейчас" in page.words
    assert "Вы не прикреплены к поликлинике" in anna.get("/appointments/new").words
    assert anna.follow(press(anna, review(anna, free(ZORIN)[0]))).screen == "appointment"


def test_another_clinics_therapist_is_for_its_own(anna: PageClient, clinic: FakeClinic) -> None:
    """R-038: attached elsewhere: the way leads to one's own clinic."""
    clinic.directory.all_doctors.append(replace(VETROVA, id="doctor-9", site=FAR))
    page = anna.get(f"/appointments/new?clinic={FAR.id}&speciality={THERAPIST.id}", 403)
    assert page.screen == "not-attached"
    own = anna.get(links(page)["Записаться в своей поликлинике"])
    assert "Ваша поликлиника: Поликлиника № 7" in own.words


def test_one_speciality_one_booking(
    anna: PageClient, clinic: FakeClinic, free: Free, booked: Callable[..., Booking]
) -> None:
    """same-speciality-twice: what is there, and the way to move it."""
    existing = booked()
    page = press(anna, review(anna, free()[3]), 409)
    assert page.screen == "same-speciality-twice"
    assert "Запись уже есть: офтальмолог" in page.words
    assert links(page)["Перенести ту запись"] == f"/appointments/{existing.id}/move"
    assert len(clinic.bookings.all) == 1


def test_no_free_time_says_so_and_offers_the_waiting_list(anna: PageClient, clinic: FakeClinic) -> None:
    """no-slots: nothing for four weeks; the waiting list, another clinic, another doctor."""
    clinic.bookings.full = {ZORIN.id}
    page = anna.get(f"/appointments/new?clinic={SEVEN.id}&speciality=oculist")
    assert page.screen == "no-slots"
    assert "на четыре недели вперёд всё занято" in page.words
    assert KIDS.name in anna.get(links(page)["Другая поликлиника"]).words
    anna.page = page
    listed = anna.follow(anna.post("/waiting-list", page.form("/waiting-list")))
    assert listed.screen == "waiting-list"
    assert "Ваше место в очереди: 1" in listed.words
    assert "Вы уже в листе ожидания" in anna.get(f"/appointments/new?clinic={SEVEN.id}&speciality=oculist").words
    left = anna.post(str(listed.soup.select_one('form[action*="/leave"]')["action"]))  # type: ignore[index]
    assert "Пока пусто" in anna.follow(left).words


def test_search_finds_clinics_specialities_and_doctors(anna: PageClient) -> None:
    """R-125: by name, address, code of the clinic, region, speciality, doctor; capital letters and ё do not matter."""
    for query, words in (
        ("q=кленовая", SEVEN.name),
        (f"q={KIDS.code}", KIDS.name),
        ("q=&region=25", FAR.name),
        ("q=ОФТАЛЬМ", "Офтальмолог"),
        ("q=ручьёва", RUCHYOVA.name),
    ):
        assert words in anna.get(f"/appointments/new?{query}").words, query
    assert "Ничего не нашлось" in anna.get("/appointments/new?q=нет такого").words
    assert SEVEN.name not in anna.get("/appointments/new?q=&region=25").words


def test_search_without_the_whole_page(anna: PageClient) -> None:
    """U-28: htmx gets the part alone, which carries what it takes out of it; older answers are thrown away."""
    page = anna.get("/appointments/new?q=глаз", headers=PART)
    assert page.soup.select_one('[data-part="search"] #found') is not None
    assert "<h1" not in page.text
    form = anna.get("/appointments/new").soup.select_one('form[role="search"]')
    assert form is not None
    assert form["data-hx-sync"] == "this:replace"


def test_times_are_the_clinics_and_the_persons(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """S-74: a clinic in another zone says its time with the zone, and the person's own beside it."""
    page = review(anna, free(MORSKOY)[0])
    assert "Понедельник, 23 ноября, 09:00 (мск+7) У вас будет 02:00 (мск)" in page.words
    times = anna.get(f"/appointments/new?doctor={MORSKOY.id}")
    assert "Время местное: Владивосток, мск+7. У вас Москва, мск" in times.words
    talon = anna.follow(press(anna, page))
    assert "09:00 (мск+7)" in talon.words
    assert "02:00 (мск)" in talon.words


def test_the_week_shows_where_places_are(anna: PageClient) -> None:
    """U-29: days with places are links, days without are not; other weeks are one press away."""
    page = anna.get(f"/appointments/new?doctor={ZORIN.id}")
    assert "Пн 23 6 мест" in page.words
    assert "Сб 28 нет мест" in page.words
    assert "Сб 28 нет мест , 28 ноября" not in links(page)
    later = anna.get(links(page)["Следующая неделя"])
    assert "Понедельник, 30 ноября" in later.words
    assert "Неделя раньше" in links(later)
    for day in ("2031-01-01", "2020-01-01", "завтра", ""):
        assert anna.get(f"/appointments/new?doctor={ZORIN.id}&day={day}").screen == "appointment-times"


def test_a_form_of_somebody_else_books_nothing(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """S-54, S-51: a page opened for the parent does nothing after the switch to the child, and a forged key neither."""
    page = review(anna, free()[0])
    values = page.form("/appointments/new")
    act_for(anna, "Мила")
    anna.get("/appointments/new")
    refused = anna.post("/appointments/new", {name: values[name] for name in ("slot", "key")}, 409)
    assert refused.screen == "form-of-other-person"
    assert clinic.bookings.all == {}
    anna.get("/appointments/new")
    assert (
        anna.post("/appointments/new", {"slot": free()[0].id, "key": "made.up"}, 409).screen == "form-of-other-person"
    )


def test_a_child_is_booked_with_the_childs_card(anna: PageClient, clinic: FakeClinic, free: Free) -> None:
    """R-013, R-019 right 4: the child's policy, clinic and ages; the booking is the child's and not the parent's."""
    act_for(anna, "Мила")
    start = anna.get("/appointments/new")
    assert "Ваша поликлиника: Детская поликлиника № 2" in start.words
    assert "Педиатр для прикреплённых" in links(start)
    page = review(anna, free(RUCHYOVA)[0])
    assert "•••• •••• •••• 4810" in page.words
    talon = anna.follow(press(anna, page))
    assert "Лесная Мила" in talon.words or "Мила" in talon.words
    assert [one.card_id for one in clinic.bookings.all.values()] == ["card-mila"]
    assert anna.get(f"/appointments/new?clinic={SEVEN.id}&speciality={THERAPIST.id}", 403).screen == "age-limit"


def test_what_is_written_to_the_doctor_is_kept_and_limited(anna: PageClient, free: Free) -> None:
    """U-8, U-9, U-10: too long is said with both numbers, and nothing typed is lost."""
    page = press(anna, review(anna, free()[0]), 422, reason="б" * 301)
    assert "Сократите текст до 300 знаков: сейчас 301" in page.words
    assert "б" * 301 in page.text
    assert page.soup.title is not None
    assert page.soup.title.get_text().startswith("Ошибка: ")
    assert anna.follow(press(anna, page, reason="болит")).screen == "appointment"


def test_other_sexes_specialities_are_kept_apart(anna: PageClient) -> None:
    """R-038: the page offers what fits; the rest is behind one more press."""
    page = anna.get("/appointments/new")
    more = page.soup.find("details")
    assert more is not None
    assert UROLOGIST.name.capitalize() in more.get_text()
    assert GYNAECOLOGIST.name.capitalize() not in more.get_text()
    assert PEDIATRICIAN.name not in page.words
