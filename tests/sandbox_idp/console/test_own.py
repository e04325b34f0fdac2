"""Scenarios of one's own in the console: uploaded, put together, written, copied, exported, taken away."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bs4.element import Tag

from sandbox_idp.console.builder import PREFIX, builder_form, main_fields, offered
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import arming, authoring
from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.scenarios.effects.base import KINDS
from sandbox_idp.scenarios.files import LARGEST, read_own
from sandbox_idp.scenarios.own import entries_of
from sandbox_idp.scenarios.states import state_of
from sandbox_idp.scenarios.writing import copy_of, id_for
from tests.pages import Page, PageClient
from tests.sandbox_idp.scenarios.test_own import LEAST

EVIL = '"><script>alert(1)</script><b>'


def upload(console: PageClient, data: bytes, status: int = 303, **more: str) -> Page:
    console.get("/console/own")
    sent: dict[str, Any] = {"file": (io.BytesIO(data), "копия (1).toml"), **more}
    return console.post("/console/own/upload", sent, status)


def typed(page: Page) -> str:
    area = page.soup.find("textarea", id="toml")
    assert isinstance(area, Tag)
    return area.get_text()


def complaints(page: Page) -> str:
    summary = page.soup.find(id="summary")
    assert isinstance(summary, Tag)
    return " ".join(summary.get_text(" ").split())


def form_of(page: Page, action: str) -> dict[str, str]:
    """Every value of the form, with selects and text areas, as a browser would send them."""
    values = page.form(action)
    for select in page.soup.select("form[method=post] select"):
        chosen = select.select_one("option[selected]") or select.select_one("option")
        assert chosen is not None
        values[str(select["name"])] = str(chosen["value"])
    return values


def test_an_uploaded_file_is_a_scenario_of_the_list(console: PageClient, stand: Stand) -> None:
    page = console.follow(upload(console, b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode()))
    assert "Свой сценарий этого стенда" in page.words
    headings = [" ".join(each.get_text(" ").split()) for each in page.soup.select("#list h3")]
    assert headings[0] == "Свои 1"
    values = form_of(page, "/arm")
    console.post("/console/scenarios/mine/arm", {**values, "scope": "everyone"})
    found = state_of(stand, "mine")
    assert found is not None
    assert found.state == "armed"
    exported = console.get("/console/scenarios/mine/file")
    assert exported.text == LEAST
    assert exported.response.headers["Content-Disposition"] == 'attachment; filename="mine.toml"'


def test_a_file_with_mistakes_is_shown_with_them_and_kept_as_typed(console: PageClient, stand: Stand) -> None:
    """U-8, U-9: where it is wrong is told with line and column; nothing is stored."""
    wrong = LEAST.replace("status = 503", "status = 700")
    page = upload(console, wrong.encode(), status=422)
    assert "Строка 21, знак 1: status: не больше 599" in complaints(page)
    assert "status = 700" in complaints(page)
    assert typed(page) == wrong
    console.post("/console/own/text", {"toml": wrong.replace("700", "504").replace("\n", "\r\n")})
    text = entries_of(stand).text_of("mine")
    assert text == ("mine", LEAST.replace("503", "504"))


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfe", "UTF-8"), (b"#" * (LARGEST + 1), "КиБ"), (b"", "обязательное поле")],
)
def test_what_is_no_file_of_scenarios_is_refused(console: PageClient, data: bytes, words: str) -> None:
    assert words in complaints(upload(console, data, status=422))


def test_no_file_at_all_is_asked_for(console: PageClient) -> None:
    console.get("/console/own")
    page = console.post("/console/own/upload", {"file": (io.BytesIO(b""), "")}, status=422)
    assert "Выберите файл" in complaints(page)


def test_the_same_file_again_replaces_only_if_one_says_so(console: PageClient, stand: Stand) -> None:
    upload(console, LEAST.encode())
    page = upload(console, LEAST.replace("503", "500").encode(), status=422)
    assert "уже есть на стенде" in complaints(page)
    upload(console, LEAST.replace("503", "500").encode(), replace="on")
    text = entries_of(stand).text_of("mine")
    assert text is not None
    assert "status = 500" in text[1]


def test_a_text_is_edited_and_its_id_stays(console: PageClient, stand: Stand) -> None:
    authoring.add(stand, LEAST)
    page = console.get("/console/own/files/mine")
    assert typed(page) == LEAST
    page = console.post("/console/own/files/mine", {"toml": LEAST.replace('"mine"', '"yours"')}, status=422)
    assert "Чтобы сменить id, добавьте новый" in complaints(page)
    page = console.post("/console/own/files/mine", {"toml": "\n" + LEAST + "]"}, status=422)
    assert typed(page) == "\n" + LEAST + "]"
    console.post("/console/own/files/mine", {"toml": LEAST.replace("Свой сбой", "Другой сбой")})
    assert "Другой сбой" in console.get("/console/scenarios/mine").words
    console.get("/console/own/files/mine")
    console.post("/console/own/files/token-fails", {"toml": LEAST}, status=404)
    console.get("/console/own/files/nothing", status=404)


def test_it_is_taken_away_after_a_question(console: PageClient, stand: Stand) -> None:
    authoring.add(stand, LEAST)
    arming.arm(stand, "mine")
    page = console.get("/console/own/files/mine/delete")
    assert "скачайте его" in page.words
    page = console.follow(console.post("/console/own/files/mine/delete"))
    assert "mine" not in page.words
    assert state_of(stand, "mine") is None
    console.get("/console/scenarios/mine", status=404)


def test_what_people_wrote_stays_text(console: PageClient, stand: Stand) -> None:
    """S-53: titles and texts come from anywhere."""
    evil = EVIL.replace('"', '\\"')
    text = LEAST.replace("Свой сбой", evil).replace("Маркер не выдан.", evil).replace("Сбой снят.", evil)
    text = text.replace('at = "portal"', f'at = "portal"\nscreen = "{evil}"\nheading = "{evil}"\ntexts = ["{evil}"]')
    authoring.add(stand, text)
    arming.arm(stand, "mine")
    for path in (
        "/", "/scenarios/mine", "/own", "/own/files/mine", "/own/files/mine/delete", "/scenarios/mine/copy",
        "/parts/pulse?entry=mine",
    ):  # fmt: skip
        page = console.get(f"/console{path}")
        assert page.soup.find("script", string="alert(1)") is None, path
        assert "<script>alert" not in page.text, path
    console.get("/console/own/text")
    page = console.post("/console/own/text", {"toml": EVIL + "</textarea>" + EVIL}, status=422)
    assert typed(page) == EVIL + "</textarea>" + EVIL


def test_an_entry_of_the_catalogue_is_copied_under_an_id_of_its_own(console: PageClient, stand: Stand) -> None:
    page = console.get("/console/scenarios/token-fails/copy")
    text = typed(page)
    (entry,) = read_own(text).entries
    original = shared().entries["token-fails"]
    assert entry.model_copy(update={"id": original.id}) == original
    assert entry.id == "token-fails-2"
    console.follow(console.post("/console/own/text", {"toml": text}))
    assert "token-fails-3" in typed(console.get("/console/scenarios/token-fails/copy"))
    console.get("/console/scenarios/nothing/copy", status=404)
    console.get("/console/scenarios/nothing/file", status=404)


def test_what_does_not_fit_any_more_is_shown_as_such(console: PageClient, stand: Stand) -> None:
    authoring.add(stand, LEAST)
    spoilt = LEAST.replace('kind = "status"', 'kind = "gone"')
    with stand.database.writing() as session:
        session.connection().exec_driver_sql(
            "update own_scenario set text = " + ("?" if stand.database.is_sqlite else "%s"), (spoilt,)
        )
    assert "Не действуют, исправьте текст: mine" in console.get("/console/").words
    assert "не действует" in console.get("/console/own").words
    page = console.get("/console/own/files/mine")
    assert "Строка 16, знак 1" in complaints(page)
    console.get("/console/scenarios/mine", status=404)


def test_a_stranger_sees_and_changes_nothing(stranger: PageClient, stand: Stand) -> None:
    """S-70."""
    authoring.add(stand, LEAST)
    for path in ("/own", "/own/text", "/own/files/mine", "/scenarios/mine/file", "/scenarios/mine/copy"):
        assert stranger.get(f"/console{path}", status=303).location.endswith("/console/enter")
    stranger.get("/console/enter")
    stranger.post("/console/own/files/mine/delete", status=401)
    assert entries_of(stand).get("mine") is not None


WORDS = {"title": "Маркер не выдан", "story": "Портал не получил маркер.", "note": "Сбой снят, «Перезапустить»."}


class TestBuilder:
    def test_answers_become_a_text_that_can_be_kept(self, console: PageClient, stand: Stand) -> None:
        page = console.get("/console/own/build?kind=status")
        values = {
            **form_of(page, "/own/build/status"), **WORDS, "heading": "Произошла ошибка..",
            "texts": "Попробуйте перезапустить страницу\r\n\r\nКод для поддержки\r\n", "path": "/aas/oauth2/te",
        }  # fmt: skip
        page = console.post("/console/own/build/status", values, status=200)
        assert entries_of(stand).files == {}
        text = typed(page)
        (entry,) = read_own(text).entries
        assert (entry.id, entry.title) == ("marker-ne-vydan", "Маркер не выдан")
        assert entry.sees.texts == ("Попробуйте перезапустить страницу", "Код для поддержки")
        assert entry.build({})[0].model_dump(exclude_defaults=True)["status"] == 503
        page = console.follow(console.post("/console/own/text", {"toml": text}))
        assert "Портал не получил маркер." in page.words

    def test_what_is_missing_or_does_not_fit_is_told_beside_its_field(self, console: PageClient) -> None:
        page = console.get("/console/own/build?kind=status")
        values = {**form_of(page, "/own/build/status"), "title": " ", "e_status": "700", "path": "home", "screen": ""}
        page = console.post("/console/own/build/status", {**values, "texts": "Текст"}, status=422)
        for field in ("title", "story", "note", "texts", "e_status", "path"):
            control = page.soup.find(id=field)
            assert isinstance(control, Tag)
            assert control.get("aria-invalid") == "true", field
        assert "Код ответа: не больше 599" in complaints(page)
        kept = page.soup.find(id="path")
        assert isinstance(kept, Tag)
        assert kept["value"] == "home"
        console.get("/console/own/build?kind=nothing", status=404)

    @pytest.mark.parametrize("kind", sorted(offered()))
    def test_every_kind_that_is_offered_can_be_put_together_with_what_it_proposes(
        self, console: PageClient, kind: str
    ) -> None:
        page = console.get(f"/console/own/build?kind={kind}")
        values = {**form_of(page, f"/own/build/{kind}"), **WORDS}
        page = console.post(f"/console/own/build/{kind}", values, status=200)
        (entry,) = read_own(typed(page)).entries
        (effect,) = entry.build({})
        assert effect.kind == kind

    def test_a_kind_that_is_not_offered_is_left_to_the_text(self) -> None:
        assert set(KINDS) - set(offered()) == {"account", "crowd", "planted", "redirect"}
        with pytest.raises(KeyError):
            builder_form("redirect")
        assert all(f"{PREFIX}{name}" for kind in offered() for name in main_fields(KINDS[kind]))


def test_ids_are_made_of_titles() -> None:
    assert id_for("Ещё раз: щука & Co.", ()) == "eshche-raz-shchuka-co"
    assert id_for("?!", ()) == "svoy-sboy"
    assert id_for("token-500", {"token-500", "token-500-2"}) == "token-500-3"


def test_every_entry_of_the_real_catalogue_can_be_copied(stand: Stand) -> None:
    from sandbox_idp.scenarios.catalogue import load

    with use_stand(stand):
        for entry in load().entries.values():
            (copied,) = read_own(copy_of(entry, "a-copy")).entries
            assert copied.model_copy(update={"id": entry.id}) == entry
