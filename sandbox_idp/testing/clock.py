"""One clock for everything a test looks at: the stand's, which both programs follow, and the browser's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox_idp.testing.control import StandControl

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Clock:
    """Moves the stand's clock and, where there is one, the page's timers together."""

    def __init__(self, control: StandControl, page: Page | None = None) -> None:
        self._control = control
        self._page = page
        if page is not None:
            page.clock.install()

    def pause_browser(self) -> None:
        """The page's timers stand still from now on, and go only as far as they are moved."""
        page = self._its_page()
        # A second on, for the page's clock runs until it has been told; Playwright counts in seconds here.
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)

    def advance(self, by: timedelta) -> None:
        """All go forward by `by`: first the stand, so that what the page then asks for is answered in the new time."""
        self._control.advance(by)
        if self._page is not None:
            self.advance_browser(by)

    def advance_stand(self, by: timedelta) -> None:
        """Only the stand: the time of the two programs."""
        self._control.advance(by)

    def advance_browser(self, by: timedelta) -> None:
        """Only the browser: its countdowns and time limits."""
        self._its_page().clock.fast_forward(round(by.total_seconds() * 1000))

    def run_browser(self, by: timedelta) -> None:
        """Only the browser, every timer on the way fired as often as it would have been."""
        self._its_page().clock.run_for(round(by.total_seconds() * 1000))

    def _its_page(self) -> Page:
        if self._page is None:
            raise LookupError("this clock has no page: ask for the fixture `page` in the same test")
        return self._page
