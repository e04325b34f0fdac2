"""«Проверка браузера»: what the server can tell of a browser, without script (R-056…R-060)."""

from __future__ import annotations

import pytest

from portal.help.browser_check import BLOB
from tests.pages import Page, PageClient


def verdict(page: Page, check: str) -> tuple[str, str]:
    """The verdict of a row and its words."""
    row = page.soup.find(attrs={"data-check": check})
    assert row is not None
    return str(row["data-verdict"]), " ".join(row.get_text(" ").split())


def test_whether_cookies_are_kept_is_seen_by_coming_back_once(portal: PageClient) -> None:
    """R-056: a browser that sends none is given one and comes back at once; then it is known."""
    page = portal.get("/help/browser-check", 303)
    assert page.location == "/help/browser-check?again=1"
    page = portal.follow(page)
    assert page.screen == "help-browser-check"
    assert verdict(page, "cookies")[0] == "good"
    portal.client.delete_cookie("__Host-check", domain="localhost")
    page = portal.get("/help/browser-check?again=1")
    state, words = verdict(page, "cookies")
    assert state == "warn"
    assert "Разрешите файлы cookie" in words
    assert page.soup.find(id="cookies") is not None


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        ("TLSv1.3", "good", "TLS 1.3"),
        ("TLSv1.2", "good", "TLS 1.2"),
        ("TLSv1.1", "warn", "TLS 1.1. Нужна TLS 1.2"),
        ("TLSv1", "warn", "TLS 1.0. Нужна TLS 1.2"),
        ("SSLv3", "warn", "SSL 3.0. Нужна TLS 1.2"),
        ("<b>", "unknown", "Без шифрования"),
        ("", "unknown", "Без шифрования"),
    ],
)
def test_the_connection_is_what_the_proxy_says(told: str, state: str, words: str, portal: PageClient) -> None:
    """R-056: TLS 1.2, told by the proxy in a header; what else stands there is nobody's word."""
    page = portal.get("/help/browser-check?again=1", headers={"X-TLS-Version": told})
    found, said = verdict(page, "tls")
    assert found == state
    assert words in said


@pytest.mark.parametrize(("version", "state"), [(79, "warn"), (80, "good")])
def test_the_version_is_compared_and_nothing_is_refused(version: int, state: str, portal: PageClient) -> None:
    """R-056, C-04."""
    agent = f"Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0 Safari/537.36"
    page = portal.get("/help/browser-check?again=1", headers={"User-Agent": agent})
    assert verdict(page, "version")[0] == state


def test_what_only_script_can_tell_has_words_without_it(portal: PageClient) -> None:
    """R-057, R-059, C-06: scripts, clock, speed with a file to fetch by hand, pop-ups, systems."""
    page = portal.get("/help/browser-check?again=1")
    for check, words in (
        ("script", "Портал работает и без них"),
        ("clock", "На сервере 12:00"),
        ("speed", "Нужно 2 Мбит/с"),
        ("popups", "Порталу не нужны"),
        ("system", "macOS от 10.15"),
    ):
        assert words in verdict(page, check)[1]
    answer = portal.client.get("/help/browser-check/blob", base_url=portal.base_url)
    assert answer.get_data() == BLOB
    assert answer.headers["Cache-Control"] == "no-store"
