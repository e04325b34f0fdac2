"""Help articles and the state of the services."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from flask import Flask

from foundation.assets import assets
from foundation.clock import ManualClock
from portal.doors import doors
from portal.help.articles import ARTICLES
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia, json_answer


def test_the_article_of_the_seed(portal: PageClient) -> None:
    """R-001, R-003, R-021…R-033: title, warning, the four causes in their order, the words of the error."""
    page = portal.get("/help/login-problems")
    assert page.screen == "help-login-problems"
    heading = page.soup.find("h1")
    assert heading is not None
    assert heading.get_text() == "Почему я не могу войти в личный кабинет"
    headings = [" ".join(tag.get_text(" ").split()) for tag in page.soup.find_all(["h2", "h3"])]
    assert "Возможные причины и способы их устранения" in headings
    causes = [text for text in headings if text.startswith("Убедитесь")]
    assert causes == [
        "Убедитесь, что у вас есть учётная запись на сайте «Госуслуги»",
        "Убедитесь, что вы корректно вводите данные для входа",
        "Убедитесь, что вы можете войти на сайт «Госуслуги»",
        "Убедитесь, что портал работает корректно",
    ]
    for words in (
        "Внимание! Вход осуществляется через сайт «Госуслуги».",
        "«Предоставить»",
        "значок логотипа прокручивается",
        "Произошла ошибка.. Попробуйте перезапустить страницу Перезапустить",
    ):
        assert words in page.words


@pytest.mark.parametrize("path", ["/help/login-problems", "/help/how-to-sign-in"])
def test_articles_lead_to_each_other(portal: PageClient, path: str) -> None:
    """R-034: «Связанные статьи» with both articles."""
    page = portal.get(path)
    assert "Связанные статьи" in page.words
    for other, name in (
        ("/help/how-to-sign-in", "Как войти в личный кабинет"),
        ("/help/login-problems", "Почему я не могу войти в личный кабинет"),
    ):
        assert page.soup.find("a", href=other, string=name) is not None


def test_whoever_changed_their_mind_is_led_to_the_button_that_asks_again(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """R-017, S-66: the article calls the button as the cabinet does, and it makes Gosuslugi ask once more."""
    name = "Войти ещё раз и разрешить"
    assert f"«{name}»: Госуслуги снова покажут список" in portal.get("/help/how-to-sign-in").words
    grant(without=("medical_doc",))
    sign_in(portal)
    button = portal.get("/loading/policy").soup.find("a", string=name)
    assert button is not None
    asked = parse_qs(urlsplit(portal.get(str(button["href"]), 303).location).query)
    assert asked["prompt"] == ["consent"]


def test_help_works_while_gosuslugi_is_silent(portal: PageClient, esia: FakeEsia) -> None:
    """R-001: no article asks Gosuslugi for anything."""
    for path in ("/help", "/help/login-problems", "/help/how-to-sign-in", "/terms", "/privacy"):
        portal.get(path)
    assert esia.calls == []


def states(page: Any) -> dict[str, str]:
    return {str(row["data-component"]): str(row["data-state"]) for row in page.soup.select("[data-component]")}


def test_status_when_all_is_well(portal: PageClient) -> None:
    """U-33: plain, with the time of the check."""
    page = portal.get("/status")
    assert states(page) == {"sign-in": "works", "data": "works", "portal": "works"}
    assert "Всё работает. Проверено 22 ноября 2026, 12:00 (мск)." in page.words
    assert "Позвоните" not in page.words
    assert portal.get("/status.json").response.get_json()["components"][0] == {
        "id": "sign-in",
        "name": "Вход через Госуслуги",
        "state": "works",
        "until": None,
    }


def test_status_while_gosuslugi_is_silent(portal: PageClient, esia: FakeEsia) -> None:
    """U-33: says which, and what works without them."""
    esia.fail("/healthz/live", httpx2.ConnectError("refused"))
    page = portal.get("/status")
    assert states(page) == {"sign-in": "down", "data": "down", "portal": "works"}
    assert "Работает не всё." in page.words
    assert "Регистратура" in page.words


def test_status_while_the_database_is_away(
    portal: PageClient, portal_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U-33: the page opens and says so."""
    with portal_app.app_context():
        monkeypatch.setattr(doors().database, "is_alive", lambda: False)
    assert states(portal.get("/status"))["portal"] == "down"


def test_codes_are_told_of_where_gosuslugi_tells(portal: PageClient, esia: FakeEsia, clock: ManualClock) -> None:
    """U-33: codes by SMS are no doing of the portal's; whoever does them says how they are, or nobody does."""
    esia.answer_with("/works.json", json_answer({"windows": [], "sms": "down"}))
    page = portal.get("/status")
    assert states(page)["codes"] == "down"
    assert "нажмите «Другой способ»" in page.words
    clock.advance(timedelta(seconds=10))
    esia.answer_with("/works.json", json_answer({"windows": [], "sms": "works"}))
    assert states(portal.get("/status"))["codes"] == "works"


@pytest.mark.parametrize(("answers", "state"), [(True, "works"), (False, "down")])
def test_what_the_clinic_does_is_told_of_where_there_is_one(
    portal: PageClient, portal_app: Flask, monkeypatch: pytest.MonkeyPatch, answers: bool, state: str
) -> None:
    """U-33: appointments and documents stand and fall with the clinic's system."""
    with portal_app.app_context():
        clinic = doors().clinic
    monkeypatch.setattr(clinic, "is_there", True)
    monkeypatch.setattr(clinic, "is_alive", lambda: answers)
    page = portal.get("/status")
    assert (states(page)["appointments"], states(page)["documents"]) == (state, state)
    assert ("Позвоните в регистратуру" in page.words) is not answers


def window(clock: ManualClock, start: float, end: float | None) -> dict[str, Any]:
    return {
        "start": (clock.now() + timedelta(hours=start)).isoformat(),
        "end": None if end is None else (clock.now() + timedelta(hours=end)).isoformat(),
        "kind": "planned",
        "title": "Плановые работы",
    }


def test_works_that_overlap_are_told_once(portal: PageClient, esia: FakeEsia, clock: ManualClock) -> None:
    """`works-overlap`, U-2: one closure with the later end; with day, date and zone."""
    esia.works = [window(clock, -1, 2), window(clock, 1, 5), window(clock, 20, 22), window(clock, 21, 23)]
    page = portal.get("/status")
    assert states(page)["sign-in"] == "closed"
    assert "Работы до 17:00, воскресенье, 22 ноября, мск" in page.words
    answer = portal.get("/status.json").response.get_json()
    assert [one["title"] for one in answer["works"]] == ["Плановые работы"]
    assert "С 08:00, понедельник, 23 ноября, мск до 11:00, понедельник, 23 ноября, мск" in page.words


def test_the_notice_comes_a_day_ahead(portal: PageClient, esia: FakeEsia, clock: ManualClock) -> None:
    """U-33, R-118: announced a day before, one notice; earlier and without works there is none."""
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    esia.works = [window(clock, 30, 31)]
    assert "закроют" not in portal.get("/parts/works", headers=part).words
    clock.advance(timedelta(hours=7))
    said = portal.get("/parts/works", headers=part)
    assert "Госуслуги закроют вход: плановые работы. С 18:00, понедельник, 23 ноября, мск" in said.words
    assert said.soup.find(attrs={"data-part": "works", "data-state": "ready"}) is not None
    assert "Госуслуги закроют вход" in portal.get("/parts/works").words
    clock.advance(timedelta(hours=23, minutes=30))
    assert "На Госуслугах идут работы до 19:00" in portal.get("/parts/works", headers=part).words


def test_every_page_tells_of_works_once_they_are_known(
    portal: PageClient, esia: FakeEsia, clock: ManualClock, sign_in: SignIn
) -> None:
    """U-33: one notice on every page, out of what was told last; for it no page asks Gosuslugi or waits."""
    sign_in(portal)
    esia.works = [window(clock, 3, 5)]
    clock.advance(timedelta(seconds=10))
    portal.get("/parts/works")
    esia.calls.clear()
    for path in ("/help", "/terms", "/children", "/profile"):
        page = portal.get(path)
        assert len(page.soup.find_all(attrs={"aria-label": "Работы на Госуслугах"})) == 1, path
    assert "GET /works.json" not in esia.calls
    assert portal.get("/status").words.count("Госуслуги закроют вход") == 0, "the page of works says it itself"


def test_an_unreadable_schedule_is_no_failure(portal: PageClient, esia: FakeEsia) -> None:
    """U-22: the notice is an extra; without a schedule the place stays empty."""
    esia.fail("/works.json", httpx2.ReadTimeout("slow"))
    assert "works" in portal.get("/parts/works", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text


def titles(page: Page) -> list[str]:
    return [heading.get_text() for heading in page.soup.select("main li.card h2")]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("не приходит код", "Почему я не могу войти в личный кабинет"),
        ("КРУПНЫЙ шрифт", "Версия для слабовидящих"),
        ("технических работах расписание", "Состояние сервисов"),
        ("учетной записи уровень", "Как войти в личный кабинет"),
    ],
)
def test_help_is_searched_by_words_in_any_form(portal: PageClient, query: str, first: str) -> None:
    """U-3: capitals, endings and ё do not matter; what was typed stays."""
    page = portal.get("/help", query_string={"query": query})
    assert titles(page)[0] == first
    assert page.form("/help")["query"] == query


def test_a_search_that_finds_nothing_shows_everything(portal: PageClient) -> None:
    """U-3, S-53: no dead end, and what was typed is only text."""
    page = portal.get("/help", query_string={"query": "<script>щука</script>"})
    assert "ничего не нашлось" in page.words
    assert len(titles(page)) == len(ARTICLES)
    assert page.soup.find("script", string=True) is None


def test_a_page_that_there_is_not_offers_to_search(portal: PageClient) -> None:
    """U-3: 404 has no blame, a search and the way home; it needs nothing but itself."""
    page = portal.get("/no-such-page", 404)
    assert page.form("/help") == {"query": ""}
    assert page.soup.find("a", href="/") is not None


def test_every_article_of_the_list_is_there(portal: PageClient) -> None:
    """R-034: by its title."""
    portal.client.set_cookie("seen", "1", domain="localhost")
    for one in ARTICLES:
        assert portal.get(one.path).soup.h1.get_text() == one.title


def test_pictures_are_small_come_late_and_are_told_in_words(portal: PageClient) -> None:
    """R-034, `weight`: real screens with a text in their place; none of them belongs to the first page."""
    found = set()
    for path in ("/help/login-problems", "/help/how-to-sign-in"):
        for picture in portal.get(path).soup.select(".shot img"):
            file = str(picture["src"]).rpartition("/static/")[2].split("/", 1)[1]
            found.add(file)
            assert len(str(picture["alt"])) > 30
            assert picture["loading"] == "lazy"
            content = (assets("static") / file).read_bytes()
            assert len(content) < 24_000, file
            # VP8 data begins at byte 20; width and height stand at 26 and 28.
            assert struct.unpack("<HH", content[26:30]) == (int(str(picture["width"])), int(str(picture["height"])))
    assert len(found) >= 6
    assert not portal.get("/").soup.select(".shot")
