"""What is said before a sign-in that the browser would spoil (R-056, C-04)."""

from __future__ import annotations

from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FRONT

OLD = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.1 Safari/537.36"}
FROM_START = {"Referer": "http://localhost:8000/"}


def test_a_browser_without_cookies_is_told_before_it_is_sent_away(portal: PageClient) -> None:
    """S-03 needs a cookie: without it the way to Gosuslugi would be a dead end. It says how to allow them."""
    portal.get("/")
    portal.client.delete_cookie("__Host-browser", domain="localhost")
    page = portal.get("/login?next=/appointments&consent=again", 400, headers=FROM_START)
    assert page.screen == "no-cookies"
    assert "Разрешите файлы cookie" in page.words
    assert page.soup.find("a", string="Как разрешить файлы cookie")["href"] == "/help/browser-check#cookies"
    assert page.soup.find("a", string="Попробовать снова")["href"] == "/login?next=/appointments&consent=again"
    portal.get("/")
    assert portal.get("/login", 303, headers=FROM_START).location.startswith(FRONT)


def test_after_leaving_the_way_back_in_is_open(portal: PageClient, sign_in: SignIn) -> None:
    """S-46 deletes the browser's mark; the page after it gives a new one."""
    sign_in(portal)
    portal.get("/home")
    portal.post("/logout")
    portal.get("/signed-out")
    portal.get("/login", 303, headers={"Referer": "http://localhost:8000/signed-out"})


def test_who_comes_from_elsewhere_is_not_suspected(portal: PageClient) -> None:
    """A bookmark, another site, a help article: no page has given them a mark."""
    for referrer in ("", "http://localhost:8000/help", "http://evil.test/", "http://localhost:8000.evil.test/"):
        portal.get("/login", 303, headers={"Referer": referrer})
        portal.client.delete_cookie("__Host-browser", domain="localhost")


def test_an_old_browser_is_warned_and_never_kept_out(portal: PageClient, sign_in: SignIn) -> None:
    """R-056: said once, «Всё равно продолжить» goes on to the same page and is remembered for a month."""
    page = portal.get("/login?next=/appointments&consent=again", headers=OLD)
    assert page.screen == "browser-old"
    assert "Chrome 75" in page.words
    assert "Chrome 80" in page.words
    anyway = str(page.soup.find("a", string="Всё равно продолжить")["href"])
    went = portal.get(anyway, 303, headers=OLD)
    assert went.location.startswith(FRONT)
    assert "&prompt=consent" in went.location, "the wish to be asked for the rights goes along (R-017)"
    assert any(value.startswith("__Host-known-browser=") for value in went.response.headers.getlist("Set-Cookie"))
    portal.get("/login", 303, headers=OLD)
    portal.get("/home", 303, headers=OLD)
    for path in ("/", "/help", "/help/browser-check"):
        portal.get(path, headers=OLD)
