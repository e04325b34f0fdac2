"""Second factors in a browser, where more than one of them is at work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from e2e.harness.axe import Inspector
from e2e.journeys.rooms.factors import phone
from e2e.journeys.visitor import visitor
from e2e.pages.sandbox import FactorPage, PushPage
from e2e.pages.screen import Screen
from sandbox_idp.testing.stand import StandUnderTest


@pytest.mark.on_postgresql
def test_the_page_goes_on_by_itself_when_the_phone_has_confirmed(
    page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """S-40, R-061: nobody presses anything at the computer; the phone is another browser. The page's clock is moved."""
    page.clock.install()
    olga = visitor("olga", page, stand, look=inspector.look)
    olga.sign_in(["login-factor"])
    FactorPage(page).choose("Приложение «Госуслуги»")
    inspector.look(olga)
    with phone(olga, "/phone/push") as app:
        Screen(app).press(PushPage(page).number)
        expect(app.locator("main")).to_contain_text("Подтверждено.")
    page.clock.run_for(3_000)
    expect(page.locator("html")).to_have_attribute("data-screen", "consent")
    olga.walk(["home"])


def test_a_step_in_the_cabinet_is_confirmed_on_the_phone(
    page: Page, stand: StandUnderTest, inspector: Inspector
) -> None:
    """S-40, S-48, C-08: five minutes after the sign-in the next change asks who sits here; the app says it is olga."""
    page.clock.install()
    olga = visitor("olga", page, stand, look=inspector.look)
    page.goto(stand.idp_url + "/cabinet")
    olga.walk(["cabinet"])
    stand.control.advance(timedelta(minutes=5))
    page.goto(stand.idp_url + "/cabinet/profile/phone")
    expect(page.locator("html")).to_have_attribute("data-screen", "cabinet-confirm")
    inspector.look(olga)
    page.get_by_role("link", name="Приложение «Госуслуги»").click()
    inspector.look(olga)
    page.get_by_role("button", name="Отправить запрос").click()
    with phone(olga, "/phone/push") as app:
        Screen(app).press(PushPage(page).number)
        expect(app.locator("main")).to_contain_text("Подтверждено.")
    page.clock.run_for(3_000)
    expect(page.locator("html")).to_have_attribute("data-screen", "cabinet-contact")
