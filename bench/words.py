"""Figures as people read them: three digits that matter, and how far the rounds lie apart."""

from typing import Final

from bench.results import Spread

_NAMES: Final = {
    "broadcast_us": "broadcast, CPU µs",
    "floor_us": "the C floor, CPU µs",
    "burst_us": "burst of 100, CPU µs",
    "one_us": "one to one, CPU µs",
    "stream_kib": "KiB a stream",
    "broadcast_p50_ms": "broadcast, ms",
    "broadcast_p99_ms": "its p99, ms",
    "order_us": "an order, CPU µs",
    "unheard_order_us": "the same, no stream open",
    "no_op_us": "a POST that commits nothing, CPU µs",
    "orders_per_s": "orders/s",
    "no_ops_per_s": "POSTs/s that commit nothing",
    "orders_per_batch": "orders a batch",
    "order_p50_ms": "an order's answer, ms",
    "order_p99_ms": "an order's answer, p99, ms",
    "replay_us": "a replay, CPU µs",
    "push_p50_ms": "order to the stall's screen at 500/s, ms",
    "push_p99_ms": "the same, p99, ms",
    "answer_p99_ms": "the order's answer meanwhile, p99, ms",
    "storm_s": "5,000 come back and have it all, s",
    "storm_first_p99_ms": "their greeting, p99, ms",
    "storm_cpu_us": "CPU µs for each of them",
}


def number(value: float) -> str:
    """Three digits or all before the point: 0.15, 11.2, 5,072."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    rounded = round(value, digits) + 0.0  # a nothing has no sign
    return f"{rounded:,.{digits}f}"


def with_spread(spread: Spread, unit: str = "") -> str:
    """The median, and in brackets the smallest and the largest where they read differently."""
    low, middle, high = map(number, spread)
    text = f"{middle} {unit}".rstrip()
    return text if low == high else f"{text} ({low}–{high})"


def called(key: str) -> str:
    """What a table calls a figure."""
    return _NAMES.get(key, key.replace("_", " "))
