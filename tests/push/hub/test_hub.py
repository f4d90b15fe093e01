"""The hub: exactly the events after `since`, in order, the same bytes for all, and a loop that stays free."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import PersonErased
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Position, Topic
from festival_push.push.hub.backlog import Backlog, Subscriber
from festival_push.push.hub.frames import Frame, frame_of
from festival_push.push.hub.hub import QUEUE_EVENTS_MAX, Hub
from tests.push.fake_log import ANNA, BEN, CROWD, row
from tests.push.world import set_hub_clock
from tests.support.timing.virtual_time import VirtualTimeLoop, run
from tests.support.timing.waiting import until

PLENTY = 10**9


def waiting_for(subscriber: Subscriber) -> list[Frame]:
    backlog = subscriber.take()
    return [] if backlog is None else backlog.frames


class Taker:
    """A sink that takes at once."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.subscriber: Subscriber | None = None
        self.frames: list[bytes] = []
        self.positions: list[int] = []
        self.flushes = 0
        self.cuts = 0

    def flush(self) -> None:
        self.flushes += 1
        if self.takes and self.subscriber is not None:
            for frame in waiting_for(self.subscriber):
                self.positions.append(frame.position)
                self.frames.append(frame.chunk)

    def cut(self) -> None:
        self.cuts += 1


def follow(hub: Hub, *topics: Topic, backlog_bytes_max: int = PLENTY, takes: bool = True) -> Taker:
    taker = Taker(takes=takes)
    taker.subscriber = hub.subscribe(topics, taker, backlog_bytes_max=backlog_bytes_max)
    return taker


def is_settled(hub: Hub) -> bool:
    return hub.position == hub.published and not hub._delivery._few and not hub._delivery._crowd


async def settled(hub: Hub) -> None:
    await until(lambda: is_settled(hub))


async def test_an_event_reaches_its_topics_once_with_the_same_bytes() -> None:
    hub = Hub("e")
    anna, both, ben = follow(hub, ANNA), follow(hub, ANNA, CROWD), follow(hub, BEN)
    hub.publish([row(1, ANNA, CROWD), row(2, BEN), row(3, CROWD)])
    await settled(hub)
    assert (anna.positions, both.positions, ben.positions) == ([1], [1, 3], [2])
    assert anna.frames[0] is both.frames[0]
    assert hub.deliveries == 4


async def test_its_window_forgets_the_words_of_before_when_somebody_was_erased() -> None:
    hub = Hub("e")
    hub.publish([row(1, ANNA)])
    assert hub.memory.window.replay([ANNA], 0, 1) is not None
    hub.publish([LogRow(Position(2), (SYSTEM,), PersonErased.TYPE, "{}", Instant(0)), row(3, ANNA)])
    assert hub.memory.window.replay([ANNA], 1, 3) is None  # so the log is asked
    assert [frame.position for frame in hub.memory.window.replay([ANNA], 2, 3) or ()] == [3]
    await settled(hub)


@pytest.mark.usefixtures("instant_hub")
async def test_a_burst_is_one_flush() -> None:
    hub = Hub("e")
    few, crowd = follow(hub, ANNA), [follow(hub, CROWD) for _ in range(300)]
    for position in range(1, 101):
        hub.publish([row(position, ANNA, CROWD)])
    await settled(hub)
    assert few.positions == list(range(1, 101))
    assert all(taker.positions == few.positions for taker in crowd)
    assert {taker.flushes for taker in (few, *crowd)} == {1}


async def test_publishing_with_a_gap_or_twice_is_a_bug() -> None:
    hub = Hub("e", 5)
    with pytest.raises(AssertionError):
        hub.publish([row(5)])
    with pytest.raises(AssertionError):
        hub.publish([row(7)])


async def test_an_unsubscribed_one_gets_nothing_and_leaves_nothing() -> None:
    hub = Hub("e")
    gone, stays = follow(hub, ANNA, CROWD), follow(hub, CROWD)
    hub.publish([row(1, CROWD)])
    assert gone.subscriber
    hub.unsubscribe(gone.subscriber)
    hub.unsubscribe(gone.subscriber)
    await settled(hub)
    assert (gone.positions, stays.positions) == ([], [1])
    assert (hub._audience.of([ANNA, CROWD]), len(hub._audience)) == ([stays.subscriber], 1)


async def test_whoever_takes_nothing_is_cut_off_and_holds_nothing() -> None:
    hub = Hub("e")
    slow, quick = follow(hub, CROWD, backlog_bytes_max=1_000, takes=False), follow(hub, CROWD, backlog_bytes_max=1_000)
    for position in range(1, 101):
        hub.publish([row(position, CROWD)])
        if position % 5 == 0:
            await settled(hub)
    assert slow.subscriber
    assert (slow.cuts, slow.subscriber.backlog) == (1, None)
    assert (quick.cuts, quick.positions) == (0, list(range(1, 101)))
    assert (hub.cut_off, hub.subscribers) == (1, {quick.subscriber})


async def test_system_events_reach_listeners_only(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub("e")
    heard: list[int] = []

    def broken(row: LogRow) -> None:
        raise RuntimeError

    hub.on_system(broken)
    hub.on_system(lambda row: heard.append(row.position))
    crowd = follow(hub, CROWD)
    hub.publish([row(1, SYSTEM, type="system-user-changed"), row(2, SYSTEM, CROWD, type="menu-updated"), row(3, CROWD)])
    assert heard == [1, 2]  # at once: before anyone gets the frames
    await settled(hub)
    assert crowd.positions == [2, 3]
    assert hub.memory.window.replay([SYSTEM], 0, 9) == []
    assert "a listener failed at event 1" in caplog.text
    with pytest.raises(AssertionError):
        follow(hub, SYSTEM)


async def test_one_failing_sink_costs_the_others_nothing() -> None:
    class Broken(Taker):
        def flush(self) -> None:
            raise RuntimeError("bug")

    hub = Hub("e")
    broken = Broken()
    hub.subscribe((CROWD,), broken, backlog_bytes_max=PLENTY)
    others = [follow(hub, CROWD) for _ in range(5)]
    hub.publish([row(1, CROWD)])
    await settled(hub)
    assert [taker.positions for taker in others] == [[1]] * 5
    assert broken.cuts == 1


async def test_an_event_that_cannot_be_framed_is_left_out_loudly(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    hub.publish([row(1, type="not\na-name"), row(2)])
    await settled(hub)
    assert anna.positions == [2]
    assert "event 1 can't be sent" in caplog.text


class Counted(Taker):
    """Counts all flushes of a test in one place."""

    def __init__(self, flushed: list[int]) -> None:
        super().__init__()
        self._flushed = flushed

    def flush(self) -> None:
        self._flushed[0] += 1
        super().flush()


async def busiest_turn(hub: Hub, flushed: list[int]) -> tuple[int, int]:
    """The most that was pushed in one turn of the loop, and the most that was flushed, until all is done."""
    loop, pushes, flushes = asyncio.get_running_loop(), 0, 0
    assert isinstance(loop, VirtualTimeLoop)
    while not is_settled(hub):
        before = hub.deliveries, flushed[0]
        await asyncio.sleep(0)
        pushes, flushes = max(pushes, hub.deliveries - before[0]), max(flushes, flushed[0] - before[1])
        loop.jump(0.001)  # others had something to do as well
    return pushes, flushes


async def test_a_crowd_does_not_keep_the_loop_busy() -> None:
    """20 events to 20,000 streams: each turn of the loop has a slice of the pushing and one of the flushing."""
    hub, flushed = Hub("e"), [0]
    crowd = [Counted(flushed) for _ in range(20_000)]
    for taker in crowd:
        taker.subscriber = hub.subscribe((CROWD,), taker, backlog_bytes_max=PLENTY)
    hub.publish([row(position, CROWD) for position in range(1, 21)])
    pushes, flushes = await busiest_turn(hub, flushed)
    assert all(taker.positions == list(range(1, 21)) for taker in crowd)
    assert 256 <= pushes <= 4 * 256  # as long as a slice lasts, and until the next look at the clock
    assert flushes == 128


@pytest.mark.usefixtures("instant_hub")
async def test_many_small_audiences_do_not_keep_the_loop_busy_either() -> None:
    hub, flushed = Hub("e"), [0]
    takers = [Counted(flushed) for _ in range(1_000)]
    for number, taker in enumerate(takers):
        taker.subscriber = hub.subscribe((Topic(f"user:{number}"),), taker, backlog_bytes_max=PLENTY)
    hub.publish([row(number + 1, Topic(f"user:{number}")) for number in range(1_000)])
    _, flushes = await busiest_turn(hub, flushed)
    assert [taker.positions for taker in takers] == [[number + 1] for number in range(1_000)]
    assert flushes == 128


async def test_a_small_audience_does_not_wait_for_the_flush_of_a_crowd() -> None:
    hub = Hub("e")
    for _ in range(5_000):
        follow(hub, CROWD)
    anna = follow(hub, ANNA)
    hub.publish([row(1, CROWD)])
    for _ in range(1_000):
        if hub.position == 1:
            break
        await asyncio.sleep(0)
    hub.publish([row(2, ANNA)])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert anna.positions == [2]
    assert hub._delivery._crowd


async def test_what_is_for_one_person_waits_for_nothing_but_the_flush() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    hub.publish([row(1, ANNA)])
    hub.publish([row(2, ANNA)])
    assert (hub.position, anna.flushes) == (1, 0)
    await asyncio.sleep(0)
    assert (hub.position, anna.flushes, anna.positions) == (2, 1, [1, 2])


async def test_what_nobody_follows_needs_no_turn() -> None:
    hub = Hub("e")
    hub.publish([row(1, ANNA)])
    assert (hub.position, hub._turn_is_due) == (1, False)
    assert [frame.position for frame in hub.memory.replay([ANNA], 0, 1) or ()] == [1]


async def test_what_is_for_one_person_does_not_overtake_what_is_for_many() -> None:
    hub = Hub("e")
    anna, _ = follow(hub, CROWD, ANNA), follow(hub, CROWD)
    hub.publish([row(1, CROWD), row(2, ANNA)])
    assert hub.position == 0
    await settled(hub)
    assert anna.positions == [1, 2]


async def test_no_more_is_pushed_before_a_turn_than_in_one() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    hub.publish([row(position, ANNA) for position in range(1, 1_001)])
    assert hub.position == 0
    await settled(hub)
    assert anna.positions == [*range(1, 1_001)]


async def test_a_full_hub_asks_to_wait() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    hub.publish([row(position) for position in range(1, QUEUE_EVENTS_MAX + 1)])
    assert hub.is_full
    await asyncio.wait_for(hub.until_not_full(), 20)
    await settled(hub)
    assert not hub.is_full
    assert len(anna.positions) == QUEUE_EVENTS_MAX


def test_what_is_written_of_a_backlog_that_grows_is_not_kept_in_every_length() -> None:
    stalled = grows = Backlog(frame_of("e", row(1, CROWD)), frame_of("e", row(2, CROWD)))
    lengths = [stalled]
    for position in range(3, 101):
        assert grows.chunk.count(b"id: ") == position - 1, "somebody who had stalled as well reads again"
        grows = Backlog(grows, frame_of("e", row(position, CROWD)))
        lengths.append(grows)
    assert sum(len(each._chunk or b"") for each in lengths) <= len(grows.chunk)


async def test_a_restart_cuts_everyone_off() -> None:
    hub = Hub("e")
    anna = follow(hub, ANNA)
    hub.publish([row(1)])
    hub.restart(9)
    assert (anna.cuts, hub.published, hub.position, hub.subscribers) == (1, 9, 9, set())
    assert hub.memory.window.replay([ANNA], 8, 9) is None
    late = follow(hub, ANNA)
    hub.publish([row(10)])
    await settled(hub)
    assert (anna.positions, late.positions) == ([], [10])


@given(st.integers(0, 2**32))
def test_whenever_someone_subscribes_window_and_live_are_the_whole_log(seed: int) -> None:
    run(subscribe_at_random(random.Random(seed)))  # noqa: S311 - a schedule, not a secret


async def subscribe_at_random(rng: random.Random) -> None:
    hub = Hub("e")
    topics = [ANNA, BEN, CROWD]
    for _ in range(rng.choice([0, 600])):
        follow(hub, CROWD)  # so that pushing takes several slices
    log: list[LogRow] = []
    takers: list[tuple[Taker, list[Topic], list[int]]] = []
    for _ in range(rng.randrange(1, 30)):
        for _ in range(rng.randrange(6)):
            log.append(row(len(log) + 1, *rng.sample(topics, rng.randrange(1, 4))))
            hub.publish([log[-1]])
        mine = rng.sample(topics, rng.randrange(1, 4))
        taker = follow(hub, *mine)
        assert taker.subscriber
        since = taker.subscriber.since
        assert hub.position <= since <= hub.published
        takers.append((taker, mine, [frame.position for frame in hub.memory.window.replay(mine, 0, since) or []]))
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
    await settled(hub)
    for taker, mine, before in takers:
        assert before + taker.positions == [r.position for r in log if not set(mine).isdisjoint(r.topics)]


async def test_a_crowd_is_left_alone_for_as_long_as_a_round_through_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0

    class Slow(Taker):
        def flush(self) -> None:
            nonlocal now_s
            now_s += 0.001
            super().flush()

    set_hub_clock(monkeypatch, lambda: now_s)
    hub, crowd = Hub("e"), [Slow() for _ in range(300)]
    for taker in crowd:
        taker.subscriber = hub.subscribe((CROWD,), taker, backlog_bytes_max=PLENTY)
    lone = follow(hub, ANNA)
    hub.publish([row(1, CROWD)])
    await settled(hub)
    ended_s = now_s
    for position in range(2, 12, 2):
        hub.publish([row(position, CROWD), row(position + 1, ANNA)])
        await until(lambda: lone.positions[-1:] == [hub.published], message="at once")
    assert {tuple(taker.positions) for taker in crowd} == {(1,)}
    now_s = 2 * ended_s
    await settled(hub)
    assert {(tuple(taker.positions), taker.flushes) for taker in crowd} == {((1, 2, 4, 6, 8, 10), 2)}


async def test_a_crowd_does_not_wait_for_as_long_as_the_process_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0

    class Stopped(Taker):
        def flush(self) -> None:
            nonlocal now_s
            now_s += 60
            super().flush()

    set_hub_clock(monkeypatch, lambda: now_s)
    hub, stopped = Hub("e"), Stopped()
    stopped.subscriber = hub.subscribe((CROWD,), stopped, backlog_bytes_max=PLENTY)
    crowd = [follow(hub, CROWD) for _ in range(300)]
    hub.publish([row(1, CROWD)])
    await settled(hub)
    now_s += 1
    hub.publish([row(2, CROWD)])
    await until(lambda: {tuple(taker.positions) for taker in crowd} == {(1, 2)})


async def test_the_position_moves_on_when_the_last_of_a_crowd_has_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for nothing takes it for a cursor: so far, I have had all there was for me."""
    monkeypatch.setattr("festival_push.push.hub.hub._SLICE_S", 0.0)  # so that a fan-out takes several turns of the loop
    hub = Hub("e")
    takers = [follow(hub, CROWD, takes=False) for _ in range(1_000)]
    hub.publish([row(1, CROWD)])
    turns = 0
    while hub.position == 0:
        await asyncio.sleep(0)
        turns += 1
        reached = sum(taker.subscriber is not None and taker.subscriber.backlog is not None for taker in takers)
        assert hub.position == (reached == len(takers))
    assert turns > 1


async def test_what_is_due_first_is_not_kept_waiting_by_what_is_due_later(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub("e")
    follow(hub, CROWD)
    due = iter([1_000.0, 500.0, 750.0])
    monkeypatch.setattr(hub._delivery, "flush", lambda *_, **__: next(due, None))
    began_s = asyncio.get_running_loop().time()
    for position in (1, 2, 3):
        hub.publish([row(position, CROWD)])
        await asyncio.sleep(0)
    alarm = hub._alarm
    assert alarm is not None
    alarm.cancel()
    assert alarm.when() - began_s < 750
