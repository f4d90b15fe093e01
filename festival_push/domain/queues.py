"""A stall's open orders, and what is asked of them for every new one."""

from collections.abc import Iterable
from typing import Final

from festival_push.domain.rows import OpenOrder
from festival_push.domain.values import OrderId, OrderStatus

QUEUED: Final = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PREPARING})
"""Where an order waits for its turn."""


class OpenOrders(dict[OrderId, OpenOrder]):
    """The open orders of one stall, in placing order. Changed by `put` and `drop` only.

    Attributes:
        numbers: The pickup numbers that they hold.
        waiting: How many of them wait for their turn; counted along, so that a new order costs the same in any rush.
    """

    def __init__(self, orders: Iterable[OpenOrder] = ()) -> None:
        super().__init__()
        self.numbers: set[int] = set()
        self.waiting = 0
        for order in orders:
            self.put(order)

    def put(self, order: OpenOrder) -> None:
        """Add the newest order, or a new version of one in its place."""
        if (before := self.get(order.order_id)) is not None:
            self.waiting -= before.status in QUEUED
        self[order.order_id] = order
        self.numbers.add(order.number)
        self.waiting += order.status in QUEUED

    def drop(self, order_id: OrderId) -> None:
        """Take out an order that is finished, if it is there."""
        if (order := self.pop(order_id, None)) is not None:
            self.numbers.discard(order.number)
            self.waiting -= order.status in QUEUED
