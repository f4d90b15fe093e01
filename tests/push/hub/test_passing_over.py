"""What nobody here follows is passed over unread, and whoever follows it a moment later is told of it all the same."""

import asyncio
import random
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import RoomsChanged
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.entries import Unread, unread
from festival_push.push.hub.hub import Hub
from festival_push.push.hub.interest import mark_of
from tests.push.fake_log import ANNA, BEN, CROWD, row
from tests.push.hub.test_hub import PLENTY, Taker, follow, settled
from tests.support.timing.virtual_time import run

ROOMS = [Topic(f"order:{number}") for number in range(3)]


def told(*rows: LogRow) -> list[Unread]:
    return [unread("e", each) for each in rows]


def mute(*topics: Topic) -> Unread:
    """An event that can't be unpacked."""
    return tuple(map(mark_of, topics)), b"\xc1"


async def test_what_nobody_follows_is_not_even_unpacked() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    assert hub.publish([mute(BEN), *told(row(2, ANNA)), mute(BEN, CROWD)]) == 3
    await settled(hub)
    assert (anna.positions, hub.position, hub.memory.passed_over, len(hub.memory.window)) == ([2], 3, 2, 1)
    assert hub.memory.covers([ANNA], 0)
    assert [frame.position for frame in hub.memory.replay([ANNA], 0, 3) or []] == [2]


async def test_what_was_passed_over_is_asked_of_the_log() -> None:
    hub = Hub("e")
    hub.publish([*told(row(1, ANNA), row(2, BEN)), mute(CROWD)])
    assert [hub.memory.covers([ANNA], after) for after in (0, 1, 2)] == [False, True, True]
    assert [hub.memory.covers([BEN], after) for after in (0, 1, 2)] == [False, False, True]
    assert hub.memory.replay([ANNA, BEN], 1, 3) is None
    assert hub.memory.replay([ANNA, BEN], 2, 3) == []


async def test_with_nothing_to_push_the_position_goes_on_at_once() -> None:
    hub = Hub("e")
    hub.publish([mute(BEN)])
    assert (hub.position, hub.published) == (1, 1)
    follow(hub, ANNA)
    follow(hub, ANNA)
    hub.publish([*told(row(2, ANNA)), mute(BEN)])
    assert (hub.position, hub.published) == (1, 3)
    await settled(hub)
    assert hub.position == 3


@pytest.mark.parametrize("event", [(told(row(1))[0][0], None), mute(ANNA), told(row(7))[0]])
async def test_what_is_followed_and_can_not_be_read_is_left_to_the_log(event: Unread) -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    assert hub.publish([mute(BEN), *[(event[0], event[1])], *told(row(3))]) == 1
    assert hub.published == 1
    assert hub.publish([row(2), row(3)]) == 2
    await settled(hub)
    assert anna.positions == [2, 3]


async def test_what_the_system_hears_is_heard_everywhere() -> None:
    hub, heard = Hub("e"), list[LogRow]()
    hub.on_system(heard.append)
    rows = [row(1, SYSTEM, type="system-user-changed"), row(2, SYSTEM, ANNA)]
    assert hub.publish(told(*rows)) == 2
    assert heard == rows


async def test_a_topic_is_heard_a_while_after_its_last_follower_has_left() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    assert anna.subscriber
    hub.unsubscribe(anna.subscriber)
    hub.publish(told(row(1, ANNA)))
    assert [frame.position for frame in hub.memory.replay([ANNA], 0, 1) or []] == [1]


async def test_another_log_begins_with_nothing_passed_over() -> None:
    hub = Hub("e")
    hub.publish([mute(BEN)])
    hub.renew("e2", 0)
    assert (hub.memory.covers([BEN], 0), hub.memory.replay([BEN], 0, 0)) == (True, [])


@given(st.integers(0, 2**32))
def test_whoever_follows_at_any_moment_misses_nothing_after_since_and_memory_knows_what_it_lacks(seed: int) -> None:
    run(follow_at_random(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def follow_at_random(rng: random.Random) -> None:
    """Events are committed here or told by others; people come and go."""
    hub, topics = Hub("e"), [ANNA, BEN, CROWD, *ROOMS]
    for _ in range(rng.choice([0, 600])):
        follow(hub, CROWD)  # so that pushing takes several slices
    log: list[LogRow] = []
    takers: list[tuple[Taker, Sequence[Topic], int]] = []
    for _ in range(rng.randrange(1, 30)):
        for _ in range(rng.randrange(6)):
            log.append(row(len(log) + 1, *rng.sample(topics, rng.randrange(1, 3))))
            event: LogRow | Unread = log[-1] if rng.random() < 0.2 else told(log[-1])[0]
            assert hub.publish([event]) == 1
        mine = rng.sample(topics, rng.randrange(1, 4))
        after = rng.randrange(len(log) + 1)
        if (found := hub.memory.replay(mine, after, len(log))) is not None:
            assert [frame.position for frame in found] == positions(log, mine, after)
        assert hub.memory.covers(mine, after) == (found is not None)
        taker = follow(hub, *mine)
        assert taker.subscriber
        takers.append((taker, mine, taker.subscriber.since))
        if rng.random() < 0.3:
            hub.unsubscribe(taker.subscriber)
            takers.pop()
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
    await settled(hub)
    for taker, followed, since in takers:
        assert [position for position in taker.positions if position > since] == positions(log, followed, since)


def positions(log: list[LogRow], topics: Sequence[Topic], after: int) -> list[int]:
    return [r.position for r in log[after:] if not set(topics).isdisjoint(r.topics)]


@given(st.integers(0, 2**32))
def test_a_stream_follows_its_rooms_from_the_very_event_that_lets_it_in(seed: int) -> None:
    run(move_at_random(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def move_at_random(rng: random.Random) -> None:
    """Anna's rooms change, at other processes, in the midst of what is told in those rooms."""
    hub, owner = Hub("e"), UserId("anna")
    taker = Taker()
    taker.subscriber = hub.subscribe((user_topic(owner),), taker, backlog_bytes_max=PLENTY, owner=owner)
    rooms = list[Topic]()
    log: list[LogRow] = []
    expected: list[int] = []
    for _ in range(rng.randrange(1, 20)):
        batch = []
        for _ in range(rng.randrange(1, 8)):
            position = len(log) + 1
            if rng.random() < 0.3:
                rooms = list(rng.sample(ROOMS, rng.randrange(4)))
                changed = RoomsChanged(timestamp="", user_id=owner, topics=tuple(rooms))
                text = msgspec.json.encode(changed).decode()
                log.append(row(position, SYSTEM, data=text, type=RoomsChanged.TYPE))
            else:
                log.append(row(position, rng.choice(ROOMS)))
                if log[-1].topics[0] in rooms:
                    expected.append(position)
            batch.append(unread("e", log[-1]))
        assert hub.publish(batch) == len(batch)
        for _ in range(rng.randrange(3)):
            await asyncio.sleep(0)
    await settled(hub)
    assert taker.positions == expected
