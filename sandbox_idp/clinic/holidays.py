"""On which days clinics are closed: Saturdays and Sundays where a rule says nothing else, and public holidays."""

from __future__ import annotations

from datetime import date, timedelta

_HOLIDAYS = frozenset(
    [*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)],
)
"""Month and day (Labour Code of the Russian Federation, article 112)."""


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday, or the Monday to which one that fell on a weekend was moved.

    Those of January are moved by a yearly decree of the government; here they are not moved at all.
    """
    if (day.month, day.day) in _HOLIDAYS:
        return True
    if day.weekday() != 0:
        return False
    weekend = (day - timedelta(days=1), day - timedelta(days=2))
    return any((before.month, before.day) in _HOLIDAYS and before.month != 1 for before in weekend)


def is_working_day(day: date) -> bool:
    """Whether offices work: from Monday to Friday, and no holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def after_working_days(day: date, count: int) -> date:
    """The day that is `count` working days after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
