"""Who can't be sure to be up to date says so, and sends its clients away; time is moved by hand."""

import asyncio

import pytest
from msgspec.structs import replace

from festival_push.push.news.tail import Tail
from tests.push.fake_log import ANNA
from tests.push.world import RULES, Client, World
from tests.support.timing.waiting import until
from tests.support.wire.memory_broker import MemoryBroker

TOPICS = (ANNA,)


class Age:
    """What the tail says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def world_of_age() -> tuple[World, Age, Client]:
    world, age = World(rules=replace(RULES, stale_s=3.0)), Age()
    world.sources.age_s = age
    await world.tail.start()
    client = Client(world, TOPICS)
    await client.connect()
    await client.take()
    client.read_in_background()
    return world, age, client


async def test_streams_are_told_once_and_end_some_seconds_later() -> None:
    world, age, client = await world_of_age()
    age.seconds = 2.9
    await world.pass_time(1)
    age.seconds = 4.0
    await world.pass_time(1)
    assert not world.streams.is_stale, "one look may come just after a standstill"
    age.seconds = 5.0
    await world.pass_time(1)
    await until(lambda: len(client.names) == 2)
    assert world.streams.is_stale
    assert client.names == ["connected", "stale"]
    assert client.frames[1].id is None
    assert client.data(1)["since"] == "1970-01-01T00:16:38.000Z", "five seconds before it was told"
    await world.pass_time(0.5)
    assert client.names == ["connected", "stale"]
    age.seconds = 6.1
    await world.pass_time(1)
    await until(lambda: client.ended)
    assert client.names == ["connected", "stale", "error"]
    assert client.data(2)["code"] == "unavailable"


async def test_newcomers_are_sent_away_and_let_in_again() -> None:
    world, age, client = await world_of_age()
    await client.disconnect()
    age.seconds = 4.0
    for _ in range(2):
        await world.pass_time(1)
    refused = Client(world, TOPICS)
    await refused.connect()
    await refused.take_all()
    assert refused.data(0)["code"] == "unavailable"
    assert world.streams.refused == {"unavailable": 1}
    age.seconds = 0.1
    await world.pass_time(1)
    await client.connect()
    await client.take()
    assert client.names == ["connected"]
    await client.disconnect()


async def test_who_is_up_to_date_again_sends_those_back_who_were_told_otherwise() -> None:
    world, age, client = await world_of_age()
    age.seconds = 4.0
    for _ in range(2):
        await world.pass_time(1)
    age.seconds = 0.0
    await world.pass_time(1)
    await until(lambda: client.ended)
    assert client.names == ["connected", "stale", "error"]


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("ends_by", ["sweep", "read"])
async def test_who_could_not_be_greeted_yet_is_told_of_the_end_only(ends_by: str) -> None:
    """`connected` is the first event of each stream; a stream without it is a refusal, and that is one event."""
    world, age, client = await world_of_age()
    reads, goes_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reads.set()
        await goes_on.wait()

    world.log.on_step = wait
    newcomer = Client(world, TOPICS)
    await newcomer.connect()
    newcomer.read_in_background()
    await reads.wait()
    for seconds in (4.0, 5.0) if ends_by == "read" else (4.0, 5.0, 7.0):
        age.seconds = seconds
        await world.pass_time(1)
    world.log.fails = ends_by == "read"
    goes_on.set()
    await until(lambda: newcomer.ended)
    assert newcomer.names == ["error"]
    assert newcomer.data(0)["code"] == "unavailable"
    await client.disconnect()


async def test_a_read_and_another_process_prove_that_we_are_up_to_date() -> None:
    world, clock = World(), Age()
    broker = MemoryBroker()
    tail = Tail(world.log.head, world.log.read_range, broker, world.hub, monotonic=clock)
    world.log.commit(ANNA)
    await tail.start()
    clock.seconds = 2.0
    assert tail.age_s() == 2.0
    await tail.catch_up()
    assert tail.age_s() == 0.0
    clock.seconds = 5.0
    broker.heard_s = 4.0
    assert tail.age_s() == 1.0
    world.log.commit(ANNA)
    tail.offer([world.log.commit(ANNA)])
    broker.heard_s = 5.0
    clock.seconds = 7.0
    assert tail.age_s() == 3.0, "it lacks what it has heard of"
