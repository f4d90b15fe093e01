"""How cost grows: with streams, with topics, with the past, and how it falls with orders that commit together."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family
from bench.fan_out import (
    PER_SECOND,
    Figures,
    Pushing,
    broadcasts,
    burst,
    measure_ours_apart,
    ours_with_streams,
)
from bench.load.load_client import LoadClient
from bench.orders import STALLS, measure_orders
from bench.peer import Peer, c_floor
from bench.subject import GREETING, Subject

STREAMS: Final = (1_000, 2_000, 5_000, 10_000, 20_000)
TOPICS: Final = (10, 100, 1_000, 10_000)
LOG_ROWS: Final = (10_000, 100_000, 1_000_000, 10_000_000)
CLIENTS: Final = (1, 2, 4, 16, 64, 256, 512)
_OTHER_FILES: Final = 1_000  # that a process has open beside its streams
_DELIVERIES_PER_SECOND: Final = 2_000 * PER_SECOND  # the same however many streams, or the larger ones would be merged
_BROADCAST_S: Final = 5
_EVENTS: Final = 10_000  # in every round, or one to each stream
_PEOPLE: Final = 2_000  # who order, and come back
_ORDERS_EACH: Final = 2  # in every round
_COMMIT_ROWS: Final = 1_000_000


@dataclass(frozen=True)
class Series:
    """What grows, how far, and how one size is measured: figures for each of so many rounds."""

    what: str
    sizes: tuple[int, ...]
    measure: Callable[[Path, int, int], Iterator[Figures]]


def all_series(floor: Path, files: int) -> tuple[Series, ...]:
    """Those that `make bench` measures, where a process may have so many files open; `floor` is `floor.c`, compiled."""
    streams = sorted({min(count, files - _OTHER_FILES) for count in STREAMS})
    return (
        Series("streams", tuple(streams), partial(with_streams, floor)),
        Series("topics", TOPICS, with_topics),
        Series("log", LOG_ROWS, with_log),
        Series("batches", CLIENTS, with_clients),
    )


def with_streams(floor: Path, load: Path, streams: int, rounds: int) -> Iterator[Figures]:
    """Cost and latency of a delivery when so many streams are open, beside the floor's; and memory of a stream."""
    floors = _floors_us(c_floor(floor), load, streams, rounds)
    with ours_with_streams(load, streams) as (kept, pushing):
        for floor_us in floors:
            yield kept | _steady(pushing, streams) | {"floor_us": floor_us} | burst(pushing)


def _floors_us(floor: Peer, load: Path, streams: int, rounds: int) -> list[float]:
    with floor.running() as pids, LoadClient(load, floor.url) as speaker, LoadClient(load, floor.url) as listener:
        listener.open_streams(floor.stream_requests(listener, streams, alone=False))
        pushing = Pushing(pids, listener, speaker, floor.publish_requests(speaker))
        return [_steady(pushing, streams)["broadcast_us"] for _ in range(rounds)]


def _steady(pushing: Pushing, streams: int) -> Figures:
    rate = _DELIVERIES_PER_SECOND / streams
    return broadcasts(pushing, total=int(rate * _BROADCAST_S), rate=rate)


def with_topics(load: Path, topics: int, rounds: int) -> Iterator[Figures]:
    """Cost of one event to one stream, when so many topics are followed: a person's own is one."""
    return measure_ours_apart(load, topics, sprays=max(1, _EVENTS // topics), rounds=rounds)


def with_log(load: Path, rows: int, rounds: int) -> Iterator[Figures]:
    """Cost of an order and of a replay, when the log holds so many events of other people."""
    subject = Subject(customers=_PEOPLE, stalls=STALLS)
    asyncio.run(subject.furnish())
    fill(subject.database, rows)
    kept = subject.database.rename(subject.database.with_name("kept.db"))
    try:
        for _ in range(rounds):  # each from the same beginning: orders that are still open cost the next ones something
            shutil.copyfile(kept, subject.database)
            os.sync()
            yield _orders_and_replays(load, subject)
    finally:
        subject.stop()


def _orders_and_replays(load: Path, subject: Subject) -> Figures:
    orders = _ORDERS_EACH * _PEOPLE
    url = subject.start()
    pids = family(subject.pid())
    with LoadClient(load, url) as buyers:
        requests = list(subject.orders(buyers))
        buyers.post(requests, clients=64, total=_PEOPLE)
        cursor = subject.cursor()
        begun = cpu_ns(pids)
        report = buyers.post(requests, clients=64, total=orders)
        order_us = (cpu_ns(pids) - begun) / orders / 1000
    subject.end()
    replay_us = _replay_us(load, subject, cursor)
    return {"order_us": order_us, "order_p99_ms": report["latency_ms"]["p99"], "replay_us": replay_us}


def _replay_us(load: Path, subject: Subject, cursor: str) -> float:
    """CPU for each person who comes back to a fresh server, which has no events in memory and must read the log."""
    url = subject.start()
    pids = family(subject.pid())
    with LoadClient(load, url, greeting=GREETING, marker="\nevent: order-status-changed") as crowd:
        begun = cpu_ns(pids)
        crowd.open_streams(subject.stream_requests(crowd, subject.customers, cursor))
        crowd.await_events(_ORDERS_EACH)
        spent = cpu_ns(pids) - begun
    subject.end()
    return spent / _PEOPLE / 1000


def fill(database: Path, rows: int) -> None:
    """Write the past: notifications of people who are not there, two to a topic, as an old log would hold them."""
    notification = '{"timestamp":"2026-11-23T12:00:00.000Z","message":"Long ago.","type":"info"}'
    past = "WITH RECURSIVE past (at) AS (SELECT ?1 UNION ALL SELECT at + 1 FROM past WHERE at < ?2)"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        head, now = connection.execute("SELECT position, (SELECT max(at) FROM event_log) FROM log_head").fetchone()
        for first in range(head + 1, head + rows + 1, _COMMIT_ROWS):
            last = min(first + _COMMIT_ROWS - 1, head + rows)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                f"{past} INSERT INTO event_log (position, topics, type, data, at)"  # noqa: S608 (a constant)
                " SELECT at, printf('[\"user:gone%08d\"]', at / 2), 'new-notification', ?3, ?4 FROM past",
                (first, last, notification, now),
            )
            connection.execute(
                f"{past} INSERT INTO log_topics (topic, position, notice)"  # noqa: S608 (a constant)
                " SELECT printf('user:gone%08d', at / 2), at, 1 FROM past",
                (first, last),
            )
            connection.execute("UPDATE log_head SET position = ?", (last,))
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = FULL")  # or the disk would still be writing while we measure
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def with_clients(load: Path, clients: int, rounds: int) -> Iterator[Figures]:
    """Cost of an order, when so many clients order at a time: the more, the larger the batches."""
    for _ in range(rounds):
        yield measure_orders(load, clients=clients)
