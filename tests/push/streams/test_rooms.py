"""Rooms on open streams: followed from the very position in the log where they were joined, in every process."""

import asyncio
import random
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from festival_push.domain.events import RoomsChanged
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Position, Topic, UserId
from festival_push.push.hub.hub import Hub
from festival_push.push.streams.request import FollowedRooms
from tests.push.fake_log import ANNA, BEN, CROWD, EPOCH, FakeLog, position_of, row
from tests.push.hub.test_hub import PLENTY, Taker, settled
from tests.push.world import RULES, Client, World
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until

OWNER = UserId("anna")
ROOMS = tuple(Topic(f"order:{number}") for number in range(4))


def change(position: int, *topics: Topic, owner: UserId = OWNER) -> LogRow:
    """The event that says which rooms a person is in from here on."""
    event = RoomsChanged(timestamp="", user_id=owner, topics=topics)
    data = msgspec.json.encode(event).decode()
    return LogRow(Position(position), (SYSTEM,), RoomsChanged.TYPE, data, Instant(0))


class RoomLog(FakeLog):
    """A log that knows who was in which rooms when."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[int, tuple[Topic, ...]]] = [(0, ())]
        self.replica_at: int | None = None  # rooms are read as they stood there

    def set_rooms(self, *topics: Topic) -> LogRow:
        """Join and leave."""
        self.rows.append(change(self.position + 1, *topics))
        self.changes.append((self.position, topics))
        return self.rows[-1]

    def rooms_at(self, position: int) -> tuple[Topic, ...]:
        """The rooms that are followed right after a position."""
        return [topics for at, topics in self.changes if at <= position][-1]

    async def rooms(self) -> tuple[int, Sequence[Topic]]:
        await self._step()
        at = self.position if self.replica_at is None else self.replica_at
        found = at, self.rooms_at(at)
        await self._step()
        return found

    def followed(self) -> list[int]:
        """The events that a stream gets which is open all the time."""
        return [r.position for r in self.rows if {ANNA, *self.rooms_at(r.position - 1)} & set(r.topics)]


class Member:
    """Anna on one device: notes the positions that she gets, over any number of connections."""

    def __init__(self, world: World, log: RoomLog) -> None:
        self.world, self.log = world, log
        self.client = Client(world, (ANNA,))
        self.got: list[int] = []
        self._seen = 0

    async def connect(self, cursor: str | None = None) -> None:
        request = replace(
            self.world.request((ANNA,), cursor or self.client.cursor), rooms=FollowedRooms(OWNER, self.log.rooms)
        )
        self.client.follow(self.world.streams.follow(request))
        self._seen = 0

    def note(self) -> list[int]:
        """All positions so far."""
        frames = self.client.frames[self._seen :]
        self._seen = len(self.client.frames)
        self.got += [position_of(frame) for frame in frames if frame.id and frame.event != "connected"]
        return self.got


async def started(log: RoomLog, *, window_events_max: int = 1_000, replay_page: int = 5) -> World:
    world = World(log=log, window_events_max=window_events_max, replay_page=replay_page)
    await world.tail.start()
    return world


async def test_the_hub_follows_a_change_between_the_events_around_it() -> None:
    hub = Hub("e")
    taker, other = Taker(), Taker()
    taker.subscriber = hub.subscribe((ANNA,), taker, backlog_bytes_max=PLENTY, owner=OWNER)
    other.subscriber = hub.subscribe((BEN,), other, backlog_bytes_max=PLENTY, owner=UserId("ben"))
    first, second = ROOMS[:2]
    hub.publish([row(1, first), change(2, first), row(3, first, ANNA), row(4, second), change(5, second, ANNA)])
    hub.publish([row(6, first), row(7, second), row(8, ANNA), change(9), row(10, second), row(11, ANNA)])
    await settled(hub)
    assert (taker.positions, other.positions) == ([3, 7, 8, 11], [])
    for subscriber in (taker.subscriber, other.subscriber):
        hub.unsubscribe(subscriber)
    assert len(hub._audience) == 0


async def test_a_change_that_cannot_be_read_changes_nothing() -> None:
    hub, taker = Hub("e"), Taker()
    taker.subscriber = hub.subscribe((ANNA,), taker, backlog_bytes_max=PLENTY, owner=OWNER, rooms=ROOMS[:1])
    hub.publish([msgspec.structs.replace(change(1), data="{}"), row(2, ROOMS[0])])
    await settled(hub)
    assert (taker.positions, hub.position) == ([2], 2)


async def opened_with_a_change_at(step: int, cursor: int | None, window: int) -> bool:
    """Open a stream, and join a room and hear from it at one await of the opening; False when it has fewer awaits."""
    log = RoomLog()
    for number in range(10):
        log.commit((ANNA, BEN, ROOMS[0], CROWD)[number % 4])
    tell = log.set_rooms(ROOMS[0])
    world = await started(log, window_events_max=window, replay_page=2)
    world.tail.offer([tell])
    member, steps = Member(world, log), 0

    async def join_here() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            for each in (log.set_rooms(*ROOMS[:2]), log.commit(ROOMS[1]), log.commit(ROOMS[0], BEN)):
                world.tail.offer([each])
            for _ in range(step % 3):
                await asyncio.sleep(0)

    log.on_step = join_here
    await member.connect(None if cursor is None else f"{EPOCH}.{cursor}")
    await member.client.take()
    await join_here()
    log.on_step = None
    world.tail.offer([log.commit(ROOMS[1], ROOMS[0])])
    after = position_of(member.client.frames[0]) if cursor is None else cursor
    await member.client.take_until(lambda: log.position in member.note())
    wanted = [position for position in log.followed() if position > after]
    assert set(wanted) <= set(member.got)
    assert member.got == sorted(set(member.got))
    assert all({ANNA, *ROOMS[:2]} & set(log.rows[position - 1].topics) for position in member.got)
    await member.client.disconnect()
    assert world.hub.subscribers == set()
    return steps >= step


@pytest.mark.parametrize("window", [0, 4, 100])
@pytest.mark.parametrize("cursor", [None, 1, 8, 11])
async def test_a_room_joined_at_any_await_of_the_opening_is_followed(cursor: int | None, window: int) -> None:
    step = 1
    while await opened_with_a_change_at(step, cursor, window):
        step += 1
    assert step > 2


async def test_rooms_are_not_read_from_a_replica_that_lags_behind_the_hub(caplog: pytest.LogCaptureFixture) -> None:
    log = RoomLog()
    world = await started(log)
    for each in (log.set_rooms(ROOMS[0]), log.commit(ANNA)):
        world.tail.offer([each])
    await until(lambda: world.hub.position == 2)
    log.replica_at = 0
    member = Member(world, log)
    await member.connect(f"{EPOCH}.2")
    opening = asyncio.create_task(member.client.take())
    reads = log.reads
    await until(lambda: log.reads > reads + 2)
    log.replica_at = None
    await opening
    world.tail.offer([log.commit(ROOMS[0])])
    await member.client.take_until(lambda: member.note() == [3])
    await member.client.disconnect()
    log.replica_at = 0
    await member.connect()
    await member.client.take_all()
    assert member.client.names == ["error"]  # it comes back later
    assert "the rooms that we read lag behind" in caplog.text
    await member.client.disconnect()


@given(st.integers(0, 2**32))
def test_an_open_stream_gets_exactly_the_log_of_its_topics_and_its_rooms_of_the_time(seed: int) -> None:
    run(joined_and_left_at_random(random.Random(seed)))  # noqa: S311 - repeatable, not secret


async def joined_and_left_at_random(rng: random.Random) -> None:
    log = RoomLog()
    worlds = [await started(log, window_events_max=rng.choice([0, 3, 1_000])) for _ in range(2)]
    members = [Member(world, log) for world in worlds]
    for member in members:
        await member.connect()
        await member.client.take()
        member.client.read_in_background()
    for _ in range(rng.randrange(5, 60)):
        if rng.random() < 0.3:
            each = log.set_rooms(*rng.sample(ROOMS, rng.randrange(4)))
        else:
            each = log.commit(*rng.sample((ANNA, BEN, *ROOMS), rng.randrange(1, 4)))
        for world in worlds:
            if rng.random() < 0.7:
                world.tail.offer([each])
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
        if rng.random() < 0.2:
            await rng.choice(worlds).tail.catch_up()
    for member in members:
        await member.world.tail.catch_up()
        await until(lambda member=member: member.note() == log.followed())  # type: ignore[misc] # as a default
        await member.client.disconnect()


@given(st.integers(0, 2**32))
def test_cut_off_at_random_nothing_of_a_room_that_is_kept_is_lost_or_doubled(seed: int) -> None:
    run(cut_off_at_random(random.Random(seed)))  # noqa: S311 - repeatable, not secret


async def cut_off_at_random(rng: random.Random) -> None:
    """Rooms are joined and never left, so that what must come is known whenever the client was away."""
    log, joined = RoomLog(), list[Topic]()
    rules = replace(RULES, backlog_bytes_max=rng.choice([300, 1_000_000]))
    worlds = [World(log=log, rules=rules, window_events_max=rng.choice([0, 3, 1_000]), replay_page=3) for _ in range(2)]
    for world in worlds:
        await world.tail.start()
    member = Member(worlds[0], log)
    await member.connect()
    await member.client.take()
    member.client.read_in_background()
    for _ in range(rng.randrange(5, 50)):
        if rng.random() < 0.2 and len(joined) < len(ROOMS):
            joined.append(ROOMS[len(joined)])
            each = log.set_rooms(*joined)
        else:
            each = log.commit(*rng.sample((ANNA, BEN, *ROOMS), rng.randrange(1, 4)))
        for world in worlds:
            if rng.random() < 0.7:
                world.tail.offer([each])
        if member.client.ended or rng.random() < 0.2:
            await come_back(member, rng.choice(worlds))
        for _ in range(rng.randrange(6)):
            await asyncio.sleep(0)
    for world in worlds:
        await world.tail.catch_up()
    while not set(log.followed()) <= set(member.note()):
        await come_back(member, rng.choice(worlds))
        await until(lambda: member.client.ended or set(log.followed()) <= set(member.note()))
    await member.client.disconnect()
    assert member.got == sorted(set(member.got))
    assert all({ANNA, *joined} & set(log.rows[position - 1].topics) for position in member.got)
    assert [(len(world.streams), len(world.hub._audience)) for world in worlds] == [(0, 0), (0, 0)]


async def come_back(member: Member, world: World) -> None:
    await member.client.disconnect()
    member.note()
    member.world = world
    await member.connect()
    member.client.read_in_background()
