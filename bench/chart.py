"""Line and bar charts as plain SVG."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 320
_LEFT: Final = 70
_RIGHT: Final = 150
_TOP: Final = 40
_BOTTOM: Final = 50
_COLOURS: Final = ("#c2410c", "#0f766e", "#1d4ed8", "#7e22ce", "#4d7c0f")

Point = tuple[float, float]


def line_chart(title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[Point]]) -> str:
    """Lines over a logarithmic x and a linear y from zero."""
    points = [point for line in series.values() for point in line]
    x_low, x_high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    y_high = _round_up(max(y for _, y in points))

    def place(point: Point) -> Point:
        x = _LEFT + (math.log10(point[0]) - x_low) / (x_high - x_low or 1) * (WIDTH - _LEFT - _RIGHT)
        return x, HEIGHT - _BOTTOM - point[1] / y_high * (HEIGHT - _TOP - _BOTTOM)

    parts = _frame(title, x_name, y_name, y_high)
    for x in sorted({x for x, _ in points}):
        at = place((x, 0))[0]
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_short(x)}</text>')
    for number, (name, line) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        placed = [place(point) for point in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
        last_x, last_y = placed[-1]
        parts.append(f'<text x="{last_x + 8:.1f}" y="{last_y + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return _svg(parts)


def bar_chart(title: str, unit: str, bars: Mapping[str, float]) -> str:
    """One bar each, longest at the bottom, the figure at its end."""
    ordered = sorted(bars.items(), key=lambda bar: bar[1])
    most, step = max(bars.values()), 28
    height = _TOP + step * len(ordered) + 12
    parts = [f'<text x="12" y="24" font-weight="bold">{escape(title)}, {escape(unit)}</text>']
    for number, (name, figure) in enumerate(ordered):
        y = _TOP + number * step
        width = figure / most * (WIDTH - 150 - 90)
        colour = _COLOURS[0] if name == "Festival Push" else "#94a3b8"
        parts.append(f'<text x="140" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="150" y="{y}" width="{max(width, 1):.1f}" height="20" fill="{colour}"/>')
        parts.append(f'<text x="{156 + width:.1f}" y="{y + 15}">{figure:.2f}</text>')
    return _svg(parts, height)


def _frame(title: str, x_name: str, y_name: str, y_high: float) -> list[str]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    parts = [
        f'<text x="12" y="24" font-weight="bold">{escape(title)}</text>',
        f'<text x="{(_LEFT + right) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_name)}</text>',
        f'<text x="{_LEFT - 8}" y="{_TOP - 6}" text-anchor="end">{escape(y_name)}</text>',
    ]
    for part in range(5):
        y = bottom - part / 4 * (bottom - _TOP)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#cbd5e1"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{y_high * part / 4:g}</text>')
    return parts


def _svg(parts: Sequence[str], height: int = HEIGHT) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten: its quarters are short numbers."""
    power = 10.0 ** math.floor(math.log10(value or 1))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value)


def _short(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
