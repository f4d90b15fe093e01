"""The long poll gives the same events as a stream: each once, in order, with the cursor to go on from."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.values import Topic
from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.poll import Collected, Poll
from tests.push.fake_log import ANNA, BEN, CROWD, EPOCH, FakeLog
from tests.push.world import World
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until

TOPICS = (ANNA, CROWD)


async def collect(world: World, cursor: str | None, *, wait_s: float = 0.0, limit: int = 100) -> Collected:
    found = await world.streams.collect(world.request(TOPICS, cursor), wait_s=wait_s, limit=limit)
    assert isinstance(found, Collected)
    return found


def positions(found: Collected) -> list[int]:
    return [row.position for row in found.rows]


async def started(events: int = 0, *, window_events_max: int = 1_000, replay_page: int = 5) -> World:
    world = World(window_events_max=window_events_max, preload_events=events, replay_page=replay_page)
    for number in range(events):
        world.log.commit((ANNA, BEN)[number % 2])
    await world.tail.start()
    await until(lambda: world.hub.position == events)
    return world


async def test_without_a_cursor_it_gives_the_snapshot_at_once() -> None:
    world = await started(3)
    found = await collect(world, None, wait_s=60)
    assert (found.rows, str(found.cursor), found.resumed, found.reason) == ((), f"{EPOCH}.3", False, None)
    assert found.snapshot == {"seen": [1, 3]}
    assert (await collect(world, "nonsense")).reason == "malformed"
    assert (await collect(world, f"{EPOCH}.4")).reason == "beyond-head"
    assert len(world.streams) == 0


@pytest.mark.parametrize("window_events_max", [0, 1_000])
async def test_what_was_missed_comes_at_once_and_in_pieces(window_events_max: int) -> None:
    world = await started(20, window_events_max=window_events_max)
    found = await collect(world, f"{EPOCH}.0", wait_s=60, limit=4)
    assert (positions(found), str(found.cursor), found.resumed) == ([1, 3, 5, 7], f"{EPOCH}.7", True)
    found = await collect(world, str(found.cursor), limit=6)
    assert (positions(found), str(found.cursor)) == ([9, 11, 13, 15, 17, 19], f"{EPOCH}.19")
    found = await collect(world, str(found.cursor))
    assert (positions(found), str(found.cursor)) == ([], f"{EPOCH}.20")  # the last one is not of its topics


async def test_it_waits_for_an_event_and_returns_with_it() -> None:
    world = await started(2)
    waiting = asyncio.create_task(collect(world, f"{EPOCH}.2", wait_s=60))
    await until(lambda: len(world.streams) == 1)
    world.commit(BEN)
    world.commit(CROWD)
    found = await asyncio.wait_for(waiting, 20)
    assert (positions(found), str(found.cursor)) == ([4], f"{EPOCH}.4")
    assert world.hub.subscribers == set()


async def test_it_waits_no_longer_than_asked() -> None:
    world = await started(2)
    found = await collect(world, f"{EPOCH}.1", wait_s=0.02)
    assert (positions(found), str(found.cursor), found.resumed) == ([], f"{EPOCH}.2", True)


async def test_what_only_a_stream_says_does_not_wake_it() -> None:
    world = await started(2)
    request = world.request(TOPICS, f"{EPOCH}.2", expires_in_s=60)
    waiting = asyncio.create_task(world.streams.collect(request, wait_s=60, limit=1))
    (poll,) = await until(lambda: [each for each in world.streams._streams if isinstance(each, Poll)])
    await until(lambda: poll._woken._waiters, message="the poll waits")
    for _ in range(2):
        await world.pass_time(20)  # a stream would write a heartbeat, and that its session expires
        assert poll._asides == ()
    await world.pass_time(20)
    found = await waiting
    assert isinstance(found, Collected)
    assert found.fault is not None
    assert found.fault.code == "token-expired"


async def test_a_poll_is_refused_and_ended_like_a_stream() -> None:
    world = await started(2)
    waiting = asyncio.create_task(collect(world, f"{EPOCH}.2", wait_s=60))
    await until(lambda: len(world.streams) == 1)
    world.streams.end_where(lambda _: True, "suspended", "Ask.")
    found = await asyncio.wait_for(waiting, 20)
    assert found.fault == StreamError(code="suspended", message="Ask.")
    waiting = asyncio.create_task(collect(world, f"{EPOCH}.2", wait_s=60))
    await until(lambda: len(world.streams) == 1)
    await world.streams.drain(0.01)
    assert str((await waiting).cursor) == f"{EPOCH}.2"
    refused = await world.streams.collect(world.request(TOPICS), wait_s=1, limit=1)
    assert isinstance(refused, StreamError)
    assert refused.code == "draining"


@pytest.mark.parametrize("step", [1, 2, 3])  # before the first page is read, right after that, before the second one
async def test_a_replay_that_was_trimmed_meanwhile_hides_nothing(step: int) -> None:
    world = await started(20, window_events_max=0, replay_page=2)
    steps = 0

    async def trim() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            world.commit(ANNA)
            world.log.trimmed_to = 12

    world.log.on_step = trim
    found = await collect(world, f"{EPOCH}.0")
    if step > 1:
        assert positions(found) == [1, 3]
        assert str(found.cursor) == f"{EPOCH}.3"
        found = await collect(world, str(found.cursor))
    assert found.reason == "trimmed"


@given(st.integers(0, 2**32))
def test_polling_on_and_on_gives_exactly_the_log(seed: int) -> None:
    run(poll_on(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def poll_on(rng: random.Random) -> None:
    world = World(log=FakeLog(), window_events_max=rng.choice([0, 3, 100]), replay_page=rng.randrange(1, 5))
    await world.tail.start()

    async def commit_some() -> None:
        if rng.random() < 0.3:
            world.commit(*rng.sample((ANNA, BEN, CROWD), rng.randrange(1, 3)), told=rng.random() < 0.8)

    world.log.on_step = commit_some
    cursor, known = f"{EPOCH}.0", list[int]()
    for number in range(30):
        if number == 25:
            world.log.on_step = None
            await world.tail.catch_up()
        await commit_some()
        found = await collect(world, cursor, limit=100 if number > 25 else rng.randrange(1, 6))
        assert found.resumed
        known += positions(found)
        cursor = str(found.cursor)
    await world.tail.catch_up()
    await until(lambda: world.hub.position == world.log.position)
    known += positions(await collect(world, cursor))
    assert known == world.log.positions(TOPICS)


@pytest.mark.parametrize("step", [2, 3])  # right after the first page was read, before the second one is
@pytest.mark.parametrize("meanwhile", [(), (BEN,), (ANNA,)])
async def test_a_replay_cut_short_leaves_the_cursor_where_it_got_to(step: int, meanwhile: tuple[Topic, ...]) -> None:
    """Also where nothing waits that came live: an idle client's cursor goes on to the hub's position otherwise."""
    world = await started(20, window_events_max=0, replay_page=2)
    steps = 0

    async def trim() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            for topic in meanwhile:
                world.commit(topic)
            await until(lambda: world.hub.position == world.log.position)
            world.log.trimmed_to = 12

    world.log.on_step = trim
    found = await collect(world, f"{EPOCH}.0")
    assert (positions(found), str(found.cursor), found.resumed) == ([1, 3], f"{EPOCH}.3", True)
    assert (await collect(world, str(found.cursor))).reason == "trimmed"
    assert world.hub.subscribers == set()


async def test_a_poll_that_ends_amid_a_large_fan_out_skips_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("festival_push.push.hub.hub._SLICE_S", 0.0)  # so that a fan-out takes several turns of the loop
    world = await started(2)
    polls = [asyncio.create_task(collect(world, f"{EPOCH}.2", wait_s=60)) for _ in range(1_000)]
    await until(lambda: len(world.streams) == len(polls))
    await asyncio.sleep(0)
    world.commit(CROWD)
    await asyncio.sleep(0)  # one turn of the hub
    assert 0 < world.hub.deliveries < len(polls)
    for stream in list(world.streams._streams):
        stream.end()
    found = await asyncio.gather(*polls)
    answers = {(tuple(positions(each)), str(each.cursor)) for each in found}
    assert answers == {((3,), f"{EPOCH}.3"), ((), f"{EPOCH}.2")}, "some had the event, and only they are past it"
