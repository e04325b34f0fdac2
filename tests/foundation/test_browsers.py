"""A browser in words that its owner recognises."""

from __future__ import annotations

import pytest

from foundation.web import browsers

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome, компьютер с Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36 Edg/131.0", "Edge, компьютер с Windows"),
        (f"Mozilla/5.0 (Macintosh) {CHROME} YaBrowser/24.1 Safari/537.36", "Яндекс Браузер, компьютер Mac"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME} Mobile Safari/537.36", "Chrome, телефон Android"),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {CHROME} Safari/537.36", "Chrome, планшет Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, компьютер с Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile Safari/604",
            "Safari, iPhone",
        ),
        ("Something on Windows", "Компьютер с Windows"),
        ("<script>alert(1)</script>", browsers.UNKNOWN),
        ("", browsers.UNKNOWN),
    ],
)
def test_a_device_is_named_in_plain_words(user_agent: str, words: str) -> None:
    """S-48: nothing of the header itself is shown."""
    assert browsers.device(user_agent) == words


@pytest.mark.parametrize(
    ("address", "masked"),
    [("127.0.0.1", "127.0.•.•"), ("2001:db8::1", "2001:0db8:•"), ("::1", "0000:0000:•"), ("nonsense", "неизвестен")],
)
def test_an_address_is_masked(address: str, masked: str) -> None:
    """R-079: enough to recognise one's own network, not enough to find anybody."""
    assert browsers.masked_address(address) == masked
