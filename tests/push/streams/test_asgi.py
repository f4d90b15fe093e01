"""Snapshot or replay, then live: each event once, in order, whenever it is committed, however often one is cut off."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from festival_push.domain.topics import SYSTEM
from festival_push.push.streams import feed
from tests.push.fake_log import ANNA, BEN, CROWD, EPOCH, FakeLog
from tests.push.hub.test_frames import GARBAGE
from tests.push.world import RULES, Client, World
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until

TOPICS = (ANNA, CROWD)

pytestmark = pytest.mark.usefixtures("both_ways")


async def started(world: World, events: int = 0) -> World:
    """Commit some events and bring the hub to them."""
    for number in range(events):
        world.log.commit((ANNA, BEN, CROWD, SYSTEM)[number % 4])
    await world.tail.start()
    await until(lambda: world.hub.position == events)
    return world


async def test_a_newcomer_gets_a_snapshot_then_what_happens() -> None:
    world = await started(World(), 10)
    client = Client(world, TOPICS)
    await client.connect()
    await client.take()
    assert client.frames[0].id == f"{EPOCH}.10"
    assert client.data(0) == {
        "userId": "anna", "userType": "customer", "message": "Welcome.", "heartbeat": 15, "resumed": False,
        "snapshot": {"seen": [1, 3, 5, 7, 9]},
    }  # fmt: skip
    world.commit(ANNA)
    world.commit(BEN)
    world.commit(CROWD, ANNA)
    await client.take_until(client.knows_everything)
    assert client.names == ["connected", "new-notification", "new-notification"]
    await client.disconnect()
    assert (len(world.streams), world.hub.subscribers) == (0, set())


@pytest.mark.parametrize("window_events_max", [0, 3, 1_000])
@pytest.mark.parametrize("cursor", [0, 1, 9, 10, 39, 40])
async def test_whoever_comes_back_gets_what_was_missed_from_window_or_log(cursor: int, window_events_max: int) -> None:
    world = await started(World(window_events_max=window_events_max, preload_events=100), 40)
    client = Client(world, TOPICS)
    client.known = world.log.positions(TOPICS, up_to=cursor)
    await client.connect(f"{EPOCH}.{cursor}")
    await client.take()
    assert client.data(0)["resumed"] is True
    assert client.frames[0].id is None
    world.commit(ANNA)
    await client.take_until(client.knows_everything)
    reads = world.log.reads
    assert reads > 2 or window_events_max
    await client.disconnect()


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        (None, None), ("", None), *((text, "malformed") for text in GARBAGE if text), ("other.3", "other-epoch"),
        (f"{EPOCH}.41", "beyond-head"), (f"{EPOCH}.9007199254740991", "beyond-head"), (f"{EPOCH}.9", "trimmed"),
        (f"{EPOCH}.0", "trimmed"),
    ],
)  # fmt: skip
async def test_a_cursor_that_cannot_be_honoured_is_answered_with_the_reason_and_a_snapshot(
    cursor: str | None, reason: str | None
) -> None:
    world = World()
    world.log.trimmed_to = 10
    await started(world, 40)
    client = Client(world, TOPICS)
    await client.connect(cursor)
    await client.take()
    assert (client.data(0)["resumed"], client.data(0).get("reason")) == (False, reason)
    assert client.frames[0].id == f"{EPOCH}.40"
    assert client.knows_everything()
    await client.disconnect()


async def test_a_cursor_right_at_the_trimmed_end_is_honoured() -> None:
    world = World()
    world.log.trimmed_to = 10
    await started(world, 40)
    client = Client(world, TOPICS)
    client.known = world.log.positions(TOPICS, up_to=10)
    await client.connect(f"{EPOCH}.10")
    await client.take_until(client.knows_everything)
    assert client.data(0)["resumed"] is True
    await client.disconnect()


async def test_a_cursor_of_another_process_that_is_ahead_of_us_is_honoured() -> None:
    world = await started(World(), 4)
    for _ in range(6):
        world.commit(ANNA, told=False)
    client = Client(world, TOPICS)
    client.known = world.log.positions(TOPICS, up_to=8)
    await client.connect(f"{EPOCH}.8")
    await client.take_until(client.knows_everything)
    assert client.data(0)["resumed"] is True
    await client.disconnect()


@pytest.mark.parametrize("lag", [-3, 3])
async def test_a_snapshot_may_be_older_or_newer_than_the_hub(lag: int) -> None:
    world = await started(World(), 10)
    if lag < 0:
        for _ in range(3):
            world.commit(ANNA, told=False)
    else:
        for _ in range(3):
            world.commit(ANNA)
    at = world.hub.published - lag
    client = Client(world, TOPICS)

    async def read_snapshot() -> tuple[int, object]:
        return at, {"seen": world.log.positions(TOPICS, up_to=at)}

    client.follow(world.follow(replace(world.request(TOPICS), read_snapshot=read_snapshot)))
    await client.take()
    for row in list(world.log.rows):
        world.tail.offer([row])
    world.commit(CROWD)
    await client.take_until(client.knows_everything)
    await client.disconnect()


async def open_with_commit_at(step: int, cursor: str | None, *, window: int, told: bool) -> bool:
    """Open a stream over ten events and commit two more at one await of its opening; False when it has fewer awaits.

    The client must know everything in the end, each event once and in order (it checks that itself).
    """
    world = await started(World(window_events_max=window, preload_events=10, replay_page=2), 10)
    if cursor == "ahead":  # of this process: it has not heard of the last two
        world.commit(ANNA, told=False)
        world.commit(CROWD, told=False)
    position = {"new": None, "far": 1, "near": 8, "level": 10, "ahead": 11, "beyond": 99}[cursor or "new"]
    steps = 0

    async def commit_here() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            world.commit(ANNA, told=told)
            world.commit(BEN, CROWD, told=told)
            for _ in range(step % 3):
                await asyncio.sleep(0)  # so that the fan-out has not, partly or wholly happened when the read goes on

    world.log.on_step = commit_here
    client = Client(world, TOPICS)
    if position is not None:
        client.known = world.log.positions(TOPICS, up_to=position)
    await client.connect(None if position is None else f"{EPOCH}.{position}")
    await client.take()
    await commit_here()  # while `connected` is being sent
    world.log.on_step = None
    for row in list(world.log.rows):
        world.tail.offer([row])
    world.commit(CROWD)
    await client.take_until(client.knows_everything)
    await client.disconnect()
    return steps >= step


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("window", [0, 4, 100])
@pytest.mark.parametrize("cursor", ["new", "far", "near", "level", "ahead", "beyond"])
async def test_an_event_committed_at_any_await_of_the_opening_is_neither_lost_nor_doubled(
    cursor: str,
    window: int,
    told: bool,  # noqa: FBT001 - pytest passes parameters by name
) -> None:
    step = 1
    while await open_with_commit_at(step, cursor, window=window, told=told):
        step += 1
    assert step > 1


async def test_commits_between_the_pages_of_a_long_replay() -> None:
    world = await started(World(window_events_max=0, replay_page=3), 60)
    client = Client(world, TOPICS)
    await client.connect(f"{EPOCH}.0")
    for _ in range(12):
        world.commit(ANNA)
        world.commit(CROWD, BEN)
        await client.take()
    await client.take_until(client.knows_everything)
    await client.disconnect()


@given(st.integers(0, 2**32))
def test_cut_off_at_random_a_client_still_gets_exactly_the_log(seed: int) -> None:
    run(cut_off_at_random(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def cut_off_at_random(rng: random.Random) -> None:
    """Two processes on one log. Clients with random topics come, go and change process; news gets lost."""
    log = FakeLog()
    topics = (ANNA, BEN, CROWD)
    rules = RULES
    if rng.random() < 0.3:
        rules = replace(RULES, backlog_bytes_max=300)  # backlogs overflow now and then
    worlds = [
        World(log=log, rules=rules, replay_page=rng.randrange(1, 6), window_events_max=rng.choice([0, 2, 8, 1_000]))
        for _ in range(2)
    ]
    for world in worlds:
        await world.tail.start()
    clients = [Client(worlds[0], rng.sample(topics, rng.randrange(1, 4))) for _ in range(4)]
    for _ in range(rng.randrange(5, 40)):
        row = log.commit(*rng.sample((*topics, SYSTEM), rng.randrange(1, 4)))
        for world in worlds:
            if rng.random() < 0.7:
                world.tail.offer([row])
        client = rng.choice(clients)
        if client.ended or rng.random() < 0.3:
            client.world = rng.choice(worlds)
            await client.reconnect()
        for _ in range(rng.randrange(8)):
            await asyncio.sleep(0)
        if rng.random() < 0.2:
            await rng.choice(worlds).tail.catch_up()
    for world in worlds:
        await world.tail.catch_up()
    for client in clients:
        while not client.knows_everything():
            await client.reconnect()
            await until(lambda client=client: client.ended or client.knows_everything())  # type: ignore[misc] # as a default
        await client.disconnect()
    assert [len(world.streams) for world in worlds] == [0, 0]


async def test_what_is_trimmed_during_a_replay_ends_the_stream_instead_of_leaving_a_gap() -> None:
    world = await started(World(window_events_max=0, replay_page=2), 40)
    client = Client(world, TOPICS)
    await client.connect(f"{EPOCH}.0")
    await client.take_until(lambda: client.known == [1, 3])
    world.log.trimmed_to = 20
    world.commit(ANNA)
    await client.take_all()
    assert client.known == [1, 3]
    assert client.cursor == f"{EPOCH}.3"
    assert client.parser.retry_ms
    await client.connect()
    await client.take()
    assert client.data(0)["reason"] == "trimmed"
    assert client.knows_everything()
    await client.disconnect()


async def test_a_replica_that_lags_is_waited_for() -> None:
    world = await started(World(window_events_max=0), 10)
    behind = FakeLog()
    behind.rows = world.log.rows[:6]
    world.sources.read_after = behind.read_after
    client = Client(world, TOPICS)
    await client.connect(f"{EPOCH}.0")
    catching_up = asyncio.create_task(client.take())
    await until(lambda: behind.reads >= 4)
    behind.rows = world.log.rows
    await catching_up
    await client.take_until(client.knows_everything)
    await client.disconnect()


async def test_a_replica_that_lags_for_too_long_is_told_and_costs_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_LAG_WAITS", (0.001, 0.001))
    world = await started(World(window_events_max=0), 10)
    behind = FakeLog()
    behind.rows = world.log.rows[:6]
    world.sources.read_after = behind.read_after
    client = Client(world, TOPICS)
    await client.connect(f"{EPOCH}.0")
    await client.take_all()
    assert (client.names, client.data(0)["code"], client.frames[0].id) == (["error"], "unavailable", None)
    behind.rows = world.log.rows
    await client.connect(f"{EPOCH}.0")
    await client.take_until(client.knows_everything)
    await client.disconnect()


async def test_a_broken_database_is_told_and_costs_no_event() -> None:
    world = await started(World(window_events_max=0), 10)
    world.log.fails = True
    client = Client(world, TOPICS)
    for cursor in (None, f"{EPOCH}.1", f"{EPOCH}.99"):
        await client.connect(cursor)
        await client.take_all()
        assert client.names == ["error"]
        assert client.data(0)["code"] == "unavailable"
        assert client.frames[0].id is None
    world.log.fails = False
    await client.connect(f"{EPOCH}.0")
    await client.take_until(client.knows_everything)
    await client.disconnect()


async def test_a_slow_reader_is_cut_off_with_bounded_memory_and_comes_back_without_loss() -> None:
    world = await started(World(rules=replace(RULES, backlog_bytes_max=20_000)))
    slow, quick = Client(world, TOPICS), Client(world, TOPICS)
    await slow.connect()
    await quick.connect()
    await slow.take()
    quick.read_in_background()
    (subscriber,) = (s for s in world.hub.subscribers)
    for _ in range(60):
        world.commit(CROWD, data='"' + "x" * 1_000 + '"')
        await until(lambda: world.hub.position == world.hub.published)
        assert subscriber.backlog is None or subscriber.backlog.size <= 20_000
    assert world.hub.cut_off == 1
    assert subscriber.backlog is None
    await until(quick.knows_everything)
    await slow.take_all()
    assert slow.names == ["connected"]
    await slow.connect()
    await slow.take_until(slow.knows_everything)
    for client in (slow, quick):
        await client.disconnect()


@pytest.mark.usefixtures("instant_hub")
async def test_a_burst_is_one_chunk_and_everyone_gets_the_same_bytes() -> None:
    world = await started(World())
    clients = [Client(world, TOPICS) for _ in range(3)]
    for client in clients:
        await client.connect()
        await client.take()
    for _ in range(50):
        world.commit(CROWD)
    for client in clients:
        await client.take()
        assert client.knows_everything()
        await client.disconnect()


async def test_two_thousand_streams_keep_the_loop_free() -> None:
    """Between two turns of the loop only a part of them has something to do."""
    world = await started(World(rules=RULES))
    clients = [Client(world, TOPICS) for _ in range(2_000)]
    for client in clients:
        await client.connect()
        await client.take()
        client.read_in_background()
    reached: list[int] = []
    for _ in range(10):
        world.commit(CROWD)
        for _ in range(10):
            before = [len(client.frames) for client in clients]
            await asyncio.sleep(0)
            reached.append(sum(len(client.frames) > had for client, had in zip(clients, before, strict=True)))
    await until(lambda: all(client.knows_everything() for client in clients))
    for client in clients:
        await client.disconnect()
    assert 0 < max(reached) <= 128


async def test_a_client_that_leaves_before_the_first_chunk_holds_nothing() -> None:
    world = await started(World(), 3)
    client = Client(world, TOPICS)
    await client.connect()
    await client.disconnect()
    await client.connect()
    task = asyncio.create_task(client.take())
    for _ in range(2):  # until it is being opened
        await asyncio.sleep(0)
    assert len(world.streams) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (len(world.streams), world.hub.subscribers) == (0, set())
