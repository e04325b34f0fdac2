"""Windows put together and told apart (R-117, R-118, catalogue row `works-overlap`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox_idp.scenarios.points import WorksWindow
from sandbox_idp.works.schedule import ahead, closures, running
from sandbox_idp.works.shutter import heading

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(start: int, end: int | None) -> WorksWindow:
    return WorksWindow(start=NOW + start * HOUR, end=None if end is None else NOW + end * HOUR)


def test_overlapping_windows_are_one_closure_with_the_later_end() -> None:
    merged = closures([window(1, 3), window(-1, 2), window(5, 6)])
    assert [(each.start, each.end) for each in merged] == [
        (NOW - HOUR, NOW + 3 * HOUR),
        (NOW + 5 * HOUR, NOW + 6 * HOUR),
    ]


def test_a_window_inside_another_does_not_shorten_it() -> None:
    (only,) = closures([window(-1, 4), window(0, 1)])
    assert only.end == NOW + 4 * HOUR


def test_an_unknown_end_stays_unknown() -> None:
    (only,) = closures([window(-1, 2), window(1, None), window(6, 7)])
    assert only.end is None
    assert only.left(NOW) is None
    assert only.retry_after(NOW) > 0


def test_a_closure_runs_from_its_first_to_before_its_last_moment() -> None:
    merged = closures([window(0, 1), window(2, 3)])
    assert running(merged, NOW) is merged[0]
    assert running(merged, NOW + HOUR) is None
    assert ahead(merged, NOW) == [merged[1]]
    assert merged[0].left(NOW + 2 * HOUR) == timedelta(0)


def test_the_heading_names_the_day_unless_it_is_today() -> None:
    """U-2: midnight in Moscow is 21:00 in UTC, so 23:30 UTC is the same Moscow day."""
    (today,) = closures([window(-1, 6)])
    (later,) = closures([window(-1, 30)])
    assert heading(today, NOW + HOUR / 2) == "Вход откроется в 06:00"
    assert heading(later, NOW + HOUR / 2) == "Вход откроется 23 ноября в 06:00"
