"""Reading `User-Agent` (R-056, C-04): known families by their version, everybody else is let be."""

from __future__ import annotations

import pytest

from portal.web.browsers import browser_of

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name", "old"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome 131", False),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/80.0.1 Safari/537.36", "Chrome 80", False),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/79.0.1 Safari/537.36", "Chrome 79", True),
        (f"Mozilla/5.0 (X11) {WEBKIT} Chrome/118.0 YaBrowser/23.11 Safari/537.36", "Chrome 118", False),
        (f"Mozilla/5.0 (X11) {WEBKIT} Chrome/76.0 Atom/5 Safari/537.36", "Chrome 76", True),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0", "Edge 130", False),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/64.0 Safari/537.36 Edge/17.17134", "Edge 17", True),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox 132", False),
        ("Mozilla/5.0 (Windows NT 6.1; rv:52.0) Gecko/20100101 Firefox/52.0", "Firefox 52", True),
        (
            f"Mozilla/5.0 (Macintosh) {SAFARI} Version/13.1 Safari/605.1",
            "Safari 13",
            False,
        ),
        (
            f"Mozilla/5.0 (Macintosh) {SAFARI} Version/12.1.2 Safari/605.1",
            "Safari 12",
            True,
        ),
        (
            f"Mozilla/5.0 (iPhone) {SAFARI} Version/12.0 Mobile/15E148 Safari/604.1",
            "Safari 12",
            True,
        ),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer", True),
    ],
)
def test_what_browsers_say(agent: str, name: str, old: bool) -> None:
    """C-04: Chrome, Edge and Firefox from 80, Safari from 13."""
    browser = browser_of(agent)
    assert browser is not None
    assert (browser.name, browser.is_old) == (name, old)


@pytest.mark.parametrize("agent", ["", "curl/8.0", "Lynx/2.9", "Chrome/", "\x00"])
def test_who_is_not_known_is_not_called_old(agent: str) -> None:
    """R-056: never a guess against anybody."""
    assert browser_of(agent) is None
