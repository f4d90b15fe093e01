"""Who is connected, over several processes: told while they live, forgotten when they die, and never waited for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count, islice

import pytest
from msgspec.msgpack import encode
from msgspec.structs import replace
from redis.asyncio import Redis

from festival_push.push.headcount import PARTS, Headcount, Who, part_of
from festival_push.push.news.presence import LocalPresence
from festival_push.push.news.redis_presence import TIMES, PresenceTimes, RedisPresence
from festival_push.push.news.summaries import AGE_S_MAX, HEAD_BYTES_MAX, PART_BYTES_MAX, PEOPLE_MAX, Summaries
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

PATIENT = PresenceTimes(every_s=0.05, ttl_s=60, write_s=60, read_s=60)
"""Only a Redis that never answers misses these, and no process is forgotten while it lives."""
ANNA, BEN, SUN = ("anna", "customer"), ("ben", "customer"), ("sun", "vendor")


def headcount_of(people: Iterable[Who]) -> Headcount:
    headcount = Headcount()
    for who in people:
        headcount.add(who)
    return headcount


def presence_of(url: str, people: Iterable[Who] | Headcount, times: PresenceTimes = PATIENT) -> RedisPresence:
    here = people if isinstance(people, Headcount) else headcount_of(people)
    return RedisPresence(here, url, prefix="test", secret=b"s" * 32, times=times)


@asynccontextmanager
async def running(url: str, *processes: Iterable[Who] | Headcount) -> AsyncIterator[list[RedisPresence]]:
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
async def told_once(url: str, *processes: Iterable[Who] | Headcount) -> AsyncIterator[list[RedisPresence]]:
    """Processes that have told each other once; they tell again, of what has changed alone, when the test says so."""
    async with AsyncExitStack() as stack:
        opened = [presence_of(url, people) for people in processes]
        for presence in opened:
            stack.push_async_callback(presence.close)
            await presence._write()
            presence._writes.worked()
            assert await presence._read()
            presence._expiring = set  # type: ignore[method-assign] # nothing is due by its age
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
    mine = headcount_of([ANNA])
    async with running(redis_url, mine) as (presence,):
        mine.add(BEN)
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

        async def counted() -> bool:
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
        b"", b"\xff", b"x" * 2_000_000, encode([-1, 2e9, [0] * PARTS, True]), encode([10**9, 2e9, [0] * PARTS, True]),
        encode([1, 2e9, [0], True]), encode([1, 2e9, [-1] * PARTS, True]), encode([1, 2e9, [0] * PARTS, True, 4]),
        encode([1, 2e12, [0] * PARTS, True]), encode([1, {"customer": {"anna": 1}}]), b"\x91" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_no_head_changes_nothing_but_completeness(redis_url: str, value: bytes) -> None:
    async with running(redis_url, [ANNA], [BEN]) as (here, _), Redis.from_url(redis_url) as client:
        await client.set("{test}:presence:forged", here._summaries.seal("{test}:presence:forged", value))
        await client.sadd("{test}:presence", "forged", b"\xff\n\0")
        found = await here.everywhere()
        assert (found.streams, found.total, found.complete) == ({ANNA: 1, BEN: 1}, 2, False)
        assert here.ignored == 1


@pytest.mark.parametrize(
    "people",
    [
        b"", b"\xff", b"x" * 2_000_000, encode([1, {"customer": {"anna": 0}}]), encode([-1, {}]),
        encode([1, {"customer": {"a" * 129: 1}}]), encode([1, {"customer": dict.fromkeys(map(str, range(513)), 1)}]),
        encode([1, {}, 1]), encode([0, {"customer": {"anna": 1}}]),
    ],
)  # fmt: skip
async def test_what_is_no_part_is_not_shown(redis_url: str, people: bytes) -> None:
    """A head that nobody else could have sealed names it."""
    async with running(redis_url, [ANNA], [BEN]) as (here, _), Redis.from_url(redis_url) as client:
        revisions = [1, *[0] * (PARTS - 1)]
        await client.set("{test}:presence:bent", here._summaries.head("bent", 1, revisions, whole=True))
        await client.set("{test}:presence:bent:0", here._summaries.seal("{test}:presence:bent:0", people))
        await client.sadd("{test}:presence", "bent")
        found = await here.everywhere()
        assert (found.streams, found.total, found.complete) == ({ANNA: 1, BEN: 1}, 3, False)
        assert here.ignored == 1


async def test_what_somebody_else_wrote_is_not_shown(redis_url: str) -> None:
    """Neither what lacks our hash, nor what another process wrote under the name of a key of its own."""
    async with running(redis_url, [ANNA], [BEN]) as (here, there), Redis.from_url(redis_url) as client:
        own = f"{{test}}:presence:{there._process}"
        head, part = await client.get(own), await client.get(f"{own}:{part_of(BEN)}")
        assert isinstance(head, bytes)
        assert isinstance(part, bytes)
        for ignored, forged in enumerate((head[16:], b"x" * 16 + head[16:], head, part), start=1):
            await client.set("{test}:presence:forged", forged)
            await client.sadd("{test}:presence", "forged")
            found = await here.everywhere()
            assert (found.streams, found.total, found.complete) == ({ANNA: 1, BEN: 1}, 2, False)
            assert here.ignored == ignored
        await client.delete("{test}:presence:forged")
        await client.sadd("{test}:presence", f"{there._process}:{part_of(BEN)}")  # a part as if it were a head
        found = await here.everywhere()
        assert (found.streams, found.processes, found.complete) == ({ANNA: 1, BEN: 1}, 2, True)


async def test_what_was_put_back_is_noticed(redis_url: str) -> None:
    """An old head of a process that is gone, and an old part of one that lives."""
    clock = 1_000.0
    summaries = Summaries("test", b"s" * 32, now_s=lambda: clock)
    head = summaries.head("gone", 1, [0] * PARTS, whole=True)
    clock += AGE_S_MAX + 1
    assert summaries.open_head("gone", head) is None
    clock -= 1
    assert summaries.open_head("gone", head) is not None
    mine = headcount_of([ANNA])
    async with told_once(redis_url, mine, []) as (there, here), Redis.from_url(redis_url) as client:
        key = f"{{test}}:presence:{there._process}:{part_of(ANNA)}"
        old = await client.get(key)
        assert isinstance(old, bytes)
        mine.add(ANNA)
        await there._write()
        assert (await here.everywhere()).streams[ANNA] == 2
        await client.set(key, old)
        here._others.clear()
        found = await here.everywhere()
        assert (found.total, found.streams[ANNA], found.complete, here.ignored) == (2, 0, False, 1)


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


def test_the_longest_names_fit() -> None:
    people = {"customer": {f"{number:0128}": 1_000_000 for number in range(PEOPLE_MAX - 1)}}
    people["vendor"] = {f"{number:0128}": 1_000_000 for number in range(PEOPLE_MAX)}
    summaries = Summaries("test", b"s" * 32)
    part = summaries.part("p", 0, 2**53, people)
    assert len(part) <= PART_BYTES_MAX
    opened = summaries.open_part("p", 0, part)
    assert opened is not None
    assert [len(opened.streams[user_type]) for user_type in people] == [PEOPLE_MAX - 1, 1]
    assert len(summaries.head("p", 10**6, [2**53] * PARTS, whole=True)) <= HEAD_BYTES_MAX


async def test_twenty_thousand_people_at_each_process_are_all_named(redis_url: str) -> None:
    crowds = [[(f"{name}{number:021}", "customer") for number in range(20_000)] for name in "ab"]
    async with running(redis_url, *crowds, []) as (*_, here):

        async def everybody() -> bool:
            found = await here.everywhere()
            return found.complete and found.streams == Counter(dict.fromkeys((*crowds[0], *crowds[1]), 1))

        await until(everybody)


async def test_a_crowd_in_one_part_is_counted_but_not_all_of_it_is_named(redis_url: str) -> None:
    names = ((f"guest-{number}", "customer") for number in count())
    crowd = list(islice((who for who in names if part_of(who) == 7), PEOPLE_MAX + 1))
    async with running(redis_url, crowd, []) as (_, here):
        found = await here.everywhere()
        assert (found.total, len(found.streams), found.complete) == (PEOPLE_MAX + 1, PEOPLE_MAX, False)


async def test_only_what_changed_is_written_and_read(redis_url: str) -> None:
    mine = headcount_of((f"guest-{number}", "customer") for number in range(2_000))
    async with told_once(redis_url, mine, []) as (there, here), Redis.from_url(redis_url) as client:
        assert (await here.everywhere()).complete
        mine.add(ANNA)
        mine.add(BEN)
        mine.remove(BEN)
        await client.config_resetstat()
        await there._write()
        found = await here.everywhere()
        assert (found.total, found.streams[ANNA], found.complete) == (2_001, 1, True)
        stats = await client.info("commandstats")
        parts = len({part_of(ANNA), part_of(BEN)})
        assert stats["cmdstat_set"]["calls"] == parts + 1
        assert stats["cmdstat_getrange"]["calls"] == parts + 2  # the writer looks after its own head


async def test_all_is_written_again_when_redis_has_lost_it(redis_url: str) -> None:
    async with running(redis_url, [ANNA, SUN], [BEN]) as (here, _), Redis.from_url(redis_url) as client:
        assert (await here.everywhere()).complete
        await client.flushall()
        here._others.clear()

        async def whole() -> bool:
            found = await here.everywhere()
            return found.complete and found.processes == 2 and found.streams[BEN] == 1

        await until(whole)


async def test_each_part_is_written_again_before_it_expires(redis_url: str) -> None:
    presence = presence_of(redis_url, [ANNA], TIMES)
    rounds = round(TIMES.part_ttl_s / 2 / TIMES.every_s)
    due = [number for _ in range(rounds) for number in presence._expiring()]
    assert set(due) == set(range(PARTS))
    await presence.close()


async def test_without_redis_a_process_says_whether_it_is_the_only_one() -> None:
    for alone in (True, False):
        presence = LocalPresence(headcount_of([ANNA, ANNA]), alone=alone)
        found = await presence.everywhere()
        assert (found.streams, found.total, found.processes, found.complete) == ({ANNA: 2}, 2, 1, alone)
        await presence.close()
