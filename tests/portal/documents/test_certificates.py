"""Certificates: asked for once, prepared, ready as PDF, refused with the reason (R-045)."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pytest

from tests.pages import Page, PageClient
from tests.portal.fake_clinic import FakeClinic

ASKED = {"kind": "sick-leave", "answer_place": "Лицей № 4"}


def ask(browser: PageClient, status: int = 303, **changes: str) -> Page:
    page = browser.get("/documents/requests/new?kind=sick-leave")
    return browser.post("/documents/requests/new", {**page.form("/documents/requests/new"), **ASKED, **changes}, status)


def test_one_is_asked_for_and_comes_as_a_pdf(patient: PageClient, clinic: FakeClinic) -> None:
    """R-045: kind and its questions, request, progress, then the paper."""
    assert "Справка о прививках" in patient.get("/documents/requests").words
    form = patient.get("/documents/requests/new?kind=sick-leave")
    assert form.screen == "certificate-form"
    assert "Учебное заведение" in form.words
    page = patient.follow(ask(patient))
    assert page.screen == "certificates"
    assert "Справка заказана" in page.words
    (made,) = clinic.papers.all_certificates.values()
    page = patient.get(f"/documents/requests/{made.id}")
    assert page.screen == "document-not-ready"
    assert "Справка ещё готовится" in page.words
    assert "мы пришлём уведомление" in page.words
    page = patient.get(f"/documents/requests/{made.id}.pdf", 409)
    assert page.screen == "document-not-ready"
    clinic.papers.finish(made.id)
    page = patient.get(f"/documents/requests/{made.id}")
    assert (page.screen, "Скачать PDF" in page.words) == ("certificate", True)
    answer = patient.client.get(f"/documents/requests/{made.id}.pdf", base_url=patient.base_url)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    words = " ".join(pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
    assert "Справка для учебного заведения" in words
    assert made.number in words
    assert "Поликлиника № 7" in words


def test_an_unanswered_question_is_asked_again(patient: PageClient, clinic: FakeClinic) -> None:
    """U-8, U-9, U-10: which field, and what was typed stays."""
    page = ask(patient, 422, answer_place=" ")
    assert page.words.startswith("Ошибка: Справка для учебного заведения")
    assert page.words.count("Заполните поле «Учебное заведение».") == 2
    page = ask(patient, 422, answer_place="х" * 201)
    assert page.form("/documents/requests/new")["answer_place"] == "х" * 201
    assert clinic.papers.all_certificates == {}


def test_the_same_form_asks_once(patient: PageClient, clinic: FakeClinic) -> None:
    """U-17: sent twice, it is one request; another form meets the one that is being prepared."""
    form = patient.get("/documents/requests/new?kind=sick-leave")
    sent = {**form.form("/documents/requests/new"), **ASKED}
    first = patient.post("/documents/requests/new", sent).location
    patient.page = form
    assert patient.post("/documents/requests/new", sent).location == first
    assert len(clinic.papers.all_certificates) == 1
    page = patient.follow(ask(patient))
    assert page.screen == "document-not-ready"
    assert "Вы уже заказали такую справку, вторая не нужна." in page.words


def test_a_form_of_somebody_else_asks_for_nothing(patient: PageClient, clinic: FakeClinic) -> None:
    """U-17, S-54: a key made for another kind or person is none; what was typed stays, and the next press counts."""
    other = patient.get("/documents/requests/new?kind=vaccinations").form("/documents/requests/new")["key"]
    page = ask(patient, 409, key=other)
    assert "Форму открыли для другого человека, поэтому ничего не отправлено." in page.words
    assert page.form("/documents/requests/new")["answer_place"] == ASKED["answer_place"]
    assert clinic.papers.all_certificates == {}
    patient.post("/documents/requests/new", page.form("/documents/requests/new"))
    assert len(clinic.papers.all_certificates) == 1


def test_a_lost_answer_is_no_second_request(patient: PageClient, clinic: FakeClinic) -> None:
    """U-22: the form is shown again with the same key, so that sending it again asks at most once."""
    clinic.lose_answers = 1
    page = ask(patient, 504)
    assert "Поликлиника не ответила." in page.words
    assert page.form("/documents/requests/new")["answer_place"] == "Лицей № 4"
    patient.post("/documents/requests/new", page.form("/documents/requests/new"))
    assert len(clinic.papers.all_certificates) == 1


def test_a_refusal_says_why(patient: PageClient, clinic: FakeClinic) -> None:
    """R-045: the request is refused with its reason, and can be made anew."""
    ask(patient)
    (made,) = clinic.papers.all_certificates.values()
    clinic.papers.all_certificates[made.id] = replace(made, state="refused", refused_because="Нет визитов за год.")
    page = patient.get(f"/documents/requests/{made.id}")
    assert "Справку не выдали" in page.words
    assert "Нет визитов за год." in page.words
    assert "Заказать снова" in page.words


def test_somebody_elses_certificate_is_not_found(patient: PageClient, clinic: FakeClinic) -> None:
    """S-54."""
    ask(patient)
    (made,) = clinic.papers.all_certificates.values()
    clinic.papers.all_certificates[made.id] = replace(made, card_id="another-card")
    for address in (f"/documents/requests/{made.id}", f"/documents/requests/{made.id}.pdf", "/documents/requests/none"):
        patient.get(address, 404)
    patient.get("/documents/requests/new?kind=none", 404)


@pytest.mark.parametrize("address", ["/documents/requests", "/applications"])
def test_a_silent_clinic_is_said_to_be_silent(patient: PageClient, clinic: FakeClinic, address: str) -> None:
    """R-042: whose failure it is, and that nothing is lost."""
    clinic.silent.add("*")
    assert patient.get(address, 504).screen == "clinic-silent"
    assert patient.get("/documents").screen == "documents"
