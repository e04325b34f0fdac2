"""What goes along with a question to support: a picture of the screen, or another file (R-104, R-110, R-112)."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlmodel import select

from foundation.database import Database
from portal.doors import ScannerDownError
from portal.files import purposes
from portal.patients.models import Patient
from portal.settings import PortalSettings
from portal.support import tickets
from portal.support.models import Ticket, TicketFile
from sandbox_idp.testing import uploads as files
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia
from tests.portal.files.sending import multipart
from tests.portal.support.test_support import FILLED

NUMBER = "2026-000001"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of its own has its own tests; here the same check runs at once."""
    from portal.files.inspection import check

    monkeypatch.setattr("portal.files.taking.check_apart", check)


@pytest.fixture
def at_form(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> PageClient:
    """Signed in, contacts loaded, the form open."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    portal.get("/support/new")
    return portal


def send(browser: PageClient, name: str | None, content: bytes = b"", status: int = 303, **changes: str) -> Page:
    """Send the form as it lies open, with a file."""
    assert browser.page is not None
    fields = {**browser.page.form("/support/new"), **FILLED, **changes}
    fields.pop("file", None)
    answer = browser.client.post(
        "/support/new",
        input_stream=io.BytesIO(multipart(fields, name, content)),
        content_length=len(multipart(fields, name, content)),
        content_type="multipart/form-data; boundary=b",
        base_url=browser.base_url,
        buffered=True,
    )
    return browser._keep(answer, status)


def typed(page: Page) -> dict[str, str]:
    """What the form shows of the fields of FILLED."""
    chosen, area = page.soup.select_one("#kind option[selected]"), page.soup.find("textarea", id="description")
    assert chosen is not None
    assert area is not None
    found = {**page.form("/support/new"), "kind": str(chosen["value"]), "description": area.get_text()}
    return {name: found[name] for name in FILLED}


def kept(database: Database, settings: PortalSettings) -> tuple[int, list[TicketFile], list[str]]:
    """How many tickets there are, the rows of their files, and what lies behind the door."""
    folder = settings.demo_dir / "files"
    with database.reading() as session:
        rows = list(session.exec(select(TicketFile)))
        count = len(session.exec(select(Ticket)).all())
    return count, rows, sorted(file.name for file in folder.iterdir()) if folder.exists() else []


TAKEN = {
    "Снимок экрана.png": (files.png(), "image/png"),
    "фото.JPG": (files.jpeg(), "image/jpeg"),
    "справка.pdf": (files.pdf(), "application/pdf"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_kept_with_the_ticket_and_comes_back_as_it_was(
    at_form: PageClient,
    portal_database: Database,
    portal_settings: PortalSettings,
    name: str,
) -> None:
    """R-104, R-112, S-56: under a random name outside of what is served; given back as an attachment."""
    content, kind = TAKEN[name]
    at_form.follow(send(at_form, name, content))
    _, (row,), (stored,) = kept(portal_database, portal_settings)
    assert (row.file_name, row.stored_as) == (name, stored)
    page = at_form.get(f"/support/{NUMBER}")
    link = page.soup.find("a", href=f"/support/{NUMBER}/file")
    assert link is not None
    assert link.get_text() == name
    answer = at_form.client.get(f"/support/{NUMBER}/file", base_url=at_form.base_url)
    assert (answer.data, answer.mimetype) == (content, kind)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_question_needs_no_file(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """R-104: it is optional, and a ticket without one has nothing to download."""
    send(at_form, None)
    assert kept(portal_database, portal_settings) == (1, [], [])
    at_form.get(f"/support/{NUMBER}/file", 404)


REFUSED = {
    "type": ("снимок.bmp", b"BM", "upload-type", "Нужен PNG, JPEG, PDF, DOCX или XML: сохраните файл в одном"),
    "mismatch": ("снимок.png", files.pdf(), "upload-type", "внутри не то, что обещает название"),
    "size": ("снимок.png", bytes(purposes.LARGEST + 1), "upload-size", "больше 10 МБ. Снимите только ту часть экрана"),
    "empty": ("снимок.png", b"", "upload-empty", "пустой. Проверьте, что файл сохранился"),
    "encrypted": ("скан.pdf", files.pdf(password="x"), "upload-encrypted", "закрыт паролем"),
    "broken": ("снимок.jpg", files.jpeg()[:-2], "upload-broken", "повреждён: прочитать его до конца не получается"),
    "virus": ("снимок.png", files.png() + files.EICAR, "upload-infected", "найден вирус, он не сохранён"),
    "bomb": ("снимок.png", files.png(claims=(90_000, 90_000)), "upload-zip-bomb", "становится слишком большим"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_stands_at_the_field_and_keeps_the_rest(
    what: str, at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """U-8, U-9, U-12: file and rule are named, everything typed stays, no ticket and no file is made."""
    name, content, outcome, words = REFUSED[what]
    page = send(at_form, name, content, 422)
    assert page.words.count(words) == 2, "in the summary and beside the field"
    assert f"«{name}»" in page.words
    assert page.soup.select_one(f'[data-problem="{outcome}"]') is not None
    assert typed(page) == FILLED
    assert kept(portal_database, portal_settings) == (0, [], [])


def test_a_scanner_that_is_down_lets_the_question_go_without_the_file(
    at_form: PageClient, portal_app: Flask, portal_database: Database, portal_settings: PortalSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """S-56: what was not looked at is not taken, and the page says what can be done."""

    def scan(content: bytes) -> str | None:
        raise ScannerDownError

    monkeypatch.setattr(portal_app.extensions["portal"].scanner, "scan", scan)
    page = send(at_form, "снимок.png", files.png(), 503)
    assert "Обращение можно отправить и без файла." in page.words
    assert page.response.headers["Retry-After"] == "600"
    send(at_form, None)
    assert kept(portal_database, portal_settings) == (1, [], [])


def test_a_mistake_elsewhere_asks_for_the_file_again(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """U-9: no page may fill a file in, so the form says that it has to be chosen once more; both mistakes at once."""
    page = send(at_form, "снимок.png", files.png(), 422, description=" ")
    assert "Файл «снимок.png» выберите ещё раз" in page.words
    page = send(at_form, "снимок.bmp", b"BM", 422, phone="")
    summary = page.soup.find(id="summary")
    assert summary is not None
    assert [str(link["href"]) for link in summary.find_all("a")] == ["#phone", "#file"]
    assert kept(portal_database, portal_settings) == (0, [], [])


def test_the_same_form_twice_keeps_one_file(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """U-17."""
    form = at_form.page
    first = send(at_form, "снимок.png", files.png())
    at_form.page = form
    assert send(at_form, "снимок.png", files.png()).location == first.location
    count, rows, stored = kept(portal_database, portal_settings)
    assert (count, len(rows), len(stored)) == (1, 1, 1)


def test_another_patient_does_not_get_it(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """S-54: the number of a ticket can be guessed; its file opens for its owner alone."""
    send(at_form, "снимок.png", files.png())
    with portal_database.writing() as session:
        row = session.exec(select(Ticket)).one()
        mine = session.get_one(Patient, row.patient_id)
        session.add(Patient(**{**mine.model_dump(), "id": "another", "subject": "another", "number": "ANO-THE-R00"}))
        session.flush()
        row.patient_id = "another"
        session.add(row)
    at_form.get(f"/support/{NUMBER}/file", 404)
    assert kept(portal_database, portal_settings)[0] == 1


def test_the_quota_is_one_patients(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-56: what does not fit leaves nothing behind, and the question can go without it."""
    monkeypatch.setattr(tickets, "MOST_FILES", 1)
    send(at_form, "a.png", files.png())
    at_form.get("/support/new")
    page = send(at_form, "b.png", files.png(), 422)
    assert "В ваших обращениях уже много файлов: хранить можно 20, всего до 50 МБ." in page.words
    count, rows, stored = kept(portal_database, portal_settings)
    assert (count, len(rows), len(stored)) == (1, 1, 1)


def test_who_leaves_leaves_no_file_behind(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """S-65."""
    send(at_form, "a.png", files.png())
    at_form.get("/profile/data/delete")
    at_form.post("/profile/data/delete")
    assert kept(portal_database, portal_settings) == (0, [], [])


def test_a_stranger_is_told_how_to_send_it_otherwise(
    portal: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """S-56, R-113: nobody fills the disk from outside; it goes by mail; a session that ended loses no word."""
    page = portal.get("/support/new")
    assert page.soup.find("input", type="file") is None
    assert "Пришлите его письмом на support@egisz.example" in page.words
    page = send(portal, "снимок.png", files.png(), 422)
    assert "приложить файл можно только после входа" in page.words
    assert typed(page) == FILLED
    assert kept(portal_database, portal_settings) == (0, [], [])


def test_a_form_that_breaks_off_leaves_nothing(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """S-56: half a form is none; the form comes back filled in with what is known."""
    assert at_form.page is not None
    body = multipart({**at_form.page.form("/support/new"), **FILLED}, "a.png", files.png())[:-40]
    answer = at_form.client.post(
        "/support/new", input_stream=io.BytesIO(body), content_length=len(body), base_url=at_form.base_url,
        content_type="multipart/form-data; boundary=b", buffered=True,
    )  # fmt: skip
    page = at_form._keep(answer, 400)
    assert page.screen == "support-form"
    assert "Загрузка прервалась, файл не сохранён." in page.words
    assert page.form("/support/new")["full_name"] == "Лебедева Анна Сергеевна"
    assert kept(portal_database, portal_settings) == (0, [], [])
