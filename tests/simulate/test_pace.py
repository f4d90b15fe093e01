"""A rush: orders come at equal distances, those that are late follow at once, and whoever waits can be stopped."""

import asyncio
from typing import Final

import pytest

from festival_push.simulate.festival import Festival
from festival_push.simulate.pace import Pace, wait_at_most
from tests.support.timing import virtual_time
from tests.support.timing.waiting import until

BEGAN_S: Final = 1_000.0
OVER_S: Final = 30.0  # for the ten orders of the festival: one every three seconds


class Clock:
    """Stands still, until somebody waits; that takes no time but the clock's.

    Attributes:
        frozen: Whoever waits then waits until they are stopped.
        waiting: How many wait now.
    """

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.frozen = False
        self.waiting = 0

    def __call__(self) -> float:
        return BEGAN_S + self.passed_s

    async def wait(self, stopping: asyncio.Event, seconds: float) -> None:
        self.waiting += 1
        if self.frozen:
            await stopping.wait()
        else:
            await asyncio.sleep(0)  # the others come, and stand in line
            self.passed_s += seconds
        self.waiting -= 1


@pytest.fixture
def clock(festival: Festival) -> Clock:
    """The clock of a festival whose sale begins now."""
    clock = Clock()
    festival.pace = Pace(festival.plan.orders, OVER_S, clock_s=clock, wait=clock.wait)
    return clock


async def test_orders_come_evenly_however_many_guests_there_are(festival: Festival, clock: Clock) -> None:
    came_s = list[float]()

    async def order() -> None:
        while await festival.take_order():
            came_s.append(clock.passed_s)

    await asyncio.gather(*(order() for _ in range(4)))
    assert came_s == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    assert clock.passed_s == 27, "nobody waits for an eleventh order"


async def test_late_orders_come_at_once_and_the_others_at_their_time(festival: Festival, clock: Clock) -> None:
    assert await festival.take_order()
    clock.passed_s = 10.0  # the server was away
    came_s = []
    for _ in range(5):
        assert await festival.take_order()
        came_s.append(clock.passed_s)
    assert came_s == [10, 10, 10, 12, 15]


async def test_a_refused_order_is_placed_again_while_others_wait_for_the_next(festival: Festival, clock: Clock) -> None:
    clock.frozen = True
    assert await festival.take_order()
    others = [asyncio.create_task(festival.take_order()) for _ in range(3)]
    await until(lambda: clock.waiting)
    festival.attempts -= 1  # it was refused
    again = asyncio.create_task(festival.take_order())
    await until(again.done)
    assert again.result()
    assert festival.attempts == 1
    festival.stopping.set()
    await asyncio.gather(*others)


async def test_all_who_wait_leave_at_once_when_the_festival_stops(festival: Festival, clock: Clock) -> None:
    festival.pace = Pace(festival.plan.orders, 3_600.0, clock_s=clock)  # waits as it does in earnest
    guests = [asyncio.create_task(festival.take_order()) for _ in range(4)]
    await until(guests[0].done)
    assert not any(guest.done() for guest in guests[1:])
    festival.stopping.set()
    await until(lambda: all(guest.done() for guest in guests))
    assert [guest.result() for guest in guests] == [True, False, False, False]
    assert festival.attempts == 1


async def test_without_a_pace_nobody_waits(festival: Festival) -> None:
    async def never(_stopping: asyncio.Event, _seconds: float) -> None:
        raise AssertionError

    festival.pace = Pace(wait=never)
    assert [await festival.take_order() for _ in range(11)] == [True] * 10 + [False]
    assert festival.expected is None


@pytest.mark.parametrize(("passed_s", "orders"), [(0, 1), (2.9, 1), (3, 2), (26.9, 9), (27, 10), (30, 10), (900, 10)])
def test_what_is_due_is_expected(festival: Festival, clock: Clock, passed_s: float, orders: int) -> None:
    clock.passed_s = passed_s
    assert festival.expected == orders


def test_nothing_is_expected_before_the_sale_or_after_it(festival: Festival) -> None:
    assert festival.expected is None
    festival.pace = Pace(festival.plan.orders, OVER_S)
    assert festival.expected == 1
    festival.stopping.set()
    assert festival.expected is None


@pytest.mark.parametrize(("set_s", "waited_s"), [(5.0, 5.0), (700.0, 600.0)])
def test_waiting_ends_with_the_event_or_the_time(set_s: float, waited_s: float) -> None:
    async def wait() -> float:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(set_s, event.set)
        began_s = loop.time()
        await wait_at_most(event, 600.0)
        return loop.time() - began_s

    assert virtual_time.run(wait()) == pytest.approx(waited_s)
