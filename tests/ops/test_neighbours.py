"""Servers of one database that can't hear each other are noticed, and those that can are not."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from festival_push.domain.signing_in.attendance import ATTEND_EVERY_S
from festival_push.domain.signing_in.rows import Server
from festival_push.domain.values import Instant
from festival_push.ops.attendance import Attendance
from festival_push.ops.neighbours import LOOK_EVERY_S, Neighbours
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.settings import Secret, Secrets
from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from tests.push.news.test_brokers import redis_broker, running
from tests.store.world import World
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.sqlite import migrated_file
from tests.support.timing.waiting import until

LATE_MS = round(LOOK_EVERY_S * 1000)


class Table:
    """`servers`, of others whose last sign of life is set by hand."""

    def __init__(self, **at: int) -> None:
        self.at = at
        self.fails = False

    async def read(self) -> Sequence[Server]:
        if self.fails:
            raise Unavailable("gone")
        return [Server(server_id=name, fingerprints=("f",) * bool(at), at=Instant(at)) for name, at in self.at.items()]

    def lives(self, *names: str) -> None:
        for name in names:
            self.at[name] += LATE_MS


def neighbours(table: Table, heard: Iterable[int | None]) -> Neighbours:
    return Neighbours("us", table.read, iter(heard).__next__, why="they may have another Redis")


async def unheard(table: Table, looking: Neighbours, *alive: str, looks: int = 1) -> list[int]:
    """What each look says, before each of which these give a sign of life."""
    found = []
    for _ in range(looks):
        table.lives(*alive)
        await looking.look()
        found.append(looking.unheard)
    return found


async def test_two_looks_in_a_row_prove_it_and_one_takes_it_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    table = Table(us=1, there=1)
    looking = neighbours(table, [0, 0, 0, 0, 0, 1, 1])
    assert await unheard(table, looking, "us", "there", looks=7) == [0, 0, 1, 1, 1, 0, 0]
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "1 of the servers of this database can't be heard",
        "all servers of this database are heard",
    ]


async def test_who_has_crashed_or_ended_is_not_missed() -> None:
    table = Table(us=1, crashed=1, ended=1)
    looking = neighbours(table, [2, 2, 0, 0, 0])
    assert await unheard(table, looking, "crashed", "ended", looks=2) == [0, 0]
    table.at["ended"] = 0
    assert await unheard(table, looking, looks=3) == [0, 0, 0]


async def test_as_many_as_are_heard_are_not_missed_and_those_above_are_counted() -> None:
    table = Table(us=1, a=1, b=1, c=1)
    assert await unheard(table, neighbours(table, [3] * 4), "a", "b", "c", looks=4) == [0] * 4
    assert await unheard(table, neighbours(table, [1] * 4), "a", "b", "c", looks=4) == [0, 0, 2, 2]
    assert await unheard(table, neighbours(table, [9] * 4), "a", "b", "c", looks=4) == [0] * 4  # some have started anew


async def test_while_nobody_can_be_heard_nobody_is_missed() -> None:
    """Redis is away then, which has a reason of its own."""
    table = Table(us=1, there=1)
    looking = neighbours(table, [0, 0, 0, None, 0, 0])
    assert await unheard(table, looking, "there", looks=6) == [0, 0, 1, 0, 0, 1]


async def test_a_clock_that_was_set_back_is_a_sign_of_life_as_well() -> None:
    table = Table(us=1, there=10_000_000)
    looking = neighbours(table, [0] * 5)
    for _ in range(5):
        table.at["there"] -= 1_000
        await looking.look()
    assert looking.unheard == 1


async def test_a_database_that_is_away_ends_nothing() -> None:
    table = Table(us=1, there=1)
    failed = 0

    async def read() -> Sequence[Server]:
        nonlocal failed
        failed += table.fails
        table.lives("there")
        return await table.read()

    looking = Neighbours("us", read, lambda: 0, why="", every_s=0)
    table.fails = True
    async with at_work(looking):
        await until(lambda: failed > 1)
        table.fails = False
        await until(lambda: looking.unheard == 1)


@asynccontextmanager
async def at_work(looking: Neighbours) -> AsyncIterator[None]:
    task = asyncio.create_task(looking.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait((task,))


@pytest.mark.parametrize("same", [False, True])
async def test_two_servers_on_two_redis_notice_it_and_on_one_they_do_not(
    tmp_path: Path, redis_url: str, own_redis: RedisServer, *, same: bool
) -> None:
    database = await open_database(migrated_file(tmp_path / "festival.db"))
    urls = [redis_url, redis_url if same else own_redis.url]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        world = await stack.enter_async_context(World(database))
        reads = Reads(database)
        brokers: list[RedisBroker] = [redis_broker(url) for url in urls]
        present = [
            Attendance(Secrets(Secret("s" * 32)), world.committer, reads.servers, lambda: world.time) for _ in urls
        ]
        looking = [
            Neighbours(each.server_id, reads.servers, broker.others.count, why="")
            for each, broker in zip(present, brokers, strict=True)
        ]
        await stack.enter_async_context(running(*brokers))
        if same:
            await until(lambda: all(broker.others.count() == 1 for broker in brokers))
        for _ in range(3):
            world.time = Instant(world.time + round(ATTEND_EVERY_S * 1000))
            for attendance in present:
                await attendance.begin()
            for each in looking:
                await each.look()
        assert [each.unheard for each in looking] == ([0, 0] if same else [1, 1])
