"""Queues, pickup numbers and boards."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import OPEN_STATUSES
from festival_push.domain.orders.boards import (
    Board,
    board_changes,
    board_of,
    next_number,
    queue_position,
    queue_positions,
)
from festival_push.domain.orders.rows import OpenOrder
from festival_push.domain.refusals import VendorBusy
from festival_push.domain.rows import Vendor
from festival_push.domain.stalls.events import BoardUpdated, CalledNumber
from festival_push.domain.topics import board_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, VendorId
from tests.support.festival import ANNA, BAR, BAR_KEEPER, BEER, FALAFEL, NOON, SUN, SUN_KEEPER, Festival, step

PENDING, CONFIRMED, PREPARING, READY = (OrderStatus(word) for word in ("pending", "confirmed", "preparing", "ready"))


def long_ago(number: int) -> CalledNumber:
    """A number of before calls were noted."""
    return CalledNumber(number=number, called_at="1970-01-01T00:00:00.000Z")


def open_orders(*statuses: OrderStatus, vendor_id: VendorId = SUN) -> list[OpenOrder]:
    return [
        OpenOrder(OrderId(f"{vendor_id}{number}"), vendor_id, ANNA, number, status, number * 10)
        for number, status in enumerate(statuses, 1)
    ]


def test_a_board_shows_numbers_in_placing_order_but_none_that_is_pending() -> None:
    board = board_of(SUN, open_orders(READY, PREPARING, PENDING, CONFIRMED, READY))
    assert board == Board(vendor_id=SUN, preparing=(2, 4), ready=(1, 5), called=(long_ago(5), long_ago(1)))


def test_the_newest_call_comes_first() -> None:
    first, second, third, fourth = open_orders(READY, READY, READY, READY)
    called = [
        msgspec.structs.replace(order, called_at=Instant(NOON + after_ms))
        for order, after_ms in ((first, 2_000), (second, 0), (third, 2_000), (fourth, 1_000))
    ]
    board = board_of(SUN, called)
    assert board.ready == (1, 2, 3, 4)
    assert [(each.number, each.called_at) for each in board.called] == [
        (3, "2026-07-04T10:00:02.000Z"), (1, "2026-07-04T10:00:02.000Z"), (4, "2026-07-04T10:00:01.000Z"),
        (2, "2026-07-04T10:00:00.000Z"),
    ]  # fmt: skip


def test_an_order_that_is_ready_again_is_called_again() -> None:
    festival = Festival.opened(funds=10_000)
    first, second = festival.placed(), festival.placed()
    for order in (first, second):
        festival.do(step(order.order_id, SUN_KEEPER, READY))
        festival.now = Instant(festival.now + 1_000)
    ready_at = festival.book.orders[first.order_id].ready_at
    board_changes(festival.book, festival.now)
    for status in (PREPARING, READY):  # in one batch: on the board as before, but called anew
        festival.do(step(first.order_id, SUN_KEEPER, status))
    (change,) = board_changes(festival.book, festival.now)
    assert isinstance(change.event, BoardUpdated)
    assert change.event.ready == (first.number, second.number)
    assert [each.number for each in change.event.called] == [first.number, second.number]
    assert change.event.called[0].called_at == "2026-07-04T10:00:02.000Z"
    assert festival.book.orders[first.order_id].ready_at == ready_at == NOON


def test_what_is_ready_or_finished_waits_no_more() -> None:
    orders = open_orders(READY, PREPARING, PENDING)
    assert [queue_position(order.placed, order.status, orders) for order in orders] == [None, 1, 2]
    assert queue_position(99, OrderStatus.COMPLETED, orders) is None
    assert queue_position(99, OrderStatus.PENDING, orders) == 3


statuses = st.lists(st.sampled_from(sorted(OPEN_STATUSES)), max_size=12)


@given(statuses, statuses)
def test_the_positions_of_all_are_the_positions_of_each(here: list[OrderStatus], there: list[OrderStatus]) -> None:
    stalls = [open_orders(*here, vendor_id=SUN), open_orders(*there, vendor_id=BAR)]
    positions = queue_positions(sorted([*stalls[0], *stalls[1]], key=lambda order: order.placed))
    each = {order.order_id: queue_position(order.placed, order.status, stall) for stall in stalls for order in stall}
    assert positions == {order_id: position for order_id, position in each.items() if position is not None}


@given(taken=st.sets(st.integers(1, 999)), last=st.integers(0, 999), same_day=st.booleans())
def test_a_pickup_number_is_free_and_the_next_one(taken: set[int], last: int, *, same_day: bool) -> None:
    vendor = Vendor(vendor_id=SUN, name="Sun", last_number=last, number_day="2026-07-04")
    day = "2026-07-04" if same_day else "2026-07-05"
    if len(taken) == 999:
        with pytest.raises(VendorBusy):
            next_number(vendor, taken, day)
        return
    number = next_number(vendor, taken, day)
    assert 1 <= number <= 999
    assert number not in taken
    start = last if same_day else 0
    skipped = [(start + ahead) % 999 + 1 for ahead in range(999)]
    assert set(skipped[: skipped.index(number)]) <= taken


def test_when_every_number_is_out_the_stall_is_busy() -> None:
    vendor = Vendor(vendor_id=SUN, name="Sun")
    with pytest.raises(VendorBusy):
        next_number(vendor, range(1, 1000), "2026-07-04")
    assert next_number(vendor, range(1, 999), "2026-07-04") == 999


def test_numbers_start_anew_with_the_day_on_the_ground() -> None:
    festival = Festival.opened(funds=10_000)
    assert [festival.placed().number, festival.placed().number] == [1, 2]
    festival.now = type(festival.now)(festival.now + 24 * 3600 * 1000)
    assert festival.placed().number == 3  # 1 and 2 are still open
    for order in list(festival.book.orders.values()):
        for status in (READY, OrderStatus.COMPLETED):
            festival.do(step(order.order_id, SUN_KEEPER, status))
    assert festival.placed().number == 4
    festival.now = type(festival.now)(festival.now + 24 * 3600 * 1000)
    assert festival.placed().number == 1


def test_a_batch_tells_each_changed_board_once_and_whole() -> None:
    festival = Festival.opened(funds=10_000)
    waiting = festival.placed(item_id=BEER)
    board_changes(festival.book, NOON)
    first, second = festival.placed(), festival.placed()
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    changes = board_changes(festival.book, NOON)
    assert [(change.topics, change.event) for change in changes] == [
        (
            (board_topic(SUN),),
            BoardUpdated(
                timestamp="2026-07-04T10:00:00.000Z", vendor_id=SUN, preparing=(second.number,), ready=(first.number,),
                called=(CalledNumber(number=first.number, called_at="2026-07-04T10:00:00.000Z"),),
            ),
        )
    ]  # fmt: skip
    festival.do(step(first.order_id, SUN_KEEPER, READY))  # as it is
    assert board_changes(festival.book, NOON) == []
    festival.do(step(waiting.order_id, BAR_KEEPER, READY))
    assert [change.topics for change in board_changes(festival.book, NOON)] == [(board_topic(BAR),)]


def test_a_board_that_was_not_there_before_counts_as_empty() -> None:
    festival = Festival.opened(funds=10_000)
    assert board_changes(festival.book, NOON) == []
    festival.placed(item_id=FALAFEL)
    assert [change.topics for change in board_changes(festival.book, NOON)] == [(board_topic(SUN),)]


def test_a_board_is_written_as_the_contract_says() -> None:
    board = msgspec.json.encode(board_of(SUN, open_orders(READY, PREPARING)))
    called = b'[{"number":1,"calledAt":"1970-01-01T00:00:00.000Z"}]'
    assert board == b'{"vendorId":"sun","preparing":[2],"ready":[1],"called":' + called + b"}"
