"""Which charts there are, and what each shows of the results."""

from typing import Final, NamedTuple

from bench.charts.chart import Point, bar_chart, line_chart
from bench.results import Results, spread_of
from bench.targets import OURS
from bench.words import called

BARS: Final = {
    "broadcast_us": "20 broadcasts a second: CPU µs a delivery",
    "burst_us": "100 events at once: CPU µs a delivery",
    "one_us": "One event to one stream: CPU µs",
    "stream_kib": "Memory of an idle stream: KiB",
}


class Curve(NamedTuple):
    """A chart of one series: its lines by figure, over the series' sizes or another figure (`over`)."""

    title: str
    y_name: str
    lines: dict[str, str]
    over: str = ""
    log_y: bool = False


class Grown(NamedTuple):
    """How one series is shown."""

    x_name: str
    curves: dict[str, Curve]


GROWN: Final = {
    "streams": Grown(
        "open streams",
        {
            "streams-cpu": Curve(
                "CPU of a delivery",
                "µs",
                {
                    "broadcast_us": "40,000 deliveries/s",
                    "floor_us": "the C floor, the same",
                    "burst_us": "burst of 100 events",
                },
            ),
            "streams-latency": Curve(
                "From cause to client, one broadcast",
                "ms",
                {"broadcast_p50_ms": "median", "broadcast_p99_ms": "p99"},
                log_y=True,
            ),
            "streams-memory": Curve("Memory of an idle stream", "KiB", {"stream_kib": "a stream"}),
        },
    ),
    "topics": Grown(
        "followed topics", {"topics-cpu": Curve("CPU of one event to one stream", "µs", {"one_us": "one event"})}
    ),
    "log": Grown(
        "events in the log",
        {
            "log-cpu": Curve(
                "CPU of an order, and of a person who comes back",
                "µs",
                {"order_us": "an order", "replay_us": "a replay from SQL"},
            )
        },
    ),
    "batches": Grown(
        "clients",
        {
            "batches-cpu": Curve(
                "CPU of an order, by how many commit together",
                "µs",
                {"order_us": "a durable order", "no_op_us": "a POST, no commit"},
                over="orders_per_batch",
            ),
            "batches-rate": Curve(
                "Durable orders, by how many commit together",
                "orders/s",
                {"orders_per_s": "durable orders"},
                over="orders_per_batch",
            ),
        },
    ),
}


def charts_of(results: Results) -> dict[str, str]:
    """SVG by name; without those that nothing is known of."""
    charts = {}
    for key, title in BARS.items():
        bars = {name: spread for name in (*results.peers, OURS) if (spread := results.spread(name, key))}
        if bars:
            charts[key] = bar_chart(title, bars, OURS)
    for name, grown in GROWN.items():
        for chart, curve in grown.curves.items():
            found = {text: _points(results, name, key, curve.over) for key, text in curve.lines.items()}
            lines = {text: points for text, points in found.items() if points}
            if lines:
                x_name = called(curve.over) if curve.over else grown.x_name
                charts[chart] = line_chart(curve.title, x_name, curve.y_name, lines, log_y=curve.log_y)
    return charts


def _points(results: Results, name: str, key: str, over: str) -> list[Point]:
    """In order of x, without those that failed."""
    points = []
    for size in results.growth.get(name, {}):
        x = results.spread(name, over, size) if over else spread_of([size])
        y = results.spread(name, key, size)
        if x and y:
            points.append(Point(x.middle, y))
    return sorted(points)
