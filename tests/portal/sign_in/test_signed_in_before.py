"""«Обновить данные» is a sign-in of somebody who is signed in: if it fails, they still are, and read so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia, refuse
from tests.portal.sign_in.helpers import KEYS, TOKEN, is_signed_in

STILL_SIGNED_IN = "Вы по-прежнему в кабинете"


@pytest.fixture
def inside(portal: PageClient, sign_in: SignIn, clock: ManualClock) -> PageClient:
    """A browser with a session; what Gosuslugi said of its health before the sign-in is too old to count."""
    sign_in(portal)
    clock.advance(timedelta(minutes=5))
    return portal


def is_told(page: Page, screen: str) -> None:
    assert page.screen == screen
    assert STILL_SIGNED_IN in page.words
    assert "Вы не вошли" not in page.words
    assert page.soup.find("a", href="/home", string="Вернуться в кабинет") is not None


@pytest.mark.parametrize(
    ("answer", "screen", "status"),
    [
        (httpx2.Response(500), "gosuslugi-failed", 502),
        (httpx2.ConnectError("refused"), "gosuslugi-silent", 504),
        (httpx2.Response(503, headers={"Retry-After": "60"}), "gosuslugi-failed", 502),
    ],
)
def test_gosuslugi_fails_before_the_way_there(
    inside: PageClient, esia: FakeEsia, answer: Any, screen: str, status: int
) -> None:
    """U-1, R-033: nothing has begun, and the cabinet is open as before."""
    fail = esia.fail if isinstance(answer, Exception) else esia.answer_with
    fail("/healthz/live", answer)
    is_told(inside.get("/login?next=/home", status), screen)
    assert is_signed_in(inside)
    assert inside.get("/home").screen == "home"


def test_works_keep_nobody_out_who_is_inside(inside: PageClient, esia: FakeEsia, clock: ManualClock) -> None:
    """U-2, R-030: data cannot be refreshed, and that is all."""
    now = clock.now()
    esia.works = [
        {
            "title": "Плановые работы",
            "kind": "planned",
            "start": (now - timedelta(hours=1)).isoformat(),
            "end": (now + timedelta(hours=1)).isoformat(),
        }
    ]
    page = inside.get("/login?next=/home", 503)
    is_told(page, "works")
    assert "без Госуслуг обновить данные нельзя" in page.words


BREAKS: list[tuple[str, Callable[[FakeEsia], Any], str, int]] = [
    ("token 500", lambda esia: esia.answer_with(TOKEN, httpx2.Response(500)), "gosuslugi-failed", 502),
    ("token silent", lambda esia: esia.fail(TOKEN, httpx2.ReadTimeout("x")), "gosuslugi-silent", 504),
    (
        "code used",
        lambda esia: esia.answer_with(TOKEN, refuse("invalid_grant", "ESIA-007011: x")),
        "sign-in-stale",
        400,
    ),
    (
        "our request",
        lambda esia: esia.answer_with(TOKEN, refuse("invalid_client", "ESIA-007002")),
        "misconfigured",
        502,
    ),
    ("issuer", lambda esia: esia.id_claims.update(iss="http://evil.test/"), "sign-in-failed", 400),
    (
        "keys",
        lambda esia: (setattr(esia, "signing", "other"), esia.fail(KEYS, httpx2.ConnectError("x"))),
        "sign-in-failed",
        400,
    ),
    ("one factor", lambda esia: esia.id_claims.update(acr=None), "second-factor-missing", 403),
    ("another SNILS", lambda esia: esia.person.update(snils="000-100-102 11"), "card-duplicate", 409),
]


@pytest.mark.parametrize(("breaks", "screen", "status"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_a_return_that_fails_takes_nothing_away(
    inside: PageClient,
    esia: FakeEsia,
    sign_in: SignIn,
    *,
    breaks: Callable[[FakeEsia], Any],
    screen: str,
    status: int,
) -> None:
    """U-1, R-033: the session from before lives on, whatever became of the return."""
    breaks(esia)
    is_told(sign_in.come_back(inside, sign_in.begin(inside), status), screen)
    assert is_signed_in(inside)


@pytest.mark.parametrize(
    ("error", "description", "screen", "status"),
    [
        ("access_denied", "ESIA-007004: x", "consent-denied", 403),
        ("server_error", "ESIA-007007: x", "gosuslugi-failed", 502),
        ("something_new", "", "sign-in-failed", 400),
    ],
)
def test_a_refusal_takes_nothing_away(
    inside: PageClient, sign_in: SignIn, *, error: str, description: str, screen: str, status: int
) -> None:
    """R-016, U-1: whoever is inside is not told that the cabinet cannot be opened."""
    page = sign_in.come_back(inside, sign_in.begin(inside), status, error=error, error_description=description)
    is_told(page, screen)
    assert "не можем открыть личный кабинет" not in page.words


def test_a_return_that_nobody_began(inside: PageClient, sign_in: SignIn) -> None:
    """S-03: with an unknown `state` or none at all."""
    is_told(sign_in.come_back(inside, "unknown", 400), "sign-in-failed")
    is_told(inside.get("/login/callback?code=x", 400), "sign-in-stale")


def test_the_words_for_what_is_not_trusted_are_the_same_for_every_reason(
    inside: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-61: only reference differs."""
    seen = set()
    for change in ({"iss": "x"}, {"aud": "x"}, {"exp": 1}):
        esia.id_claims = change
        page = sign_in.come_back(inside, sign_in.begin(inside), 400)
        seen.add(page.text.replace(str(page.soup.find(attrs={"data-ref": True})["data-ref"]), "REF"))
    assert len(seen) == 1


def test_a_session_that_is_over_is_none(inside: PageClient, esia: FakeEsia, clock: ManualClock) -> None:
    """U-1: whose session has ended meanwhile is not signed in any more, and is told so."""
    clock.advance(timedelta(hours=13))
    esia.answer_with("/healthz/live", httpx2.Response(500))
    page = inside.get("/login?next=/home", 502)
    assert "Вы не вошли, ваши данные не изменились." in page.words
    assert page.soup.find("a", href="/home") is None
