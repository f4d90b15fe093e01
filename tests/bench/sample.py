"""A small run, in which some measurements failed."""

from bench.results import Results
from bench.targets import OURS


def sample() -> Results:
    """Two rounds of two servers; the second storm failed, and one peer is not installed."""
    return Results(
        at="2026-11-23T12:00:00+00:00",
        command="python -m bench --rounds 2",
        commit="abc1234",
        machine={"cpu": "Example", "cores": "2", "memory": "24 GiB", "kernel": "Linux 6.1"},
        software={"Python": "3.11.2", "SQLite": "3.40.1"},
        streams=2_000,
        seconds=600,
        peers={"C floor": "", "Nchan": "1.3.6"},
        missing={"Socket.IO": "there is no Node on this machine"},
        rounds={
            "C floor": [{"broadcast_us": 5.0, "stream_kib": 0.0}, {"broadcast_us": 5.2, "stream_kib": -0.001}],
            "Nchan": [{"broadcast_us": 10.0, "stream_kib": 10.0}, {"broadcast_us": 8.0, "stream_kib": 10.0}],
            OURS: [{"broadcast_us": 8.0, "stream_kib": 3.5}, {"broadcast_us": 8.0, "stream_kib": 3.6}],
            "orders": [{"order_us": 280.0, "no_op_us": 150.0}, {"order_us": 320.0, "no_op_us": 150.0}],
            "storm": [{"storm_s": 1.9}, "AssertionError: 2 were lost"],
        },
        growth={
            "streams": {
                1_000: [{"broadcast_us": 7.0, "stream_kib": 3.5}, {"broadcast_us": 7.2, "stream_kib": 3.5}],
                10_000: [{"broadcast_us": 7.7, "stream_kib": 3.5}, {"broadcast_us": 7.4, "stream_kib": 3.5}],
            },
            "log": {
                10_000: [{"order_us": 300.0, "replay_us": 700.0}],
                10_000_000: ["TimeoutError: not done after 300 s"],
            },
            "batches": {
                1: [{"order_us": 1_100.0, "orders_per_batch": 1.0, "orders_per_s": 400.0}],
                64: [{"order_us": 300.0, "orders_per_batch": 31.0, "orders_per_s": 2_500.0}],
            },
        },
    )
