"""«Поддержка»: the form, the number that is told at once, the promise of an answer, and what happens if none comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.doors import InsideMessages
from portal.support import tickets
from portal.support.models import Ticket
from portal.web.crowd import AHEAD
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia

FILLED = {
    "kind": "Техническая ошибка",
    "full_name": "Лесная Анна Сергеевна",
    "phone": "8 (000) 100-00-01",
    "happened": "сегодня около 14:00",
    "description": "Нажала «Войти», увидела ошибку.",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Letters that go out."""
    letters: list[dict[str, str]] = []

    def mail(_self: InsideMessages, *, to: str, subject: str, text: str) -> bool:
        letters.append({"to": to, "subject": subject, "text": text})
        return True

    monkeypatch.setattr(InsideMessages, "mail", mail)
    return letters


@pytest.fixture
def at_form(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> PageClient:
    """Signed in, contacts loaded, the form open."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    portal.get("/support/new")
    return portal


def ask(portal: PageClient, status: int = 303, **changes: str) -> Page:
    page = portal.page
    assert page is not None
    key = page.soup.find("input", attrs={"name": "form_key"})
    assert key is not None
    return portal.post("/support/new", {"form_key": key["value"], **FILLED, **changes}, status)


def all_tickets(database: Database) -> list[Any]:
    with database.reading() as session:
        return list(session.exec(select(Ticket)).all())


def test_the_form_is_filled_in_with_what_is_known(at_form: PageClient) -> None:
    """R-040, R-110, R-114: name, phone, time; the code of the page that failed; each may be corrected."""
    page = at_form.get("/support/new?ref=4K7-Q2M")
    values = page.form("/support/new")
    assert values["full_name"] == "Лебедева Анна Сергеевна"
    assert values["phone"] == "+7 (000) 100-00-01"
    assert values["error_code"] == "4K7-Q2M"
    assert values["happened"].startswith("22 ноября 2026")
    assert "из Госуслуг" in page.words
    assert page.soup.find("option", string="Техническая ошибка") is not None


def test_a_question_gets_its_number_at_once_and_goes_to_the_desk(
    at_form: PageClient, sent: list[dict[str, str]], portal_database: Database
) -> None:
    """R-105, R-106, R-112, R-113."""
    done = at_form.follow(ask(at_form, error_code="4k7 q2m", browser="y"))
    assert "Обращение ЕГ-2026-000001 принято. Ответим в течение" in done.words
    assert [letter["subject"] for letter in sent] == ["Проблема входа: ЕГ-2026-000001"]
    assert "Проверено самостоятельно: Браузер обновлён, кэш очищен" in sent[0]["text"]
    page = at_form.get("/support/2026-000001")
    assert "Ответ до 23 ноября 2026" in page.words
    assert "Нажала «Войти», увидела ошибку." in page.words


def test_what_is_attached_tells_nothing_of_the_person(at_form: PageClient, portal_database: Database) -> None:
    """R-110: code, time, browser, page; shown before it is sent, and only sent if wanted."""
    ask(at_form, diagnostics="y", error_code="4K7-Q2M")
    stored = all_tickets(portal_database)[0].diagnostics
    assert "4K7-Q2M" in stored
    assert "Лебедева" not in stored
    at_form.get("/support/new")
    ask(at_form)
    assert {row.diagnostics is None for row in all_tickets(portal_database)} == {True, False}


def test_the_same_form_twice_is_one_ticket(
    at_form: PageClient, sent: list[dict[str, str]], portal_database: Database
) -> None:
    """U-17."""
    page = at_form.page
    first = ask(at_form)
    at_form.page = page
    assert ask(at_form).location == first.location
    assert len(all_tickets(portal_database)) == 1
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("full_name", " ", "Введите фамилию, имя и отчество"),
        ("phone", "", "Введите телефон: по нему вам ответят"),
        ("phone", "12345", "Введите телефон целиком"),
        ("mail", "anna@", "Введите адрес почты целиком"),
        ("inn", "123", "В ИНН человека 12 цифр"),
        ("happened", "", "Укажите день и время"),
        ("error_code", "нет", "Код для поддержки — шесть букв и цифр"),
        ("description", "", "Опишите, что вы делали"),
        ("description", "д" * 4001, "длиннее 4000 знаков"),
        ("previous", "abc", "Номер обращения выглядит так"),
    ],
)
def test_each_mistake_has_its_own_words(
    at_form: PageClient, portal_database: Database, field: str, typed: str, words: str
) -> None:
    """R-104, U-8, U-9, U-10: on the field and in the summary, everything else kept, nothing stored."""
    page = ask(at_form, 422, **{field: typed})
    assert page.words.count(words) == 2
    kept = page.form("/support/new")
    for name in ("full_name", "phone", "happened"):
        if name != field:
            assert kept[name] == FILLED[name]
    assert str(page.root.title.string).startswith("Ошибка: ") if page.root.title else False
    assert all_tickets(portal_database) == []


def test_a_phone_of_somebody_else_is_refused(at_form: PageClient, portal_database: Database) -> None:
    """`support-phone-mismatch`: who is signed in is answered on the phone of the account."""
    page = ask(at_form, 422, phone="+7 000 100-00-99")
    assert "Этого телефона нет в вашей учётной записи Госуслуг" in page.words
    assert page.soup.select_one('[data-problem="support-phone-mismatch"]') is not None
    assert page.form("/support/new")["phone"] == "+7 000 100-00-99"
    assert ask(at_form).location.startswith("/support?sent=")


def test_an_earlier_number_must_exist_and_be_one_s_own(at_form: PageClient, portal_database: Database) -> None:
    """`support-number-unknown`, R-108: also the number of another person's ticket is not known (S-54)."""
    ask(at_form)
    with portal_database.writing() as session:
        own = session.exec(select(Ticket)).one().model_dump()
        session.add(Ticket(**own | {"id": "x", "number": "2026-000777", "form_key": "other", "patient_id": None}))
    at_form.get("/support/new")
    page = ask(at_form, 422, previous="ЕГ-2026-000777")
    assert "Обращения ЕГ-2026-000777 мы не нашли" in page.words
    assert page.soup.select_one('[data-problem="support-number-unknown"]') is not None
    assert ask(at_form, previous=" еГ-2026-000001 ").location == "/support?sent=2026-000778"


def test_another_patient_s_ticket_is_not_found(at_form: PageClient, portal_database: Database) -> None:
    """S-54: numbers can be guessed, so they open nothing by themselves."""
    ask(at_form)
    with portal_database.writing() as session:
        row = session.exec(select(Ticket)).one()
        row.patient_id = None
        session.add(row)
    at_form.get("/support/2026-000001", 404)
    at_form.get("/support")
    for step in ("escalate", "remote"):
        at_form.post(f"/support/2026-000001/{step}", status=404)
        at_form.get("/support")


def test_an_answer_that_does_not_come_can_be_escalated_once(
    at_form: PageClient, sign_in: SignIn, clock: ManualClock, sent: list[dict[str, str]]
) -> None:
    """`support-unanswered`, R-106, R-107, R-111, R-116: after a day other ways are shown, and a senior takes over."""
    ask(at_form)
    page = at_form.get("/support/2026-000001")
    assert "Передать старшему специалисту" not in page.words
    assert "Время ответа ещё не вышло" in at_form.follow(at_form.post("/support/2026-000001/escalate")).words
    clock.advance(timedelta(hours=24))
    sign_in(at_form)
    assert "просрочено" in at_form.get("/support").words
    page = at_form.get("/support/2026-000001")
    assert "Ответ не пришёл вовремя" in page.words
    assert "8 800 555-55-55" in page.words
    assert page.soup.find("a", href=lambda href: bool(href and href.startswith("tel:"))) is None
    done = at_form.follow(at_form.post("/support/2026-000001/escalate"))
    assert "передано старшему специалисту" in done.words
    assert sent[-1]["subject"] == "Эскалация: ЕГ-2026-000001"
    assert "уже у старшего специалиста" in at_form.follow(at_form.post("/support/2026-000001/escalate")).words


def test_a_remote_session_is_a_wish(at_form: PageClient) -> None:
    """R-116: it is noted once, and nobody takes over anything."""
    ask(at_form)
    at_form.get("/support/2026-000001")
    page = at_form.follow(at_form.post("/support/2026-000001/remote"))
    assert page.words.count("Запрошен дистанционный сеанс") == 1
    assert "Запросить дистанционный сеанс" not in page.words


def test_the_answer_is_told_and_shown(at_form: PageClient, portal_app: Any) -> None:
    """R-039: an answer is a notification; once it is there nothing is overdue."""
    ask(at_form)
    with portal_app.app_context():
        from portal.doors import doors

        assert tickets.answer(doors(), "2026-000001", "Обновите браузер и попробуйте снова.") is not None
        assert tickets.answer(doors(), "2026-999999", "Кому?") is None
    assert "Ответ поддержки на обращение ЕГ-2026-000001" in at_form.get("/notifications").words
    page = at_form.get("/support/2026-000001")
    assert "Обновите браузер и попробуйте снова." in page.words
    assert "есть ответ" in page.words


def test_the_form_is_there_for_everybody(portal: PageClient, portal_database: Database) -> None:
    """R-120: who cannot sign in can still ask, and sees the number."""
    page = portal.get("/support/new?ref=4K7-Q2M")
    assert page.screen == "support-form"
    done = portal.follow(ask(portal))
    assert "Обращение ЕГ-2026-000001 принято" in done.words
    assert all_tickets(portal_database)[0].patient_id is None
    portal.get("/support/2026-000001", 303)


@pytest.mark.parametrize(
    ("late", "status", "ahead"), [({"csrf_token": "old"}, 400, 0), ({}, 503, 100_000)], ids=["too-old", "crowd"]
)
def test_the_code_comes_back_with_a_form_that_was_not_taken(
    at_form: PageClient, late: dict[str, str], status: int, ahead: int
) -> None:
    """U-9, S-51, S-68, R-110: what opens nothing is no secret, whatever its name."""
    typed = {**at_form.get("/support/new").form("/support/new"), **FILLED, "error_code": "4K7-Q2M", **late}
    page = at_form.post("/support/new", typed, status, environ_overrides={AHEAD: ahead})
    assert "4K7-Q2M" in page.words
    assert page.form("/support/new")["error_code"] == "4K7-Q2M"


def test_the_code_comes_back_after_a_session_that_had_ended(
    at_form: PageClient, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30, R-110: as it was typed, not as the address gave it."""
    here = "/support/new?ref=4K7-Q2M"
    typed = {**at_form.get(here).form("/support/new"), "error_code": "9ZX-1AB"}
    at_form.post("/session/draft", typed, 204, headers={"Referer": "http://localhost:8000" + here})
    clock.advance(timedelta(minutes=20))
    sign_in(at_form)
    assert at_form.get(here).form("/support/new")["error_code"] == "9ZX-1AB"


def test_error_pages_lead_to_the_form_with_their_code(portal: PageClient) -> None:
    """R-110: one click from the failure to the question about it."""
    page = portal.get("/no-such-page", 404)
    reference = page.soup.select_one("main[data-ref], [data-ref]")
    assert reference is not None
    assert page.soup.find("a", href=f"/support/new?ref={reference['data-ref']}") is not None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("ЕГ-2026-000123", "2026-000123"),
        ("eg 2026 000123", "2026-000123"),
        ("2026-000123", "2026-000123"),
        ("2026-123", None),
        ("", None),
        ("ЕГ-2026-000123-1", None),
    ],
)
def test_a_number_is_read_in_whatever_form(typed: str, number: str | None) -> None:
    """U-11."""
    assert tickets.read_number(typed) == number
