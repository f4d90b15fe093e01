"""Who is connected, over several processes: told while they live, forgotten when they die, and never waited for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import msgspec
import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from festival_push.push.news import redis_presence
from festival_push.push.news.presence import LocalPresence, Who
from festival_push.push.news.redis_presence import (
    PARTIES_MAX,
    TIMES,
    PresenceTimes,
    RedisPresence,
    Summary,
    summarized,
)
from festival_push.push.streams.request import StreamOwner
from tests.push.world import ROOMY
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

PATIENT = PresenceTimes(every_s=0.05, ttl_s=60, write_s=60, read_s=60)
"""Only a Redis that never answers misses these, and no process is forgotten while it lives."""
ANNA, BEN, SUN = ("anna", "customer"), ("ben", "customer"), ("sun", "vendor")


def owners_of(*people: Who) -> Sequence[StreamOwner]:
    return [StreamOwner(user_id=who, user_type=kind, topics=(), place=ROOMY) for who, kind in people]


def presence_of(url: str, people: Sequence[Who], times: PresenceTimes = PATIENT) -> RedisPresence:
    return RedisPresence(lambda: owners_of(*people), url, prefix="test", secret=b"s" * 32, times=times)


@asynccontextmanager
async def running(url: str, *processes: Sequence[Who]) -> AsyncIterator[list[RedisPresence]]:
    """Processes with these open streams; each has told the others."""
    async with AsyncExitStack() as stack:
        opened = []
        for people in processes:
            presence = presence_of(url, people)
            stack.push_async_callback(presence.close)
            opened.append(await stack.enter_async_context(at_work(presence)))
        await until(lambda: all(presence.healthy for presence in opened))
        yield opened


@asynccontextmanager
async def at_work(presence: RedisPresence) -> AsyncIterator[RedisPresence]:
    task = asyncio.create_task(presence.run())
    try:
        yield presence
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def dying(presence: RedisPresence) -> AsyncIterator[None]:
    """A process that dies at the end: its connections are gone, and it takes nothing back."""
    try:
        async with at_work(presence):
            yield
    finally:
        presence._writes.ok = False
        await presence.close()


async def test_every_process_knows_the_streams_of_all(redis_url: str) -> None:
    async with running(redis_url, [ANNA, ANNA, SUN], [ANNA, BEN], []) as processes:
        for presence in processes:
            found = await presence.everywhere()
            assert found.streams == {ANNA: 3, BEN: 1, SUN: 1}
            assert (found.total, found.processes, found.complete) == (5, 3, True)


async def test_the_own_streams_are_counted_as_they_are_now(redis_url: str) -> None:
    mine = [ANNA]
    async with running(redis_url, mine) as (presence,):
        mine.append(BEN)
        assert (await presence.everywhere()).streams == {ANNA: 1, BEN: 1}


async def test_a_process_that_ends_takes_its_streams_with_it(redis_url: str) -> None:
    async with running(redis_url, [ANNA]) as (staying,):
        async with running(redis_url, [BEN]):
            assert (await staying.everywhere()).total == 2
        assert (await staying.everywhere()).total == 1


async def test_a_process_that_dies_is_forgotten(redis_url: str) -> None:
    async with running(redis_url, [ANNA]) as (staying,):

        async def total() -> int:
            return (await staying.everywhere()).total

        async def both() -> bool:
            return await total() == 2

        async def alone() -> bool:
            return await total() == 1

        async with dying(presence_of(redis_url, [BEN], replace(PATIENT, ttl_s=0.6))):
            await until(both)
        await until(alone)
        async with Redis.from_url(redis_url) as client:
            assert len(await client.smembers("{test}:presence")) == 1


def test_a_process_that_dies_is_forgotten_in_seconds_and_nobody_waits_for_a_summary() -> None:
    assert TIMES.every_s + TIMES.write_s < TIMES.ttl_s < 5
    assert TIMES.read_s <= 0.1


async def test_a_redis_that_is_away_costs_only_the_others_and_one_wait(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own_redis.url, [ANNA], [BEN]) as (here, _):
        read, reads = here._read, 0

        async def counted() -> list[Summary | None]:
            nonlocal reads
            reads += 1
            return await read()

        monkeypatch.setattr(here, "_read", counted)
        own_redis.pause()
        here._times = replace(PATIENT, read_s=0.05)
        for _ in range(20):
            found = await here.everywhere()
            assert (found.streams, found.complete) == ({ANNA: 1}, False)
        assert 1 <= reads <= 2, "a summary that was being written when Redis stopped may have been answered"
        here._times = PATIENT
        own_redis.resume()

        async def whole() -> bool:
            found = await here.everywhere()
            return found.complete and found.total == 2

        await until(whole)
        own_redis.kill()
        assert not (await here.everywhere()).complete
        own_redis.start()
        await until(whole)


async def test_nobody_gets_the_answer_to_an_earlier_question(redis_url: str) -> None:
    async with running(redis_url, [ANNA], [BEN]) as (here, _):
        gone = [asyncio.create_task(here.everywhere()) for _ in range(10)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        for _ in range(10):
            assert (await here.everywhere()).streams == {ANNA: 1, BEN: 1}


@pytest.mark.parametrize(
    "value",
    [
        b"", b"\xff", b"x" * 2_000_000, msgspec.msgpack.encode([1, [["anna", "customer", -5]], True]),
        msgspec.msgpack.encode([-1, [], True]), msgspec.msgpack.encode([10**9, [], True]),
        msgspec.msgpack.encode([1, [["a" * 200, "customer", 1]], True]), msgspec.msgpack.encode([1, [], True, 4]),
        msgspec.msgpack.encode([1, [["a", "b", 1]] * (PARTIES_MAX + 1), True]), b"\x91" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_no_summary_changes_nothing_but_completeness(redis_url: str, value: bytes) -> None:
    async with running(redis_url, [ANNA], [BEN]) as (here, _), Redis.from_url(redis_url) as client:
        await client.set("{test}:presence:forged", here._hash("forged", value) + value)
        await client.sadd("{test}:presence", "forged", b"\xff\n\0")
        found = await here.everywhere()
        assert (found.streams, found.total, found.complete) == ({ANNA: 1, BEN: 1}, 2, False)
        assert here.ignored == 1


async def test_a_summary_of_somebody_else_is_not_shown(redis_url: str) -> None:
    """Neither one without our hash, nor one that another process wrote under its own name."""
    async with running(redis_url, [ANNA], [BEN]) as (here, there), Redis.from_url(redis_url) as client:
        summary = msgspec.msgpack.encode(Summary(total=1, parties=[("carl", "customer", 1)], whole=True))
        copied = await client.get(f"{{test}}:presence:{there._process}")
        assert copied is not None
        for ignored, forged in enumerate((summary, b"x" * 16 + summary, copied), start=1):
            await client.set("{test}:presence:forged", forged)
            await client.sadd("{test}:presence", "forged")
            found = await here.everywhere()
            assert (found.streams, found.total, found.complete) == ({ANNA: 1, BEN: 1}, 2, False)
            assert here.ignored == ignored


@pytest.mark.parametrize("lacking", ["-set", "-srandmember", "-getrange"])
async def test_a_missing_right_is_named_once(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture, lacking: str
) -> None:
    async with running(own_redis.url, [BEN]):
        limited = presence_of(own_redis.url_for("+@all", "allkeys", lacking), [ANNA])
        tries = 0
        write = limited._write

        async def counted() -> None:
            nonlocal tries
            tries += 1
            await write()

        limited._write = counted  # type: ignore[method-assign] # counts its tries
        async with at_work(limited):
            await until(lambda: tries >= 10)
            assert not (await limited.everywhere()).complete
        await limited.close()
    assert caplog.text.count("streams are counted in this process only") == 1
    assert f"its user has no right to the command +{lacking[1:]} (NoPermissionError)" in caplog.text


async def test_a_key_of_another_kind_is_no_error(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client, running(redis_url, [ANNA], [BEN]) as (here, _):
        await client.hset("{test}:presence:forged", "a", "b")
        await client.sadd("{test}:presence", "forged")
        found = await here.everywhere()
        assert (found.total, found.complete) == (2, False)
        await client.delete("{test}:presence")
        await client.set("{test}:presence", "no set")
        assert not (await here.everywhere()).complete
        await client.delete("{test}:presence")

        async def whole() -> bool:
            return (await here.everywhere()).total == 2

        await until(whole)


def test_a_crowd_is_counted_but_not_all_of_it_is_named() -> None:
    few = summarized(Counter({ANNA: 2, SUN: 1}))
    assert few == Summary(total=3, parties=[("anna", "customer", 2), ("sun", "vendor", 1)], whole=True)
    crowd = summarized(Counter({(f"guest-{number}", "customer"): 2 for number in range(PARTIES_MAX + 1)}))
    assert (crowd.total, len(crowd.parties), crowd.whole) == (2 * PARTIES_MAX + 2, PARTIES_MAX, False)
    longest = Counter({(f"{number:0128}", "customer"): 1_000_000 for number in range(PARTIES_MAX)})
    bound = redis_presence._SUMMARY_BYTES_MAX  # what is read of one
    assert len(msgspec.msgpack.encode(summarized(longest))) <= bound


async def test_without_redis_a_process_says_whether_it_is_the_only_one() -> None:
    for alone in (True, False):
        presence = LocalPresence(lambda: owners_of(ANNA, ANNA), alone=alone)
        found = await presence.everywhere()
        assert (found.streams, found.total, found.processes, found.complete) == ({ANNA: 2}, 2, 1, alone)
        await presence.close()
