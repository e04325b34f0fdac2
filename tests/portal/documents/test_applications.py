"""Applications to a clinic: filled in from Gosuslugi, handed in once, with states and withdrawal (R-040, R-083)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pages import Page, PageClient
from tests.portal.appointments.conftest import act_for
from tests.portal.fake_clinic import FakeClinic

SENT = {
    "kind": "attachment",
    "site": "site-7",
    "phone": "8 000 100-01-01",
    "address": "Воронеж, Кленовая ул., 1",
    "note": "Переехала",
}


def hand_in(browser: PageClient, status: int = 303, **changes: str) -> Page:
    page = browser.get("/applications/new?kind=attachment")
    return browser.post("/applications/new", {**page.form("/applications/new"), **SENT, **changes}, status)


def test_it_is_filled_in_from_gosuslugi_and_may_be_corrected(patient: PageClient) -> None:
    """R-040: phone and address say where they come from and can be changed; who it is can be changed there only."""
    page = patient.get("/applications/new?kind=attachment")
    assert page.screen == "application-form"
    form = page.form("/applications/new")
    assert form["phone"].startswith("+7 (000)")
    assert page.words.count("из Госуслуг, можно исправить") >= 1
    assert "Исправьте её на Госуслугах" in page.words
    assert page.soup.find("input", attrs={"name": "surname"}) is None
    page = hand_in(patient, 422, site="")
    assert page.form("/applications/new")["address"] == SENT["address"]
    assert "из Госуслуг, можно исправить" not in page.words


def test_it_goes_through_its_states(patient: PageClient, clinic: FakeClinic) -> None:
    """R-083, R-128: number, state, decision with its reason."""
    page = patient.follow(hand_in(patient))
    assert page.screen == "application"
    assert "Заявление отправлено." in page.words
    ((who, made),) = clinic.papers.all_applications.values()
    assert made.number in page.words
    assert who.surname
    for state, words in (("considered", "Рассматривают"), ("granted", "Одобрено")):
        clinic.papers.decide(made.id, state=state)
        assert words in patient.get(f"/applications/{made.id}").words
    clinic.papers.decide(made.id, state="refused", reason="Адрес вне участка.")
    page = patient.get(f"/applications/{made.id}")
    assert "Адрес вне участка." in page.words
    assert "Подать новое" in page.words
    assert "Отказано" in patient.get("/applications").words


def test_it_is_handed_in_once(patient: PageClient, clinic: FakeClinic) -> None:
    """U-17: the same form twice, and another one while the first is open, are one application."""
    form = patient.get("/applications/new?kind=attachment")
    sent = {**form.form("/applications/new"), **SENT}
    first = patient.post("/applications/new", sent)
    patient.page = form
    assert patient.post("/applications/new", sent).location == first.location
    page = patient.follow(hand_in(patient))
    assert "Такое заявление уже рассматривают, второе не нужно." in page.words
    assert len(clinic.papers.all_applications) == 1


def test_it_is_withdrawn_after_a_question(patient: PageClient, clinic: FakeClinic) -> None:
    """U-34: what is lost is said first; what was decided meanwhile stays decided."""
    hand_in(patient)
    ((_, made),) = clinic.papers.all_applications.values()
    assert patient.get(f"/applications/{made.id}/withdraw").screen == "application-withdraw"
    page = patient.follow(patient.post(f"/applications/{made.id}/withdraw"))
    assert "Заявление отозвано." in page.words
    patient.get("/applications/new?kind=attachment")
    clinic.papers.decide(made.id, state="granted")
    page = patient.follow(patient.post(f"/applications/{made.id}/withdraw"))
    assert "по заявлению уже есть решение" in page.words
    patient.get(f"/applications/{made.id}/withdraw", 303)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("site", "site-none", "Выберите поликлинику из списка."),
        ("phone", "", "Напишите телефон"),
        ("phone", "12345", "Проверьте телефон: нужно 11 цифр, сейчас 5."),
        ("address", " ", "Напишите адрес"),
        ("address", "х" * 251, "Сократите адрес до 250 знаков: сейчас 251."),
        ("note", "х" * 1001, "Сократите текст до 1000 знаков: сейчас 1001."),
    ],
)
def test_each_mistake_has_its_words(
    patient: PageClient, clinic: FakeClinic, field: str, typed: str, words: str
) -> None:
    """U-8, U-10."""
    page = hand_in(patient, 422, **{field: typed})
    assert page.words.count(words) == 2
    assert clinic.papers.all_applications == {}


def test_a_form_of_somebody_else_hands_nothing_in(patient: PageClient, clinic: FakeClinic) -> None:
    """U-17, S-54: opened for the parent and sent after the switch to the child it is no wish; what was typed stays."""
    mine = patient.get("/applications/new?kind=attachment").form("/applications/new")["key"]
    act_for(patient, "Мила")
    patient.get("/applications/new?kind=attachment")
    page = patient.post("/applications/new", {**SENT, "key": mine}, 409)
    assert "Форму открыли для другого человека, поэтому ничего не отправлено." in page.words
    assert page.form("/applications/new")["address"] == SENT["address"]
    assert clinic.papers.all_applications == {}


def test_a_lost_answer_is_no_second_application(patient: PageClient, clinic: FakeClinic) -> None:
    """U-22: the form comes back with the same key."""
    clinic.lose_answers = 1
    page = hand_in(patient, 504)
    assert "Поликлиника не ответила" in page.words
    patient.post("/applications/new", {**SENT, "key": page.form("/applications/new")["key"]})
    assert len(clinic.papers.all_applications) == 1


def test_somebody_elses_application_is_not_found(patient: PageClient, clinic: FakeClinic) -> None:
    """S-54: for looking and withdrawing."""
    hand_in(patient)
    ((_, made),) = clinic.papers.all_applications.values()
    who, application = clinic.papers.all_applications[made.id]
    clinic.papers.all_applications[made.id] = (replace(who, snils="00000000000"), application)
    patient.get(f"/applications/{made.id}", 404)
    patient.get(f"/applications/{made.id}/withdraw", 404)
    patient.get("/applications/new?kind=attachment")
    patient.post(f"/applications/{made.id}/withdraw", status=404)
    patient.get("/applications/new?kind=none", 404)
