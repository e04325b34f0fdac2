"""The record in a browser: a long list, a chart, and the keyboard's place in both."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e.journeys.visitor import visitor
from sandbox_idp.testing.stand import StandUnderTest

PIECE = 20


def test_more_of_a_list_comes_below_and_the_keyboard_stays_there(page: Page, stand: StandUnderTest) -> None:
    """U-27, U-29: «Показать ещё» adds a piece; what is focused is the piece that came, not the top of the page."""
    anna = visitor("anna", page, stand)
    anna.arrive()
    anna.open("/record/results")
    rows = page.locator(".entry")
    expect(rows).to_have_count(PIECE)
    page.get_by_role("link", name="Показать ещё").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2 * PIECE)
    assert rows.evaluate_all("all => all.indexOf(document.activeElement.querySelector('.entry'))") == PIECE
    headings = page.locator(".entries__year").all_inner_texts()
    assert len(headings) == len(set(headings))


def test_a_figure_leads_to_its_chart(page: Page, stand: StandUnderTest) -> None:
    """R-035: the chart of the figure that was pressed, with the same figures in a table below it."""
    anna = visitor("anna", page, stand)
    anna.arrive()
    anna.open("/record/parts/results")
    page.get_by_role("link", name="Общий анализ крови").first.click()
    page.get_by_role("link", name="Лейкоциты").click()
    chart = page.get_by_role("img", name="График: Лейкоциты")
    expect(chart).to_be_visible()
    expect(page.get_by_role("heading", name="Как менялся показатель: Лейкоциты")).to_be_visible()
    expect(page.locator("[data-part=series] tbody tr").first).to_be_visible()
