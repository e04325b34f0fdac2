"""What only a browser shows of passwords: the list that answers while one types, and that the recording plays."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from e2e.journeys.people import PASSWORD
from e2e.journeys.visitor import sign_in, visitor
from sandbox_idp.testing.stand import StandUnderTest


def test_the_list_of_demands_answers_while_one_types(page: Page, stand: StandUnderTest) -> None:
    """S-27, R-134, U-28: marks change without a new page, what is left is said, and nothing typed is lost."""
    someone = visitor("anna", page, stand)
    someone.acts["login"] = lambda visitor: visitor.press("Я не знаю пароль")
    someone.sign_in(["recovery-password"])
    field = page.get_by_label("Новый пароль", exact=True)
    line = page.locator(".rule[data-rule=length]")
    expect(line).to_have_attribute("data-state", "open")
    field.press_sequentially("Zimnee")
    expect(line).to_have_attribute("data-state", "unmet")
    expect(line).to_contain_text("Добавьте ещё 6 символов")
    expect(page.locator("#password-left")).to_have_text("Не выполнено: 3 условия")
    field.press_sequentially("-Utro-57")
    expect(line).to_have_attribute("data-state", "met")
    expect(page.locator("#password-left")).to_have_text("Пароль подходит")
    expect(field).to_have_value("Zimnee-Utro-57")
    expect(field).to_be_focused()
    someone.press("Сохранить")
    expect(page.locator("html")).to_have_attribute("data-screen", "recovery-done")


def test_the_recording_of_the_captcha_can_be_played(page: Page, stand: StandUnderTest) -> None:
    """R-100, S-52: the policy of the page lets the browser load the sound, and the picture is there."""
    someone = visitor("anna", page, stand)
    someone.sign_in(["login"])
    for _ in range(3):
        sign_in(someone, PASSWORD + "!")
    length = page.locator("audio").evaluate(
        """sound => new Promise((loaded, failed) => {
          sound.onloadedmetadata = () => loaded(sound.duration);
          sound.onerror = () => failed(sound.error);
          sound.preload = 'auto';
          sound.load();
        })"""
    )
    assert length > 5
    assert page.locator(".captcha__picture").evaluate("picture => picture.naturalWidth") > 200
    figures = stand.control.captcha(page.locator("input[name=captcha_key]").input_value())
    assert re.fullmatch("[1-9]{5}", figures)
    assert figures not in page.content()
