"""Charts: where figures stand, and what tells the lines apart."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.charts.chart import HEIGHT, LINES_MAX, WIDTH, Point, apart, bar_chart, line_chart, round_up, short, ticks
from bench.results import Spread, spread_of

SVG = "{http://www.w3.org/2000/svg}"


def points(*pairs: tuple[float, float]) -> list[Point]:
    return [Point(x, spread_of([y * 0.9, y, y * 1.1])) for x, y in pairs]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 (our own)


def corners(svg: str) -> list[list[tuple[float, float]]]:
    lines = re.findall(r'<polyline points="([^"]+)"', svg)
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())] for line in lines]


def test_powers_of_ten_are_as_far_apart_as_each_other() -> None:
    [line] = corners(line_chart("t", "x", "y", {"a": points((10, 1), (100, 2), (1_000, 3))}))
    (x1, y1), (x2, y2), (x3, y3) = line
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)


def test_on_two_logarithmic_scales_what_grows_alike_is_straight() -> None:
    line = corners(line_chart("t", "x", "y", {"a": points((1, 7), (10, 70), (100, 700))}, log_y=True))[0]
    (x1, y1), (x2, y2), (x3, y3) = line
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)


@given(
    st.lists(
        st.lists(st.tuples(st.floats(1, 1e7), st.floats(0, 1e6, allow_subnormal=False)), min_size=1, max_size=6),
        min_size=1,
        max_size=LINES_MAX,
    )
)
def test_every_point_is_in_the_picture(lines: list[list[tuple[float, float]]]) -> None:
    svg = line_chart("t", "x", "y", {f"line {number}": points(*line) for number, line in enumerate(lines)})
    for line in corners(svg):
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)


def test_lines_differ_without_their_colour() -> None:
    svg = line_chart("t", "x", "y", {f"line {number}": points((1, number), (2, number)) for number in range(LINES_MAX)})
    dashes = re.findall(r'stroke-dasharray="([^"]+)"', svg)
    marks = set(re.findall(r' d="([^"]+)" fill="#', svg))
    assert len(set(dashes)) == len(marks) == LINES_MAX


def test_axes_have_their_names_units_and_scale() -> None:
    svg = line_chart("CPU", "open streams", "µs", {"broadcast": points((1_000, 7), (20_000, 8))})
    assert {"CPU", "open streams (log scale)", "µs", "broadcast", "1k", "20k", "0", "10"} <= set(texts(svg))


def test_a_single_point_of_nothing_is_a_chart() -> None:
    assert corners(line_chart("t", "x", "y", {"a": points((5, 0))}))


def test_bars_are_ordered_and_as_long_as_their_figures() -> None:
    bars = {"slow": Spread(19, 20, 22), "ours": Spread(9, 10, 11), "nothing": Spread(-0.1, -0.001, 0)}
    svg = bar_chart("t", bars, "ours")
    widths = [float(width) for width in re.findall(r'<rect x="170" y="\d+" width="([\d.]+)"', svg)]
    assert texts(svg) == ["t", "nothing", "0.00", "ours", "10.0", "slow", "20.0"]
    assert widths[2] == pytest.approx(2 * widths[1], rel=0.01)
    assert widths[0] == 1


def test_names_are_text_not_markup() -> None:
    assert "<b>" in texts(bar_chart("t", {"<b>": Spread(1, 1, 1)}, "ours"))


@given(st.floats(1e-6, 1e9))
def test_the_scale_is_short_and_near(value: float) -> None:
    assert value * 0.999 <= round_up(value) <= value * 2.001
    assert len(f"{round_up(value):.4g}") <= 7


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1_000, 19_000, [1e3, 2e3, 5e3, 1e4]), (10, 10_000, [10, 100, 1e3, 1e4]), (1.02, 260, [10, 100]), (64, 64, [])],
)
def test_a_scale_is_marked_at_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert list(ticks(low, high)) == pytest.approx(expected)


@given(st.lists(st.floats(0, 300), max_size=LINES_MAX))
def test_names_of_lines_do_not_cover_each_other(heights: list[float]) -> None:
    moved = apart(heights, 17)
    assert all(after >= before for before, after in zip(heights, moved, strict=True))
    ordered = sorted(moved)
    assert all(after - before >= 16.99 for before, after in pairwise(ordered))


def test_sizes_are_short() -> None:
    assert [short(value) for value in (1, 10, 2_000, 1e7)] == ["1", "10", "2k", "10M"]
