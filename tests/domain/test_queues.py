"""What a stall's open orders count along is what counting them gives."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.queues import QUEUED, OpenOrders
from festival_push.domain.rows import OpenOrder
from festival_push.domain.values import OrderId, OrderStatus, UserId, VendorId

SUN, ANNA = VendorId("sun"), UserId("anna")
steps = st.tuples(st.integers(1, 8), st.none() | st.sampled_from(OrderStatus))


@given(st.lists(steps, max_size=40))
def test_numbers_and_waiting_follow_every_change(changes: list[tuple[int, OrderStatus | None]]) -> None:
    kept, plain = OpenOrders(), dict[OrderId, OpenOrder]()
    for number, status in changes:
        order_id = OrderId(f"o{number}")
        if status is None:
            kept.drop(order_id)
            plain.pop(order_id, None)
        else:
            order = OpenOrder(order_id, SUN, ANNA, number, status, number)
            kept.put(order)
            plain[order_id] = order
    for orders in (kept, OpenOrders(plain.values())):
        assert list(orders.items()) == list(plain.items()), "an order keeps its place"
        assert orders.numbers == {order.number for order in plain.values()}
        assert orders.waiting == sum(order.status in QUEUED for order in plain.values())
