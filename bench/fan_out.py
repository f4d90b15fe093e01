"""One event to all streams, a hundred at once, one to each; and what an idle stream keeps in memory."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.accounting import cpu_ns, family, resident_bytes
from bench.load.load_client import LoadClient
from bench.peer import Peer
from bench.subject import GREETING, Subject
from tests.support.servers.redis_server import RedisServer

BROADCASTS: Final = 100  # five seconds of twenty a second
PER_SECOND: Final = 20
BURST: Final = 100
SPEAKERS: Final = 32  # connections over which a burst is told
BUYERS: Final = 64  # connections over which commands come back to back
SPRAYS: Final = 2  # of one event to each
WARM: Final = 100  # streams that were there before

Figures = dict[str, float]


@dataclass(frozen=True)
class Pushing:
    """A running server with a client that holds streams and one that tells it what to push."""

    pids: list[int]
    listener: LoadClient
    speaker: LoadClient
    publish: list[bytes]


def broadcasts(pushing: Pushing, *, total: int = BROADCASTS, rate: float = PER_SECOND) -> Figures:
    """CPU for each delivery, and how long an event takes to a stream."""
    pushing.listener.reset()
    begun = cpu_ns(pushing.pids)
    pushing.speaker.post(pushing.publish, clients=1, total=total, rate=rate)
    report = pushing.listener.await_events(total)
    cost = (cpu_ns(pushing.pids) - begun) / report["events"] / 1000
    return {"broadcast_us": cost, **{f"broadcast_{name}_ms": report["latency_ms"][name] for name in ("p50", "p99")}}


def burst(pushing: Pushing) -> Figures:
    """CPU for each delivery when a hundred events come at once."""
    pushing.listener.reset()
    begun = cpu_ns(pushing.pids)
    pushing.speaker.post(pushing.publish, clients=SPEAKERS, total=BURST)
    report = pushing.listener.await_events(BURST)
    return {"burst_us": (cpu_ns(pushing.pids) - begun) / report["events"] / 1000}


def one_each(pids: list[int], listener: LoadClient, spray: Callable[[], None], *, sprays: int = SPRAYS) -> Figures:
    """CPU for each event to one stream; not counted is the first one of each, for which caches fill."""
    listener.reset()
    spray()
    listener.await_events(1)
    listener.reset()
    begun = cpu_ns(pids)
    for _ in range(sprays):
        spray()
    report = listener.await_events(sprays)
    return {"one_us": (cpu_ns(pids) - begun) / report["events"] / 1000}


def measure_peer(peer: Peer, load: Path, streams: int) -> Figures:
    """All rows of one peer."""
    with peer.running() as pids, LoadClient(load, peer.url) as speaker, _listener(peer, load) as listener:
        with _listener(peer, load) as first:
            first.open_streams(peer.stream_requests(first, WARM, alone=False))
        figures = memory(pids, listener, peer.stream_requests(listener, streams, alone=False))
        pushing = Pushing(pids, listener, speaker, peer.publish_requests(speaker))
        figures |= broadcasts(pushing) | burst(pushing)
    with peer.running() as pids, LoadClient(load, peer.url) as speaker, _listener(peer, load) as listener:
        listener.open_streams(peer.stream_requests(listener, streams, alone=True))
        return figures | one_each(pids, listener, lambda: peer.spray(speaker, streams))


def _listener(peer: Peer, load: Path) -> LoadClient:
    return LoadClient(load, peer.url, greeting=peer.greeting, websocket=peer.websocket)


def memory(pids: list[int], listener: LoadClient, requests: list[bytes]) -> Figures:
    """What the streams add to a server that has seen some before."""
    before = resident_bytes(pids)
    listener.open_streams(requests)
    return {"stream_kib": (resident_bytes(pids) - before) / len(requests) / 1024}


@contextmanager
def ours_with_streams(load: Path, streams: int) -> Iterator[tuple[Figures, Pushing]]:
    """Our server while so many people's streams are open, and what one of them keeps in memory."""
    subject = Subject(customers=streams)
    asyncio.run(subject.furnish())
    try:
        url = subject.start()
        pids = family(subject.pid())
        with LoadClient(load, url) as speaker, LoadClient(load, url, greeting=GREETING) as listener:
            with LoadClient(load, url, greeting=GREETING) as first:
                first.open_streams(subject.stream_requests(first, subject.customers[:WARM]))
            kept = memory(pids, listener, subject.stream_requests(listener, subject.customers))
            yield kept, Pushing(pids, listener, speaker, [subject.announcement(speaker)])
    finally:
        subject.stop()


def measure_ours(load: Path, streams: int) -> Figures:
    """All rows of ours: topics, cursors, log, heartbeats and all."""
    with ours_with_streams(load, streams) as (kept, pushing):
        return kept | broadcasts(pushing) | burst(pushing)


def measure_ours_apart(load: Path, streams: int, *, sprays: int = SPRAYS, rounds: int = 1) -> Iterator[Figures]:
    """From the committed row to the socket: one process takes the commands, another has the streams, Redis between.

    Only the one with the streams is measured: what it hears, sorts and writes.
    """
    with RedisServer() as redis:
        subject = Subject(customers=streams, redis_url=redis.url)
        asyncio.run(subject.furnish())
        try:
            commands, pushes = subject.start(), subject.start()
            pids = family(subject.pid())
            with (
                LoadClient(load, commands) as speaker,
                LoadClient(load, pushes, greeting=GREETING, marker='"reason":"refresh"') as listener,
            ):
                listener.open_streams(subject.stream_requests(listener, subject.customers))
                requests = subject.refreshes(speaker)
                for _ in range(rounds):
                    yield one_each(pids, listener, lambda: _post(speaker, requests), sprays=sprays)
        finally:
            subject.stop()


def _post(speaker: LoadClient, requests: list[bytes]) -> None:
    speaker.post(requests, clients=min(BUYERS, len(requests)), total=len(requests))
