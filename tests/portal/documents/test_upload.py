"""Uploading, downloading and deleting, through the portal's own pages."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.documents import uploads
from portal.documents.models import Upload
from portal.doors import ScannerDownError
from portal.files import purposes
from portal.patients.models import Child, Patient
from portal.settings import PortalSettings
from sandbox_idp.testing import uploads as files
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import FakeClinic
from tests.portal.files.sending import multipart

TITLE = "Выписка из стационара"
LARGEST = purposes.LARGEST


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of its own has its own tests; here the same check runs at once."""
    from portal.files.inspection import check

    monkeypatch.setattr("portal.files.taking.check_apart", check)


def problem_of(page: Page) -> str | None:
    """The mark by which the page says what is wrong with the file."""
    form = page.soup.find("form", attrs={"data-upload": True})
    assert form is not None
    return str(form.get("data-problem", ""))


@pytest.fixture
def at_form(portal: PageClient, sign_in: SignIn) -> PageClient:
    """Signed in, with the form open."""
    sign_in(portal)
    portal.get("/uploads")
    return portal


def send(
    browser: PageClient, name: str | None, content: bytes = b"", status: int = 422, *, title: str = TITLE, **more: str
) -> Page:
    """Send the form as it lies open."""
    assert browser.page is not None
    fields = {**browser.page.form("/uploads"), "title": title, **more}
    fields.pop("file", None)
    return post_body(browser, io.BytesIO(multipart(fields, name, content)), status)


def post_body(
    browser: PageClient, body: io.BytesIO, status: int, *, length: int | None = None, terminated: bool = False
) -> Page:
    """Send a body as it is. `terminated`: by a server that knows by itself where it ends, as ours does."""
    environ: dict[str, Any] = {"wsgi.input_terminated": True} if terminated else {}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    elif not terminated:
        environ["CONTENT_LENGTH"] = str(len(body.getbuffer()))
    answer = browser.client.post(
        "/uploads",
        input_stream=body,
        base_url=browser.base_url,
        content_type="multipart/form-data; boundary=b",
        environ_overrides=environ,
        buffered=True,
    )
    return browser._keep(answer, status)


def rows(database: Database) -> list[Upload]:
    with database.reading() as session:
        return list(session.exec(select(Upload)))


def kept_files(settings: PortalSettings) -> list[Path]:
    folder = settings.demo_dir / "files"
    return list(folder.iterdir()) if folder.exists() else []


def test_a_document_is_kept_and_comes_back_as_it_was(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """R-045, R-065, S-56: stored under a random name outside of what is served, downloaded as an attachment."""
    content = files.pdf()
    page = at_form.follow(send(at_form, "Выписка 12.11.pdf", content, 303))
    assert page.screen == "documents"
    assert f"Документ загружен «{TITLE}» сохранён." in page.words
    (row,) = rows(portal_database)
    assert (row.title, row.file_name, row.kind, row.size) == (TITLE, "Выписка 12.11.pdf", "pdf", len(content))
    (file,) = kept_files(portal_settings)
    assert file.name == row.stored_as != row.id
    assert "Выписка" not in str(file)
    answer = at_form.client.get(f"/documents/{row.id}", base_url=at_form.base_url)
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/pdf"


def test_a_form_that_was_too_old_asks_for_its_file_again(at_form: PageClient, portal_database: Database) -> None:
    """U-9, S-51: it says that the file is not kept, and takes it along with what was typed."""
    page = send(at_form, "a.pdf", files.pdf(), 400, csrf_token="old")
    assert page.screen == "form-expired"
    assert "Введённое сохранилось, кроме файла: выберите его ещё раз." in page.words
    form = page.soup.find("form", action="/uploads")
    assert form["enctype"] == "multipart/form-data"
    assert form.find("input", attrs={"name": "file"})["type"] == "file"
    send(at_form, "a.pdf", files.pdf(), 303)
    assert [row.title for row in rows(portal_database)] == [TITLE]


@pytest.mark.parametrize(("name", "content"), [("a.docx", files.docx()), ("a.XML", files.XML)])
def test_word_and_xml_are_taken_too(at_form: PageClient, name: str, content: bytes) -> None:
    """R-065."""
    send(at_form, name, content, 303)


REFUSED = {
    "none": (None, b"", "upload-none", "Выберите файл: PDF, DOCX или XML, не больше 10 МБ."),
    "type": ("фото.jpg", b"\xff\xd8\xff", "upload-type", "Файл «фото.jpg» не подходит. Нужен PDF, DOCX или XML"),
    "mismatch": ("скан.pdf", b"\x89PNG\r\n", "upload-type", "Файл «скан.pdf» не подходит: внутри не то"),
    "size": ("скан.pdf", bytes(LARGEST + 1), "upload-size", "Файл «скан.pdf» больше 10 МБ."),
    "empty": ("скан.pdf", b"", "upload-empty", "Файл «скан.pdf» пустой."),
    "encrypted": ("скан.pdf", files.pdf(password="x"), "upload-encrypted", "Файл «скан.pdf» закрыт паролем."),
    "virus": ("а.docx", files.infected_docx(), "upload-infected", "В файле «а.docx» найден вирус"),
    "broken": ("скан.pdf", files.pdf()[:-40], "upload-broken", "Файл «скан.pdf» повреждён"),
    "zip-bomb": ("а.docx", files.bomb(), "upload-zip-bomb", "Файл «а.docx» при распаковке становится слишком большим"),
    "macro": ("а.docx", files.docx({"word/vbaProject.bin": b"x"}), "upload-macro", "В файле «а.docx» есть макросы"),
    "xxe": ("а.xml", files.XXE, "upload-xxe", "В файле «а.xml» есть объявление DOCTYPE"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_each_refusal_has_its_own_words_and_keeps_the_rest(
    what: str,
    at_form: PageClient,
    portal_database: Database,
    portal_settings: PortalSettings,
) -> None:
    """U-9, U-12, S-56: file and rule are named, what was typed stays, and nothing is stored."""
    name, content, outcome, words = REFUSED[what]
    page = send(at_form, name, content)
    assert page.screen == "upload"
    assert page.root["data-state"] == "error"
    assert page.words.startswith("Ошибка: Загрузить документ")
    assert page.words.count(words) == 2, "in the summary and beside the field"
    assert page.form("/uploads")["title"] == TITLE
    assert problem_of(page) == outcome
    assert rows(portal_database) == []
    assert kept_files(portal_settings) == []


def test_the_texts_are_all_different() -> None:
    """U-12: at least seven of them."""
    assert len({words for *_, words in REFUSED.values()}) == len(REFUSED) >= 7


@pytest.mark.parametrize(("size", "status"), [(LARGEST - 1, 303), (LARGEST, 303), (LARGEST + 1, 422)])
def test_ten_megabytes_to_the_byte(
    at_form: PageClient, size: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-03: МБ is 1024² bytes; the boundary at −1, 0 and +1."""
    monkeypatch.setattr("portal.files.taking.check_apart", lambda kind, content: None)
    send(at_form, "скан.pdf", bytes(size), status)


def test_a_wrong_field_and_a_wrong_file_are_told_together(at_form: PageClient) -> None:
    """U-8: both mistakes at once, in the order of the form."""
    page = send(at_form, None, title=" ")
    summary = page.soup.find(id="summary")
    assert summary is not None
    assert [str(link["href"]) for link in summary.find_all("a")] == ["#title", "#file"]
    page = send(at_form, "a.pdf", files.pdf(), title="х" * 121)
    assert "Сократите название до 120 знаков: сейчас 121." in page.words


def test_a_scanner_that_is_down_refuses_the_upload(
    at_form: PageClient, portal_app: Flask, portal_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-56: what was not looked at is not taken, with words of its own."""

    def scan(content: bytes) -> str | None:
        raise ScannerDownError

    monkeypatch.setattr(portal_app.extensions["portal"].scanner, "scan", scan)
    page = send(at_form, "скан.pdf", files.pdf(), 503)
    assert "Сейчас мы не можем проверить файл «скан.pdf» на вирусы, поэтому не приняли его." in page.words
    assert page.response.headers["Retry-After"] == "600"
    assert page.form("/uploads")["title"] == TITLE
    assert rows(portal_database) == []


def test_the_same_form_sent_twice_is_one_document(at_form: PageClient, portal_database: Database) -> None:
    """U-17."""
    form = at_form.page
    first = send(at_form, "a.xml", files.XML, 303)
    at_form.page = form
    second = send(at_form, "a.xml", files.XML, 303)
    assert first.location == second.location
    assert len(rows(portal_database)) == 1


def test_a_form_of_somebody_else_keeps_nothing(
    at_form: PageClient, portal: PageClient, portal_database: Database, child: Child
) -> None:
    """U-17, S-54: opened for the parent and sent after the switch to the child it is no wish; the title stays."""
    mine = at_form.page
    portal.post(f"/children/{child.id}/act")
    token = portal.get("/uploads").form("/uploads")["csrf_token"]
    portal.page = mine
    page = send(portal, "a.xml", files.XML, 409, csrf_token=token)
    assert problem_of(page) == "upload-other-person"
    assert page.form("/uploads")["title"] == TITLE
    assert rows(portal_database) == []
    send(portal, "a.xml", files.XML, 303)
    assert [row.subject for row in rows(portal_database)] != [row.patient_id for row in rows(portal_database)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.xml", "passwd.xml"),
        ("C:/Users/Анна/выписка.xml", "выписка.xml"),
        ("<img src=x onerror=alert(1)>.xml", "<img src=x onerror=alert(1)>.xml"),
        ("от\u202elmx.чёт\x07\t.xml", "отlmx.чёт .xml"),
        ("а" * 300 + ".xml", "а" * 116 + ".xml"),
        ('"; drop table upload; --.xml', '"; drop table upload; --.xml'),
    ],
)
def test_a_file_name_is_a_text_and_nothing_else(
    at_form: PageClient, portal_database: Database, name: str, shown: str
) -> None:
    """S-53, S-56: no path comes from it, no markup, no header; it is shown as the patient knows it."""
    page = at_form.follow(send(at_form, name, files.XML, 303))
    (row,) = rows(portal_database)
    assert row.file_name == shown
    assert " ".join(shown.split()) in page.words
    assert page.soup.find("img", src="x") is None
    answer = at_form.client.get(f"/documents/{row.id}", base_url=at_form.base_url)
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_somebody_elses_document_is_not_found(
    at_form: PageClient, portal: PageClient, portal_database: Database, child: Child
) -> None:
    """S-54: another patient's, and in the name of a child one's own: 404 for looking, passing on and deleting."""
    send(at_form, "a.xml", files.XML, 303)
    (row,) = rows(portal_database)
    with portal_database.writing() as session:
        session.add(
            Patient(
                **{
                    **session.get_one(Patient, row.patient_id).model_dump(),
                    "id": "another-patient",
                    "subject": "another",
                    "number": "ANO-THE-R00",
                }
            )
        )
        session.flush()
        session.add(Upload(**{**row.model_dump(), "id": "of-another", "patient_id": "another-patient",
                              "subject": "another-patient", "stored_as": "x" * 32}))  # fmt: skip
    for upload_id in ("of-another", "no-such", "%00", "a" * 200):
        portal.get(f"/documents/{upload_id}", 404)
        portal.get(f"/documents/{upload_id}/delete", 404)
        portal.get("/uploads")
        portal.post(f"/documents/{upload_id}/delete", status=404)
        portal.get("/uploads")
        portal.post(f"/documents/{upload_id}/hand-in", status=404)
    assert len(rows(portal_database)) == 2
    portal.get("/uploads")
    portal.post(f"/children/{child.id}/act")
    portal.get(f"/documents/{row.id}", 404)
    assert TITLE not in portal.get("/documents").words


@pytest.fixture
def child(at_form: PageClient, portal_database: Database) -> Child:
    """A child of whoever is signed in, who was told of after the list was last asked for."""
    at_form.get("/children")
    at_form.get("/uploads")
    with portal_database.writing() as session:
        parent = session.exec(select(Patient)).one()
        made = Child(id="child-one", patient_id=parent.id, esia_id="7", surname="Лесная", name="Мила")
        session.add(made)
    return made


def test_it_is_deleted_after_a_question(
    at_form: PageClient, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """U-34: what is lost is said first; then row and file are gone."""
    send(at_form, "a.xml", files.XML, 303)
    (row,) = rows(portal_database)
    page = at_form.get(f"/documents/{row.id}/delete")
    assert page.screen == "upload-delete"
    assert "вернуть его нельзя" in page.words
    page = at_form.follow(at_form.post(f"/documents/{row.id}/delete"))
    assert "Документ удалён." in page.words
    assert rows(portal_database) == []
    assert kept_files(portal_settings) == []
    at_form.get(f"/documents/{row.id}", 404)


def test_who_leaves_leaves_no_file_behind(at_form: PageClient, portal_settings: PortalSettings) -> None:
    """S-65: with everything of the patient the files go too."""
    send(at_form, "a.xml", files.XML, 303)
    at_form.get("/profile/data/delete")
    at_form.post("/profile/data/delete")
    assert kept_files(portal_settings) == []


def test_the_quota_is_one_patients(at_form: PageClient, portal_database: Database, portal_settings: PortalSettings,
                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """S-56: so many files and bytes; what does not fit leaves nothing behind."""
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    send(at_form, "a.xml", files.XML, 303)
    at_form.get("/uploads")
    page = send(at_form, "b.xml", files.XML)
    assert "Места больше нет: хранить можно 50 документов, всего до 100 МБ." in page.words
    monkeypatch.setattr(uploads, "MOST_FILES", 50)
    monkeypatch.setattr(uploads, "MOST_BYTES", len(files.XML) * 2 - 1)
    send(at_form, "c.xml", files.XML)
    assert len(rows(portal_database)) == len(kept_files(portal_settings)) == 1


def test_uploads_at_once_do_not_pass_the_quota_together(
    at_form: PageClient, portal_app: Flask, portal_database: Database, portal_settings: PortalSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """S-56: the last place goes to exactly one of many, and nobody else's file stays."""
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    cookies = {cookie.key: cookie for cookie in (at_form.client._cookies or {}).values()}
    assert at_form.page is not None
    form = at_form.page.form("/uploads")
    keys = [at_form.get("/uploads").form("/uploads")["key"] for _ in range(4)]
    statuses: list[int] = []

    def upload(number: int) -> None:
        client = portal_app.test_client()
        for cookie in cookies.values():
            client.set_cookie(cookie.key, cookie.value, domain="localhost", path=cookie.path)
        values = {**form, "title": TITLE, "key": keys[number], "file": (io.BytesIO(files.XML), "a.xml")}
        answer = client.post("/uploads", data=values, base_url=at_form.base_url, content_type="multipart/form-data")
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 422, 422, 422]
    assert len(rows(portal_database)) == len(kept_files(portal_settings)) == 1


def test_a_document_goes_to_the_clinic_once(at_form: PageClient, clinic: FakeClinic, portal_database: Database) -> None:
    """R-045: passed on when that is asked for, once, under any repeats."""
    page = at_form.get("/uploads")
    assert "Передать в мою поликлинику" in page.words
    page = at_form.follow(send(at_form, "a.xml", files.XML, 303, to_clinic="yes"))
    assert "Документ загружен и передан в поликлинику" in page.words
    (row,) = rows(portal_database)
    at_form.post(f"/documents/{row.id}/hand-in")
    assert [(name, content) for _, name, _, content in clinic.papers.handed_in] == [("a.xml", files.XML)]


def test_a_silent_clinic_loses_no_document(at_form: PageClient, clinic: FakeClinic, portal_database: Database) -> None:
    """U-22: the document is kept, the page says that it was not passed on, and offers it again."""
    at_form.get("/uploads")
    clinic.silent.add("*")
    page = at_form.follow(send(at_form, "a.xml", files.XML, 303, to_clinic="yes"))
    assert "Поликлиника пока не ответила: документ у вас, передать его можно ещё раз." in page.words
    clinic.silent.clear()
    (row,) = rows(portal_database)
    page = at_form.follow(at_form.post(f"/documents/{row.id}/hand-in"))
    assert "Передан в поликлинику" in page.words
    assert len(clinic.papers.handed_in) == 1


# What comes over the wire is not what a browser would send.


def raw_form(browser: PageClient, content: bytes, *, whole: bool = True) -> bytes:
    """The body of the form, perhaps without its end."""
    assert browser.page is not None
    fields = {**browser.page.form("/uploads"), "title": TITLE}
    fields.pop("file", None)
    body = multipart(fields, "a.xml", content)
    return body if whole else body.removesuffix(b"\r\n--b--\r\n")


class SlowBody(io.BytesIO):
    """A body whose reading takes a minute of the portal's time."""

    def __init__(self, body: bytes, clock: ManualClock) -> None:
        super().__init__(body)
        self._clock = clock

    def readinto(self, buffer: Any) -> int:
        if self.tell() == 0:
            self._clock.advance(timedelta(seconds=60))
        return super().readinto(buffer)


@pytest.fixture
def send_raw(at_form: PageClient) -> Callable[..., Page]:
    """Send bytes as they are, with that length announced or none."""
    return lambda body, status, length=None: post_body(
        at_form, io.BytesIO(body), status, length=length, terminated=True
    )


def test_a_missing_length_is_no_way_round_the_limit(
    at_form: PageClient, send_raw: Callable[..., Page], portal_database: Database
) -> None:
    """S-56: without a length the size is counted as it comes."""
    page = send_raw(raw_form(at_form, bytes(LARGEST + 1)), 422)
    assert "Файл «a.xml» больше 10 МБ." in page.words
    assert page.form("/uploads")["title"] == TITLE
    at_form.get("/uploads")
    send_raw(raw_form(at_form, files.XML), 303)
    assert len(rows(portal_database)) == 1


@pytest.mark.parametrize("length", [None, 100_000])
def test_an_upload_that_breaks_off_leaves_nothing(
    at_form: PageClient,
    send_raw: Callable[..., Page],
    length: int | None,
    portal_settings: PortalSettings,
) -> None:
    """S-56: half a file is none, whatever length was announced; the log is told."""
    page = send_raw(raw_form(at_form, files.XML, whole=False), 400, length)
    assert "Загрузка прервалась, файл не сохранён." in page.words
    assert problem_of(page) == "upload-interrupted"
    assert kept_files(portal_settings) == []


def test_a_length_that_says_too_little_is_an_upload_cut_short(
    at_form: PageClient, send_raw: Callable[..., Page]
) -> None:
    """S-56: what a server hands over ends at the announced length, in the middle of the form."""
    body = raw_form(at_form, files.XML)
    send_raw(body[: len(body) // 2], 400, len(body) // 2)


def test_a_request_that_is_far_too_long_is_not_read(at_form: PageClient, send_raw: Callable[..., Page]) -> None:
    """S-56: what announces more than the whole form may have is refused unread."""
    page = send_raw(raw_form(at_form, files.XML), 422, 64 * 1024 * 1024 + 1)
    assert "больше 10 МБ" in page.words


def test_who_is_not_signed_in_sends_no_file(portal: PageClient, sign_in: SignIn) -> None:
    """S-56: without a session the ordinary limit of a form holds, so nobody fills the memory from outside."""
    portal.get("/help")
    body = b"--b\r\n" + bytes(2 * 1024 * 1024)
    answer = portal.client.post(
        "/uploads", input_stream=io.BytesIO(body), content_length=len(body), base_url=portal.base_url,
        content_type="multipart/form-data; boundary=b",
    )  # fmt: skip
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/login")


def test_a_file_may_come_as_slowly_as_its_line_is(
    at_form: PageClient, clock: ManualClock, portal_database: Database
) -> None:
    """R-059: 10 МБ over 2 Мбит/s take longer than the portal's limit for one request, which counts the work alone."""
    post_body(at_form, SlowBody(raw_form(at_form, files.XML), clock), 303, terminated=True)
    assert len(rows(portal_database)) == 1
