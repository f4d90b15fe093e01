"""What every broker does: one suite over all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from festival_push.domain.log import LogRow
from festival_push.push.hub.entries import opened
from festival_push.push.hub.interest import mark_of
from festival_push.push.news.broker import Broker, Doubt, News, NoBroker, Told
from festival_push.push.news.redis_broker import RedisBroker
from tests.push.fake_log import ANNA, BEN, row
from tests.support.timing.waiting import until
from tests.support.wire.memory_broker import MemoryBroker


class Listener:
    """Keeps what one end of a broker receives."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.heard: list[News] = []

    @property
    def batches(self) -> list[tuple[LogRow, ...]]:
        return [rows_of(news) for news in self.heard if isinstance(news, Told)]

    @property
    def doubts(self) -> int:
        return len(self.heard) - len(self.batches)

    async def run(self) -> None:
        await self.broker.receive(self.heard.append)


def rows_of(told: Told) -> tuple[LogRow, ...]:
    """What a batch tells, all of whose events were told."""
    frames = [opened(packed, position) for position, (_, packed) in enumerate(told.events, told.first) if packed]
    assert len(frames) == len(told.events)
    assert [marks for marks, _ in told.events] == [tuple(map(mark_of, frame.topics)) for frame in frames if frame]
    return tuple(frame.row for frame in frames if frame is not None)


@asynccontextmanager
async def running(*brokers: Broker) -> AsyncIterator[list[Listener]]:
    """Run the brokers and listen to each, from the moment when all of them are well."""
    async with at_work(*brokers) as listeners:
        await until(lambda: all(listener.heard and listener.broker.healthy for listener in listeners))
        yield listeners


@asynccontextmanager
async def at_work(*brokers: Broker, publish: bool = True) -> AsyncIterator[list[Listener]]:
    """Run the brokers, or only listen to them, whether or not they are well."""
    listeners = [Listener(broker) for broker in brokers]
    tasks = [asyncio.create_task(broker.run()) for broker in brokers if publish]
    tasks += [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        yield listeners
        assert [task.exception() for task in tasks if task.done()] == []
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for broker in brokers:
            await broker.close()


def redis_broker(url: str, *, heartbeat_s: float = 60) -> RedisBroker:
    """One end; by default so patient that only a broken connection is doubted."""
    return RedisBroker(url, prefix="test", epoch="e1", secret=b"s" * 32, heartbeat_s=heartbeat_s)


@pytest.fixture(params=["memory", "redis"])
def two_ends(request: pytest.FixtureRequest) -> Callable[[], tuple[Broker, Broker]]:
    """Makes the publishing and the receiving end."""

    def make() -> tuple[Broker, Broker]:
        if request.param == "memory":
            broker = MemoryBroker()
            return broker, broker
        url = request.getfixturevalue("redis_url")
        return redis_broker(url), redis_broker(url)

    return make


TwoEnds = Callable[[], tuple[Broker, Broker]]


async def test_batches_arrive_whole_and_in_order(two_ends: TwoEnds) -> None:
    here, there = two_ends()
    sent = [(row(1, ANNA, BEN), row(2, data='{"text":"☂"}')), *((row(position),) for position in range(3, 60))]
    async with running(here, there) as (_, listener):
        for batch in sent:
            here.publish(batch)
        await until(lambda: sum(map(len, listener.batches)) >= 59)
        assert listener.batches[0][:2] == sent[0]
        assert [each for batch in listener.batches for each in batch] == [each for batch in sent for each in batch]


async def test_a_receiver_begins_with_a_doubt(two_ends: TwoEnds) -> None:
    async with running(*two_ends()) as listeners:
        assert all(isinstance(listener.heard[0], Doubt) for listener in listeners)


async def test_whoever_publishes_is_not_told_of_it(redis_url: str) -> None:
    """Its own tail had the rows before; that they came back is all that matters."""
    here, there = redis_broker(redis_url), redis_broker(redis_url)
    async with running(here, there) as (publisher, listener):
        known, received = len(publisher.heard), here.received
        here.publish([row(1)])
        await until(lambda: listener.batches == [(row(1),)] and here.received > received)
        there.publish([row(2)])
        await until(lambda: publisher.batches == [(row(2),)])
        assert len(publisher.heard) == known + 1


async def test_publishing_without_anyone_running_neither_blocks_nor_raises(two_ends: TwoEnds) -> None:
    here, _ = two_ends()
    for position in range(1, 5_000):
        here.publish([row(position)])
    await here.close()


async def test_a_huge_batch_is_told_without_its_frames(redis_url: str) -> None:
    here, there = redis_broker(redis_url), redis_broker(redis_url)
    async with running(here, there) as (_, listener):
        known = len(listener.heard)
        here.publish([row(1, data='"' + "x" * 400_000 + '"'), row(2, BEN)])
        await until(lambda: len(listener.heard) > known)
        assert listener.heard[known:] == [Told(1, (((mark_of(ANNA),), None), ((mark_of(BEN),), None)))]


async def test_a_full_memory_inbox_leaves_a_doubt() -> None:
    broker = MemoryBroker(queue_batches_max=3)
    async with at_work(broker) as (listener,):
        await until(lambda: listener.heard)
        # Nobody takes anything while we don't wait.
        for position in range(1, 6):
            broker.publish([row(position)])
        await until(lambda: len(listener.heard) == 4)
        assert (listener.doubts, listener.batches) == (2, [(row(4),), (row(5),)])
        assert isinstance(listener.heard[1], Doubt)
        assert broker.dropped == 3


@pytest.mark.parametrize("make", [MemoryBroker, NoBroker])
async def test_a_closed_broker_ends_its_receivers(make: Callable[[], Broker]) -> None:
    broker = make()
    listener = Listener(broker)
    tasks = [asyncio.create_task(listener.run()), asyncio.create_task(broker.run())]
    await until(lambda: listener.heard)
    await broker.close()
    await asyncio.gather(*tasks)


async def test_without_a_broker_nothing_comes_back() -> None:
    broker = NoBroker()
    listener = Listener(broker)
    receiving = asyncio.create_task(listener.run())
    await until(lambda: listener.heard)
    broker.publish([row(1)])
    await broker.close()
    await receiving
    assert listener.heard == [Doubt()]
    assert broker.healthy
