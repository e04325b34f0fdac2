"""The circuit breaker (S-67)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.esia.breaker import FAILURES, Breaker
from portal.esia.client import EsiaClient
from portal.esia.errors import EsiaError, EsiaSilent
from tests.portal.conftest import NOON
from tests.portal.fake_esia import FakeEsia

TOKEN = "/aas/oauth2/te"


def fail(client: EsiaClient, esia: FakeEsia) -> EsiaError:
    with pytest.raises(EsiaError) as caught:
        client.redeem(code=esia.code(), redirect_uri="http://localhost:8000/login/callback", started_at=NOON)
    return caught.value


@pytest.mark.parametrize("failure", [500, 504, "silence"])
def test_it_opens_after_five_failures_in_a_row_and_then_asks_nothing(
    failure: int | str, make_client: Callable[..., EsiaClient], esia: FakeEsia
) -> None:
    """S-67: silence and 5xx count."""
    if isinstance(failure, int):
        esia.answer_with(TOKEN, httpx2.Response(failure))
    else:
        esia.fail(TOKEN, httpx2.ReadTimeout("x"))
    client = make_client()
    for _ in range(FAILURES):
        fail(client, esia)
    assert not client.health().answers
    before = len(esia.calls)
    error = fail(client, esia)
    assert isinstance(error, EsiaSilent)
    assert error.cause == "resting"
    assert error.retry_after == 15
    with pytest.raises(EsiaSilent):
        client.check_alive()
    assert len(esia.calls) == before


def test_after_fifteen_seconds_one_call_may_try_and_closes_it_when_answered(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-67: on the portal's clock."""
    esia.answer_with(TOKEN, httpx2.Response(500))
    client = make_client()
    for _ in range(FAILURES):
        fail(client, esia)
    clock.advance(timedelta(seconds=14))
    assert isinstance(fail(client, esia), EsiaSilent)
    clock.advance(timedelta(seconds=1))
    esia.answers.clear()
    assert client.check_alive() is None
    assert client.health().answers
    assert client.redeem(code=esia.code(), redirect_uri="x", started_at=clock.now())


def test_a_failed_try_opens_it_for_another_fifteen_seconds() -> None:
    """S-67: one failure is enough then, and only one call tries."""
    clock = ManualClock(NOON)
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.advance(timedelta(seconds=15))
    assert breaker.rest_left() == 0
    assert breaker.rest_left() > 0, "a second call does not try while the first is under way"
    breaker.failed()
    assert breaker.rest_left() == 15


def test_an_answer_in_between_starts_the_count_anew() -> None:
    """S-67: in a row."""
    breaker = Breaker(ManualClock(NOON))
    for _ in range(FAILURES - 1):
        breaker.failed()
    breaker.passed()
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert not breaker.is_open()


def test_a_healthy_front_page_does_not_hide_a_token_endpoint_that_hangs(
    make_client: Callable[..., EsiaClient], esia: FakeEsia
) -> None:
    """S-67: the check before each sign-in does not start the count anew."""
    from datetime import timedelta

    esia.fail(TOKEN, httpx2.ReadTimeout("x"))
    client = make_client(preflight_cache=timedelta(0))
    for _ in range(FAILURES):
        assert client.check_alive() is None
        fail(client, esia)
    assert not client.health().answers


def test_refusals_do_not_count(make_client: Callable[..., EsiaClient], esia: FakeEsia) -> None:
    """Gosuslugi that says no is not away."""
    esia.answer_with(TOKEN, httpx2.Response(400, content=b"no"))
    client = make_client()
    for _ in range(FAILURES + 3):
        fail(client, esia)
    assert client.health().answers
