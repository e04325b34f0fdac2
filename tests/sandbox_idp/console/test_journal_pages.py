"""The trainer's journal: everything newest first, and one sign-in from begin to end with its files."""

from __future__ import annotations

import io
import json
import zipfile

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import arming, journal, sign_ins
from sandbox_idp.scenarios.journal import Line
from sandbox_idp.scenarios.transactions import writing_or_joining
from tests.pages import PageClient
from tests.sandbox_idp.control.test_bundles import begin


def write(stand: Stand, *lines: Line) -> None:
    with writing_or_joining(stand.database) as connection:
        journal.write(stand.database, connection, lines)


def failed_sign_in(stand: Stand) -> int:
    """One that the scenario `token-fails` struck."""
    number, at = begin(stand), stand.clock.now()
    told = {"exchange": "POST /aas/oauth2/te"}
    common = {"at": at, "sign_in": number, "browser": "browser"}
    write(
        stand,
        Line(kind="effect", program="sandbox_idp", name="status", entry="token-fails", details=told, **common),
        Line(kind="exchange", program="sandbox_idp", name="POST /aas/oauth2/te", channel="back", status=500, **common),
        Line(kind="exchange", program="portal", name="GET /login/callback", channel="front", status=502, **common),
    )
    return number


def test_the_board_leads_to_the_journal_which_is_empty_at_first(console: PageClient) -> None:
    board = console.get("/console/")
    assert any(str(link["href"]).endswith("/console/journal") for link in board.soup.select("#wire a"))
    page = console.get("/console/journal")
    assert page.screen == "console-journal"
    assert "Пока тихо" in page.words


def test_newest_first_with_pages(console: PageClient, stand: Stand) -> None:
    write(stand, *[Line(kind="act", at=stand.clock.now(), program="portal", name=f"act-{n:03}") for n in range(120)])
    shown: list[str] = []
    page = console.get("/console/journal")
    while True:
        shown += [str(item.get_text()) for item in page.soup.select("ol.log .log__text")]
        older = [link for link in page.soup.find_all("a") if link.get_text() == "Раньше"]
        if not older:
            break
        page = console.get(str(older[0]["href"]))
    assert shown == [f"act-{n:03}" for n in reversed(range(120))]
    assert "К новым" in page.words


def test_it_is_filtered_by_kind_and_sign_in(console: PageClient, stand: Stand) -> None:
    number = failed_sign_in(stand)
    failed_sign_in(stand)
    page = console.get("/console/journal?kind=effect")
    assert len(page.soup.select("ol.log .log__row")) == 2
    page = console.get(f"/console/journal?kind=exchange&sign_in={number}")
    assert len(page.soup.select("ol.log .log__row")) == 3
    assert page.soup.select("option[selected]")[0]["value"] == "exchange"
    assert "Ничего такого" in console.get("/console/journal?kind=act").words
    page = console.get("/console/journal?sign_in=третий", status=422)
    assert "Введите номер входа цифрами" in page.words
    assert page.soup.select("#sign_in")[0]["value"] == "третий"


def test_one_sign_in_with_its_verdicts_and_files(console: PageClient, stand: Stand) -> None:
    arming.arm(stand, "token-fails", "everyone")
    number = failed_sign_in(stand)
    assert f"Вход {number}" in console.get("/console/journal").words
    page = console.get(f"/console/journal/{number}")
    assert page.screen == "console-sign-in"
    assert "не вошёл, ответ 502" in page.words
    assert "обмен кода на маркер" in page.words
    assert [str(link["href"]).rpartition("/")[2] for link in page.soup.select("dd a")] == ["token-fails"]
    files = [str(link["href"]) for link in page.soup.select("a.btn")]
    told = json.loads(console.client.get(files[0], base_url=console.base_url, buffered=True).get_data())
    assert len(told["log"]["entries"]) == 3
    bundle = console.client.get(files[1], base_url=console.base_url, buffered=True)
    assert f"sign-in-{number}.zip" in bundle.headers["Content-Disposition"]
    assert "journey.json" in zipfile.ZipFile(io.BytesIO(bundle.get_data())).namelist()


def test_what_there_is_not_is_not_found(console: PageClient) -> None:
    for path in ("/console/journal/1", "/console/journal/99999999999999", "/console/journal/1/bundle"):
        console.get(path, status=404)


def test_a_sign_in_without_its_beginning_cannot_be_repeated(console: PageClient, stand: Stand) -> None:
    """The page says so in place of the link, and an old link leads to the page."""
    number = sign_ins.start_at_portal("browser")
    page = console.get(f"/console/journal/{number}")
    assert "Повторить этот вход нельзя" in page.words
    assert not [link for link in page.soup.select("a.btn") if "bundle" in str(link["href"])]
    assert console.get(f"/console/journal/{number}/bundle", status=303).location.endswith(f"/journal/{number}")


def test_nobody_else_sees_it(stranger: PageClient) -> None:
    for path in ("/console/journal", "/console/journal/1", "/console/journal.har", "/console/journal/1/bundle"):
        assert stranger.get(path, status=303).location.endswith("/console/enter")
