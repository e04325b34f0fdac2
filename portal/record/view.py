"""What the pages of the record say: figures and reference ranges, marks, freshness, rows of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from foundation import russian
from portal.clinic.values import Entry, Measurement, Source
from portal.patients.view import since_words

MINUS = "\u2212"
TIME_ONLY = 16
"""What is shorter is a time of today, without its date."""


@dataclass(frozen=True)
class Mark:
    """Where a value lies, told by a word and a shape, and only then by a colour."""

    words: str
    icon: str
    css: str


_MARKS = {
    "low": Mark("ниже нормы", "down", " tag--warn"),
    "high": Mark("выше нормы", "up", " tag--warn"),
    "within": Mark("в норме", "check", " tag--ok"),
}


def has_range(measurement: Measurement) -> bool:
    """Whether the laboratory gave a reference range at all."""
    return measurement.low is not None or measurement.high is not None


def mark(measurement: Measurement) -> Mark | None:
    """The mark of a measurement; None where there is no range to compare with."""
    return _MARKS[measurement.place] if has_range(measurement) else None


def number(value: Decimal) -> str:
    """`4,50`, `−3`, `12 400`: the decimals as the laboratory gave them."""
    whole, _, rest = f"{abs(value):f}".partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", russian.NBSP)
    return (MINUS if value < 0 else "") + whole + ("," + rest if rest else "")


def figure(measurement: Measurement) -> str:
    """The value with its unit: `118 г/л`."""
    return f"{number(measurement.value)}{russian.NBSP}{measurement.unit}".rstrip()


def norm(measurement: Measurement) -> str:
    """The reference range: `120–140`, `до 5,2`, `от 60`, `не указана`."""
    low, high = measurement.low, measurement.high
    if low is not None and high is not None:
        return f"{number(low)}–{number(high)}"
    if high is not None:
        return f"до {number(high)}"
    if low is not None:
        return f"от {number(low)}"
    return "не указана"


def money(value: Decimal) -> str:
    """`12 400,50 руб.`"""
    whole, _, rest = f"{value:.2f}".partition(".")
    return f"{int(whole):,}".replace(",", russian.NBSP) + f",{rest}{russian.NBSP}руб."


def summary(entry: Entry) -> str:
    """The last line of a row in a list: how the figures lie, else the state of the entry."""
    judged = [one for one in entry.measurements if has_range(one)]
    outside = [one for one in judged if one.place != "within"]
    if outside:
        names = ", ".join(first_small(one.name) for one in outside[:2])
        more = f" и ещё {len(outside) - 2}" if len(outside) > 2 else ""
        return f"Вне нормы: {names}{more}"
    if judged:
        return "Все показатели в норме" if len(judged) > 1 else "В норме"
    return entry.state


def is_outside(entry: Entry) -> bool:
    """Whether any figure lies outside its range."""
    return any(has_range(one) and one.place != "within" for one in entry.measurements)


def first_small(value: str) -> str:
    """A name inside a sentence; abbreviations (`АЛТ`) stay."""
    return value if value[1:2].isupper() else value[:1].lower() + value[1:]


@dataclass(frozen=True)
class Freshness:
    """From whom a block is put together, and from when each part is (R-042)."""

    silent: tuple[Source, ...]
    lines: tuple[str, ...]
    """Of each source one line for people."""

    @property
    def missing(self) -> str:
        """Names of those who did not answer, for a sentence."""
        return ", ".join(source.name for source in self.silent)


def freshness(sources: Iterable[Source], now: datetime) -> Freshness:
    """Those who answered first, together if they told at the same time."""
    told = sorted(sources, key=lambda source: not source.answered)
    answered: dict[str, list[str]] = {}
    for source in told:
        if source.answered:
            answered.setdefault(since_words(source.as_of, now), []).append(source.name)
    lines = [_updated(since, ", ".join(names)) for since, names in answered.items()]
    silent = tuple(source for source in told if not source.answered)
    for source in silent:
        since = since_words(source.as_of, now)
        lines.append(f"{source.name}: не отвечает" + (f", последние данные от {since}" if since else ""))
    return Freshness(silent, tuple(lines))


def _updated(since: str, names: str) -> str:
    if not since:
        return names
    return f"{names}: обновлено {'в ' if len(since) < TIME_ONLY else ''}{since}"


@dataclass(frozen=True)
class Year:
    """Entries of one year."""

    year: int
    is_new: bool
    """False where the piece before ended in the same year: its heading is there already."""
    entries: tuple[Entry, ...]


def by_year(entries: Iterable[Entry], after_year: int | None = None) -> list[Year]:
    """Entries as they come (newest first), divided where the year changes."""
    years: list[Year] = []
    for entry in entries:
        year = russian.msk(entry.at).year
        if years and years[-1].year == year:
            years[-1] = Year(year, years[-1].is_new, (*years[-1].entries, entry))
        else:
            years.append(Year(year, bool(years) or year != after_year, (entry,)))
    return years


FILTERS: dict[str, Callable[..., object]] = {
    "figure": figure,
    "has_range": has_range,
    "is_outside": is_outside,
    "mark": mark,
    "money": money,
    "norm": norm,
    "number": number,
    "summary": summary,
}
