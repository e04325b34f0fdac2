"""Finding the service, what it needs first, and the confirmation by SMS."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.cabinet import services
from sandbox_idp.cabinet.history import masked_address
from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.identity.conftest import SERVICE, Applicant
from tests.sandbox_idp.sign_in import journey


@pytest.mark.parametrize(
    "query",
    ["Электронный медицинский полис", "Электронный медецинский полис", "МЕДИЦИНСКИЙ", "полис", "омс", "электроный", ""],
)
def test_the_service_is_found(query: str) -> None:
    """R-075, C-27: with the source's own slip as well."""
    assert [each.endpoint for each in services.search(query)] == ["identity.service"]


@pytest.mark.parametrize("query", ["паспорт", "налоги", "медицинский налог", "'; drop table person", "<b>"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    """R-080: nothing found is said so."""
    assert services.search(query) == []


def test_the_search_is_a_plain_page(applicant: Applicant) -> None:
    """R-075, S-53: found by the slip, the way leads to the service; what was typed is shown as text."""
    browser = applicant.browser
    page = browser.get("/cabinet/search?q=Электронный+медецинский+полис")
    assert page.soup.find("a", string="Электронный медицинский полис")["href"].endswith(SERVICE)  # type: ignore[index]
    page = browser.get("/cabinet/search?q=<script>налог")
    assert "По запросу «<script>налог» ничего не нашлось." in page.words
    assert browser.get("/cabinet").form("/cabinet/search") == {"q": ""}


def test_each_missing_precondition_is_named(sandbox: PageClient, stand: Stand) -> None:
    """R-077: passport, SNILS and phone; the methods are not offered, nor open by address."""
    sandbox.follow(journey.give_password(sandbox, None, "+70001000003"))
    journey.give_code(sandbox, None, journey.last_code(stand, "+70001000003"))
    page = sandbox.get(SERVICE)
    assert "подтверждённый паспорт" in page.words
    assert "подтверждённый СНИЛС" in page.words
    assert "номер телефона" not in page.words
    assert "3-D Secure" not in page.words
    for path in ("/sms", "/card", "/mail", "/push", "/signature"):
        assert sandbox.get(f"{SERVICE}{path}", 303).location.endswith(SERVICE)


def test_a_code_by_sms_confirms(applicant: Applicant, acts: list[str]) -> None:
    """R-076, R-079, S-36: phone typed as in the profile, code, подтверждённая; noted with method and masked address."""
    applicant.get("/sms")
    assert applicant.post("/sms", {"contact": applicant.phone}).location.endswith(f"{SERVICE}/sms")
    assert "Отправили на номер" in applicant.get("/sms").words
    code = applicant.code()
    page = applicant.post("/sms", {"action": "code", "code": journey.other_than(code)}, 422)
    assert "Код не подошёл. Осталось попыток: 2" in page.words
    assert applicant.post("/sms", {"action": "code", "code": code}).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed"
    page = applicant.get()
    assert "Личность подтверждена" in page.words
    text = journey.arrived(applicant.stand, applicant.phone)[-1].text
    assert "Личность подтверждена. Способ: Код из СМС. Сетевой адрес:" in text
    assert "Личность подтверждена" in applicant.browser.get("/cabinet/notifications").words
    assert acts == ["identity-confirmed"]
    assert applicant.get("/sms", 303).location.endswith(SERVICE)


def test_a_contact_that_is_not_the_cabinets_stops(applicant: Applicant, acts: list[str]) -> None:
    """contact-mismatch, R-099: which of the two, never its value, and where to change it; nothing is sent."""
    before = len(journey.arrived(applicant.stand, applicant.phone))
    applicant.get("/sms")
    page = applicant.post("/sms", {"contact": "+7 (000) 100-00-77"}, 409)
    assert page.screen == "contact-mismatch"
    assert "Телефон не совпал с личным кабинетом" in page.words
    assert applicant.phone[-2:] not in page.words
    assert page.soup.find("a", string="Изменить телефон")["href"].endswith("/cabinet/profile/phone")  # type: ignore[index]
    applicant.get("/mail")
    page = applicant.post("/mail", {"contact": "drugaya@pochta.example"}, 409)
    assert "Почта не совпала с личным кабинетом" in page.words
    assert applicant.mail not in page.words
    assert len(journey.arrived(applicant.stand, applicant.phone)) == before
    assert acts == ["contact-mismatch"] * 2


@pytest.mark.usefixtures("still")
def test_codes_cannot_be_asked_for_without_end(applicant: Applicant) -> None:
    """S-39, U-5: beginning anew is no way around the countdown."""
    applicant.get("/sms")
    applicant.post("/sms", {"contact": applicant.phone})
    page = applicant.post("/sms", {"contact": applicant.phone}, 429)
    assert page.response.headers["Retry-After"] == "60"
    assert "Новое сообщение можно получить через" in page.words
    applicant.later(timedelta(seconds=61))
    applicant.get("/sms")
    applicant.post("/sms", {"action": "resend"})


def test_addresses_are_masked() -> None:
    assert masked_address("127.0.0.1") == "127.0.•.•"
    assert masked_address("2001:db8::1") == "2001:0db8:•"
    assert masked_address("") == "неизвестен"
