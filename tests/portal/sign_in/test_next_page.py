"""Where a sign-in leads: pages of the portal and nothing else (S-14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sign_in.next_page import HOME, safe_next

FOREIGN = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/\\/evil.test",
    "https:evil.test",
    "https://evil.test",
    "https:/evil.test",
    "http:///evil.test",
    "HTTPS://EVIL.TEST",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.test",
    "%2f%2fevil.test",
    "/%2fevil.test",
    "/%2f%2fevil.test",
    "/%5cevil.test",
    "/%255cevil.test",
    "/%252fevil.test",
    "/%25252f%25252fevil.test",
    "/\tevil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/%09/evil.test",
    "/%0d%0aSet-Cookie:x=1",
    " //evil.test",
    "/ /evil.test",
    "/.//evil.test",
    "/a//b",
    "/home\r\nLocation: //evil.test",
    "/\u2028/evil.test",
    "/дом",
    "?next=//evil.test",
    "#//evil.test",
    "",
    "/" + "a" * 600,
]


@pytest.mark.parametrize("value", FOREIGN)
def test_what_leads_elsewhere_is_ignored(value: str) -> None:
    """S-14: the corpus of open redirects ends on the home page."""
    assert safe_next(value) == HOME


@pytest.mark.parametrize(
    "value",
    ["/login", "/login?next=/home", "/login/callback?state=x", "/logout", "/loading", "/loading/policy", "/session",
     "/signed-out", "/healthz/live"],
)  # fmt: skip
def test_pages_that_make_no_sense_to_come_back_to_are_ignored(value: str) -> None:
    """A sign-in that leads to a sign-in would never end."""
    assert safe_next(value) == HOME


@pytest.mark.parametrize(
    "value",
    ["/home", "/", "/appointments/new?clinic=7&speciality=a%20b", "/record/visits/12", "/loginx", "/search?q=%D0%B4"],
)
def test_pages_of_the_portal_are_kept(value: str) -> None:
    """The person comes back to where they were going."""
    assert safe_next(value) == value


def test_nothing_is_the_home_page() -> None:
    assert safe_next(None) == HOME


@given(value=st.text(alphabet="/\\%2f5c:.?#@ \t\nhtpsevil", max_size=12))
def test_no_combination_of_telling_letters_leads_elsewhere(value: str) -> None:
    """S-14: whatever comes out is a path that begins with exactly one slash, also after decoding."""
    from urllib.parse import unquote, urljoin, urlsplit

    result = safe_next(value)
    for text in (result, unquote(result), unquote(unquote(result))):
        joined = urlsplit(urljoin("http://localhost:8000/login/callback", text.replace("\\", "/")))
        assert joined.netloc == "localhost:8000"
