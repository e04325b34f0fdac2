"""The trainer's page: scenarios by cause, search, states, arming and disarming, clock, phone, timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag

from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import arming
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.scenarios.states import state_of
from sandbox_idp.world import messages
from tests.pages import Page, PageClient


def states_shown(page: Page) -> dict[str, tuple[str, str]]:
    """Mark and word of each scenario in the list, by id."""
    shown = {}
    for link in page.soup.select("#list .scen"):
        code, dot, word = link.find("code"), link.select_one(".dot"), link.select_one(".u-vh")
        assert code is not None
        assert dot is not None
        assert word is not None
        shown[code.get_text()] = (str(dot["data-state"]), word.get_text())
    return shown


def row(stand: Stand, entry: str) -> arming.Armed:
    found = state_of(stand, entry)
    assert found is not None
    assert found.row is not None
    return found.row


def test_scenarios_stand_under_the_four_causes(console: PageClient) -> None:
    page = console.get("/console/")
    headings = [" ".join(each.get_text(" ").split()) for each in page.soup.select("#list h3")]
    assert headings == ["2. Вход и коды 2", "3. Госуслуги 3"]
    assert set(states_shown(page).values()) == {("idle", "выключен")}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("маркер", {"token-fails"}),
        ("МАРКЕРА", {"token-fails"}),
        ("работ", {"works-planned", "works-endless"}),
        ("срок работы", {"works-endless"}),
        ("token-f", {"token-fails"}),
        ("R-030", {"token-fails", "works-planned", "works-endless", "wrong-password", "never-again"}),
        ("пелёнка", set()),
    ],
)
def test_search_works_without_script_and_forgives_endings(console: PageClient, query: str, found: set[str]) -> None:
    page = console.get("/console/", query_string={"q": query})
    assert set(states_shown(page)) == found
    box = page.soup.find(id="q")
    assert isinstance(box, Tag)
    assert box["value"] == query
    assert ("Нашлось" if found else "Ничего не нашлось") in page.words


def test_what_is_typed_into_the_search_stays_text(console: PageClient) -> None:
    """S-53."""
    page = console.get("/console/", query_string={"q": '"><script>alert(1)</script>'})
    assert page.soup.find("script", string="alert(1)") is None


def test_a_scenario_tells_its_whole_story(console: PageClient) -> None:
    page = console.get("/console/scenarios/token-fails")
    assert page.screen == "console"
    for words in (
        "Маркер не выдан: история.",
        "Войдите как обычно.",
        "Произошла ошибка..",
        "Попробуйте перезапустить страницу",
        "Перезапустить",
        "Сбой снят.",
        "Потому что так бывает.",
        "На стороне Госуслуг",
        "справка о входе, строка 105",
        "R-030, U-1",
    ):
        assert words in page.words
    console.get("/console/scenarios/no-such", status=404)


def test_arming_from_the_page(console: PageClient, stand: Stand) -> None:
    page = console.get("/console/scenarios/token-fails")
    values = page.form("/arm")
    console.post(
        "/console/scenarios/token-fails/arm",
        {**values, "scope": "person:anna", "p_status": "502", "count": "3", "ttl": "300", "chance": "0.5"},
    )
    armed = row(stand, "token-fails")
    assert (armed.scope, armed.person_oid, armed.count_left) == ("person", 1000100001, 3)
    assert armed.parameters == {"status": 502}
    assert armed.probability == 0.5
    assert armed.expires_at is not None
    assert armed.expires_at - armed.armed_at == timedelta(minutes=5)
    page = console.get("/console/scenarios/token-fails")
    assert states_shown(page)["token-fails"] == ("armed", "включён")
    assert "Включён: Анна Лесная, ещё 3 раза" in page.words
    assert "Снимется само через" in page.words


def test_the_form_as_it_stands_arms_as_the_entry_says(console: PageClient, stand: Stand) -> None:
    console.get("/console/scenarios/works-planned")
    values = {"scope": "everyone", "p_minutes": "45,5", "ttl": "28800", "chance": "1"}
    console.post("/console/scenarios/works-planned/arm", values)
    armed = row(stand, "works-planned")
    assert armed.parameters == {"minutes": 45.5}
    assert armed.expires_at is not None
    assert armed.expires_at - armed.armed_at == timedelta(hours=8)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"p_minutes": "0"}, "p_minutes"),
        ({"p_minutes": "601"}, "p_minutes"),
        ({"p_minutes": "долго"}, "p_minutes"),
        ({"p_minutes": ""}, "p_minutes"),
        ({"count": "0"}, "count"),
        ({"count": "два"}, "count"),
        ({"scope": "next-sign-in"}, "scope"),
        ({"ttl": "7"}, "ttl"),
    ],
)
def test_a_value_that_does_not_fit_is_told_beside_its_field(
    console: PageClient, stand: Stand, change: dict[str, str], field: str
) -> None:
    """U-8, U-9: nothing is armed, everything typed stays."""
    console.get("/console/scenarios/works-planned")
    values = {"scope": "everyone", "p_minutes": "10", "count": "2", "ttl": "28800", "chance": "1", **change}
    page = console.post("/console/scenarios/works-planned/arm", values, status=422)
    control = page.soup.find(id=field)
    assert isinstance(control, Tag)
    assert control["aria-invalid"] == "true"
    assert page.soup.find(id=f"{field}-error") is not None
    summary = page.soup.find(id="summary")
    assert isinstance(summary, Tag)
    assert summary.find("a", href=f"#{field}") is not None
    count = page.soup.find(id="count")
    assert isinstance(count, Tag)
    assert count["value"] == values["count"]
    found = state_of(stand, "works-planned")
    assert found is not None
    assert found.row is None


def test_disarming_one_and_all(console: PageClient, stand: Stand) -> None:
    for entry in ("token-fails", "works-planned", "wrong-password"):
        arming.arm(stand, entry)
    console.get("/console/scenarios/token-fails")
    back = f"{stand.prefix}/console/scenarios/token-fails"
    page = console.follow(console.post("/console/scenarios/token-fails/disarm", {"back": back}))
    assert states_shown(page)["token-fails"] == ("idle", "выключен")
    assert states_shown(page)["wrong-password"] == ("watching", "ждём действия")
    home = console.get("/console/")
    assert "Плановые работы" in home.words
    assert "Починить всё" in home.words
    page = console.follow(console.post("/console/disarm-all"))
    assert set(states_shown(page).values()) == {("idle", "выключен")}
    assert "Ни один сбой не включён" in page.words


def test_what_must_never_happen_cannot_be_armed(console: PageClient) -> None:
    page = console.get("/console/scenarios/never-again")
    assert "Включать здесь нечего" in page.words
    console.post("/console/scenarios/never-again/arm", {"scope": "everyone"}, status=404)


def test_what_a_person_does_is_watched(console: PageClient, stand: Stand) -> None:
    page = console.get("/console/scenarios/wrong-password")
    button = page.soup.find("button", string="Следить")
    assert button is not None
    values = page.form("/arm")
    page = console.follow(console.post("/console/scenarios/wrong-password/arm", values))
    assert "Ждём действия: следующий вход" in page.words


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/console/", "/\\evil.example", "/login", "javascript:alert(1)", ""]
)
def test_the_way_back_never_leads_out_of_the_console(console: PageClient, stand: Stand, back: str) -> None:
    """S-14."""
    console.get("/console/")
    page = console.post("/console/disarm-all", {"back": back})
    assert page.location == f"{stand.prefix}/console/"


def test_the_clock_is_moved_and_stopped(console: PageClient, stand: Stand) -> None:
    buttons = console.get("/console/").soup.select(".top__clock button")
    assert [(button["value"], button.get_text()) for button in buttons] == [
        ("PT1M", "+1 мин"),
        ("PT5M", "+5 мин"),
        ("PT60M", "+60 мин"),
        ("freeze", "Остановить часы"),
    ]
    for move, minutes in (("PT1M", 1), ("PT5M", 5), ("PT60M", 60)):
        before = stand.clock.refresh()
        console.post("/console/clock", {"move": move})
        assert timedelta(minutes=minutes) <= stand.clock.refresh() - before < timedelta(minutes=minutes + 1)
    page = console.follow(console.post("/console/clock", {"move": "freeze"}))
    assert "стоят" in page.words
    assert stand.clock.refresh() == stand.clock.refresh()
    page = console.follow(console.post("/console/clock", {"move": "run"}))
    assert "стоят" not in page.words
    console.post("/console/clock", {"move": "-PT60M"}, status=400)


def test_every_change_needs_the_token_of_its_form(console: PageClient, stand: Stand) -> None:
    """S-51."""
    arming.arm(stand, "token-fails")
    console.get("/console/")
    for path in ("/clock", "/disarm-all", "/scenarios/token-fails/disarm", "/reset", "/stands", "/leave"):
        console.post(f"/console{path}", {"csrf_token": "", "move": "PT60M", "name": "x"}, status=400)
    found = state_of(stand, "token-fails")
    assert found is not None
    assert found.row is not None


def test_a_get_changes_nothing(console: PageClient, stand: Stand) -> None:
    """S-51."""
    arming.arm(stand, "token-fails")
    for path in ("/scenarios/token-fails/arm", "/scenarios/token-fails/disarm", "/disarm-all", "/clock", "/leave"):
        console.get(f"/console{path}", status=405)


def send(stand: Stand, to: str, text: str, code: str | None = None) -> None:
    with use_stand(stand), stand.database.writing() as session:
        messages.send(session, MessageDraft(kind="sms", recipient=to, text=text, code=code))


def test_the_phone_shows_whoever_got_the_last_message_or_whom_one_asks_for(console: PageClient, stand: Stand) -> None:
    send(stand, "+70001000003", "Код для входа", "418205")
    page = console.get("/console/")
    assert "Телефон Марии" in page.words
    assert "418 205" in page.words
    page = console.get("/console/", query_string={"person": "viktor"})
    assert "Телефон Виктора" in page.words
    assert "418 205" not in page.words
    chosen = page.soup.select_one("#person option[selected]")
    assert chosen is not None
    assert chosen["value"] == "viktor"


@pytest.mark.usefixtures("still")
class TestPulse:
    """The look every two seconds brings what has changed, and only that.

    The clock stands, because the code that the phone's application shows changes with the half minute.
    """

    def _parts(self, page: Page) -> set[str]:
        soup = BeautifulSoup(page.text, "html5lib")
        return {str(tag["id"]) for tag in soup.find_all(attrs={"data-hx-swap-oob": True})}

    def _next(self, page: Page) -> str:
        pulse = BeautifulSoup(page.text, "html5lib").find(id="pulse")
        assert isinstance(pulse, Tag)
        return str(pulse["data-hx-get"])

    def test_nothing_new_is_only_the_time(self, console: PageClient) -> None:
        page = console.get(self._next(console.get("/console/scenarios/token-fails")))
        assert self._parts(page) == set()
        assert "(мск)" in page.words

    def test_an_armed_scenario_changes_list_state_and_timeline(self, console: PageClient, stand: Stand) -> None:
        address = self._next(console.get("/console/scenarios/token-fails"))
        arming.arm(stand, "token-fails")
        page = console.get(address)
        assert self._parts(page) == {"list", "state", "wire-body"}
        assert self._parts(console.get(self._next(page))) == set()

    def test_a_message_changes_the_phone(self, console: PageClient, stand: Stand) -> None:
        address = self._next(console.get("/console/"))
        send(stand, "+70001000001", "Код для входа", "418205")
        page = console.get(address)
        assert self._parts(page) == {"tel-body"}
        assert "418 205" in page.words

    def test_without_a_mark_everything_comes(self, console: PageClient) -> None:
        page = console.get("/console/parts/pulse")
        assert self._parts(page) == {"list", "overview", "wire-body", "tel-body"}
