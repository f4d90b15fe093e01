"""How cost grows: with streams, with topics, with the past, and how it falls with orders that commit together."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family
from bench.fan_out import Figures, Pushing, broadcasts, burst, measure_ours_apart
from bench.load_client import LoadClient
from bench.orders import measure_orders
from bench.subject import GREETING, Subject

STREAMS: Final = (1_000, 2_000, 5_000, 10_000, 20_000)
TOPICS: Final = (10, 100, 1_000, 10_000)
LOG_ROWS: Final = (10_000, 100_000, 1_000_000, 10_000_000)
CLIENTS: Final = (1, 2, 4, 16, 64, 256)
REPLAYS: Final = 500
_PAGE: Final = 100_000

Series = list[Figures]
"""One point after the other; each names what grew and what was measured."""


def over_streams(load: Path) -> Iterator[Figures]:
    """Cost of a delivery and memory of a stream, by how many are open."""
    for streams in STREAMS:
        subject = Subject(customers=streams)
        asyncio.run(subject.furnish())
        try:
            url = subject.start()
            pids = family(subject.pid())
            with LoadClient(load, url) as speaker, LoadClient(load, url, greeting=GREETING) as listener:
                listener.open_streams(subject.stream_requests(listener, subject.customers))
                pushing = Pushing(pids, listener, speaker, [subject.announcement(speaker)])
                yield {"streams": streams, **broadcasts(pushing), **burst(pushing)}
        finally:
            subject.stop()


def over_topics(load: Path) -> Iterator[Figures]:
    """Cost of one event to one stream, by how many topics are followed: a person's own is one."""
    for topics in TOPICS:
        yield {"topics": topics, **measure_ours_apart(load, topics, rounds=max(1, 2_000 // topics))}


def over_log(load: Path) -> Iterator[Figures]:
    """Cost of an order and of a replay, by how many events the log holds of other people."""
    for rows in LOG_ROWS:
        subject = Subject(customers=REPLAYS, stalls=60)
        asyncio.run(subject.furnish())
        _fill(subject.database, rows)
        try:
            url = subject.start()
            pids = family(subject.pid())
            cursor = subject.cursor()
            with LoadClient(load, url) as buyers:
                requests = list(subject.orders(buyers))
                buyers.post(requests, clients=64, total=REPLAYS)
                begun = cpu_ns(pids)
                report = buyers.post(requests, clients=64, total=4 * REPLAYS)
                order_us = (cpu_ns(pids) - begun) / (4 * REPLAYS) / 1000
            with LoadClient(load, url, greeting=GREETING, marker="\nevent: order-status-changed") as crowd:
                come_back = subject.stream_requests(crowd, subject.customers, cursor)
                begun = cpu_ns(pids)
                crowd.open_streams(come_back)
                crowd.await_events(5)
                replay_us = (cpu_ns(pids) - begun) / REPLAYS / 1000
            yield {
                "log_rows": rows,
                "order_us": order_us,
                "order_p99_ms": report["latency_ms"]["p99"],
                "replay_us": replay_us,
            }
        finally:
            subject.stop()


def _fill(database: Path, rows: int) -> None:
    """Write the past: events of people who are not there, two to a topic, as an old log would hold them."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        head, at = connection.execute("SELECT position, (SELECT max(at) FROM event_log) FROM log_head").fetchone()
        data = '{"timestamp":"2026-11-23T12:00:00.000Z","message":"Long ago.","type":"info"}'
        for start in range(head + 1, head + 1 + rows, _PAGE):
            page = range(start, min(start + _PAGE, head + 1 + rows))
            connection.executemany(
                "INSERT INTO event_log (position, topics, type, data, at) VALUES (?, ?, 'new-notification', ?, ?)",
                ((position, f'["user:gone{position // 2}"]', data, at) for position in page),
            )
            connection.executemany(
                "INSERT INTO log_topics (topic, position) VALUES (?, ?)",
                ((f"user:gone{position // 2}", position) for position in page),
            )
            connection.execute("UPDATE log_head SET position = ?", (page[-1],))
            connection.commit()


def over_batches(load: Path) -> Iterator[Figures]:
    """Cost of an order, by how many commit together: more clients, larger batches."""
    for clients in CLIENTS:
        yield {
            "clients": clients,
            **measure_orders(load, clients=clients, orders=max(1_000, min(6_000, clients * 100))),
        }
