"""What we aim at, as ratios within one run; and whether it was reached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.fan_out import Figures

OURS: Final = "Festival Push"
Results = dict[str, Figures]
"""Medians by name: each server's, and ours under `orders`, `push`, `storm`, `streams`, `log`."""


@dataclass(frozen=True)
class Target:
    """One row: what is compared, with what, and how much it may be.

    Attributes:
        measured: Our figure and the one it is compared with; None when the other was not measured.
    """

    what: str
    limit: float
    unit: str
    measured: Callable[[Results], tuple[float, float]]

    def row(self, results: Results) -> tuple[str, str, str, str]:
        """Cells of the table: what, figures, ratio against the limit, verdict."""
        try:
            ours, other = self.measured(results)
        except KeyError as missing:
            return self.what, "not measured", f"≤ {self.limit:g}", f"unknown: no {missing.args[0]}"
        if self.unit:
            return self.what, f"{ours:.2f} {self.unit}", f"≤ {self.limit:g} {self.unit}", _verdict(ours <= self.limit)
        return (
            self.what,
            f"{ours:.2f} : {other:.2f} = {ours / other:.2f}",
            f"≤ {self.limit:g}",
            _verdict(ours / other <= self.limit),
        )


def _verdict(met: bool) -> str:  # noqa: FBT001
    return "met" if met else "**missed**"


def _against(figure: str, other: str) -> Callable[[Results], tuple[float, float]]:
    return lambda results: (results[OURS][figure], results[other][figure])


def _alone(group: str, figure: str) -> Callable[[Results], tuple[float, float]]:
    return lambda results: (results[group][figure], 1.0)


def _pair(group: str, figure: str, base: str) -> Callable[[Results], tuple[float, float]]:
    return lambda results: (results[group][figure], results[group][base])


TARGETS: Final = (
    Target("broadcast, CPU µs a delivery, against Nchan", 0.90, "", _against("broadcast_us", "Nchan")),
    Target("the same, against the C floor", 1.25, "", _against("broadcast_us", "C floor")),
    Target("burst of 100 events, CPU µs a delivery, against Nchan", 0.10, "", _against("burst_us", "Nchan")),
    Target("one event to one stream, CPU µs, against Socket.IO", 0.75, "", _against("one_us", "Socket.IO")),
    Target("memory of an idle stream", 4, "KiB", _alone(OURS, "stream_kib")),
    Target("the same, against Nchan", 0.40, "", _against("stream_kib", "Nchan")),
    Target("p99 of a broadcast, ms, against Nchan", 1.3, "", _against("broadcast_p99_ms", "Nchan")),
    Target(
        "a durable order, all CPU µs, against a POST that commits nothing",
        2.0,
        "",
        _pair("orders", "order_us", "no_op_us"),
    ),
    Target(
        "POST to the other person's socket at 500 orders/s, 5,000 streams, p99", 25, "ms", _alone("push", "push_p99_ms")
    ),
    Target("5,000 clients come back, 21 events missed each, all caught up", 2, "s", _alone("storm", "storm_s")),
    Target(
        "an order with 10⁷ events in the log against 10⁴, CPU µs", 1.3, "", _pair("log", "order_us", "order_us_base")
    ),
    Target(
        "a replay with 10⁷ events in the log against 10⁴, CPU µs", 1.3, "", _pair("log", "replay_us", "replay_us_base")
    ),
    Target(
        "a delivery with 10,000 streams against 1,000, CPU µs",
        1.15,
        "",
        _pair("streams", "broadcast_us", "broadcast_us_base"),
    ),
)
