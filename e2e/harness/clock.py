"""One clock for everything a test looks at: the stand's, which both programs follow, and the browser's."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page

from e2e.harness.control import StandControl


class Clock:
    """Moves the stand's clock and the page's timers together."""

    def __init__(self, control: StandControl, page: Page) -> None:
        self._control = control
        self._page = page
        page.clock.install()

    def pause_browser(self) -> None:
        """The page's timers stand still from now on, and go only as far as they are moved."""
        self._page.clock.pause_at(self._page.evaluate("Date.now()") + 1000)

    def advance(self, by: timedelta) -> None:
        """Both go forward by `by`: first the stand, so that what the page then asks for is answered in the new time."""
        self._control.advance(by)
        self.advance_browser(by)

    def advance_stand(self, by: timedelta) -> None:
        """Only the stand: the time of the two programs."""
        self._control.advance(by)

    def advance_browser(self, by: timedelta) -> None:
        """Only the browser: its countdowns and time limits."""
        self._page.clock.fast_forward(round(by.total_seconds() * 1000))

    def run_browser(self, by: timedelta) -> None:
        """Only the browser, every timer on the way fired as often as it would have been."""
        self._page.clock.run_for(round(by.total_seconds() * 1000))
