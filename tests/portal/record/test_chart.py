"""The chart of a test over time: scaling, marks, and what it tells those who do not see it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.clinic.values import Measurement, Point
from portal.record.chart import BOTTOM, HEIGHT, LEFT, LINES, RIGHT, TOP, WIDTH, YEARS, Scale, chart, ticks

START = datetime(2020, 3, 1, 9, 0, tzinfo=UTC)

values = st.integers(-(10**7), 10**8).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
edges = st.none() | values


@st.composite
def series(draw: st.DrawFn) -> list[Point]:
    """Two to forty measurements of one unit, oldest first, each with a range of its own or none."""
    days = sorted(draw(st.lists(st.integers(0, 4000), min_size=2, max_size=40)))
    points = []
    for day in days:
        low, high = draw(edges), draw(edges)
        if low is not None and high is not None and low > high:
            low, high = high, low
        points.append(point(draw(values), day, low=low, high=high))
    return points


def point(
    value: Decimal | int, day: int, *, low: Decimal | None = None, high: Decimal | None = None, unit: str = "г/л"
) -> Point:
    return Point(START + timedelta(days=day), Measurement("hgb", "Гемоглобин", Decimal(value), unit, low, high), "e")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series())
def test_everything_lies_inside_the_picture(points: list[Point]) -> None:
    """R-035: whatever a laboratory says, each dot, line and band is where the picture has room for it."""
    drawn = chart(points)
    assert drawn is not None
    assert len(drawn.dots) == len(points)
    left, right, top, bottom = LEFT - 0.01, WIDTH - RIGHT + 0.01, TOP - 0.01, HEIGHT - BOTTOM + 0.01
    assert all(left <= dot.x <= right and top <= dot.y <= bottom for dot in drawn.dots)
    assert all(top <= row.at <= bottom for row in drawn.rows)
    assert all(left <= column.at <= right for column in drawn.columns)
    for band in drawn.bands:
        assert left <= band.x
        assert band.x + band.width <= right
        assert top <= band.y
        assert band.y + band.height <= bottom
        assert band.width >= -0.01
        assert band.height >= -0.01


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series())
def test_what_is_more_is_higher_and_what_is_later_is_further_right(points: list[Point]) -> None:
    """The picture keeps the order of values and of days."""
    drawn = chart(points)
    assert drawn is not None
    pairs = sorted(zip((one.measurement.value for one in points), (dot.y for dot in drawn.dots), strict=True))
    assert all(later[1] <= before[1] + 1e-6 for before, later in itertools.pairwise(pairs))
    assert [dot.x for dot in drawn.dots] == sorted(dot.x for dot in drawn.dots)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series())
def test_a_dot_lies_in_its_band_exactly_if_the_value_is_within(points: list[Point]) -> None:
    """R-035: shape and band say the same as the table."""
    drawn = chart(points)
    assert drawn is not None
    for one, dot in zip(points, drawn.dots, strict=True):
        measured = one.measurement
        assert dot.shape == measured.place
        if measured.low is None and measured.high is None:
            continue
        bands = [band for band in drawn.bands if band.x - 0.01 <= dot.x <= band.x + band.width + 0.01]
        inside = any(band.y - 0.01 <= dot.y <= band.y + band.height + 0.01 for band in bands)
        if measured.place == "within":
            assert inside


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values, values)
def test_lines_are_round_few_even_and_inside(one: Decimal, other: Decimal) -> None:
    """Lines across the picture are apart by 1, 2 or 5 times a power of ten."""
    low, high = min(one, other), max(one, other)
    lines = ticks(low, high)
    if low == high:
        assert lines == [low]
        return
    assert len(lines) <= LINES + 1
    assert all(low <= line <= high for line in lines)
    steps = {after - before for before, after in itertools.pairwise(lines)}
    assert len(steps) <= 1
    assert all(step.normalize().as_tuple().digits in ((1,), (2,), (5,)) for step in steps)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1))
def test_a_scale_maps_ends_to_ends(one: float, other: float, part: float) -> None:
    low, high = min(one, other), max(one, other)
    scale = Scale(low, high, 200, 10)
    if high - low < 1e-6:
        return
    assert scale(low) == pytest.approx(200)
    assert scale(high) == pytest.approx(10)
    assert 10 - 1e-6 <= scale(low + (high - low) * part) <= 200 + 1e-6


def test_one_value_makes_no_chart_and_equal_ones_do() -> None:
    """A line needs two ends; a value that never changes has one nevertheless."""
    assert chart([]) is None
    assert chart([point(120, 0)]) is None
    drawn = chart([point(0, 0), point(0, 0)])
    assert drawn is not None
    assert {dot.x for dot in drawn.dots} == {(LEFT + 10 + WIDTH - RIGHT - 10) / 2}


def test_another_unit_is_not_drawn_on_the_same_axis() -> None:
    """12 г/дл is not lower than 118 г/л."""
    drawn = chart([point(12, 0, unit="г/дл"), point(118, 10), point(121, 20)])
    assert drawn is not None
    assert (len(drawn.dots), drawn.unit) == (2, "г/л")
    assert chart([point(12, 0, unit="г/дл"), point(118, 10)]) is None


def test_the_range_may_change_over_time() -> None:
    """A child grows into other norms: each measurement is judged by its own."""
    low, high = Decimal(110), Decimal(140)
    drawn = chart(
        [point(115, 0, low=low, high=high), point(115, 100, low=low, high=high), point(115, 200, low=Decimal(120))]
    )
    assert drawn is not None
    assert len(drawn.bands) == 2
    assert [dot.shape for dot in drawn.dots] == ["within", "within", "low"]
    assert drawn.bands[0].x == LEFT
    assert drawn.bands[1].y == TOP


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        ((0, 30), ["01.03.2020", "31.03.2020"]),
        ((0, 700), ["01.03.2020", "30.01.2022"]),
        ((0, 3600), ["2021", "2023", "2025", "2027", "2029"]),
    ],
)
def test_days_below_the_chart_can_be_read(days: tuple[int, ...], texts: list[str]) -> None:
    """Two days, or a few years: never so many that they run into each other."""
    drawn = chart([point(120 + index, day) for index, day in enumerate(days)])
    assert drawn is not None
    shown = [column.text for column in drawn.columns]
    assert len(shown) <= YEARS
    if days[-1] == 30:
        assert shown == texts


def test_the_words_tell_what_the_picture_shows() -> None:
    """WCAG 1.1.1: how many, since when, from where to where, and how the last one lies."""
    low, high = Decimal(120), Decimal(140)
    drawn = chart([point(Decimal("131.5"), 0, low=low, high=high), point(118, 400, low=low, high=high)])
    assert drawn is not None
    assert drawn.words.replace("\u00a0", " ") == (
        "2 измерения с 1 марта 2020 по 5 апреля 2021. Наименьшее 118, наибольшее 131,5 г/л. "
        "Последнее 118 г/л, ниже нормы (120–140)."
    )
    assert drawn.dots[-1].title.endswith("118\u00a0г/л, ниже нормы")
    assert drawn.dots[-1].label == "118"
