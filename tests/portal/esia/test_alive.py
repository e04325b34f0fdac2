"""The check before a sign-in, and the schedule of works (R-030)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.esia.client import EsiaClient
from portal.esia.errors import EsiaFailed, EsiaSilent, Malformed
from portal.esia.works import Works, current_works, parse_works
from tests.portal.conftest import NOON
from tests.portal.fake_esia import FakeEsia, json_answer

MakeClient = Callable[..., EsiaClient]
PREFLIGHT = "/healthz/live"


def window(begin: float, end: float | None, title: str = "") -> dict[str, Any]:
    """A window from so many hours from noon to so many."""
    return {
        "start": (NOON + timedelta(hours=begin)).isoformat(),
        "end": None if end is None else (NOON + timedelta(hours=end)).isoformat(),
        "kind": "planned",
        "title": title,
    }


@pytest.mark.parametrize("status", [200, 204, 302, 403, 404, 499])
def test_any_answer_below_500_is_alive(status: int, make_client: MakeClient, esia: FakeEsia) -> None:
    """R-030."""
    esia.answer_with(PREFLIGHT, httpx2.Response(status))
    assert make_client().check_alive() is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_answer_of_500_and_more_is_not(status: int, make_client: MakeClient, esia: FakeEsia) -> None:
    """R-030."""
    esia.answer_with(PREFLIGHT, httpx2.Response(status))
    with pytest.raises(EsiaFailed):
        make_client().check_alive()


def test_who_is_asked_to_wait_is_not_sent_on(make_client: MakeClient, esia: FakeEsia) -> None:
    """R-030, S-68: the browser would meet the same 429 as a bare page; here the person is told how long to wait."""
    esia.answer_with(PREFLIGHT, httpx2.Response(429, headers={"Retry-After": "60"}))
    with pytest.raises(EsiaFailed) as told:
        make_client().check_alive()
    assert told.value.retry_after == 60


def test_silence_is_told_and_the_schedule_not_asked_for(make_client: MakeClient, esia: FakeEsia) -> None:
    """R-030: what does not answer has no schedule either."""
    esia.fail(PREFLIGHT, httpx2.ReadTimeout("x"))
    with pytest.raises(EsiaSilent):
        make_client().check_alive()
    assert esia.calls == [f"GET {PREFLIGHT}"]


def test_the_check_takes_a_second_at_most(make_client: MakeClient, esia: FakeEsia) -> None:
    """S-15: whatever the limits of other calls are; a tenth of them stays a tenth."""
    make_client().check_alive()
    assert max(esia.requests[0].extensions["timeout"].values()) <= 1.0


def test_the_outcome_is_kept_for_five_seconds_and_in_stands_not_at_all(
    make_client: MakeClient, esia: FakeEsia, clock: ManualClock
) -> None:
    """ESIA_PREFLIGHT_CACHE: good and bad outcomes alike."""
    client = make_client()
    client.check_alive()
    client.check_alive()
    assert esia.calls.count(f"GET {PREFLIGHT}") == 1
    clock.advance(timedelta(seconds=5))
    esia.fail(PREFLIGHT, httpx2.ReadTimeout("x"))
    for _ in range(2):
        with pytest.raises(EsiaSilent):
            client.check_alive()
    assert esia.calls.count(f"GET {PREFLIGHT}") == 2
    eager = make_client(preflight_cache=timedelta(0))
    for _ in range(2):
        with pytest.raises(EsiaSilent):
            eager.check_alive()
    assert esia.calls.count(f"GET {PREFLIGHT}") == 4


def test_works_that_are_on_are_told_with_their_end(make_client: MakeClient, esia: FakeEsia) -> None:
    """R-030: also when the front page answers 503 because of them."""
    esia.works = [window(-1, 2, "Плановые работы"), window(10, 11)]
    esia.answer_with(PREFLIGHT, httpx2.Response(503))
    works = make_client().check_alive()
    assert works is not None
    assert works.end == NOON + timedelta(hours=2)
    assert works.title == "Плановые работы"


def test_without_a_schedule_nothing_is_asked_for(make_client: MakeClient, esia: FakeEsia) -> None:
    """ESIA_WORKS_URL is empty for the real ESIA."""
    assert make_client(works_url="").check_alive() is None
    assert esia.calls == [f"GET {PREFLIGHT}"]


@pytest.mark.parametrize(
    "answer", [httpx2.Response(500), json_answer([]), json_answer({"windows": [{"start": "soon"}]})]
)
def test_a_schedule_that_cannot_be_read_stops_nobody(
    answer: httpx2.Response, make_client: MakeClient, esia: FakeEsia
) -> None:
    """The schedule is a courtesy."""
    esia.answer_with("/works.json", answer)
    assert make_client().check_alive() is None


def on(*windows: dict[str, Any]) -> Works | None:
    return current_works(parse_works({"windows": list(windows)}), NOON)


def test_windows_that_overlap_are_one_with_the_later_end() -> None:
    """One notice, the later end; a window that follows at once belongs to it as well."""
    found = on(window(-2, 1), window(-1, 3), window(3, 4), window(5, 6))
    assert found is not None
    assert found.start == NOON - timedelta(hours=2)
    assert found.end == NOON + timedelta(hours=4)


def test_a_window_without_an_end_promises_none() -> None:
    """Also when it begins inside one that has an end."""
    assert on(window(-1, None)) is not None
    for windows in ([window(-1, None)], [window(-1, 2), window(-0.5, None)], [window(-1, 2), window(1, None)]):
        found = on(*windows)
        assert found is not None
        assert found.end is None


def test_a_window_counts_from_its_first_moment_to_its_last() -> None:
    """Start included, end not."""
    assert on(window(0, 1)) is not None
    assert on(window(-1, 0)) is None
    assert on(window(1, 2)) is None
    assert on() is None


@pytest.mark.parametrize(
    "item",
    [
        {"start": "2026-11-22T12:00:00"},
        {"start": "noon"},
        {"start": 5},
        {},
        {"start": "0001-01-01T00:00:00+23:00"},
        {"start": "2026-11-22T12:00:00Z", "end": 5},
    ],
    ids=str,
)
def test_a_window_in_another_shape_is_malformed(item: dict[str, Any]) -> None:
    """A time without a zone is no time."""
    with pytest.raises(Malformed):
        parse_works({"windows": [item]})
