"""What a stall's open orders count along is what counting them gives."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.open_orders import QUEUED, OpenOrders, band
from festival_push.domain.orders.boards import board_of
from festival_push.domain.orders.rows import OPEN_STATUSES, OpenOrder
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId, VendorId

SUN, ANNA, BEN = VendorId("sun"), UserId("anna"), UserId("ben")
PREPARING, READY = OrderStatus.PREPARING, OrderStatus.READY
steps = st.tuples(st.integers(1, 8), st.none() | st.sampled_from(OrderStatus))


@given(st.lists(steps, max_size=40))
def test_numbers_waiting_and_customers_follow_every_change(changes: list[tuple[int, OrderStatus | None]]) -> None:
    kept, plain = OpenOrders(), dict[OrderId, OpenOrder]()
    for at, (number, status) in enumerate(changes):
        order_id = OrderId(f"o{number}")
        if status is None:
            kept.drop(order_id)
            plain.pop(order_id, None)
        else:
            customer = (ANNA, BEN)[number % 2]
            order = OpenOrder(order_id, SUN, customer, number, status, number, None, Instant(at))
            kept.put(order)
            plain[order_id] = order
    placed = sorted(plain.values(), key=lambda order: order.placed)
    for orders in (kept, OpenOrders(placed)):
        assert list(orders.items()) == [(order.order_id, order) for order in placed], "in the order of placing"
        assert orders.numbers == {order.number for order in plain.values()}
        assert orders.waiting == sum(order.status in QUEUED for order in plain.values())
        assert dict(orders.of) == Counter(order.user_id for order in plain.values()), "and nobody who has none"


@given(
    st.lists(st.lists(st.tuples(steps, st.integers(1, 2)), max_size=6), max_size=20),
    st.lists(st.sampled_from(OrderStatus), max_size=4),
)
def test_a_board_has_changed_when_it_shows_something_else(
    batches: list[list[tuple[tuple[int, OrderStatus | None], int]]], loaded: list[OrderStatus]
) -> None:
    orders = OpenOrders(order(-number, status) for number, status in enumerate(reversed(loaded), 1))
    for batch in batches:
        before = board_of(SUN, orders.values())
        for (number, status), called_at in batch:
            if status is None:
                orders.drop(OrderId(f"o{number}"))
            else:
                orders.put(order(number, status, Instant(called_at)))
        after = board_of(SUN, orders.values())
        assert orders.take_board_change() is (before != after)
    assert not orders.take_board_change(), "each change is told once"


def order(number: int, status: OrderStatus = PREPARING, called_at: Instant | None = None) -> OpenOrder:
    return OpenOrder(OrderId(f"o{number}"), SUN, ANNA, number, status, number, called_at=called_at)


def moves(orders: OpenOrders) -> list[tuple[str, int]]:
    return [(moved.order_id, position) for moved, position in orders.take_moves()]


def test_the_first_ten_places_are_told_one_by_one_and_longer_stretches_behind_them() -> None:
    assert [band(position) for position in range(1, 11)] == list(range(10))
    ends = [position for position in range(1, 61) if band(position) != band(position + 1)]
    assert ends[10:] == [12, 15, 20, 25, 30, 40, 50]
    assert band(701) == band(999), "the last band takes all the rest"


def test_who_moves_up_is_told_once_and_only_when_asked_next() -> None:
    orders = OpenOrders(map(order, range(1, 5)))
    assert moves(orders) == [], "nobody has moved"
    orders.put(order(5))
    orders.put(order(3, OrderStatus.CONFIRMED))
    assert moves(orders) == [], "neither a new order nor a step inside the queue moves anyone"
    orders.put(order(1, READY))
    orders.drop(OrderId("o3"))
    assert moves(orders) == [("o2", 1), ("o4", 2), ("o5", 3)]
    assert moves(orders) == []
    orders.drop(OrderId("o1"))
    assert moves(orders) == [], "it had left the queue when it was ready"


def test_an_order_that_was_ready_is_told_its_position_again_and_so_are_those_behind_it() -> None:
    orders = OpenOrders([order(1), order(2, READY), order(3)])
    orders.put(order(2))
    assert moves(orders) == [("o2", 2), ("o3", 3)]


def test_a_recalled_order_goes_where_it_was_and_moves_nobody_while_it_is_ready() -> None:
    orders = OpenOrders(map(order, (1, 3, 4)))
    orders.put(order(2, READY))
    assert list(orders) == ["o1", "o2", "o3", "o4"]
    assert moves(orders) == []
    orders.put(order(2))
    assert moves(orders) == [("o2", 2), ("o3", 3), ("o4", 4)]
    assert orders.waiting == 4


def test_who_leaves_and_comes_back_between_two_questions_moves_nobody() -> None:
    orders = OpenOrders(map(order, range(1, 4)))
    orders.put(order(1, READY))
    orders.put(order(1))
    assert moves(orders) == []


def test_a_step_at_a_long_queue_tells_a_few_customers_and_not_all() -> None:
    orders = OpenOrders(map(order, range(1, 61)))
    orders.put(order(1, READY))
    assert [position for _, position in moves(orders)] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50]


@given(st.lists(st.lists(steps, max_size=6), max_size=20), st.integers(0, 40))
def test_what_was_told_is_always_in_the_band_of_the_true_position(
    batches: list[list[tuple[int, OrderStatus | None]]], crowd: int
) -> None:
    """Told: by the answer to placing the order, then by moves. So among the first ten it is the position itself."""
    orders = OpenOrders(order(number) for number in range(-crowd, 0))
    told = orders.queue_positions()
    for batch in batches:
        for number, status in batch:
            order_id = OrderId(f"o{number}")
            is_new = order_id not in orders
            if status is None:
                orders.drop(order_id)
            elif not is_new:
                orders.put(order(number, status))
            elif status in QUEUED:
                is_newest = all(other.placed < number for other in orders.values())
                orders.put(order(number, status))
                if is_newest:
                    told[order_id] = orders.waiting
        changes = orders.take_moves()
        assert len({moved.order_id for moved, _ in changes}) == len(changes)
        for moved, position in changes:
            assert told.get(moved.order_id) != position, "it has moved"
            told[moved.order_id] = position
        positions = orders.queue_positions()
        assert {key: band(position) for key, position in told.items() if key in positions} == {
            key: band(position) for key, position in positions.items()
        }
        # `order-status-changed` told the others
        told = {key: position for key, position in told.items() if key in positions}


@given(st.lists(steps, max_size=20), st.lists(st.tuples(steps, st.integers(1, 30)), max_size=20))
def test_what_another_process_has_done_is_taken_over_without_telling_of_it(
    before: list[tuple[int, OrderStatus | None]], changes: list[tuple[tuple[int, OrderStatus | None], int]]
) -> None:
    """Only how they are now is known: finished orders have another status, and a number may be another order's."""
    known = {number: order(number, status) for number, status in before if status in OPEN_STATUSES}
    kept = OpenOrders(known[number] for number in sorted(known))
    now = {number: order(number, status or OrderStatus.CANCELLED, Instant(at)) for (number, status), at in changes}
    free = iter(sorted({each.number for each in known.values()}, reverse=True))
    now = {key: msgspec.structs.replace(each, number=next(free, each.number)) for key, each in now.items()}
    kept.renew(list(now.values()))
    all_now = [each for _, each in sorted({**known, **now}.items()) if each.status in OPEN_STATUSES]
    afresh = OpenOrders(all_now)
    assert list(kept.items()) == list(afresh.items())
    assert (kept.waiting, kept.of, kept.held) == (afresh.waiting, afresh.of, afresh.held)
    if len({each.number for each in all_now}) == len(all_now):  # as the database requires
        assert kept.numbers == afresh.numbers
    assert not kept.take_board_change()
    assert kept.take_moves() == []
    assert kept.queue_positions() == afresh.queue_positions()
