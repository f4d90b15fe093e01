"""What we aim at, as ratios within one run; and whether it was reached."""

import math
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from bench.results import Results, spread_of
from bench.words import number, with_spread

OURS: Final = "Festival Push"


class Figure(NamedTuple):
    """Where a figure stands in the results: under the name of a measurement, or in a series at a size."""

    name: str
    key: str
    size: int | None = None


@dataclass(frozen=True)
class Target:
    """One row: a figure, what it is compared with, and how much it may be.

    Attributes:
        limit: Of the figure in `unit`; or, where there is something to compare it with, of the ratio.
    """

    what: str
    limit: float
    ours: Figure
    other: Figure | None = None
    unit: str = ""

    def row(self, results: Results) -> tuple[str, str, str, str]:
        """Cells of the table: what, figures with their spread over the rounds, limit, verdict."""
        limit = f"≤ {self.limit:g} {self.unit}".rstrip()
        wanted = [figure for figure in (self.ours, self.other) if figure]
        rounds = list(zip(_values(results, wanted[0]), _values(results, wanted[-1]), strict=False))
        pairs = [(ours, other) for ours, other in rounds if ours is not None and other is not None]
        if not pairs:
            return self.what, "not measured", limit, f"unknown: {_reason(results, wanted)}"
        failed = f", {len(rounds) - len(pairs)} of {len(rounds)} rounds failed" if len(pairs) < len(rounds) else ""
        ours, other = (median(side) for side in zip(*pairs, strict=True))
        if self.other is None:
            measured, figure = with_spread(spread_of(pair[0] for pair in pairs), self.unit), ours
        else:
            ratio = spread_of(_ratio(*pair) for pair in pairs)._replace(middle=_ratio(ours, other))
            measured, figure = f"{number(ours)} : {number(other)} = {with_spread(ratio)}", ratio.middle
        return self.what, measured, limit, ("met" if figure <= self.limit else "**missed**") + failed


def _ratio(ours: float, other: float) -> float:
    return ours / other if other else math.inf


def _values(results: Results, figure: Figure) -> list[float | None]:
    """One of each round; None where it failed."""
    outcomes = results.outcomes(figure.name, figure.size)
    return [found.get(figure.key) if isinstance(found, dict) else None for found in outcomes]


def _reason(results: Results, wanted: list[Figure]) -> str:
    for figure in wanted:
        outcomes = results.outcomes(figure.name, figure.size)
        if not outcomes:
            return results.missing.get(figure.name, f"{figure.name} was left out")
        if failed := [found for found in outcomes if isinstance(found, str)]:
            return failed[0]
    return "never both in one round"


TARGETS: Final = (
    Target(
        "broadcast, CPU µs a delivery, against Nchan",
        0.90,
        Figure(OURS, "broadcast_us"),
        Figure("Nchan", "broadcast_us"),
    ),
    Target("the same, against the C floor", 1.25, Figure(OURS, "broadcast_us"), Figure("C floor", "broadcast_us")),
    Target(
        "burst of 100 events, CPU µs a delivery, against Nchan",
        0.10,
        Figure(OURS, "burst_us"),
        Figure("Nchan", "burst_us"),
    ),
    Target(
        "one event to one stream, committed at another server, CPU µs, against Socket.IO",
        0.5,
        Figure(OURS, "one_us"),
        Figure("Socket.IO", "one_us"),
    ),
    Target("memory of an idle stream", 4, Figure(OURS, "stream_kib"), unit="KiB"),
    Target("the same, against Nchan", 0.40, Figure(OURS, "stream_kib"), Figure("Nchan", "stream_kib")),
    Target(
        "p99 of a broadcast, ms, against Nchan",
        1.3,
        Figure(OURS, "broadcast_p99_ms"),
        Figure("Nchan", "broadcast_p99_ms"),
    ),
    Target(
        "a durable order, all CPU µs, against a POST that commits nothing",
        2.0,
        Figure("orders", "unheard_order_us"),
        Figure("orders", "no_op_us"),
    ),
    Target(
        "the same, and what it causes goes to the streams of stalls and customers",
        2.0,
        Figure("orders", "order_us"),
        Figure("orders", "no_op_us"),
    ),
    Target(
        "POST to the other person's socket at 500 orders/s, 5,000 streams, p99",
        25,
        Figure("push", "push_p99_ms"),
        unit="ms",
    ),
    Target("5,000 clients come back, 21 events missed each, all caught up", 2, Figure("storm", "storm_s"), unit="s"),
    Target(
        "an order with 10⁷ events in the log against 10⁴, CPU µs",
        1.3,
        Figure("log", "order_us", 10_000_000),
        Figure("log", "order_us", 10_000),
    ),
    Target(
        "a replay with 10⁷ events in the log against 10⁴, CPU µs",
        1.3,
        Figure("log", "replay_us", 10_000_000),
        Figure("log", "replay_us", 10_000),
    ),
    Target(
        "a delivery with 10,000 streams against 1,000, CPU µs",
        1.15,
        Figure("streams", "broadcast_us", 10_000),
        Figure("streams", "broadcast_us", 1_000),
    ),
)
