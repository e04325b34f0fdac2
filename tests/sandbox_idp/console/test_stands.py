"""The trainer's list of stands: made, reset, thrown away, each asked about before it is done."""

from __future__ import annotations

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import arming
from sandbox_idp.stands.house import House
from tests.pages import PageClient


def test_a_stand_is_made_with_its_links_and_thrown_away_after_a_question(
    head_console: PageClient, house: House
) -> None:
    head_console.get("/console/stands")
    page = head_console.follow(head_console.post("/console/stands", {"name": "  Класс   12 "}))
    made = next(record for record in house.records() if record.name == "Класс 12")
    links = {str(link["href"]) for link in page.soup.select(f"#stand-{made.id} a")}
    stand = house.find(made.id)
    assert stand is not None
    assert {f"{stand.portal_url}/", f"{stand.idp_url}/", f"{stand.idp_url}/console/"} <= links
    page = head_console.get(f"/console/stands/{made.id}/delete")
    assert "Вернуть стенд нельзя" in page.words
    assert house.find(made.id) is not None
    head_console.post(f"/console/stands/{made.id}/delete")
    assert house.find(made.id) is None
    head_console.get(f"/console/stands/{made.id}/delete", status=404)


def test_a_stand_needs_a_name_that_fits(head_console: PageClient, house: House) -> None:
    """U-8, U-9."""
    before = len(house.records())
    head_console.get("/console/stands")
    assert "Введите название" in head_console.post("/console/stands", {"name": " "}, status=422).words
    page = head_console.post("/console/stands", {"name": "я" * 81}, status=422)
    assert "Сократите название" in page.words
    assert "я" * 81 in page.text
    assert len(house.records()) == before


def test_a_name_stays_text(head_console: PageClient, house: House) -> None:
    """S-53."""
    head_console.get("/console/stands")
    page = head_console.follow(head_console.post("/console/stands", {"name": "<b onclick=x>я</b>"}))
    assert "<b onclick" not in page.text
    made = next(record for record in house.records() if record.name.startswith("<b"))
    house.delete(made.id)


def test_the_default_stand_cannot_be_thrown_away(head_console: PageClient) -> None:
    head_console.get("/console/stands/default/delete", status=404)
    head_console.get("/console/stands")
    head_console.post("/console/stands/default/delete", status=404)


def test_the_console_of_one_stand_touches_no_other(console: PageClient, house: House, stand: Stand) -> None:
    other = house.create("другой").stand
    page = console.get("/console/stands")
    assert other.id not in page.text
    assert page.soup.find("input", attrs={"name": "name"}) is None
    console.post("/console/stands", {"name": "ещё один"}, status=403)
    console.get("/console/stands")
    console.post(f"/console/stands/{other.id}/delete", status=403)
    assert house.find(other.id) is not None
    house.delete(other.id)


def test_a_reset_is_asked_about_and_brings_the_first_day_back(console: PageClient, house: House, stand: Stand) -> None:
    arming.arm(stand, "token-fails")
    page = console.get("/console/reset")
    assert "Сбросить стенд" in page.words
    assert "придётся войти заново" in page.words
    page = console.follow(console.post("/console/reset"))
    assert page.screen == "console"
    assert "Ни один сбой не включён" in page.words
