"""A form whose answer is long in coming: what was typed stays, and sending it again does nothing twice (U-9, U-18)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.journeys.visitor import visitor
from foundation import russian
from sandbox_idp.testing import uploads
from sandbox_idp.testing.clock import Clock
from sandbox_idp.testing.stand import StandUnderTest

pytestmark = pytest.mark.one_browser(
    "what it shows is counted by the portal's own script, which is the same everywhere"
)

TYPED = "Не открывается страница с полисом: крутится значок и ничего не происходит."


NOTED = """() => {
  window.sent = [];
  const note = ({ detail: { ctx } }) => sent.push(Object.fromEntries(ctx.request.body));
  document.addEventListener('htmx:before:request', note);
}"""


class Held:
    """Answers to forms that do not come as long as they are held back; how many were sent is counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.sent = 0
        self.comes = False
        page.route(address, self._keep)

    def _keep(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.sent += 1
        if self.comes:
            route.continue_()


@pytest.fixture
def question(page: Page, clock: Clock, stand: StandUnderTest) -> Held:
    """A question to support that was written and sent; the page's timers stand still."""
    page.goto(stand.portal_url + "/support/new")
    page.get_by_label("Что вы делали и что пошло не так").fill(TYPED)
    page.get_by_label("Фамилия, имя и отчество").fill("Лебедева Анна Сергеевна")
    page.get_by_label("Телефон", exact=True).fill("+7 000 100-00-01")
    held = Held(page, "**/support/new")
    page.evaluate(NOTED)
    clock.pause_browser()
    page.get_by_role("button", name="Отправить обращение").click()
    return held


def _is_still_there(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-screen", "support-form")
    expect(page.locator("#description")).to_have_value(TYPED)


def test_a_form_that_takes_long_is_sent_again_as_it_is(clock: Clock, page: Page, question: Held) -> None:
    """U-9, U-18, R-033: after 10 s «Перезапустить» sends the form itself; its own address leads nowhere by a link."""
    clock.run_browser(timedelta(seconds=10))
    question.comes = True
    page.get_by_role("button", name="Перезапустить").click()
    clock.run_browser(timedelta(seconds=1))
    expect(page.locator("html")).to_have_attribute("data-screen", "support")
    assert question.sent == 2
    first, second = page.evaluate("sent")
    assert first == second, "the same form with the same key: the question is one"
    assert first["form_key"]
    assert first["description"] == TYPED


def test_a_form_that_is_called_off_stays_as_it_was(clock: Clock, page: Page, question: Held) -> None:
    """U-9, U-18: «Отменить» ends the wait; nothing is sent again, and nothing is lost."""
    clock.run_browser(timedelta(seconds=10))
    page.get_by_role("button", name="Отменить").click()
    clock.run_browser(timedelta(seconds=31))
    _is_still_there(page)
    expect(page.locator("[data-fault]")).to_have_count(0)
    assert question.sent == 1


def test_a_form_without_an_answer_says_what_is_not_known(clock: Clock, page: Page, question: Held) -> None:
    """U-1, U-9, U-18: after 30 s the form itself says it, in its place; a press sends it again."""
    clock.run_browser(timedelta(seconds=31))
    fault = page.locator("form [data-fault]")
    expect(fault).to_contain_text("Ответа не было 30 секунд. Сбой на портале или на пути к нему.")
    expect(fault).to_contain_text("Дошла ли форма до портала, мы не знаем.")
    expect(fault).not_to_contain_text("Ваши данные не изменились")
    expect(fault).to_be_in_viewport()
    _is_still_there(page)

    question.comes = True
    page.get_by_role("button", name="Отправить обращение").click()
    clock.run_browser(timedelta(seconds=1))
    expect(page.locator("html")).to_have_attribute("data-screen", "support")


def test_a_form_whose_answer_is_cut_off_says_what_is_not_known(page: Page, stand: StandUnderTest) -> None:
    """U-1, U-9, U-24: the connection breaks after the form was sent."""
    page.goto(stand.portal_url + "/support/new")
    page.get_by_label("Что вы делали и что пошло не так").fill(TYPED)
    page.route("**/support/new", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Отправить обращение").click()
    fault = page.locator("form [data-fault]")
    expect(fault).to_contain_text("Сбой на пути между вашим устройством и порталом.")
    expect(fault).to_contain_text("Дошла ли форма до портала, мы не знаем.")
    _is_still_there(page)


def test_a_page_that_does_not_come_says_where_it_failed_and_when(page: Page, stand: StandUnderTest) -> None:
    """U-1: the page at hand says what the portal cannot: whose side, what is safe, the portal's time, the reference."""
    today = stand.control.advance(timedelta(days=40))
    noon = (today + timedelta(days=1)).replace(hour=9, minute=0, second=0)
    stand.control.advance(noon - today)
    page.goto(stand.portal_url + "/support/new")
    page.route("**/help", lambda route: route.abort("connectionreset"))
    page.get_by_role("link", name="Помощь", exact=True).filter(visible=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Произошла ошибка..")
    expect(page.locator("main")).to_contain_text(
        "Сбой на пути между вашим устройством и порталом. Ваши данные не изменились."
    )
    moment = page.locator("[data-fault-moment]")
    expect(moment).to_have_text(re.compile(rf"^{russian.date_long(noon)}, 12:\d\d \(мск\)$"))


SET_OUT_ONLY = """() => {
  window.sent = 0;
  addEventListener('submit', event => { sent += 1; if (sent < 3) event.preventDefault(); });
}"""
"""The first two forms set out and get nowhere: one that is really under way holds up the timers of the test."""


def test_a_form_that_the_browser_sends_itself_is_sent_again(clock: Clock, page: Page, stand: StandUnderTest) -> None:
    """U-18, R-033: the same for a form that the script does not send: words after 30 s, itself again after 10."""
    visitor("anna", page, stand).arrive()
    page.goto(stand.portal_url + "/profile/data/delete")
    page.evaluate(SET_OUT_ONLY)
    clock.pause_browser()
    button = page.get_by_role("button", name="Удалить и выйти")
    button.click()
    clock.run_browser(timedelta(seconds=31))
    expect(page.locator("form [data-fault]")).to_contain_text("Дошла ли форма до портала, мы не знаем.")
    button.click()
    clock.run_browser(timedelta(seconds=10))
    page.get_by_role("button", name="Перезапустить").click()
    expect(page.locator("html")).to_have_attribute("data-screen", "signed-out")


def test_a_file_that_is_too_large_does_not_hold_up_the_next_one(
    page: Page, stand: StandUnderTest, tmp_path: Path
) -> None:
    """U-1, U-9, U-18: what the page itself refused was never sent; the next press sends, and is told apart from it."""
    visitor("anna", page, stand).arrive()
    page.goto(stand.portal_url + "/uploads")
    page.get_by_label("Как назвать документ").fill("Выписка из стационара")
    large, small = tmp_path / "large.pdf", tmp_path / "small.pdf"
    with large.open("wb") as file:
        file.truncate(int(page.locator("form[data-upload]").get_attribute("data-upload-most") or 0))
    small.write_bytes(uploads.pdf())
    heading, button = page.locator("[data-upload-heading]"), page.get_by_role("button", name="Загрузить", exact=True)
    held = Held(page, "**/uploads")

    page.get_by_label("Файл", exact=True).set_input_files(large)
    button.click()
    expect(heading).to_have_text("Файл слишком большой")
    assert held.sent == 0

    page.get_by_label("Файл", exact=True).set_input_files(small)
    button.click()
    page.get_by_role("button", name="Остановить").click()
    expect(heading).to_have_text("Отправка остановлена")
    assert held.sent == 1

    page.unroute("**/uploads")
    page.route("**/uploads", lambda route: route.abort("connectionreset"))
    button.click()
    expect(heading).to_have_text("Загрузка прервалась, файл не сохранён")
    expect(page.get_by_label("Как назвать документ")).to_have_value("Выписка из стационара")

    page.unroute("**/uploads")
    button.click()
    expect(page.get_by_role("main")).to_contain_text("Выписка из стационара")
    expect(page.locator("html")).to_have_attribute("data-screen", "documents")
