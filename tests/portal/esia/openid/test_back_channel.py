"""The provider ends sessions by a call between servers, and nobody else does (OpenID Connect Back-Channel Logout 1.0).

Catalogue row `backchannel-logout` with its forgeries; S-47.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from foundation.clock import ManualClock
from tests.portal.esia.openid.conftest import Visitor
from tests.portal.fake_esia import signed
from tests.portal.fake_openid import CLIENT_ID, ISSUER, SUBJECT

EVENT = "http://schemas.openid.net/event/backchannel-logout"
PATH = "/logout/back-channel"


def logout_token(clock: ManualClock, *, key: str = "esia", header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token that is good, unless claims are changed (None leaves one out)."""
    now = int(clock.now().timestamp())
    good = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 120,
        "jti": "the-first",
        "sub": SUBJECT,
        "sid": "the-sid",
        "events": {EVENT: {}},
    }
    kept = {name: value for name, value in {**good, **claims}.items() if value is not None}
    return signed({"alg": "RS256", "typ": "logout+jwt", "kid": "esia", **(header or {})}, kept, key)


def tell(visitor: Visitor, token: str) -> int:
    """The provider's call; it has no cookie and no CSRF token."""
    browser = visitor.browser
    answer = browser.client.post(PATH, data={"logout_token": token}, base_url=browser.base_url)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code


def lives(visitor: Visitor) -> bool:
    browser = visitor.browser
    return browser.client.get("/session", base_url=browser.base_url).status_code == 200


@pytest.mark.parametrize("claims", [{}, {"sub": None}, {"sid": None}, {"aud": [CLIENT_ID]}])
def test_what_the_provider_ends_is_ended(visitor: Visitor, clock: ManualClock, claims: dict[str, Any]) -> None:
    """S-47: by its session or by its subject; the next click says so, and a new sign-in works."""
    visitor.sign_in()
    assert tell(visitor, logout_token(clock, **claims)) == 200
    page = visitor.browser.get("/home", 401)
    assert page.screen == "session-ended"
    assert "Сеанс завершили в другом месте" in page.words
    visitor.sign_in()
    assert lives(visitor)


FORGERIES: dict[str, dict[str, Any]] = {
    "bad-signature": {"key": "other"},
    "wrong-iss": {"iss": "https://evil.test/realm"},
    "wrong-aud": {"aud": "another-client"},
    "no-events": {"events": None},
    "another-event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "with-nonce": {"nonce": "n"},
    "no-sub-no-sid": {"sub": None, "sid": None},
    "no-jti": {"jti": None},
    "no-exp": {"exp": None},
    "expired": {"iat": 1_700_000_000, "exp": 1_700_000_120},
    "alg-none": {"header": {"alg": "none"}},
    "unknown-kid": {"header": {"kid": "nobody"}},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_ends_nothing(visitor: Visitor, clock: ManualClock, forgery: str) -> None:
    """S-07, S-47: 400, and the session lives on."""
    visitor.sign_in()
    assert tell(visitor, logout_token(clock, **FORGERIES[forgery])) == 400
    assert lives(visitor)


def test_a_token_counts_once(visitor: Visitor, clock: ManualClock) -> None:
    """S-47: whoever has overheard one cannot end the next session with it."""
    visitor.sign_in()
    overheard = logout_token(clock)
    assert tell(visitor, overheard) == 200
    visitor.sign_in()
    assert tell(visitor, overheard) == 400
    assert lives(visitor)
    clock.advance(timedelta(seconds=30))
    assert tell(visitor, logout_token(clock, jti="the-second")) == 200
    assert not lives(visitor)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 20_000, "ы", "\x00"])
def test_no_token_at_all_is_refused(visitor: Visitor, token: str) -> None:
    """S-61: a plain refusal."""
    assert tell(visitor, token) == 400


def test_an_id_token_is_no_logout_token(visitor: Visitor) -> None:
    """Whoever has somebody's id token cannot sign them out with it."""
    visitor.sign_in()
    assert tell(visitor, visitor.provider.id_token("an-opaque-access-token")) == 400
    assert lives(visitor)


def test_a_person_nobody_knows_here_is_no_error(visitor: Visitor, clock: ManualClock) -> None:
    """There is nothing to end, and the provider need not ask again."""
    assert tell(visitor, logout_token(clock, sub="stranger", sid=None)) == 200
