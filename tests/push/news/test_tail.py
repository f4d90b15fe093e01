"""The tail: whatever is told, lost, repeated or shuffled, the hub gets the log: once, in order, soon."""

import asyncio
import random
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.log import LogRow
from festival_push.push.errors import ReadFailed
from festival_push.push.hub.entries import Unread
from festival_push.push.hub.hub import QUEUE_EVENTS_MAX, Hub
from festival_push.push.news.broker import Hear
from festival_push.push.news.tail import ASIDE_EVENTS_MAX, LogChanged, Tail
from tests.push.fake_log import ANNA, EPOCH, FakeLog, row
from tests.push.hub.test_hub import follow
from tests.push.tails import following
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until
from tests.support.wire.memory_broker import MemoryBroker

NEVER_S = 3600.0


class SilentBroker(MemoryBroker):
    """Says nothing, not even that it says nothing."""

    async def receive(self, _hear: Hear) -> None:
        await self._closed.wait()


class RecordingHub(Hub):
    """Remembers what was published."""

    def __init__(self) -> None:
        super().__init__(EPOCH)
        self.rows: list[LogRow] = []

    def publish(self, events: Sequence[LogRow | Unread]) -> int:
        taken = super().publish(events)
        self.rows += [event for event in events[:taken] if isinstance(event, LogRow)]
        return taken


class World:
    """A log, a hub and a tail that reads only when it must."""

    def __init__(
        self, *, poll_s: float = NEVER_S, broker: MemoryBroker | None = None, log: FakeLog | None = None
    ) -> None:
        self.log = log or FakeLog()
        self.hub = RecordingHub()
        self.broker = broker or SilentBroker()
        self.tail = Tail(self.log.head, self.log.read_range, self.broker, self.hub, poll_s=poll_s)

    def is_level(self) -> bool:
        return self.hub.rows == self.log.rows


async def test_it_begins_with_what_the_log_holds() -> None:
    world = World()
    for _ in range(1_200):
        world.log.commit(ANNA)
    await world.tail.start()
    assert world.is_level()
    assert world.tail.position == 1_200
    assert len(world.hub.memory.window) == 1_200


async def test_it_preloads_no_more_than_it_is_told_and_nothing_that_is_trimmed() -> None:
    for preload, trimmed, first in ((10, 0, 41), (100, 0, 1), (30, 45, 46)):
        world = World()
        world.tail._preload_events = preload
        for _ in range(50):
            world.log.commit(ANNA)
        world.log.trimmed_to = trimmed
        await world.tail.start()
        assert [r.position for r in world.hub.rows] == list(range(first, 51))
        assert world.hub.memory.window.covered_from == first - 1


async def test_what_comes_next_in_order_is_applied_at_once_without_reading() -> None:
    world = World()
    async with following(world.tail):
        reads = world.log.reads
        for _ in range(5):
            world.tail.offer([world.log.commit(ANNA), world.log.commit(ANNA)])
            assert world.is_level()
        assert world.log.reads == reads


async def test_old_and_partly_old_batches_are_cut_to_what_is_new() -> None:
    world = World()
    async with following(world.tail):
        rows = [world.log.commit(ANNA) for _ in range(6)]
        for batch in (rows[:3], rows[:3], rows[1:2], rows[1:5], rows[:6], rows):
            world.tail.offer(batch)
        assert world.is_level()
        assert not world.tail._aside  # what stays there counts as a gap


async def test_batches_that_overtook_each_other_are_put_in_order_without_reading() -> None:
    world = World()
    async with following(world.tail):
        reads = world.log.reads
        rows = [world.log.commit(ANNA) for _ in range(6)]
        world.tail.offer(rows[4:])
        world.tail.offer(rows[2:4])
        assert world.hub.rows == []
        world.tail.offer(rows[:2])
        assert world.is_level()
        await asyncio.sleep(0.03)  # longer than a gap is waited for
        assert (world.log.reads, world.tail.gaps_read) == (reads, 0)


async def test_two_processes_that_always_overtake_each_other_cause_no_reading() -> None:
    world = World()
    async with following(world.tail):
        reads = world.log.reads
        late = world.log.commit(ANNA)
        for _ in range(20):
            early = world.log.commit(ANNA)
            world.tail.offer([early])  # there is a gap at any moment, but never the same for long
            await asyncio.sleep(0.004)  # shorter than a gap is waited for
            following_one = world.log.commit(ANNA)
            world.tail.offer([world.log.commit(ANNA)])
            world.tail.offer([late])
            late = following_one
        assert (world.log.reads, world.tail.gaps_read) == (reads, 0)
        world.tail.offer([late])
        assert world.is_level()


async def test_a_gap_that_is_not_filled_is_read() -> None:
    world = World()
    async with following(world.tail):
        rows = [world.log.commit(ANNA) for _ in range(4)]
        world.tail.offer(rows[2:])
        await asyncio.sleep(0.009)
        assert world.tail.gaps_read == 0
        await asyncio.sleep(0.002)
        assert world.is_level()
        assert world.tail.gaps_read == 1


async def test_the_timer_finds_what_nobody_told() -> None:
    world = World(poll_s=5)
    async with following(world.tail):
        for _ in range(3):
            world.log.commit(ANNA)
            await until(world.is_level, within_s=5.1)


async def test_an_unhealthy_broker_makes_the_timer_fast() -> None:
    world = World()
    world.broker.healthy = False
    async with following(world.tail):
        world.log.commit(ANNA)
        await until(world.is_level, within_s=0.2)


async def test_a_doubt_makes_it_read() -> None:
    world = World(broker=MemoryBroker(queue_batches_max=1))
    async with following(world.tail):
        world.log.commit(ANNA)
        # The second one finds the inbox full: it is emptied, and a Doubt is left with the last one.
        world.broker.publish([row(9)])
        world.broker.publish([row(9)])
        await until(world.is_level)


async def test_a_broken_database_is_logged_once_and_outlived(caplog: pytest.LogCaptureFixture) -> None:
    world = World(poll_s=0.01)
    async with following(world.tail):
        world.log.fails = True
        await until(lambda: world.tail.read_failures >= 2)
        world.tail.offer([world.log.commit(ANNA)])
        assert world.is_level()  # news goes on
        world.log.commit(ANNA)
        world.log.fails = False
        await until(world.is_level)
    assert caplog.text.count("can't read the log") == 1
    assert caplog.text.count("reading the log again") == 1


async def test_catch_up_reads_now_and_says_where_we_are() -> None:
    world = World()
    async with following(world.tail):
        world.log.commit(ANNA)
        assert await world.tail.catch_up() == 1
        world.log.fails = True
        with pytest.raises(ReadFailed):
            await world.tail.catch_up()


async def test_many_who_ask_at_once_share_a_reading_begun_after_they_asked() -> None:
    world = World()
    await world.tail.start()
    reads = world.log.reads
    first = asyncio.create_task(world.tail.catch_up())
    await asyncio.sleep(0)
    assert world.log.reads == reads + 1  # it has begun and may miss what comes now, so the next ones need another
    world.log.commit(ANNA)
    assert await asyncio.gather(*(world.tail.catch_up() for _ in range(100))) == [1] * 100
    await first
    assert world.log.reads - reads == 6  # steps: two heads and one page, of two each


async def test_nobody_shares_a_reading_that_failed() -> None:
    world = World()
    await world.tail.start()
    world.log.fails = True
    asked = [asyncio.create_task(world.tail.catch_up()) for _ in range(3)]
    assert [type(found) for found in await asyncio.gather(*asked, return_exceptions=True)] == [ReadFailed] * 3


async def test_the_aside_is_bounded() -> None:
    world = World()
    await world.tail.start()
    for position in range(2, 3 * ASIDE_EVENTS_MAX):
        world.tail.offer([row(position)])
        assert len(world.tail._aside) <= ASIDE_EVENTS_MAX


async def test_a_full_hub_is_not_pushed_further_but_nothing_is_lost() -> None:
    world = World()
    async with following(world.tail):
        follow(world.hub, ANNA)
        for _ in range(10_000):
            world.tail.offer([world.log.commit(ANNA)])
        assert world.hub.is_full
        assert not world.is_level()
        await until(world.is_level)


async def test_another_log_under_our_feet_is_followed_from_its_head() -> None:
    world = World(poll_s=0.01)
    for _ in range(5):
        world.log.commit(ANNA)
    async with following(world.tail):
        await until(world.is_level)
        del world.log.rows[3:]
        world.log.epoch = "e2"
        await until(lambda: world.hub.epoch == "e2")
        world.log.commit(ANNA)
        await until(lambda: world.tail.position == 4)
    assert [r.position for r in world.hub.rows] == [1, 2, 3, 4, 5, 1, 2, 3, 4]
    assert world.tail.renewals == 1


async def test_a_log_that_lacks_what_we_told_is_looked_at_before_anything_else_is_told() -> None:
    world = World(poll_s=0.01)
    for _ in range(5):
        world.log.commit(ANNA)
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            world.log.epoch = "e2"
            world.tail.renew("e2", 3)

    world.tail._look = look
    async with following(world.tail):
        await until(world.is_level)
        del world.log.rows[3:]
        await until(lambda: world.hub.epoch == "e2")
        assert (looks, world.tail.position) == (3, 3)
        world.tail.offer([world.log.commit(ANNA)])
        assert world.tail.position == 4


@pytest.mark.parametrize("left", [(2, 3), (1, 3)])
async def test_a_hole_in_the_log_ends_us(left: tuple[int, ...]) -> None:
    world = World()
    await world.tail.start()
    for _ in range(3):
        world.log.commit(ANNA)
    reads = count(1)

    async def with_hole(after: int, limit: int) -> list[LogRow]:
        assert next(reads) < 10, "it reads the same page again and again, and never lets anyone stop it"
        return [row(position) for position in left if position > after]

    world.tail._read_range = with_hole
    with pytest.raises(LogChanged):
        await world.tail.catch_up()


async def test_when_we_were_away_for_too_long_everyone_is_cut_off() -> None:
    world = World()
    await world.tail.start()
    for _ in range(20):
        world.log.commit(ANNA)
    world.log.trimmed_to = 15
    await world.tail.catch_up()
    assert [r.position for r in world.hub.rows] == [16, 17, 18, 19, 20]
    assert world.hub.memory.window.covered_from == 15


@given(st.integers(0, 2**32))
def test_two_tails_on_one_log_converge_whatever_the_broker_does(seed: int) -> None:
    run(converge(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def converge(rng: random.Random) -> None:
    """Two processes commit; each offers its own batches to itself, and the other gets them lost, doubled, late."""
    log = FakeLog()
    worlds = [World(log=log), World(log=log)]
    async with following(*(world.tail for world in worlds)):
        late: list[tuple[World, list[LogRow]]] = []
        for _ in range(rng.randrange(1, 25)):
            batch = [log.commit(ANNA) for _ in range(rng.randrange(1, 5))]
            here, there = rng.sample(worlds, 2)
            late += [(here, batch)] * rng.choice([1, 1, 2]) + [(there, batch)] * rng.choice([0, 1, 1, 2])
            rng.shuffle(late)
            for _ in range(rng.randrange(len(late) + 1)):
                world, rows = late.pop()
                world.tail.offer(rows)
            for _ in range(rng.randrange(3)):
                await asyncio.sleep(0)
        for world, rows in late:
            world.tail.offer(rows)
        for world in worlds:
            last = log.commit(ANNA)
            world.tail.offer([last])
        for world in worlds:
            world.tail.offer([last])
        await until(lambda: all(world.is_level() for world in worlds))


async def test_news_that_a_full_hub_turns_away_is_read_again_though_nothing_comes_after_it() -> None:
    world = World()
    async with following(world.tail):
        world.tail.offer([world.log.commit(ANNA) for _ in range(QUEUE_EVENTS_MAX)])
        assert world.hub.is_full
        world.tail.offer([world.log.commit(ANNA)])
        assert not world.tail._aside  # there is no gap that would show it
        assert not world.is_level()
        await until(world.is_level)
