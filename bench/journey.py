"""One complete sign-in, as a patient makes it: portal, password, code, consent, and back to the home page."""

from __future__ import annotations

from collections.abc import Callable

from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.testing.browser import Browser, Page

MOST_STEPS = 12


class LostError(Exception):
    """The journey met a page that it has no answer to."""


def sign_in(browser: Browser, portal_url: str, phone: str, read_code: Callable[[str], str]) -> Page:
    """From the portal's `/login` to its home page, which is returned. `read_code` looks at the phone."""
    page = browser.get(f"{portal_url}/login")
    for _ in range(MOST_STEPS):
        match page.screen:
            case "login":
                page = browser.submit(page, "password", login=phone, password=PASSWORD)
            case "login-sms":
                page = browser.submit(page, "code", code=read_code(phone))
            case "consent":
                page = browser.submit(page, "decision", decision="grant")
            case "loading":
                page = browser.get(f"{portal_url}/loading/all")
            case "home":
                return page
            case other:
                raise LostError(f"{other or page.url}: {page.status} {page.text[:500]}")
    raise LostError(f"went in circles, last on {page.screen}")
