"""What every screen has."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Screen:
    """A page that is open in the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def name(self) -> str:
        """`data-screen`: what the page says it is; empty for a page that is not ours."""
        return self.page.locator("html").get_attribute("data-screen") or ""

    @property
    def main(self) -> Locator:
        """The main landmark."""
        return self.page.locator("main")

    def control(self, name: str) -> Locator:
        """The button or link of exactly that name in the main part of the page."""
        button = self.main.get_by_role("button", name=name, exact=True)
        return button.or_(self.main.get_by_role("link", name=name, exact=True)).first

    def press(self, name: str) -> None:
        """Press that button or follow that link, and wait until the page that comes is there."""
        self.mark()
        self.control(name).click()
        self.wait_for_another()

    def mark(self) -> None:
        """Mark the page that is about to be left.

        With script a press is often answered without a new document, so what is waited for is a main part without the
        mark that the old one was given.
        """
        self.page.evaluate("document.querySelector('main').setAttribute('data-left-behind', '')")

    def wait_for_parts(self) -> None:
        """Wait until nothing of the page is under way any more; it may have failed. With script only."""
        expect(self.page.locator("[data-part][data-state=loading]")).to_have_count(0)

    def wait_for_another(self) -> None:
        """Wait until the page that comes after the marked one is there."""
        self.page.locator("main:not([data-left-behind])").wait_for()
        self.page.wait_for_load_state("load")
