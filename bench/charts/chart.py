"""Line and bar charts as plain SVG: on a white card, so that the page may be light or dark.

Lines differ in the shape of their points and in their dashes as well as in colour, and each has its name at its end.
Thin lines across points and bars go from the smallest to the largest of the rounds.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

from bench.results import Spread
from bench.words import number

WIDTH: Final = 720
HEIGHT: Final = 340
_LEFT: Final = 64
_RIGHT: Final = WIDTH - 200  # the names of the lines are beyond
_TOP: Final = 64
_BOTTOM: Final = HEIGHT - 52
_NAME_PX: Final = 17  # from one name to the next
_BARS_LEFT: Final = 170
_BARS_RIGHT: Final = WIDTH - 160  # their figures are beyond
_BAR_PX: Final = 28
_INK: Final = "#1f2937"
_FAINT: Final = "#566072"
_GRID: Final = "#d8dde4"
_OURS: Final = "#b4400e"
_OTHERS: Final = "#94a3b8"


class Point(NamedTuple):
    """What was measured at one size."""

    x: float
    y: Spread


class _Style(NamedTuple):
    """How one line looks; `mark` is the outline of its points, around 0."""

    colour: str
    dashes: str
    mark: str


_STYLES: Final = (
    _Style("#b4400e", "none", "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z"),
    _Style("#1d4ed8", "7 4", "M-4,-4h8v8h-8z"),
    _Style("#0f766e", "2 3", "M0,-5l5,9h-10z"),
    _Style("#7e22ce", "9 3 2 3", "M0,-5.5l5.5,5.5l-5.5,5.5l-5.5,-5.5z"),
)
LINES_MAX: Final = len(_STYLES)


@dataclass(frozen=True)
class _Plane:
    """Where a figure stands: on a logarithmic x; on a y from 0, or (`y_low` above 0) a logarithmic one."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        return _LEFT + _log_share(value, self.x_low, self.x_high) * (_RIGHT - _LEFT)

    def y(self, value: float) -> float:
        share = _log_share(value, self.y_low, self.y_high) if self.y_low else value / self.y_high
        return _BOTTOM - share * (_BOTTOM - _TOP)

    def y_marks(self) -> Iterable[float]:
        return ticks(self.y_low, self.y_high) if self.y_low else (self.y_high * quarter / 4 for quarter in range(5))


def _log_share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / (math.log(high / low) or 1)


def line_chart(
    title: str, x_name: str, y_name: str, lines: Mapping[str, Sequence[Point]], *, log_y: bool = False
) -> str:
    """One line each, of points with a rising x above 0; `LINES_MAX` at most, none of them empty.

    Args:
        log_y: For what grows as x does, which is a straight line then; all y are above 0.
    """
    points = [point for line in lines.values() for point in line]
    xs = [point.x for point in points]
    y_low = 10.0 ** math.floor(math.log10(min(point.y.low for point in points))) if log_y else 0.0
    plane = _Plane(min(xs), max(xs), y_low, round_up(max(point.y.high for point in points)))
    parts = [_title(title), *_axes(plane, x_name, y_name)]
    names = apart([plane.y(line[-1].y.middle) for line in lines.values()], _NAME_PX)
    for (name, line), style, name_y in zip(lines.items(), _STYLES[: len(lines)], names, strict=True):
        parts += _drawn(plane, line, style)
        parts.append(_mark(_RIGHT + 22, name_y, style))
        parts.append(_text(_RIGHT + 34, name_y + 4, name, fill=style.colour))
    return _svg(parts, HEIGHT)


def bar_chart(title: str, bars: Mapping[str, Spread], ours: str) -> str:
    """One bar each, the longest at the bottom, its median at its end; `ours` stands out."""
    ordered = sorted(bars.items(), key=lambda bar: bar[1].middle)
    scale = (_BARS_RIGHT - _BARS_LEFT) / (max(bar.high for bar in bars.values()) or 1)
    parts = [_title(title)]
    for index, (name, bar) in enumerate(ordered):
        y = 44 + index * _BAR_PX
        weight, colour = ("bold", _OURS) if name == ours else ("normal", _OTHERS)
        low, middle, high = (_BARS_LEFT + max(0, figure) * scale for figure in bar)
        parts.append(_text(_BARS_LEFT - 10, y + 15, name, anchor="end", weight=weight))
        parts.append(
            f'<rect x="{_BARS_LEFT}" y="{y}" width="{max(1, middle - _BARS_LEFT):.1f}" height="20" fill="{colour}"/>'
        )
        parts.append(_whisker(low, y + 10, high, y + 10))
        parts.append(_text(high + 8, y + 15, number(bar.middle), weight=weight))
    return _svg(parts, 44 + _BAR_PX * len(ordered) + 12)


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8, 10 times a power of ten: its quarters are short numbers."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value * (1 - 1e-9))


def ticks(low: float, high: float) -> Iterator[float]:
    """1, 2 and 5 times the powers of ten between two bounds; the powers alone when they span more than two."""
    steps = (1, 2, 5) if high / low < 101 else (1,)
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        yield from (step * 10.0**power for step in steps if low * 0.999 <= step * 10.0**power <= high * 1.001)


def apart(heights: Sequence[float], least: float) -> list[float]:
    """Move heights down as little as needed, so that no two are nearer to each other than `least`."""
    found = list(heights)
    order = sorted(range(len(found)), key=found.__getitem__)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + least)
    return found


def short(value: float) -> str:
    """2k, 10M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _axes(plane: _Plane, x_name: str, y_name: str) -> Iterator[str]:
    yield _text(12, _TOP - 18, f"{y_name} (log scale)" if plane.y_low else y_name, fill=_FAINT)
    yield _text((_LEFT + _RIGHT) / 2, HEIGHT - 12, f"{x_name} (log scale)", fill=_FAINT, anchor="middle")
    for value in plane.y_marks():
        y = plane.y(value)
        yield f'<path d="M{_LEFT},{y:.1f}H{_RIGHT}" stroke="{_GRID}"/>'
        yield _text(_LEFT - 8, y + 4, f"{value:,.10g}", anchor="end")
    for value in ticks(plane.x_low, plane.x_high):
        x = plane.x(value)
        yield f'<path d="M{x:.1f},{_BOTTOM}v5" stroke="{_FAINT}"/>'
        yield _text(x, _BOTTOM + 19, short(value), anchor="middle")


def _drawn(plane: _Plane, line: Sequence[Point], style: _Style) -> Iterator[str]:
    path = " ".join(f"{plane.x(point.x):.1f},{plane.y(point.y.middle):.1f}" for point in line)
    look = f'stroke="{style.colour}" stroke-width="2" stroke-dasharray="{style.dashes}"'
    yield f'<polyline points="{path}" fill="none" {look}/>'
    for point in line:
        x = plane.x(point.x)
        yield _whisker(x, plane.y(point.y.low), x, plane.y(point.y.high))
        yield _mark(x, plane.y(point.y.middle), style)


def _mark(x: float, y: float, style: _Style) -> str:
    return f'<path transform="translate({x:.1f},{y:.1f})" d="{style.mark}" fill="{style.colour}"/>'


def _whisker(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}" stroke="{_INK}"/>'


def _title(text: str) -> str:
    return _text(12, 24, text, weight="bold", size=14)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = _INK, weight: str = "normal", size: int = 12
) -> str:
    look = f'text-anchor="{anchor}" fill="{fill}" font-weight="{weight}" font-size="{size}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _svg(parts: Sequence[str], height: int) -> str:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    card = f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6" fill="white" stroke="{_GRID}"/>'
    return "\n".join([head, card, *parts, "</svg>", ""])
