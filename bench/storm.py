"""Everybody comes back at once, and each has missed something."""

import asyncio
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family
from bench.fan_out import Figures
from bench.load.load_client import LoadClient
from bench.subject import GREETING, Subject

MISSED: Final = 21  # seven top-ups of three events


def measure_storm(load: Path, *, streams: int = 5_000) -> Figures:
    """How long until the last of them has all that they missed; fails if one misses an event or gets one twice."""
    subject = Subject(customers=streams)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        pids = family(subject.pid())
        cursor = subject.cursor()
        with LoadClient(load, url) as desk:
            desk.post(subject.top_ups(desk, subject.customers), clients=64, total=streams * MISSED // 3)
        with LoadClient(load, url, greeting=GREETING, marker="\nid: ") as crowd:
            requests = subject.stream_requests(crowd, subject.customers, cursor)
            begun = cpu_ns(pids)
            opened = crowd.open_streams(requests, at_once=streams)
            report = crowd.await_events(MISSED)
            cpu = cpu_ns(pids) - begun
    finally:
        subject.stop()
    return {
        "storm_s": opened["seconds"] + report["seconds"],
        "storm_first_p99_ms": report["latency_ms"]["p99"],
        "storm_cpu_us": cpu / streams / 1000,
    }
