"""Documents at the portal: uploading one, what is wrong with files, and a certificate that is awaited (group F)."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page, Route, expect

from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.screen import Screen
from sandbox_idp.testing import uploads

TITLE = "Выписка из стационара"
TEN_MEGABYTES = 10 * 1024 * 1024


def choose(someone: Visitor, name: str, content: bytes) -> None:
    """Choose a file on the form."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    someone.page.get_by_label("Файл", exact=True).set_input_files(file)  # type: ignore[arg-type]


def send(someone: Visitor, name: str, content: bytes) -> None:
    """Choose a file, and send the form."""
    choose(someone, name, content)
    someone.press("Загрузить")


def _sending(name: str, make: Callable[[], bytes]) -> Habit:
    return lambda someone: send(someone, name, make())


def _break_off(route: Route, page: Page) -> None:
    """The line breaks in the middle of the form: the portal gets half of it, the browser gets nothing."""
    address = urlsplit(route.request.url)
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies(route.request.url))
    body = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + TITLE.encode()
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body) * 2}\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 80)) as line:
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        # Until the portal has noticed, so that it is in the journal when the page says so.
        while line.recv(4096):
            pass
    route.abort("connectionreset")


def _in_a_tunnel(someone: Visitor) -> None:
    """Sent, and on the way the line breaks."""
    choose(someone, "выписка.pdf", uploads.pdf())
    someone.page.route("**/uploads", partial(_break_off, page=someone.page), times=1)
    Screen(someone.page).control("Загрузить").click()


WORKING_DAYS = timedelta(days=20)
"""Longer than the clinic needs for any certificate, holidays included."""
CERTIFICATE = "Справка о прививках"


def _open_at_once(someone: Visitor) -> None:
    """The certificate that was asked for a moment ago."""
    someone.page.get_by_role("main").get_by_role("link", name=CERTIFICATE, exact=True).first.click()
    expect(someone.page.locator("html")).to_have_attribute("data-screen", re.compile("document-not-ready|certificate$"))


def _wait(someone: Visitor) -> None:
    """Days go by, which no session outlives; then the list once more."""
    someone.stand.control.advance(WORKING_DAYS)
    someone.arrive()
    someone.open("/documents/requests")


def _wait_and_open(someone: Visitor) -> None:
    _wait(someone)
    _open_at_once(someone)


ACTS: dict[str, tuple[str, Habit]] = {
    "upload-type": ("upload", _sending("снимок.jpg", lambda: b"\xff\xd8\xff\xe0")),
    "upload-size": ("upload", _sending("скан.pdf", lambda: bytes(TEN_MEGABYTES + 1))),
    "upload-broken": ("upload", _sending("скан.pdf", lambda: uploads.pdf()[:-40])),
    "upload-empty": ("upload", _sending("скан.pdf", bytes)),
    "upload-encrypted": ("upload", _sending("скан.pdf", lambda: uploads.pdf(password="secret"))),
    "upload-interrupted": ("upload", _in_a_tunnel),
    "upload-infected": ("upload", _sending("выписка.docx", uploads.infected_docx)),
    "upload-zip-bomb": ("upload", _sending("выписка.docx", uploads.bomb)),
    "upload-macro": ("upload", _sending("выписка.docx", lambda: uploads.docx({"word/vbaProject.bin": b"x"}))),
    "document-not-ready": ("certificates", _open_at_once),
    "upload-xxe": ("upload", _sending("выписка.xml", lambda: uploads.XXE)),
}


def ask_for_a_certificate(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, and a certificate is asked for; then it is opened, this time at once or when it is ready."""
    someone = scene.visitor
    someone.arrive()
    arm()
    someone.open("/documents/requests/new?kind=vaccinations")
    someone.press("Заказать справку")
    (someone.acts.pop("certificates", None) or _wait_and_open)(someone)


def wait_for_the_certificate(scene: Scene) -> None:
    """Until the notification has come: then it can be downloaded."""
    someone = scene.visitor
    _wait(someone)
    link = someone.page.get_by_role("link", name=re.compile(f"Скачать PDF.*{CERTIFICATE}"))
    answer = someone.page.request.get(urljoin(someone.page.url, link.get_attribute("href") or ""))
    assert answer.headers["content-type"] == "application/pdf"


def upload_document(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, with the form open and the document named; then this time's file, or a right one."""
    someone = scene.visitor
    someone.arrive()
    arm()
    someone.open("/uploads")
    someone.page.get_by_label("Как назвать документ", exact=True).fill(TITLE)
    act = someone.acts.pop("upload", None) or (lambda someone: send(someone, "выписка.pdf", uploads.pdf()))
    act(someone)


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "ask_for_a_certificate": ask_for_a_certificate,
    "upload_document": upload_document,
}


def upload_the_right_file(scene: Scene) -> None:
    """Another file, with everything else as it was typed; after a broken line the same one, which is still chosen."""
    someone = scene.visitor
    expect(someone.page.get_by_label("Как назвать документ", exact=True)).to_have_value(TITLE)
    if scene.entry.id == "upload-interrupted":
        someone.press("Загрузить")
    else:
        send(someone, "выписка.pdf", uploads.pdf())
    expect(someone.page.locator("html")).to_have_attribute("data-screen", "documents")


RECOVERIES: dict[str, Callable[[Scene], None]] = {
    "upload_the_right_file": upload_the_right_file,
    "wait_for_the_certificate": wait_for_the_certificate,
}
