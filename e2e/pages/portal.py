"""Screens of the portal."""

from __future__ import annotations

from playwright.sync_api import Locator

from e2e.pages.screen import Screen


class StartPage(Screen):
    """The way in."""

    def sign_in(self) -> None:
        self.press("Войти через Госуслуги")


class LoadingPage(Screen):
    """«Загружаем ваши данные»."""

    def go_on(self, *, script: bool = True) -> None:
        """Wait until no item is under way, then «Продолжить»; without script the press itself fetches them."""
        if script:
            self.wait_for_parts()
        self.press("Продолжить")


class HomePage(Screen):
    """The home page with its parts."""

    @property
    def link(self) -> Locator:
        """«Главная», wherever the menu has it."""
        return self.page.get_by_role("link", name="Главная").filter(visible=True).first

    def part(self, name: str) -> Locator:
        return self.main.locator(f"[data-part='{name}']")

    def sign_out(self) -> None:
        self.mark()
        self.page.get_by_role("button", name="Выйти", exact=True).first.click()
        self.wait_for_another()


class FailurePage(Screen):
    """Any page or part that says what went wrong."""

    def reference(self) -> str:
        """The reference for support."""
        return self.page.locator("[data-ref]").first.get_attribute("data-ref") or ""
