"""How fast a stall works, and what it tells those who wait."""

from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import OrderStatusChanged, QueueUpdated
from festival_push.domain.orders.boards import queue_changes
from festival_push.domain.orders.pace import (
    ESTIMATE_MINUTES_MAX,
    MEASURED_MAX,
    MEASURED_MIN,
    TOOK_MS_MAX,
    after_finishing,
    estimated_minutes,
    freed,
)
from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Vendor
from festival_push.domain.values import Instant, OrderStatus
from tests.support.festival import ANNA, BAR, BAR_KEEPER, BEER, NOON, SUN, SUN_KEEPER, Festival, step

PREPARING, READY, COMPLETED = OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.COMPLETED
CANCELLED = OrderStatus.CANCELLED
MINUTE: Final = 60_000
STALL: Final = Vendor(vendor_id=SUN, name="Sun")
ORDER: Final = Festival.opened(funds=5_000).placed()
gaps = st.integers(0, 3 * TOOK_MS_MAX)


def at(created: int, *, ready: int | None = None) -> Order:
    """An order of that instant."""
    ready_at = None if ready is None else Instant(ready)
    return msgspec.structs.replace(ORDER, created_at=Instant(created), ready_at=ready_at)


def pace(measured: int, pace_ms: int) -> Vendor:
    return msgspec.structs.replace(STALL, measured=measured, pace_ms=pace_ms)


def test_an_order_takes_from_when_the_stall_was_free_for_it() -> None:
    vendor = after_finishing(STALL, at(10 * MINUTE), Instant(14 * MINUTE))
    assert (vendor.measured, vendor.pace_ms, vendor.free_at) == (1, 4 * MINUTE, 14 * MINUTE)
    vendor = after_finishing(vendor, at(11 * MINUTE), Instant(16 * MINUTE))  # it waited three of its five minutes
    assert (vendor.measured, vendor.pace_ms) == (2, 3 * MINUTE)
    vendor = after_finishing(vendor, at(60 * MINUTE), Instant(63 * MINUTE))  # nobody came for three quarters of an hour
    assert (vendor.measured, vendor.pace_ms) == (3, 3 * MINUTE)


def test_orders_that_are_cooked_together_share_the_time() -> None:
    vendor = STALL
    for batch in range(1, 6):
        for _ in range(4):
            vendor = after_finishing(vendor, at(0), Instant(batch * 8 * MINUTE))
    assert 1.2 * MINUTE < vendor.pace_ms < 3 * MINUTE, "about two minutes each"


@given(st.lists(st.tuples(gaps, gaps), max_size=30))
def test_a_pace_lies_among_what_was_measured(history: list[tuple[int, int]]) -> None:
    vendor, now, took = STALL, 1, []
    for idle, work in history:
        created = now + idle
        now = created + work
        before, vendor = vendor, after_finishing(vendor, at(created), Instant(now))
        if work <= TOOK_MS_MAX:
            took.append(work)
            assert abs(vendor.pace_ms - before.pace_ms) <= abs(work - before.pace_ms) // vendor.measured + 1
        else:
            assert (vendor.pace_ms, vendor.measured) == (before.pace_ms, before.measured), "forgotten, not slow"
        assert vendor.free_at == now
    assert vendor.measured == min(len(took), MEASURED_MAX)
    assert min(took, default=0) - 1 <= vendor.pace_ms <= max(took, default=0)


@given(st.integers(1, TOOK_MS_MAX), st.integers(1, 60))
def test_a_steady_stall_is_measured_exactly(gap: int, orders: int) -> None:
    vendor = msgspec.structs.replace(STALL, free_at=Instant(gap))
    for number in range(2, 2 + orders):
        vendor = after_finishing(vendor, at(0), Instant(number * gap))
    assert vendor.pace_ms == gap


def test_a_clock_that_was_set_back_measures_nothing_below_zero() -> None:
    vendor = after_finishing(pace(3, 900), at(5_000), Instant(2_000))
    assert (vendor.pace_ms, vendor.free_at) == (675, 2_000)


def test_what_comes_back_is_not_measured_again_and_what_is_dropped_not_at_all() -> None:
    vendor = pace(7, 2 * MINUTE)
    for other in (after_finishing(vendor, at(0, ready=1), Instant(9 * MINUTE)), freed(vendor, Instant(9 * MINUTE))):
        assert (other.measured, other.pace_ms, other.free_at) == (7, 2 * MINUTE, 9 * MINUTE)


@given(st.integers(0, MEASURED_MAX), st.integers(0, TOOK_MS_MAX), st.integers(1, 999))
def test_an_estimate_is_whole_minutes_within_bounds_and_longer_further_back(
    measured: int, pace_ms: int, position: int
) -> None:
    vendor = pace(measured, pace_ms)
    minutes = estimated_minutes(None, vendor, position)
    if measured < MEASURED_MIN:
        assert minutes is None
        return
    assert minutes is not None
    assert 0 <= minutes <= ESTIMATE_MINUTES_MAX
    if minutes < ESTIMATE_MINUTES_MAX:
        assert (minutes - 1) * MINUTE < pace_ms * position <= minutes * MINUTE
    behind = estimated_minutes(None, vendor, position + 1)
    assert behind is not None
    assert behind >= minutes


@given(st.integers(0, ESTIMATE_MINUTES_MAX), st.integers(0, MEASURED_MAX), st.none() | st.integers(1, 999))
def test_what_the_stall_says_wins(own: int, measured: int, position: int | None) -> None:
    assert estimated_minutes(own, pace(measured, MINUTE), position) == own


def test_who_waits_no_more_is_told_no_time() -> None:
    assert estimated_minutes(None, pace(MEASURED_MAX, MINUTE), None) is None


# At a stall


def worked(orders: int = MEASURED_MIN) -> Festival:
    """Every order took the Sun two minutes."""
    festival = Festival.opened(funds=15_000)
    for _ in range(orders):
        order = festival.placed()
        festival.now = Instant(festival.now + 2 * MINUTE)
        festival.do(step(order.order_id, SUN_KEEPER, READY))
        festival.do(step(order.order_id, SUN_KEEPER, COMPLETED))
    queue_changes(festival.book, festival.now)
    return festival


def told(festival: Festival) -> int | None:
    """The time that the newest status event tells."""
    event = [each.event for each in festival.events if isinstance(each.event, OrderStatusChanged)][-1]
    return event.estimated_time


def test_nothing_is_said_until_enough_orders_were_measured() -> None:
    festival = worked(MEASURED_MIN - 1)
    festival.placed()
    assert told(festival) is None


def test_a_new_order_and_whoever_moves_up_are_told_when_it_will_be_ready() -> None:
    festival = worked()
    first, _ = festival.placed(), festival.placed()
    assert told(festival) == 4
    third = festival.do(step(festival.placed().order_id, SUN_KEEPER, PREPARING))
    assert (third.queue_position, third.estimated_time) == (3, 6)
    festival.now = Instant(festival.now + 2 * MINUTE)
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    assert told(festival) is None, "it is ready"
    moved = [each.event for each in queue_changes(festival.book, festival.now)]
    assert [(event.queue_position, event.estimated_time) for event in moved if isinstance(event, QueueUpdated)] == [
        (1, 2), (2, 4),
    ]  # fmt: skip


def test_what_the_stall_says_of_an_order_is_told_until_it_says_otherwise() -> None:
    festival = worked()
    first, second = festival.placed(), festival.placed()
    own = msgspec.structs.replace(step(second.order_id, SUN_KEEPER, PREPARING), estimated_time=15)
    assert festival.do(own).estimated_time == 15, "also of one that is prepared already"
    assert told(festival) == 15
    before = len(festival.events)
    festival.do(own)
    assert len(festival.events) == before, "nothing new"
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    (moved,) = (each.event for each in queue_changes(festival.book, festival.now))
    assert isinstance(moved, QueueUpdated)
    assert (moved.queue_position, moved.estimated_time) == (1, 15)


@pytest.mark.parametrize("status", [READY, COMPLETED])
def test_an_order_that_waits_no_more_gets_no_new_estimate(status: OrderStatus) -> None:
    festival = worked()
    order = festival.placed()
    for taken in (READY, COMPLETED)[: 1 if status is READY else 2]:
        festival.do(step(order.order_id, SUN_KEEPER, taken))
    asked = msgspec.structs.replace(step(order.order_id, SUN_KEEPER, status), estimated_time=5)
    assert festival.do(asked).estimated_time is None


def test_a_customer_says_nothing_about_the_time() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed(item_id=BEER)
    festival.do(step(order.order_id, BAR_KEEPER, PREPARING))
    asked = msgspec.structs.replace(step(order.order_id, ANNA, PREPARING), estimated_time=0)
    assert festival.do(asked).estimated_time is None


def test_an_order_that_is_ready_several_times_is_measured_once() -> None:
    festival = worked()
    order = festival.placed()
    festival.now = Instant(festival.now + 2 * MINUTE)
    festival.do(step(order.order_id, SUN_KEEPER, READY))
    before = festival.book.vendors[SUN]
    for _ in range(3):
        festival.now = Instant(festival.now + 40 * MINUTE)
        festival.do(step(order.order_id, SUN_KEEPER, PREPARING))
        festival.do(step(order.order_id, SUN_KEEPER, READY))
    after = festival.book.vendors[SUN]
    assert (after.pace_ms, after.measured) == (before.pace_ms, before.measured) == (2 * MINUTE, MEASURED_MIN + 1)
    assert festival.book.orders[order.order_id].ready_at == NOON + 12 * MINUTE, "for the first time"


def test_a_recall_is_not_measured_and_frees_nobody() -> None:
    festival = worked()
    first, second = festival.placed(), festival.placed()
    for order in (first, second):
        festival.now = Instant(festival.now + 2 * MINUTE)
        festival.do(step(order.order_id, SUN_KEEPER, READY))
    festival.do(step(first.order_id, SUN_KEEPER, COMPLETED))
    third = festival.placed()
    before = festival.book.vendors[SUN]
    for _ in range(3):
        festival.now = Instant(festival.now + MINUTE)
        festival.do(step(first.order_id, SUN_KEEPER, READY))
        festival.do(step(first.order_id, SUN_KEEPER, COMPLETED))
    assert festival.book.vendors[SUN] == before
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    festival.do(step(first.order_id, SUN_KEEPER, PREPARING))
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    after = festival.book.vendors[SUN]
    assert (after.pace_ms, after.measured, after.free_at) == (before.pace_ms, before.measured, festival.now)
    festival.now = Instant(festival.now + 2 * MINUTE)
    festival.do(step(third.order_id, SUN_KEEPER, READY))
    assert festival.book.vendors[SUN].measured == before.measured + 1


def test_cancelled_orders_do_not_spoil_the_pace() -> None:
    festival = worked()
    first, second, third = festival.placed(), festival.placed(), festival.placed()
    festival.now = Instant(festival.now + MINUTE)
    festival.do(step(third.order_id, SUN_KEEPER, CANCELLED))  # nobody had begun with it: the first is still being made
    festival.now = Instant(festival.now + MINUTE)
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    assert festival.book.vendors[SUN].pace_ms == 2 * MINUTE
    fourth = festival.placed()
    festival.now = Instant(festival.now + 30 * MINUTE)
    festival.do(step(second.order_id, SUN_KEEPER, CANCELLED))  # after half an hour at its head
    festival.now = Instant(festival.now + 2 * MINUTE)
    festival.do(step(fourth.order_id, SUN_KEEPER, READY))
    assert (festival.book.vendors[SUN].pace_ms, festival.book.vendors[SUN].measured) == (2 * MINUTE, MEASURED_MIN + 2)


def test_each_stall_has_a_pace_of_its_own() -> None:
    festival = worked()
    assert festival.book.vendors[BAR].measured == 0
