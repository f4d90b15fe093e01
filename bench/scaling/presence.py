"""`python -m bench.scaling.presence`: what it costs a process to tell who is connected to it, and to hear of another.

For each number of streams, with so many that come and go between two summaries: processor time and bytes of a summary,
of the first read by another process, and of the reads after it. Starts a Redis of its own.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from festival_push.push.headcount import Headcount, Who
from festival_push.push.news.redis_presence import PresenceTimes, RedisPresence
from tests.support.servers.redis_server import RedisServer

_ROUNDS = 60  # as many as it takes to write each part again by its age
_PATIENT = PresenceTimes(ttl_s=3_600, part_ttl_s=60, write_s=60, read_s=60, parts_s=60)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling.presence", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--changes", type=int, nargs="+", default=[0, 60, 1_000], help="between two summaries")
    parsed = parser.parse_args()
    with RedisServer() as server:
        for streams in parsed.streams:
            for changes in parsed.changes:
                asyncio.run(_measure(server.url, streams, changes))


async def _measure(url: str, streams: int, changes: int) -> None:
    crowd: list[Who] = [(f"{number:022d}", "customer") for number in range(streams)]
    headcount, chance = Headcount(), random.Random(1)  # noqa: S311 - no secret
    for who in crowd:
        headcount.add(who)
    there = RedisPresence(headcount, url, prefix="bench", secret=b"s" * 32, times=_PATIENT)
    here = RedisPresence(Headcount(), url, prefix="bench", secret=b"s" * 32, times=_PATIENT)
    async with Redis.from_url(url) as client:
        await client.flushall()
        meter = _Meter(client)
        first = await meter.of(there._write)
        here._writes.worked()
        here._reads.worked()
        hears = await meter.of(here.everywhere)
        writes, reads = [], []
        gone: list[Who] = []
        for _ in range(_ROUNDS):
            for who in gone:
                headcount.add(who)
            gone = chance.sample(crowd, changes // 2)
            for who in gone:
                headcount.remove(who)
            writes.append(await meter.of(there._write))
        for _ in range(3):
            reads.append(await meter.of(here.everywhere))
            found = await here.everywhere()
            assert found.complete
            assert found.total == headcount.total
    shown = {"first": first, "then": _mean(writes), "read first": hears, "read again": _mean(reads[1:])}
    print(f"{streams:6} streams, {changes:5} changes:  " + "  ".join(
        f"{name} {ms:6.2f} ms {size / 1000:7.1f} kB" for name, (ms, size) in shown.items()
    ), flush=True)  # fmt: skip
    await there.close()
    await here.close()


class _Meter:
    """Measures our processor time in ms, and the bytes that Redis reads or writes for us meanwhile."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, work: Callable[[], Awaitable[object]]) -> tuple[float, int]:
        before, began = await self._traffic(), time.process_time()
        await work()
        return (time.process_time() - began) * 1e3, await self._traffic() - before

    async def _traffic(self) -> int:
        stats = await self._client.info("stats")
        return int(stats["total_net_input_bytes"]) + int(stats["total_net_output_bytes"])


def _mean(measured: list[tuple[float, int]]) -> tuple[float, float]:
    return tuple(sum(column) / len(measured) for column in zip(*measured, strict=True))


if __name__ == "__main__":
    main()
