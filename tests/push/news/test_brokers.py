"""What every broker does: one suite over all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Broker, Doubt, NoBroker
from festival_push.push.news.redis_broker import RedisBroker
from tests.push.fake_log import ANNA, BEN, row
from tests.support.timing.waiting import until
from tests.support.wire.memory_broker import MemoryBroker

News = tuple[LogRow, ...] | Doubt


class Listener:
    """Keeps what one end of a broker receives."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.heard: list[News] = []

    @property
    def batches(self) -> list[tuple[LogRow, ...]]:
        return [news for news in self.heard if not isinstance(news, Doubt)]

    @property
    def doubts(self) -> int:
        return len(self.heard) - len(self.batches)

    async def run(self) -> None:
        async with aclosing(self.broker.receive()) as news:
            async for each in news:
                self.heard.append(each)


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
        await until(lambda: len(listener.batches) >= len(sent))
        assert listener.batches == sent


async def test_a_receiver_begins_with_a_doubt(two_ends: TwoEnds) -> None:
    async with running(*two_ends()) as listeners:
        assert all(isinstance(listener.heard[0], Doubt) for listener in listeners)


async def test_every_receiver_hears_everything_the_publisher_too(two_ends: TwoEnds) -> None:
    here, there = two_ends()
    async with running(here, there) as listeners:
        here.publish([row(1)])
        await until(lambda: all(listener.batches == [(row(1),)] for listener in listeners))


async def test_publishing_without_anyone_running_neither_blocks_nor_raises(two_ends: TwoEnds) -> None:
    here, _ = two_ends()
    for position in range(1, 5_000):
        here.publish([row(position)])
    await here.close()


async def test_a_huge_batch_arrives_or_is_doubted(two_ends: TwoEnds) -> None:
    here, there = two_ends()
    async with running(here, there) as (_, listener):
        doubts = listener.doubts
        here.publish([row(1, data='"' + "x" * 400_000 + '"'), row(2)])
        await until(lambda: listener.batches or listener.doubts > doubts)
        here.publish([row(3)])
        await until(lambda: listener.batches and listener.batches[-1] == (row(3),))


async def test_a_full_memory_inbox_leaves_a_doubt() -> None:
    broker = MemoryBroker(queue_batches_max=3)
    async with aclosing(broker.receive()) as news:
        assert isinstance(await anext(news), Doubt)
        # The inbox exists from the first item on; nobody takes anything now.
        for position in range(1, 6):
            broker.publish([row(position)])
        heard = [await anext(news) for _ in range(3)]
        assert heard == [Doubt(), (row(4),), (row(5),)]
        assert broker.dropped == 3
    await broker.close()


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
