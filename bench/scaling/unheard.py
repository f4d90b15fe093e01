"""`python -m bench.scaling.unheard`: what a server pays to hear of an event of another server.

Another process publishes batches through Redis, one after the other; this one receives them as a server does, by
broker, tail and hub, with so many people's streams, which take what they get and write it nowhere. Prints the processor
time of this process for each event that nobody here follows, and for each that one stream follows, as the median and
the range of some rounds. Let nothing else run meanwhile.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from multiprocessing import get_context
from typing import Final

import uvloop

from festival_push.domain.log import LogHead, LogRow
from festival_push.domain.topics import ALL, user_topic
from festival_push.domain.values import Instant, Position, Topic, UserId
from festival_push.push.hub.backlog import Subscriber
from festival_push.push.hub.hub import Hub
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.tail import Tail
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

_EPOCH: Final = "bench"
_DATA: Final = f'{{"timestamp":"2026-11-23T12:00:00.000Z","text":"{"x" * 130}"}}'
_PEOPLE: Final = 1_000  # with a stream here, and as many who have none


class _Sink:
    """A stream that takes what it gets."""

    def __init__(self) -> None:
        self.subscriber: Subscriber | None = None
        self.bytes = 0

    def flush(self) -> None:
        if self.subscriber is not None and (backlog := self.subscriber.take()) is not None:
            self.bytes += len(backlog.chunk)

    def cut(self) -> None:
        raise AssertionError("it takes at once")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.unheard", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="in each round")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 10, 50], help="events in a batch")
    parser.add_argument("--rounds", type=int, default=3)
    parsed = parser.parse_args()
    with RedisServer() as redis:
        for batch in parsed.batches:
            for what, kind in (("nobody here follows it", "n"), ("one stream follows it", "s")):
                costs = uvloop.run(_measure(redis.url, kind, batch, parsed.events, parsed.rounds))
                print(
                    f"{batch:>3} a batch, {what:<22} {statistics.median(costs):5.2f} µs"
                    f" ({min(costs):.2f} to {max(costs):.2f})",
                    flush=True,
                )


async def _measure(url: str, kind: str, batch: int, events: int, rounds: int) -> Sequence[float]:
    hub, broker = Hub(_EPOCH), _broker(url)

    async def read_head() -> LogHead:
        return LogHead(_EPOCH, hub.published, 0)

    async def read_range(_after: int, _limit: int) -> Sequence[LogRow]:
        return ()

    tail = Tail(read_head, read_range, broker, hub, poll_s=3_600)
    await tail.start()
    for number in range(_PEOPLE):
        sink = _Sink()
        sink.subscriber = hub.subscribe((_topic("s", number), ALL), sink, backlog_bytes_max=10**6)
    tasks = [asyncio.create_task(broker.run()), asyncio.create_task(tail.run())]
    await until(lambda: broker.healthy)
    costs = []
    for number in range(rounds + 1):
        first = number * events + 1
        publisher = get_context("spawn").Process(target=_publish, args=(url, kind, batch, first, events))
        publisher.start()
        await until(lambda first=first: hub.position >= first, within_s=60)  # type: ignore[misc] # as a default
        begun, begun_at = time.process_time(), hub.position
        await until(lambda first=first: hub.position == first + events - 1, within_s=60)  # type: ignore[misc] # as a default
        costs.append((time.process_time() - begun) / (hub.position - begun_at) * 1e6)
        publisher.join()
    assert tail.gaps_read <= 2, "the log was read instead"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await broker.close()
    return costs[1:]  # in the first one caches fill


def _publish(url: str, kind: str, batch: int, first: int, events: int) -> None:
    uvloop.run(_publish_all(url, kind, batch, first, events))


async def _publish_all(url: str, kind: str, batch: int, first: int, events: int) -> None:
    broker = _broker(url)
    task = asyncio.create_task(broker.run())
    for start in range(first, first + events, batch):
        published = broker.published
        broker.publish(
            [
                LogRow(Position(position), (_topic(kind, position % _PEOPLE),), "balance-updated", _DATA, Instant(0))
                for position in range(start, min(start + batch, first + events))
            ]
        )
        while broker.published == published:  # noqa: ASYNC110 - what is measured is elsewhere
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await broker.close()


def _broker(url: str) -> RedisBroker:
    return RedisBroker(url, prefix="bench", epoch=_EPOCH, secret=b"b" * 32, heartbeat_s=60)


def _topic(kind: str, number: int) -> Topic:
    return user_topic(UserId(f"{kind}{number}"))


if __name__ == "__main__":
    main()
