"""Several servers on one log, each of which hears only what somebody there follows: every stream gets exactly its
events, in order, whatever becomes of the news between them."""

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub.entries import Unread, unread
from festival_push.push.news.broker import Doubt, Told
from tests.push.fake_log import ANNA, BEN, CROWD, EPOCH, FakeLog
from tests.push.tails import following
from tests.push.world import Client, World
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until

TOPICS = (ANNA, BEN, CROWD, *(Topic(f"order:{number}") for number in range(5)))


@given(st.integers(0, 2**32))
def test_every_stream_gets_exactly_its_events_whatever_becomes_of_the_news(seed: int) -> None:
    run(lose_news_at_random(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def lose_news_at_random(rng: random.Random) -> None:
    """Each server commits, tells itself, and the others hear of it late, twice, without frames, or never; streams come,
    go and change server meanwhile."""
    log = FakeLog()
    worlds = [
        World(log=log, replay_page=rng.randrange(1, 6), window_events_max=rng.choice([0, 2, 8, 1_000]))
        for _ in range(rng.randrange(2, 4))
    ]
    clients = [Client(rng.choice(worlds), rng.sample(TOPICS, rng.randrange(1, 4))) for _ in range(4)]
    under_way: list[tuple[World, Told | Doubt]] = []
    async with following(*(world.tail for world in worlds)):
        for _ in range(rng.randrange(5, 40)):
            here = rng.choice(worlds)
            rows = [log.commit(*rng.sample((*TOPICS, SYSTEM), rng.randrange(1, 4))) for _ in range(rng.randrange(1, 5))]
            here.tail.offer(rows)
            for world in worlds:
                if world is not here:
                    under_way += [(world, told(rows, rng))] * rng.choice([0, 1, 1, 1, 2])
            if rng.random() < 0.5:
                rng.shuffle(under_way)
            for _ in range(rng.randrange(len(under_way) + 1)):
                world, news = under_way.pop(0)
                world.tail.hear(news)
            if rng.random() < 0.3:
                rng.choice(worlds).hub._audience.interest._change_generations()
            client = rng.choice(clients)
            if client.ended or rng.random() < 0.4:
                client.world = rng.choice(worlds)
                await client.reconnect()
            for _ in range(rng.randrange(8)):
                await asyncio.sleep(rng.choice([0, 0, 0, 0.004]))  # virtual: a gap may be waited for long enough
        for world, news in under_way:
            world.tail.hear(news)
        for client in clients:
            if client.ended:
                await client.reconnect()
            await until(client.knows_everything)
            await client.disconnect()
        await until(lambda: all(world.hub.position == log.position for world in worlds))


def told(rows: list[LogRow], rng: random.Random) -> Told:
    """What another server is told of a batch; now and then without the frames."""
    without = rng.random() < 0.2
    events: list[Unread] = [unread(EPOCH, each) for each in rows]
    return Told(rows[0].position, tuple((marks, None if without else packed) for marks, packed in events))


async def test_what_is_not_followed_here_costs_no_reading_and_what_is_and_was_not_told_one() -> None:
    world = World()
    async with following(world.tail):
        client = Client(world, [ANNA])
        await client.connect()
        client.read_in_background()
        await until(lambda: len(client.frames) == 1)
        reads = world.log.reads
        for topic in (BEN, CROWD, BEN):
            marks, _ = unread(EPOCH, world.log.commit(topic))
            world.tail.hear(Told(world.log.position, ((marks, None),)))
        await until(lambda: world.hub.position == 3)
        assert (world.log.reads, world.tail.gaps_read, world.hub.memory.passed_over) == (reads, 0, 3)
        marks, _ = unread(EPOCH, world.log.commit(ANNA))
        world.tail.hear(Told(4, ((marks, None),)))
        await until(client.knows_everything)
        assert (client.known, world.tail.gaps_read) == ([4], 1)
        await client.disconnect()
