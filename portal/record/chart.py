"""A chart of one test over time: pure geometry, drawn as SVG by `templates/portal/record/chart.html`.

Nothing in it depends on colour: what lies outside the range has another shape and its number beside it, the range is
hatched and named. Coordinates are user units of the picture, which is `WIDTH` by `HEIGHT`; the same figures stand in a
table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from foundation import russian
from portal.clinic.values import Point
from portal.record.view import figure, has_range, mark, norm, number

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 16, 34
"""Margins: figures stand left of the plot, dates below it."""
LINES = 5
"""How many horizontal lines there are at most, about."""
YEARS = 4
"""How many years are named at most."""
APART = 70
"""Two dates must be so far apart to be read."""


@dataclass(frozen=True)
class Scale:
    """Maps values to a length; the ends of both belong to it. Equal ends of the domain are mapped to the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`."""
        if self.high <= self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: Decimal, high: Decimal, most: int = LINES) -> list[Decimal]:
    """Round values within [low, high], evenly apart by 1, 2 or 5 times a power of ten, at most `most` + 1 of them."""
    if high <= low:
        return [low]
    rough = (high - low) / most
    power = Decimal(10) ** math.floor(rough.log10())
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [step * index for index in range(first, math.floor(high / step) + 1)]


@dataclass(frozen=True)
class Dot:
    """A measurement in the picture."""

    x: float
    y: float
    shape: Literal["low", "within", "high"]
    label: str
    """Its number, where it is written beside it; else empty."""
    anchor: Literal["start", "middle", "end"]
    title: str
    """What the browser tells when it is pointed at."""

    @property
    def label_y(self) -> float:
        """Its number stands above, or below what is too low, and never outside the plot."""
        below = self.y + 24 if self.shape == "low" else self.y - 12
        return min(max(below, TOP + 2), HEIGHT - BOTTOM - 4)


@dataclass(frozen=True)
class Line:
    """A line across the picture with its text."""

    at: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"


@dataclass(frozen=True)
class Band:
    """A stretch of time with one reference range."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Everything the template draws."""

    name: str
    unit: str
    dots: tuple[Dot, ...]
    rows: tuple[Line, ...]
    """Horizontal ones."""
    columns: tuple[Line, ...]
    """Vertical ones: years, or the first and the last day."""
    bands: tuple[Band, ...]
    words: str
    """The same for those who do not see the picture."""

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    left: ClassVar[int] = LEFT
    right: ClassVar[int] = RIGHT
    bottom: ClassVar[int] = BOTTOM

    @property
    def path(self) -> str:
        """The line through the dots."""
        return "M" + " L".join(f"{dot.x:.1f} {dot.y:.1f}" for dot in self.dots)


def chart(points: Sequence[Point]) -> Chart | None:
    """The chart of the points (oldest first) that have the unit of the newest; None if fewer than two remain."""
    if not points:
        return None
    unit = points[-1].measurement.unit
    drawn = [point for point in points if point.measurement.unit == unit]
    if len(drawn) < 2:
        return None
    low, high = _domain(drawn)
    up = Scale(float(low), float(high), HEIGHT - BOTTOM, TOP)
    along = Scale(_seconds(drawn[0]), _seconds(drawn[-1]), LEFT + 10, WIDTH - RIGHT - 10)
    places = [along(_seconds(point)) for point in drawn]
    return Chart(
        name=drawn[-1].measurement.name,
        unit=unit,
        dots=tuple(_dots(drawn, places, up)),
        rows=tuple(Line(up(float(value)), number(value)) for value in ticks(low, high)),
        columns=tuple(_columns(drawn, along)),
        bands=tuple(_bands(drawn, places, up)),
        words=_words(drawn),
    )


def _seconds(point: Point) -> float:
    return point.at.timestamp()


def _domain(points: Sequence[Point]) -> tuple[Decimal, Decimal]:
    """What the picture shows: every value and every end of a range, with some air around."""
    values: list[Decimal] = []
    for point in points:
        one = point.measurement
        values += [value for value in (one.value, one.low, one.high) if value is not None]
    low, high = min(values), max(values)
    air = (high - low) / 16 or abs(high) / 10 or Decimal(1)
    # Nothing that is measured here is below zero unless a value says so.
    return (max(low - air, Decimal(0)) if low >= 0 else low - air), high + air


def _dots(points: Sequence[Point], places: Sequence[float], up: Scale) -> list[Dot]:
    dots = []
    for index, (point, x) in enumerate(zip(points, places, strict=True)):
        one = point.measurement
        shape = one.place if has_range(one) else "within"
        is_last = index == len(points) - 1
        label = number(one.value) if is_last or (shape != "within" and len(points) <= 12) else ""
        anchor: Literal["start", "middle", "end"] = "end" if x > WIDTH - 60 else "start" if x < LEFT + 20 else "middle"
        said = mark(one)
        title = f"{russian.date_long(point.at)}: {figure(one)}" + (f", {said.words}" if said else "")
        dots.append(Dot(x, up(float(one.value)), shape, label, anchor, title))
    return dots


def _columns(points: Sequence[Point], along: Scale) -> list[Line]:
    """Beginnings of years; within two years the first and the last day."""
    first, last = russian.msk(points[0].at), russian.msk(points[-1].at)
    years = range(first.year + 1, last.year + 1)
    if len(years) < 2:
        ends = [
            Line(along(_seconds(points[0])), f"{first:%d.%m.%Y}", "start"),
            Line(along(_seconds(points[-1])), f"{last:%d.%m.%Y}", "end"),
        ]
        return ends if ends[1].at - ends[0].at > 2 * APART else ends[1:]
    step = math.ceil(len(years) / YEARS)
    named = sorted(years[::-1][::step])
    return [Line(along(datetime(year, 1, 1, tzinfo=russian.MOSCOW).timestamp()), str(year)) for year in named]


def _bands(points: Sequence[Point], places: Sequence[float], up: Scale) -> list[Band]:
    """The range of each measurement, from half-way to the one before to half-way to the next; equal ones joined."""
    bands: list[Band] = []
    left = float(LEFT)
    for index, point in enumerate(points):
        is_last = index == len(points) - 1
        right = WIDTH - RIGHT if is_last else (places[index] + places[index + 1]) / 2
        one = point.measurement
        if has_range(one):
            top = up(float(one.high)) if one.high is not None else TOP
            bottom = up(float(one.low)) if one.low is not None else HEIGHT - BOTTOM
            joined = bands and (bands[-1].y, bands[-1].height) == (top, bottom - top)
            if joined and math.isclose(bands[-1].x + bands[-1].width, left):
                bands[-1] = Band(bands[-1].x, top, right - bands[-1].x, bottom - top)
            else:
                bands.append(Band(left, top, right - left, bottom - top))
        left = right
    return bands


def _words(points: Sequence[Point]) -> str:
    """What the picture shows, in three sentences."""
    values = [point.measurement.value for point in points]
    last = points[-1]
    unit = f" {last.measurement.unit}" if last.measurement.unit else ""
    said = mark(last.measurement)
    verdict = f", {said.words} ({norm(last.measurement)})" if said else ""
    times = russian.counted(len(points), "измерение", "измерения", "измерений")
    return (
        f"{times} с {russian.date_long(points[0].at)} по {russian.date_long(last.at)}. "
        f"Наименьшее {number(min(values))}, наибольшее {number(max(values))}{unit}. "
        f"Последнее {number(last.measurement.value)}{unit}{verdict}."
    )
