"""An example for your own repository: one failure, seen by the person and survived.

It needs `pip install patient-portal-sandbox pytest-playwright` and nothing else: the fixtures `stand`, `arm`, `inbox`
and `clock` come with the package, `page` and `expect` with Playwright (`docs/testing.md`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from sandbox_idp.testing.stand import Inbox, StandUnderTest

ANNA = "+7 (000) 100-00-01"
PASSWORD = "Lampa-Zelenaya-27"


def test_a_broken_token_is_told_and_the_second_try_succeeds(
    page: Page, stand: StandUnderTest, arm: Callable[..., dict[str, Any]], inbox: Inbox
) -> None:
    arm("token-500", scope="next-sign-in", count=1)

    page.goto(stand.portal_url)
    page.get_by_role("link", name="Войти через Госуслуги").first.click()
    page.get_by_label("Телефон / Email / СНИЛС").fill(ANNA)
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.get_by_label("Код из 6 цифр").fill(inbox.next(kind="sms").code)
    page.get_by_role("button", name="Подтвердить").click()
    page.get_by_role("button", name="Предоставить").click()

    expect(page.get_by_role("heading", name="Произошла ошибка..")).to_be_visible()
    expect(page.get_by_text("Госуслуги ответили ошибкой.")).to_be_visible()

    # The failure is used up. The session at Gosuslugi lives, so nobody types the password again.
    page.get_by_role("link", name="Перезапустить").click()
    page.get_by_role("button", name="Продолжить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Загружаем ваши данные")
