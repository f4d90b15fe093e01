"""The delivery alone: who is flushed in which turn, and when the hub must call again. The test tells the time."""

import pytest
from msgspec.structs import replace

from festival_push.domain.events import NewNotification
from festival_push.domain.stalls.events import MenuUpdated, VendorUpdated
from festival_push.push.hub.backlog import Subscriber
from festival_push.push.hub.delivery import Delivery
from festival_push.push.hub.frames import frame_of
from tests.push.fake_log import CROWD, row
from tests.push.hub.test_hub import PLENTY, Taker
from tests.push.world import set_hub_clock
from tests.support.timing.clocks import Clock

LARGE = 257  # the smallest audience that is a crowd
PER_TURN = 128


@pytest.fixture
def clock(working_hub: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    set_hub_clock(monkeypatch, clock)
    return clock


def audience(size: int, *, backlog_bytes_max: int = PLENTY) -> list[Taker]:
    takers = [Taker() for _ in range(size)]
    for taker in takers:
        taker.subscriber = Subscriber((CROWD,), taker, since=0, backlog_bytes_max=backlog_bytes_max)
    return takers


def push(delivery: Delivery, position: int, takers: list[Taker], kind: str = NewNotification.TYPE) -> None:
    """Push an event to its whole audience."""
    told = replace(row(position, CROWD), type=kind)
    delivery.begin(frame_of("e", told), [taker.subscriber for taker in takers if taker.subscriber])
    while delivery.frame is not None:
        delivery.push()


def flushed(takers: list[Taker]) -> int:
    return sum(taker.flushes for taker in takers)


def never(subscriber: Subscriber) -> None:
    raise AssertionError(subscriber)


def test_few_are_flushed_at_once_whatever_else_is_to_do(clock: Clock) -> None:
    delivery, few = Delivery(never), audience(3)
    assert delivery.flush(clock.now_s, idle=True) is None
    push(delivery, 1, few)
    assert delivery.flush(clock.now_s, idle=False) is None
    assert [taker.positions for taker in few] == [[1]] * 3


def test_a_crowd_is_flushed_in_slices_once_there_is_nothing_left_to_push(clock: Clock) -> None:
    delivery, crowd = Delivery(never), audience(LARGE)
    push(delivery, 1, crowd)
    assert delivery.flush(clock.now_s, idle=False) == 0
    assert flushed(crowd) == 0
    for turn in (1, 2):
        assert delivery.flush(clock.now_s, idle=True) == 0
        assert flushed(crowd) == turn * PER_TURN
    assert delivery.flush(clock.now_s, idle=True) is None
    assert flushed(crowd) == LARGE


def test_a_crowd_does_not_wait_for_ever_for_the_last_event(clock: Clock) -> None:
    delivery, crowd = Delivery(never), audience(LARGE)
    push(delivery, 1, crowd)
    delivery.flush(clock.now_s + 0.019, idle=False)
    assert flushed(crowd) == 0
    delivery.flush(clock.now_s + 0.021, idle=False)
    assert flushed(crowd) == PER_TURN


def test_between_two_rounds_through_a_crowd_is_a_rest_but_not_for_few(clock: Clock) -> None:
    delivery, crowd, few = Delivery(never), audience(LARGE), audience(1)
    push(delivery, 1, crowd)
    began_s = clock.now_s
    for _ in range(2):
        delivery.flush(began_s, idle=True)
    clock.now_s += 0.5  # the last slice is over
    assert delivery.flush(began_s, idle=True) is None
    push(delivery, 2, crowd)
    push(delivery, 3, few)
    clock.now_s += 0.1
    assert delivery.flush(clock.now_s, idle=True) == pytest.approx(0.4)
    assert (flushed(crowd), few[0].positions) == (LARGE, [3])
    clock.now_s += 0.4
    assert delivery.flush(clock.now_s, idle=True) == 0
    assert flushed(crowd) == LARGE + PER_TURN


def test_whoever_came_into_the_crowd_during_a_round_waits_for_the_next(clock: Clock) -> None:
    delivery, crowd, late = Delivery(never), audience(LARGE), audience(LARGE)
    push(delivery, 1, crowd)
    delivery.flush(clock.now_s, idle=True)
    push(delivery, 2, [*crowd, *late])
    while flushed(crowd) < LARGE:
        delivery.flush(clock.now_s, idle=True)
    assert flushed(late) == 0
    assert crowd[-1].positions == [1, 2]
    assert crowd[0].positions == [1]


@pytest.mark.parametrize("kind", [MenuUpdated.TYPE, VendorUpdated.TYPE])
def test_taps_of_one_second_cost_a_large_audience_one_write(clock: Clock, kind: str) -> None:
    delivery, crowd = Delivery(never), audience(LARGE)
    for position in range(1, 21):
        push(delivery, position, crowd, kind)
        clock.now_s += 0.04
        assert delivery.flush(clock.now_s, idle=True) == pytest.approx(1.0 - 0.04 * position)
    assert flushed(crowd) == 0
    clock.now_s += 0.21
    while delivery.flush(clock.now_s, idle=True) is not None:
        pass
    assert flushed(crowd) == LARGE
    assert crowd[-1].positions == list(range(1, 21))


def test_a_tap_waits_for_nobody_who_gets_something_else(clock: Clock) -> None:
    delivery, crowd = Delivery(never), audience(LARGE)
    push(delivery, 1, crowd, MenuUpdated.TYPE)
    push(delivery, 2, crowd[:1])
    assert delivery.flush(clock.now_s, idle=True) == pytest.approx(1.0)
    assert (flushed(crowd), crowd[0].positions) == (1, [1, 2])
    push(delivery, 3, crowd)
    while delivery.flush(clock.now_s, idle=True) is not None:
        pass
    assert [taker.positions for taker in crowd] == [[1, 2, 3]] + [[1, 3]] * (LARGE - 1)
    assert flushed(crowd) == LARGE + 1


def test_few_see_a_tap_at_once(clock: Clock) -> None:
    delivery, few = Delivery(never), audience(3)
    push(delivery, 1, few, MenuUpdated.TYPE)
    assert delivery.flush(clock.now_s, idle=True) is None
    assert flushed(few) == 3


def test_whoever_holds_too_much_or_fails_is_cut(clock: Clock) -> None:
    cut: list[Subscriber] = []
    delivery, full, quick = Delivery(cut.append), audience(1, backlog_bytes_max=10), audience(1)

    class Broken(Taker):
        def flush(self) -> None:
            raise RuntimeError("bug")

    broken = Broken()
    broken.subscriber = Subscriber((CROWD,), broken, since=0, backlog_bytes_max=PLENTY)
    push(delivery, 1, [*full, broken, *quick])
    delivery.flush(clock.now_s, idle=True)
    assert cut == [full[0].subscriber, broken.subscriber]
    assert quick[0].positions == [1]


def test_a_dropped_frame_reaches_nobody_else(clock: Clock) -> None:
    delivery, crowd = Delivery(never), audience(LARGE)
    delivery.begin(frame_of("e", row(1, CROWD)), [taker.subscriber for taker in crowd if taker.subscriber])
    delivery.push()
    assert delivery.frame is not None
    assert delivery.flush(clock.now_s, idle=True) == 0
    delivery.drop()
    push(delivery, 2, crowd)
    assert crowd[-1].subscriber is not None
    assert crowd[-1].subscriber.backlog is not None
    assert crowd[-1].subscriber.backlog.first == 2
    assert delivery.deliveries == LARGE - 1 + LARGE
